import { expect, test } from "vitest";
import { createCalendar } from "../accounting/calendar.ts";
import { viewOf, zoneOf } from "../accounting/testing.ts";
import { createProblems } from "../collector/problems.ts";
import { createStateLog } from "../log/state-log.ts";
import type { MeterKind } from "../shared/status.ts";
import { openSqliteStore } from "../store/sqlite-store.ts";
import { charge, counted, DAY, NOON, settlement, temporaryFolder } from "../store/testing/settlements.ts";
import { createMeasuringWatch, macsOfThisMachine } from "./measuring-watch.ts";

const [ANNA, GATEWAY] = ["02:1a:00:00:00:0a", "02:ff:ff:ff:ff:01"];
const view = viewOf();

function watching(path: string, own: readonly string[] = [], meter: MeterKind = "darkstat") {
  const log = { info: () => {}, warn: () => {}, error: () => {}, trace: () => {} };
  const problems = createProblems({ now: () => NOON, stateLog: createStateLog(log) });
  const store = openSqliteStore({ path, view });
  const clock = { wall: NOON, ms: 0, now: () => clock.wall, mono: () => clock.ms };
  const watch = createMeasuringWatch({
    problems,
    store,
    figures: store,
    view: () => view,
    calendar: createCalendar(zoneOf("UTC")),
    clock,
    ownMacs: () => new Set(own),
    meter,
    whyNotKernel: null,
  });
  const codes = () => problems.list().map(({ code }) => code);
  return { watch, store, clock, codes, problems };
}

const totals = { bytes: 0, packets: 414_912, captured: 2_831_536, dropped: 2_416_217, uptimeSeconds: 600 };
const good = { ...totals, dropped: 0 };

test("says from one percent on that darkstat misses packets: by its own totals first, by those of today then", () => {
  using folder = temporaryFolder();
  const { watch, clock, codes, problems } = watching(folder.file("db"));
  const read = (captured: number, dropped: number, after = good) =>
    watch.settled({ counted: [counted({ captured, dropped })] }, { interface: "eth0", after });
  read(0, 0, totals);
  expect(problems.list()).toMatchObject([
    {
      code: "packets-missed",
      message: expect.stringContaining("85.3 %"),
      hint: expect.stringContaining("faster machine"),
    },
  ]);
  read(10_000, 99, totals);
  expect(codes()).toEqual([]);
  read(100, 2);
  expect(codes()).toEqual(["packets-missed"]);
  // A new day begins with few packets, of which nothing is said yet.
  clock.wall += 86_400_000;
  read(500, 0);
  expect(codes()).toEqual(["packets-missed"]);
  watch.settled({ counted: [counted({ day: "2026-02-01", captured: 5_000 })] }, { interface: "eth0", after: good });
  expect(codes()).toEqual([]);
});

test("says by bytes what the interface carried beside the meter, when three readings in a row lack a percent", () => {
  using folder = temporaryFolder();
  const { watch, clock, codes, problems } = watching(folder.file("db"));
  const read = (carried: number, compared: number) =>
    watch.settled(
      { counted: [counted({ carried, compared, captured: 10_000, dropped: 5_000 })] },
      { interface: "eth0", after: good },
    );
  read(9_000_000, 0);
  expect([codes(), watch.seenShare()]).toEqual([["packets-missed"], null]);
  read(11_000_000, 19_900_000);
  // The bytes speak, and nothing is missing.
  expect([codes(), watch.seenShare()]).toEqual([[], 0.995]);
  read(80_000_000, 30_000_000);
  read(0, 0);
  expect(codes()).toEqual([]);
  read(0, 0);
  expect(problems.list()).toMatchObject([
    {
      code: "bytes-missed",
      message: "darkstat counted 49.9 % of what eth0 carried since 12:00: usage is too low by the rest.",
      hint: expect.stringContaining("METER=darkstat"),
    },
  ]);
  clock.wall += 86_400_000;
  watch.settled(
    { counted: [counted({ day: "2026-02-01", carried: 20_000_000, compared: 19_999_999 })] },
    { interface: "eth0", after: good },
  );
  expect(codes()).toEqual([]);
});

