import { expect, test } from "vitest";
import type { Charge, Settlement } from "../../../accounting/types.ts";
import { createRandom } from "../../../shared/random.ts";
import { dayNumber, dayText } from "../../day-text.ts";
import { type DeviceSum, HOURS_PER_DAY, type Store } from "../../store.ts";
import type { StoreHarness } from "../harness.ts";
import {
  charge,
  charging,
  counted,
  fact,
  NOON,
  ROUTER,
  remoteCharge,
  remoteFact,
  settlement,
  viewOf,
} from "../settlements.ts";
import { usePlace } from "./place.ts";

const FIRST = dayNumber("2024-11-20");
const DAYS = 500;
const STEPS = 80;
const ALL = { from: "2024-11-01", to: "2026-04-30" };
/** Whole months, quarters and years, their parts, several together, a day, and nothing. */
const SPANS = [
  ALL,
  { from: "2025-01-01", to: "2025-12-31" },
  { from: "2024-12-10", to: "2026-01-02" },
  { from: "2025-04-01", to: "2025-06-30" },
  { from: "2025-03-15", to: "2025-11-30" },
  { from: "2026-01-01", to: "2026-01-31" },
  { from: "2025-12-25", to: "2026-02-10" },
  { from: "2026-01-31", to: "2026-01-31" },
  { from: "2026-02-01", to: "2026-02-28" },
  { from: "2027-01-01", to: "2027-03-01" },
];

/** Numbers that are the same at every run. */
function createDice(seed: number): (sides: number) => number {
  const random = createRandom(seed);
  return (sides) => random() % sides;
}

/** The settings change on the way: some addresses are hidden, two devices are one, a router is none. */
const SHOWN = /^(192\.168\.1\.|8\.8\.8\.[012])/;
const VIEWS = [
  viewOf({ ipFilter: SHOWN }),
  viewOf(),
  viewOf({ ipFilter: SHOWN, macMac: new Map([["02:00:00:00:00:01", "02:00:00:00:00:02"]]) }),
  viewOf({ ipFilter: SHOWN, routers: { auto: false, macs: [] } }),
];

/** What every engine must do with the questions that add up: answer as adding up the single rows does. */
export function describeSums(create: () => Promise<StoreHarness>): void {
  const place = usePlace(create);

  test.each([1, 2, 3])(
    "are those of the rows, whatever was asked before and written since (%i)",
    async (seed) => {
      const dice = createDice(seed * 7919);
      let last: Record<string, Settlement> = {};
      await place.reopen(VIEWS[0]);
      for (let step = 0; step < STEPS; step += 1) {
        const source = dice(4) === 0 ? "attic" : "lan";
        const next = randomSettlement(source, step, dice, last[source]);
        await place.store.record(next);
        last[source] = next;
        if (dice(4) === 0) await place.store.checkpoint();
        if (dice(9) === 0) {
          // Asked in between, so that what is about to be taken back may be remembered.
          await expectSums(place.store);
          await expect(place.store.record(broken(next))).rejects.toThrow();
          last = {};
        }
        if (step % 10 === 9) await place.store.applyView(VIEWS[dice(VIEWS.length)] ?? viewOf());
        if (step % 20 === 19) {
          await place.store.prune({
            hoursFrom: null,
            remoteFrom: dayText(FIRST + Math.floor(step / 2)),
            devicesFrom: dayText(FIRST + 5),
          });
        }
        if (dice(8) === 0) await expectSums(place.store);
      }
      await expectSums(place.store);
      await place.reopen(VIEWS[0]);
      await expectSums(place.store);
    },
    120_000,
  );

  test("a host that two sources saw is one, and the smaller ones are in the sum though not in the list", async () => {
    for (const [source, ip, bytes] of [
      ["attic", "8.8.8.8", 5],
      ["lan", "8.8.8.8", 6],
      ["lan", "9.9.9.9", 10],
    ] as const) {
      const addresses = [remoteFact({ ip, hostname: `host-${ip}`, in: bytes, out: 0 })];
      await place.store.record(
        settlement({ charges: [remoteCharge({ ip, in: bytes, out: 0 })], addresses, books: { source } }),
      );
    }
    const sums = await place.store.remoteSums(ALL.from, ALL.to, 1);
    expect(sums).toMatchObject({ in: 21, out: 0, count: 2 });
    expect(sums.hosts).toEqual([{ ip: "8.8.8.8", hostname: "host-8.8.8.8", in: 11, out: 0, seenAt: NOON }]);
  });

  test("hosts that IPFilter leaves out are in none of it, as the settings have it now", async () => {
    const [shown, hidden] = [remoteCharge({ in: 5 }), remoteCharge({ ip: "9.9.9.9", in: 7 })];
    await place.store.record(charging(shown, hidden));
    await place.store.record(charging(charge({ day: "2026-02-01" })));
    const ips = async () => (await place.store.remoteSums(ALL.from, ALL.to, 9)).hosts.map(({ ip }) => ip);
    expect(await ips()).toEqual(["9.9.9.9", "8.8.8.8"]);
    await place.store.applyView(viewOf({ ipFilter: /^8/ }));
    expect(await ips()).toEqual(["8.8.8.8"]);
    expect(await place.store.remoteSums(ALL.from, ALL.to, 9)).toMatchObject({ in: 5, count: 1 });
  });

  test("nothing counted is no balance", async () => {
    expect(await place.store.balanceSum(ALL.from, ALL.to)).toBeNull();
  });
}

