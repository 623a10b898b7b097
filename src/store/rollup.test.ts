import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { DEVICES, keysOf } from "./day-key.ts";
import { dayNumber, dayText } from "./days.ts";
import { sqliteHarness } from "./sqlite-harness.ts";
import type { Store } from "./store.ts";
import { charge, fact, settlement } from "./testing.ts";

const FIRST = dayNumber("2024-12-15");
const LAST = dayNumber("2026-02-20");
const YEAR = { from: "2025-01-01", to: "2025-12-31" };
const SPANS = [YEAR, { from: "2025-04-01", to: "2025-06-30" }, { from: "2024-12-20", to: "2026-02-01" }];
const REMOTE = "198.51.100.7";

let harness: ReturnType<typeof sqliteHarness>;
let store: Store;
beforeEach(async () => {
  harness = sqliteHarness();
  store = await harness.open();
});
afterEach(() => harness.dispose());

/** A device and a remote host on a day; an amount so that no two days are alike. */
function onDay(day: number) {
  const amount = { in: 1000 + (day - FIRST), out: 1 };
  const remote = charge({ kind: "remote", device: "", ip: REMOTE, day: dayText(day), hour: 0, ...amount });
  const addresses = [fact(), fact({ ip: REMOTE, holder: null })];
  return settlement({ charges: [charge({ day: dayText(day), ...amount }), remote], addresses });
}

/** Every fifth day of fourteen months, and as many checkpoints after them as keep all there is to keep. */
async function recordMonths(): Promise<void> {
  for (let day = FIRST; day <= LAST; day += 5) await store.record(onDay(day));
  for (let count = 0; count < 8; count += 1) {
    await store.record(onDay(LAST));
    await store.checkpoint();
  }
}

/** SQL: which rows are of these days. */
function within(days: string, first: number, last: number): string {
  const column = days === "usage_day" ? "id" : "day";
  const [from, to] = days === "usage_day" ? keysOf(first, last) : [first, last];
  return `${column} BETWEEN ${from} AND ${to}`;
}

/** Another program's connection to the file. */
function withFile<T>(work: (db: DatabaseSync) => T): T {
  const db = new DatabaseSync(harness.path(), { enableForeignKeyConstraints: false });
  try {
    return work(db);
  } finally {
    db.close();
  }
}

function keptPeriods(days: "usage_day" | "remote_day"): string[] {
  const sql = "SELECT first_day, last_day FROM kept_sum WHERE days = ? ORDER BY first_day, last_day";
  return withFile((db) =>
    db
      .prepare(sql)
      .all(days)
      .map(({ first_day, last_day }) => `${dayText(Number(first_day))} ${dayText(Number(last_day))}`),
  );
}

/** All sums that a person can ask for. */
async function answers() {
  return {
    devices: await store.deviceSums(SPANS),
    remotes: await Promise.all(SPANS.map(({ from, to }) => store.remoteSums(from, to, 9))),
  };
}

/** The same, with nothing kept. */
async function answersFromDays() {
  withFile((db) => db.exec("DELETE FROM kept_sum"));
  return answers();
}

test("months, quarters and years that are over are kept, those in which the history begins or still goes on are not", async () => {
  await recordMonths();
  const months = keptPeriods("usage_day");
  expect(months).toHaveLength(13 + 1);
  expect(months.slice(0, 3)).toEqual(["2025-01-01 2025-01-31", "2025-01-01 2025-12-31", "2025-02-01 2025-02-28"]);
  expect(months.at(-1)).toBe("2026-01-01 2026-01-31");
  expect(keptPeriods("remote_day")).toEqual([
    "2025-01-01 2025-03-31",
    "2025-01-01 2025-12-31",
    "2025-04-01 2025-06-30",
    "2025-07-01 2025-09-30",
    "2025-10-01 2025-12-31",
  ]);
});

test("questions read what is kept, and no days of it", async () => {
  await recordMonths();
  const before = await answers();
  withFile((db) => {
    for (const days of ["usage_day", "remote_day"]) {
      db.exec(`DROP TRIGGER ${days}_delete`);
      db.exec(`DELETE FROM ${days} WHERE ${within(days, dayNumber(YEAR.from), dayNumber(YEAR.to))}`);
    }
  });
  expect(await answers()).toEqual(before);
  const none = await answersFromDays();
  expect(none.devices.some(({ span }) => span === 0)).toBe(false);
  expect(none.remotes[0]).toMatchObject({ in: 0, count: 0 });
});