test("says that darkstat listens on several interfaces", () => {
  using folder = temporaryFolder();
  const { watch, codes, problems } = watching(folder.file("db"));
  watch.settled({ counted: [] }, { interface: "br0, wsp1, wsp2", after: good });
  expect(problems.list()).toMatchObject([{ message: expect.stringContaining("(br0, wsp1, wsp2)") }]);
  watch.settled({ counted: [] }, { interface: "br0", after: good });
  expect(codes()).toEqual([]);
});

const internet = [1, 2, 3, 4].map((n) => charge({ mac: GATEWAY, ip: `198.51.100.${n}`, in: 900_000, out: 9_000 }));
const twice = [ANNA, GATEWAY].map((mac) => charge({ mac, ip: "192.168.1.10", in: 700_000, out: 1_000 }));
const own = [charge({ mac: ANNA, ip: "203.0.113.77", in: 9_000, out: 900 })];

test.each([
  ["seen-twice", [...internet, ...twice]],
  ["internet-side", [...internet, ...own]],
] as const)(
  "looks for %s in the figures of today, and no longer says so on a day on which it is over",
  async (code, charges) => {
    using folder = temporaryFolder();
    const { watch, store, clock, codes } = watching(folder.file("db"), [ANNA]);
    await store.record(settlement({ charges, counted: [counted({ day: DAY, bytes: 9_000_000 })] }));
    await watch.look();
    expect(codes()).toEqual([]);
    clock.ms += 300_000;
    await watch.look();
    expect(codes()).toEqual([code]);
    clock.wall += 86_400_000;
    clock.ms += 3_600_000;
    await watch.look();
    expect(codes()).toEqual([]);
    await store.close();
  },
);

test.each([
  ["seen-twice", "darkstat", [...internet, ...twice], /^Let darkstat see one side .*-f 'not ether src/],
  ["seen-twice", "kernel", [...internet, ...twice], /^Let the kernel count on one side .*HOST_INTERFACE/],
  ["internet-side", "darkstat", [...internet, ...own], /darkstat listens .*HOST_INTERFACE \(or darkstat's -i\)/],
  ["internet-side", "kernel", [...internet, ...own], /the kernel counts on its internet side: set HOST_INTERFACE to/],
] as const)("says of %s what to do with the meter in use: %s", async (code, meter, charges, hint) => {
  using folder = temporaryFolder();
  const { watch, store, clock, problems } = watching(folder.file("db"), [ANNA], meter);
  await store.record(settlement({ charges, counted: [counted({ day: DAY, bytes: 9_000_000 })] }));
  clock.ms += 300_000;
  await watch.look();
  expect(problems.list()).toMatchObject([{ code, hint: expect.stringMatching(hint) }]);
  if (meter === "kernel") expect(JSON.stringify(problems.list())).not.toContain("darkstat");
  await store.close();
});

test("says that traffic is seen twice where this machine is the gateway with one port, which is found as no router", async () => {
  using folder = temporaryFolder();
  const HERE = "02:aa:00:00:00:01";
  const { watch, store, clock, problems } = watching(folder.file("db"), [HERE], "kernel");
  const passed = [ANNA, HERE].map((mac) => charge({ mac, ip: "192.168.1.10", in: 700_000, out: 1_000 }));
  await store.record(settlement({ charges: passed, counted: [counted({ day: DAY, bytes: 9_000_000 })] }));
  clock.ms += 300_000;
  await watch.look();
  expect(problems.list()).toMatchObject([{ code: "seen-twice", message: expect.stringContaining(`to ${HERE}`) }]);
  await store.close();
});

test("knows this machine's network cards", () => {
  const macs = macsOfThisMachine({ lo: [{ mac: "00:00:00:00:00:00" }], eth0: [{ mac: "02:AA:00:00:00:01" }] } as never);
  expect([...macs]).toEqual(["02:aa:00:00:00:01"]);
});