async function expectSums(store: Store): Promise<void> {
  const sums = await store.deviceSums(SPANS);
  const devices = await store.devices();
  for (const [span, { from, to }] of SPANS.entries()) {
    const days = await store.deviceDays(from, to);
    const expected = devices
      .map(({ id }) =>
        sumOf(
          span,
          id,
          days.filter(({ device }) => device === id),
        ),
      )
      .filter((sum) => sum !== null);
    const byDevice = (a: DeviceSum, b: DeviceSum) => a.device - b.device;
    expect(sums.filter((sum) => sum.span === span).sort(byDevice)).toEqual(expected.sort(byDevice));
    await expectSeries(store, from, to);
    await expectRemote(store, from, to);
    await expectBalance(store, from, to);
    await expectLine(store, from, to);
  }
  const days = await store.deviceDays(ALL.from, ALL.to);
  const hours = await store.deviceHours("2026-01-01", "2026-02-10");
  const routers = new Set(devices.filter(({ router }) => router).map(({ id }) => id));
  const inBalances = (await store.balances(ALL.from, ALL.to)).map((row) => [
    row.devices.in + row.hidden.in,
    row.routers.in,
  ]);
  const inDevices = (isRouter: boolean) =>
    days
      .filter(({ device }) => routers.has(device) === isRouter)
      .reduce((sum, { in: down, hiddenIn }) => sum + down + hiddenIn, 0);
  expect(inBalances.reduce((sum, [own = 0]) => sum + own, 0)).toBe(inDevices(false));
  expect(inBalances.reduce((sum, [, own = 0]) => sum + own, 0)).toBe(inDevices(true));
  for (const { id } of devices) {
    const history = days.filter(({ device }) => device === id).sort((a, b) => (a.day < b.day ? -1 : 1));
    expect(await store.historyOf(id)).toEqual(history);
    expect(await store.hoursOf(id, "2026-01-01", "2026-02-10")).toEqual(hours.filter(({ device }) => device === id));
  }
}

function sumOf(span: number, device: number, days: Awaited<ReturnType<Store["deviceDays"]>>): DeviceSum | null {
  if (days.length === 0) return null;
  const total = (of: (day: (typeof days)[number]) => number) => days.reduce((sum, day) => sum + of(day), 0);
  const reported = days.filter(({ ip }) => ip !== null).map(({ day }) => day);
  const seen = days.map(({ seenAt }) => seenAt).filter((at) => at !== null);
  return {
    span,
    device,
    in: total((day) => day.in),
    out: total((day) => day.out),
    hiddenIn: total((day) => day.hiddenIn),
    hiddenOut: total((day) => day.hiddenOut),
    reported: reported.length > 0,
    lastDay: reported.sort().at(-1) ?? null,
    seenAt: seen.length === 0 ? null : Math.max(...seen),
    reconstructed: days.some(({ reconstructed }) => reconstructed),
    implausible: days.some(({ implausible }) => implausible),
  };
}