describe.each([
  ["usage_day", "2025-05-01 2025-05-31"],
  ["remote_day", "2025-04-01 2025-06-30"],
] as const)("what is kept of %s goes with a write of any program, and the answers follow:", (days, part) => {
  const day = dayNumber("2025-05-09");
  const there = within(days, day, day);
  const [columns, moved] = {
    usage_day: [`id + ${DEVICES}`, `id = id + ${(dayNumber("2026-02-09") - day) * DEVICES}`],
    remote_day: ["day + 1, address", `day = ${dayNumber("2026-02-09")}`],
  }[days];
  const key = days === "usage_day" ? "id" : "day, address";
  test.each([
    [
      "a new day",
      `INSERT INTO ${days} (${key}, bytes_in, bytes_out) SELECT ${columns}, 5, 6 FROM ${days} WHERE ${there}`,
    ],
    ["more bytes", `UPDATE ${days} SET bytes_in = bytes_in + 7 WHERE ${there}`],
    ["a day put in the place of another", `REPLACE INTO ${days} SELECT * FROM ${days} WHERE ${there}`],
    ["a day gone", `DELETE FROM ${days} WHERE ${there}`],
    ["a day moved", `UPDATE ${days} SET ${moved} WHERE ${there}`],
    ...(days === "usage_day" ? [["a flag", `INSERT INTO usage_flag SELECT id, 2 FROM usage_day WHERE ${there}`]] : []),
  ] as [string, string][])("%s", async (_, sql) => {
    await recordMonths();
    const before = keptPeriods(days);
    withFile((db) => expect(Number(db.prepare(sql).run().changes)).toBeGreaterThan(0));
    const gone = before.filter((period) => !keptPeriods(days).includes(period));
    expect(gone).toEqual(["2025-01-01 2025-12-31", part]);
    const now = await answers();
    expect(now).toEqual(await answersFromDays());
  });
});

test("a late charge into a month that is kept counts, and is taken back with it", async () => {
  await recordMonths();
  const before = await answers();
  const late = charge({ day: "2025-05-09", in: 77, out: 0, reconstructed: "day" });
  await store.record(settlement({ charges: [late], addresses: [fact()] }));
  const [sum] = await store.deviceSums(SPANS);
  expect(sum).toMatchObject({ in: (before.devices[0]?.in ?? 0) + 77, reconstructed: true });
  store = await harness.crash();
  expect(await answers()).toEqual(before);
});

test("what is pruned day by day is not kept again", async () => {
  await recordMonths();
  await store.prune({ hoursFrom: null, remoteFrom: "2025-05-20", devicesFrom: "2025-05-20" });
  await store.checkpoint();
  store = await harness.crash();
  await store.record(onDay(LAST));
  await store.checkpoint();
  expect(keptPeriods("usage_day")[0]).toBe("2025-06-01 2025-06-30");
  expect(keptPeriods("remote_day")[0]).toBe("2025-07-01 2025-09-30");
  expect(await answers()).toEqual(await answersFromDays());
});

test("a month that is written again and again is kept once", async () => {
  await recordMonths();
  await store.record(settlement({ charges: [charge({ day: "2025-05-09" })], addresses: [fact()] }));
  await store.checkpoint();
  await store.record(onDay(LAST));
  await store.checkpoint();
  expect(keptPeriods("usage_day")).not.toContain("2025-05-01 2025-05-31");
  store = await harness.crash();
  await store.record(onDay(LAST));
  await store.checkpoint();
  expect(keptPeriods("usage_day")).toContain("2025-05-01 2025-05-31");
});

test("what is kept and can't be read is not believed", async () => {
  await recordMonths();
  const before = await answers();
  withFile((db) => db.exec("UPDATE kept_sum SET content = substr(content, 1, length(content) - 1)"));
  expect(await answers()).toEqual(before);
});

test("figures too large to be packed leave the month to its days", async () => {
  await recordMonths();
  withFile((db) => {
    db.exec("DELETE FROM kept_sum");
    const some = within("usage_day", dayNumber("2025-05-09"), dayNumber("2025-05-14"));
    db.prepare(`UPDATE usage_day SET hidden_in = ? WHERE ${some}`).run(2 ** 53 - 1);
  });
  store = await harness.crash();
  await recordMonths();
  expect(keptPeriods("usage_day")).toContain("2025-06-01 2025-06-30");
  expect(keptPeriods("usage_day")).not.toContain("2025-05-01 2025-05-31");
});

test("questions hold no lock: another program may write right after them", async () => {
  await recordMonths();
  withFile((db) => db.exec("DELETE FROM kept_sum"));
  await answers();
  withFile((db) => db.exec("BEGIN IMMEDIATE; ROLLBACK"));
});
