import { expect, test } from "vitest";
import { createCalendar } from "../accounting/calendar.ts";
import { zoneOf } from "../accounting/testing.ts";
import { createProblems } from "../collector/problems.ts";
import { createStateLog } from "../log/state-log.ts";
import { openSqliteStore } from "../store/sqlite-store.ts";
import { charge, LAPTOP, NOON, settlement, temporaryFolder, viewOf } from "../store/testing/settlements.ts";
import { createSameTrafficWatch } from "./same-traffic-watch.ts";

test("says which two meters count the same packets, names the smaller as the view, and looks again after a while", async () => {
  using folder = temporaryFolder();
  await using store = {
    ...openSqliteStore({ path: folder.file("db"), view: viewOf() }),
    [Symbol.asyncDispose]: () => store.close(),
  };
  const problems = createProblems({
    now: () => NOON,
    stateLog: createStateLog({ info: () => {}, warn: () => {}, error: () => {}, trace: () => {} }),
  });
  const clock = { ms: 0, now: () => NOON, mono: () => clock.ms };
  const meters = ["lan", "guest", "ap"];
  const look = createSameTrafficWatch({ problems, store, calendar: createCalendar(zoneOf("UTC")), clock, meters });
  const used = (source: string, phone: number, laptop: number) =>
    store.record(
      settlement({
        charges: [charge({ in: phone }), charge({ mac: LAPTOP, ip: "192.168.1.21", in: laptop })],
        books: { source },
      }),
    );
  await used("lan", 50_000_000, 9_000_000);
  await used("guest", 4_000_000, 200_000);
  clock.ms += 300_000;
  await look();
  expect(problems.list()).toEqual([]);
  await used("ap", 1_000, 8_900_000);
  await look();
  expect(problems.list()).toEqual([]);
  clock.ms += 900_000;
  await look();
  expect(problems.list()).toMatchObject([
    {
      code: "same-traffic",
      message: "lan and ap see the same packets: 8.9 MB of 1 device is counted twice today.",
      hint: expect.stringContaining("METER_VIEWS=ap"),
    },
  ]);
  await used("lan", 0, 9_000_000);
  clock.ms += 900_000;
  await look();
  expect(problems.list()).toEqual([]);
});