async function expectSeries(store: Store, from: string, to: string): Promise<void> {
  const first = dayNumber(from);
  const flat = (rows: Awaited<ReturnType<Store["deviceSeries"]>>) =>
    rows
      .flatMap(({ device, in: down, out: up, reconstructed }) =>
        down.map((bytes, index) => [device, index, bytes, up[index], reconstructed.includes(index)].join(" ")),
      )
      .filter((text) => !text.endsWith(" 0 0 false"))
      .sort();
  // Estimates of hidden bytes are told of the day, and are in no figure of the series.
  const rows = (await store.deviceDays(from, to)).filter((day) => day.in + day.out > 0);
  const mixed = new Set(rows.filter((day) => day.hiddenIn + day.hiddenOut > 0).map(keyOfDay(first)));
  const ofDays = (text: string) => text.replace(/ (true|false)$/, (flag) => (mixed.has(firstTwo(text)) ? "" : flag));
  const days = rows.map((day) => [keyOfDay(first)(day), day.in, day.out, day.reconstructed].join(" "));
  expect(flat(await store.deviceSeries(from, to, "day")).map(ofDays)).toEqual(days.sort().map(ofDays));
  const hours = (await store.deviceHours(from, to))
    .filter((hour) => hour.in + hour.out > 0 || hour.reconstructed)
    .map((hour) => {
      const index = (dayNumber(hour.day) - first) * HOURS_PER_DAY + hour.hour;
      return [hour.device, index, hour.in, hour.out, hour.reconstructed].join(" ");
    });
  expect(flat(await store.deviceSeries(from, to, "hour"))).toEqual(hours.sort());
  await expectOneRow(store, from, to);
}

/** Devices that are asked for together are a row that is their sum. */
async function expectOneRow(store: Store, from: string, to: string): Promise<void> {
  for (const by of ["day", "hour"] as const) {
    const apart = await store.deviceSeries(from, to, by);
    const others = new Set(apart.flatMap(({ device }, index) => (device === null || index % 2 > 0 ? [] : [device])));
    const [one, ...rest] = (await store.deviceSeries(from, to, by, others)).filter(({ device }) => device === null);
    expect(rest).toEqual([]);
    const parts = apart.filter(({ device }) => device !== null && others.has(device));
    const sumOf = (rows: typeof parts, side: "in" | "out") =>
      (rows[0]?.[side] ?? []).map((_, index) => rows.reduce((sum, row) => sum + (row[side][index] ?? 0), 0));
    expect([one?.in ?? [], one?.out ?? []]).toEqual([sumOf(parts, "in"), sumOf(parts, "out")]);
    expect(one?.reconstructed ?? []).toEqual(
      [...new Set(parts.flatMap(({ reconstructed }) => reconstructed))].sort((a, b) => a - b),
    );
  }
}

function keyOfDay(first: number): (row: { device: number; day: string }) => string {
  return ({ device, day }) => `${device} ${dayNumber(day) - first}`;
}

function firstTwo(text: string): string {
  return text.split(" ").slice(0, 2).join(" ");
}

async function expectRemote(store: Store, from: string, to: string): Promise<void> {
  const days = (await store.remoteDays(from, to)).filter(({ reported }) => reported);
  const ips = [...new Set(days.map(({ ip }) => ip))];
  const expected = ips
    .map((ip) => {
      const own = days.filter((day) => day.ip === ip);
      return [ip, own.reduce((sum, day) => sum + day.in, 0), own.reduce((sum, day) => sum + day.out, 0)] as const;
    })
    .filter(([, down, up]) => down + up > 0);
  const sums = await store.remoteSums(from, to, 1000);
  expect(sums.hosts.map(({ ip, in: down, out: up }) => [ip, down, up]).sort()).toEqual([...expected].sort());
  expect(sums).toMatchObject({
    in: expected.reduce((sum, [, down]) => sum + down, 0),
    out: expected.reduce((sum, [, , up]) => sum + up, 0),
    count: expected.length,
  });
}

