import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Charge, Settlement } from "../accounting/types.ts";
import type { StoreHarness } from "./contract.ts";
import { dayNumber, dayText } from "./days.ts";
import { type DeviceSum, HOURS_PER_DAY, type Store } from "./store.ts";
import { charge, DAY, fact, NOON, settlement } from "./testing.ts";

const ROUTER = "02:ff:ff:ff:ff:01";
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
  let state = seed;
  return (sides) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % sides;
  };
}

/** What every engine must do with the questions that add up: answer as adding up the single rows does. */
export function describeSums(name: string, create: () => Promise<StoreHarness>): void {
  describe(`${name}, added up`, () => {
    let harness: StoreHarness;
    let store: Store;
    beforeEach(async () => {
      harness = await create();
      store = await harness.open();
    });
    afterEach(() => harness.dispose());

    test.each([1, 2, 3])(
      "sums are those of the rows, whatever was asked before and written since (%i)",
      async (seed) => {
        const dice = createDice(seed * 7919);
        let last: Record<string, Settlement> = {};
        for (let step = 0; step < STEPS; step += 1) {
          const source = dice(4) === 0 ? "attic" : "lan";
          const next = randomSettlement(source, step, dice, last[source]);
          await store.record(next);
          last[source] = next;
          if (dice(4) === 0) await store.checkpoint();
          if (dice(9) === 0) {
            // Asked in between, so that what is about to be taken back may be remembered.
            await expectSums(store);
            await expect(store.record(broken(next))).rejects.toThrow();
            last = {};
          }
          if (step % 20 === 19) {
            await store.prune({
              hoursFrom: null,
              remoteFrom: dayText(FIRST + step / 2),
              devicesFrom: dayText(FIRST + 5),
            });
          }
          if (dice(3) === 0) await expectSums(store);
        }
        await expectSums(store);
        await store.close();
        store = await harness.open();
        await expectSums(store);
      },
    );

    test("a host that two sources saw is one, and the smaller ones are in the sum though not in the list", async () => {
      const remote = (ip: string, bytes: number) => ({
        charges: [charge({ kind: "remote", device: "", ip, hour: 0, in: bytes, out: 0 })],
        addresses: [fact({ ip, holder: null, mac: ROUTER, hostname: `host-${ip}`, in: bytes, out: 0 })],
      });
      for (const [source, ip, bytes] of [
        ["attic", "8.8.8.8", 5],
        ["lan", "8.8.8.8", 6],
      ] as const) {
        await store.record(settlement({ ...remote(ip, bytes), books: { source } }));
      }
      const lan = settlement({ ...remote("9.9.9.9", 10), books: { source: "lan" } });
      await store.record(lan);
      const sums = await store.remoteSums(ALL.from, ALL.to, 1);
      expect(sums).toMatchObject({ in: 21, out: 0, count: 2 });
      expect(sums.hosts.map(({ ip, hostname, in: bytes }) => [ip, hostname, bytes])).toEqual([
        ["8.8.8.8", "host-8.8.8.8", 11],
      ]);
    });

    test("a host is shown or not as the open hour has it, for the whole day", async () => {
      const at = (hour: number, reported: boolean, to: number) =>
        settlement({
          charges: [charge({ kind: "remote", device: "", ip: "8.8.8.8", hour: 0, in: 5, out: 1, reported })],
          addresses: [fact({ ip: "8.8.8.8", holder: null, mac: ROUTER, in: to, out: to / 5 })],
          books: { at: NOON + hour * 3_600_000 },
        });
      // Device charges move the source on to the next hours.
      const hour = (hourOfDay: number) => settlement({ charges: [charge({ hour: hourOfDay })], addresses: [fact()] });
      for (const one of [at(0, true, 5), hour(13), at(1, false, 10)]) await store.record(one);
      await expectSums(store);
      for (const one of [hour(14), at(2, true, 15)]) await store.record(one);
      await expectSums(store);
      expect((await store.remoteSums(DAY, DAY, 9)).hosts).toMatchObject([{ in: 15, out: 3 }]);
    });

    test("addresses are those that were used in the range, the latest first", async () => {
      const on = (day: string, ip: string) => settlement({ charges: [charge({ day, ip })], addresses: [fact({ ip })] });
      for (const one of [
        on("2026-01-01", "192.168.1.1"),
        on("2026-01-05", "192.168.1.2"),
        on("2026-02-01", "192.168.1.3"),
      ]) {
        await store.record(one);
      }
      const ips = async (from: string, to: string) => (await store.addressesBetween(from, to)).map(({ ip }) => ip);
      expect(await ips("2026-01-01", "2026-01-31")).toEqual(["192.168.1.2", "192.168.1.1"]);
      expect(await ips("2026-02-01", "2026-02-01")).toEqual(["192.168.1.3"]);
    });

    test("nothing counted is no balance", async () => {
      expect(await store.balanceSum(ALL.from, ALL.to)).toBeNull();
    });
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
  }
  const days = await store.deviceDays(ALL.from, ALL.to);
  const hours = await store.deviceHours("2026-01-01", "2026-02-10");
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
  const days = (await store.deviceDays(from, to))
    .filter((day) => day.in + day.out > 0 || day.reconstructed)
    .map((day) => [day.device, dayNumber(day.day) - first, day.in, day.out, day.reconstructed].join(" "));
  expect(flat(await store.deviceSeries(from, to, "day"))).toEqual(days.sort());
  const hours = (await store.deviceHours(from, to))
    .filter((hour) => hour.in + hour.out > 0 || hour.reconstructed)
    .map((hour) => {
      const index = (dayNumber(hour.day) - first) * HOURS_PER_DAY + hour.hour;
      return [hour.device, index, hour.in, hour.out, hour.reconstructed].join(" ");
    });
  expect(flat(await store.deviceSeries(from, to, "hour"))).toEqual(hours.sort());
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
    remote: { in: total((day) => day.remote.in), out: total((day) => day.remote.out) },
    group: { in: total((day) => day.group.in), out: total((day) => day.group.out) },
    unattributed: { in: total((day) => day.unattributed.in), out: total((day) => day.unattributed.out) },
    counted: total((day) => day.counted),
    captured: total((day) => day.captured),
    dropped: total((day) => day.dropped),
  });
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
    const reported = host !== 3;
    if (host === 5) {
      const ip = `8.8.8.${dice(4)}`;
      charges.push(charge({ kind: "remote", device: "", ip, day, hour: 0, reported: ip !== "8.8.8.3", ...bytes }));
      addresses.set(ip, fact({ ip, holder: null, mac: ROUTER, ...bytes }));
      continue;
    }
    const key = host === 4 ? ROUTER : `02:00:00:00:00:0${host}`;
    const ip = `192.168.${reported ? 1 : 9}.${host}`;
    const reconstructed = dice(5) === 0 ? "day" : "no";
    charges.push(charge({ device: key, ip, day, hour: dice(25), reported, reconstructed, ...bytes }));
    const seenAt = dice(2) === 0 ? null : Date.parse(day) + dice(86_400) * 1000;
    addresses.set(ip, fact({ ip, holder: key, seenAt, ...bytes }));
  }
  const counted = charges.map(({ day, in: bytes }) => ({ day, bytes, captured: 3, dropped: dice(2) }));
  const parts = { charges, addresses: [...addresses.values()], counted, routers: [ROUTER], books: { source } };
  return settlement(parts, previous);
}

/** A settlement that is refused when half of it is written. */
function broken(of: Settlement): Settlement {
  return {
    ...of,
    charges: [charge({ day: "2026-01-15", in: 77 }), charge({ kind: "device", device: "", ip: "192.168.1.77" })],
  };
}
