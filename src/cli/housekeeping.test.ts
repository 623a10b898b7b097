import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { addDays, createCalendar, daysBetween } from "../accounting/calendar.ts";
import { zoneOf } from "../accounting/testing.ts";
import { createStateLog } from "../log/state-log.ts";
import { openSqliteStore } from "../store/sqlite-store.ts";
import type { Store } from "../store/store.ts";
import { charge, fact, remoteCharge, settlement, temporaryFolder, viewOf } from "../store/testing/settlements.ts";
import { createHousekeeping } from "./housekeeping.ts";

const NOW = Date.UTC(2026, 5, 15, 12);
const TODAY = "2026-06-15";
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const KEPT = 60;
const calendar = createCalendar(zoneOf("UTC"));

let folder: ReturnType<typeof temporaryFolder>;
let store: Store;
/** True time, what the wall clock is off by, and what is said. */
let [passedMs, offMs] = [0, 0];
let said: string[] = [];
const clock = { now: () => NOW + passedMs + offMs, mono: () => passedMs };

beforeEach(async () => {
  folder = temporaryFolder();
  [passedMs, offMs, said] = [0, 0, []];
  store = openSqliteStore({ path: folder.file("WhiteStat.db"), view: viewOf() });
  const say = (line: string) => void said.push(line);
  stateLog = createStateLog({ info: say, warn: say, error: say, trace: () => {} });
  for (let ago = 80; ago >= 0; ago--) {
    const day = addDays(TODAY, -ago);
    await store.record(
      settlement({ charges: [charge({ day }), remoteCharge({ day })], addresses: [fact()], books: { at: NOW } }),
    );
  }
  await store.checkpoint();
});
afterEach(async () => {
  await store.close();
  folder[Symbol.dispose]();
});

let stateLog: ReturnType<typeof createStateLog>;

/** A process that starts now; true time passes by hand. */
function start() {
  const keepHouse = createHousekeeping({
    store,
    dbFile: folder.file("WhiteStat.db"),
    kept: () => ({ hours: KEPT, remote: KEPT, devices: KEPT }),
    clock,
    calendar,
    stateLog,
  });
  return async (forMs: number) => {
    await keepHouse();
    for (let ms = 0; ms < forMs; ms += 5 * MINUTE) {
      passedMs += Math.min(5 * MINUTE, forMs - ms);
      await keepHouse();
    }
  };
}

/** How many days are left: of devices, of their hours, of hosts on the internet. */
async function kept(): Promise<[days: number, hours: number, remote: number]> {
  const ever = ["1970-01-01", "2100-01-01"] as const;
  const rows = [await store.deviceDays(...ever), await store.deviceHours(...ever), await store.remoteDays(...ever)];
  return rows.map((some) => new Set(some.map(({ day }) => day)).size) as [number, number, number];
}

test("deletes what is too old by a date that has stood for a day, and no earlier", async () => {
  const run = start();
  await run(DAY - MINUTE);
  expect(await kept()).toEqual([81, 81, 81]);
  await run(MINUTE);
  expect(await kept()).toEqual([61, 61, 61]);
  await run(DAY);
  expect(await kept()).toEqual([60, 60, 60]);
});

test.each([0, DAY / 2, DAY - 3_000, DAY, 3 * DAY])(
  "deletes nothing by a clock that is 70 days or ten years ahead for six seconds, after %i ms",
  async (before) => {
    for (const ahead of [70 * DAY, 3_650 * DAY]) {
      const run = start();
      await run(before);
      offMs = ahead;
      await run(6_000);
      offMs = 0;
      await run(MINUTE);
    }
    // What is older than it should be by now may have gone, and nothing else.
    const oldest = addDays(calendar.dayOf(clock.now()), -KEPT);
    const due = Math.min(81, 1 + daysBetween(oldest, TODAY));
    expect(Math.min(...(await kept()))).toBeGreaterThanOrEqual(due);
  },
);

test("deletes nothing before its time by a clock that is ten years ahead at each start, for an hour", async () => {
  for (let n = 0; n < 30; n++) {
    offMs = 3_650 * DAY;
    const run = start();
    await run(60 * MINUTE);
    offMs = 0;
    await run(60 * MINUTE);
  }
  expect(await kept()).toEqual([60, 60, 60]);
});

test("proves a date over several days where the machine is off at night", async () => {
  for (let day = 0; day < 4; day++) {
    await start()(9 * 60 * MINUTE);
    passedMs += 15 * 60 * MINUTE;
  }
  expect(await kept()).toEqual([61, 61, 61]);
});

test("backs up each day that the clock shows, at once", async () => {
  const run = start();
  await run(0);
  offMs = 3_650 * DAY;
  await run(6_000);
  offMs = 0;
  await run(DAY);
  expect(readdirSync(join(folder.path, "backups")).sort()).toEqual([
    "WhiteStat-2026-06-15.db",
    "WhiteStat-2026-06-16.db",
    "WhiteStat-2036-06-12.db",
  ]);
  expect(said).toEqual([]);
});