async function expectBalance(store: Store, from: string, to: string): Promise<void> {
  const all = await store.balances(from, to);
  const first = all
    .filter(({ counted }) => counted > 0)
    .map(({ day }) => day)
    .sort()[0];
  const days = all.filter(({ day }) => first !== undefined && day >= first);
  const sum = await store.balanceSum(from, to);
  expect(sum?.from).toBe(first);
  if (sum === null) return;
  const total = (of: (day: (typeof days)[number]) => number) => days.reduce((whole, day) => whole + of(day), 0);
  expect(sum).toMatchObject({
    devices: { in: total((day) => day.devices.in), out: total((day) => day.devices.out) },
    hidden: { in: total((day) => day.hidden.in), out: total((day) => day.hidden.out) },
    routers: { in: total((day) => day.routers.in), out: total((day) => day.routers.out) },
    unlisted: { in: total((day) => day.unlisted.in), out: total((day) => day.unlisted.out) },
    remote: { in: total((day) => day.remote.in), out: total((day) => day.remote.out) },
    group: { in: total((day) => day.group.in), out: total((day) => day.group.out) },
    unattributed: { in: total((day) => day.unattributed.in), out: total((day) => day.unattributed.out) },
    counted: total((day) => day.counted),
    captured: total((day) => day.captured),
    dropped: total((day) => day.dropped),
    carried: total((day) => day.carried),
    compared: total((day) => day.compared),
  });
}

/** What counts for a plan, of each device and of all: here nothing stayed on the LAN. */
async function expectLine(store: Store, from: string, to: string): Promise<void> {
  const ids = (await store.devices()).filter(({ router }) => !router).map(({ id }) => id);
  const days = (await store.deviceDays(from, to))
    .filter(({ device }) => ids.includes(device))
    .map((one) => ({ device: one.device, day: one.day, in: one.in + one.hiddenIn, out: one.out + one.hiddenOut }))
    .filter((one) => one.in + one.out > 0);
  const byDay = <Row extends { day: string; device?: number }>(rows: readonly Row[]) =>
    [...rows].sort((a, b) => a.day.localeCompare(b.day) || (a.device ?? 0) - (b.device ?? 0));
  expect(byDay(await store.deviceLineDays(ids, from, to))).toEqual(byDay(days));
  const all = [...Map.groupBy(days, ({ day }) => day)].map(([day, rows]) => ({
    day,
    in: rows.reduce((sum, row) => sum + row.in, 0),
    out: rows.reduce((sum, row) => sum + row.out, 0),
  }));
  expect(byDay(await store.lineDays(from, to))).toEqual(byDay(all));
}

/** Some devices, hosts and a router in some hours; now and then of a month that is long over. */
function randomSettlement(
  source: string,
  step: number,
  dice: (sides: number) => number,
  previous: Settlement | undefined,
): Settlement {
  const charges: Charge[] = [];
  const addresses = new Map<string, ReturnType<typeof fact>>();
  for (let index = 0; index <= dice(5); index += 1) {
    const late = dice(5) === 0 ? dice(DAYS) : 0;
    const day = dayText(FIRST + Math.max(0, Math.floor((step * DAYS) / STEPS) - late));
    const host = dice(6);
    const bytes = { in: dice(10_000) + 1, out: dice(1_000) };
    if (host === 5) {
      const ip = `8.8.8.${dice(4)}`;
      charges.push(remoteCharge({ ip, day, hour: dice(25), ...bytes }));
      addresses.set(ip, remoteFact({ ip, ...bytes }));
      continue;
    }
    const mac = host === 4 ? ROUTER : `02:00:00:00:00:0${host}`;
    const ip = `192.168.${host === 3 ? 9 : 1}.${host}`;
    const reconstructed = dice(5) === 0 ? "day" : "no";
    charges.push(charge({ mac, ip, day, hour: dice(25), reconstructed, ...bytes }));
    const seenAt = dice(2) === 0 ? null : Date.parse(day) + dice(86_400) * 1000;
    addresses.set(ip, fact({ ip, mac, seenAt, ...bytes }));
  }
  const counts = charges.map(({ day, in: bytes }) =>
    counted({
      day,
      bytes,
      captured: 3,
      dropped: dice(2),
      carried: dice(9),
      compared: dice(9),
      unlisted: { in: dice(3), out: dice(3) },
    }),
  );
  return settlement({ charges, addresses: [...addresses.values()], counted: counts, books: { source } }, previous);
}

/** A settlement that is refused. */
function broken(of: Settlement): Settlement {
  return { ...of, charges: [charge({ day: "2026-01-15", in: 77 }), charge({ ip: "" })] };
}
