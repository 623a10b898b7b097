import { readFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { SCHEMA, SQLITE_VIEWS } from "./schema.ts";
import { sqliteHarness } from "./testing/harness.ts";
import { onlyNames } from "./testing/names.ts";
import {
  charge,
  charging,
  counted,
  DAY,
  fact,
  LAPTOP,
  NOON,
  PHONE,
  ROUTER,
  remoteCharge,
  settlement,
} from "./testing/settlements.ts";

/** The SQL without comments and texts. */
const SQL = (SCHEMA + SQLITE_VIEWS).replaceAll(/--.*$/gm, "").replaceAll(/'[^']*'/g, "''");
const TABLES = [...SCHEMA.matchAll(/CREATE TABLE (\w+)/g)].map(([, name]) => name as string);

/** What a page says in the places that match: without the marks of a comment. */
function documented(page: string, place: RegExp): string[] {
  const text = readFileSync(fileURLToPath(new URL(page, import.meta.url)), "utf8");
  return [...text.matchAll(place)].map(([, found = ""]) => found.replaceAll(/^ \* +/gm, ""));
}

/** What a stranger who opens the file finds. */
describe("the schema", () => {
  test("has plain columns: texts and whole numbers, no blobs", async () => {
    const db = new DatabaseSync(":memory:");
    db.exec(SCHEMA + SQLITE_VIEWS);
    for (const table of TABLES) {
      const types = db
        .prepare(`PRAGMA table_info(${table})`)
        .all()
        .map(({ name, type }) => `${name} ${type}`);
      expect(types.length, table).toBeGreaterThan(1);
      for (const column of types) expect(column, table).toMatch(/^\w+ (TEXT|INTEGER)$/);
      expect(db.prepare(`PRAGMA table_list(${table})`).get()?.strict, table).toBe(1);
    }
    db.close();
  });

  test("says of each table what it keeps", () => {
    expect(TABLES).toContain("usage_day");
    for (const table of TABLES)
      expect(SCHEMA, table).toMatch(new RegExp(`^-- .{10,}\\n(?:--.*\\n)*CREATE TABLE ${table} `, "m"));
  });

  test("needs no bit arithmetic, no recursion and no triggers to be read", () => {
    const operators = SQL.replaceAll(/->>?|\|\|/g, " ");
    expect(operators).not.toMatch(/[&|~]|<<|>>/);
    expect(SQL).not.toMatch(/\b(RECURSIVE|WITH|TRIGGER|BLOB)\b(?! ROWID| TIES)/i);
    expect(SQL.match(/WITHOUT ROWID/g)?.length).toBeGreaterThan(0);
  });

  test("takes no column from whichever row of a group the engine chooses", () => {
    const grouped = SQLITE_VIEWS.split("CREATE VIEW").filter((view) => view.includes("GROUP BY"));
    expect(grouped.length).toBeGreaterThan(1);
    for (const view of grouped) {
      const [, list = "", keys = ""] = /SELECT (.*?)\n\s*FROM .*GROUP BY (.*);/s.exec(view) ?? [];
      const columns = list.split(/,(?![^(]*\))\s*/).map((column) => column.replace(/ AS \w+$/, ""));
      expect(columns.length, view).toBeGreaterThan(3);
      for (const column of columns) {
        const isAggregate = /^(?:(?:coalesce|CAST)\()?(?:sum|min|max)\(/.test(column);
        expect(isAggregate || keys.split(", ").includes(column), `${column} of${view}`).toBe(true);
      }
    }
  });

  test("answers the questions that docs/database.md asks, each by one join, the open hour included", async () => {
    const harness = sqliteHarness();
    try {
      const store = await harness.open();
      const laptop = { mac: LAPTOP, ip: "192.168.1.21" };
      const others = [remoteCharge(), charge({ mac: ROUTER, ip: "192.168.1.1" }), charge({ ip: "fe80::1" })];
      await store.record(charging(charge({ hour: 11 }), charge({ ...laptop, hour: 11, in: 20 }), ...others));
      await store.record(charging(charge({ in: 5, out: 1 }), charge({ day: "2026-01-30", hour: 23, in: 4000 })));
      await store.checkpoint();
      await store.keepHousehold(onlyNames([[PHONE, "Anna's phone"]]));
      const asked = [...documented("../../docs/database.md", /```sql\n(.*?)```/gs)];
      expect(asked).toHaveLength(4);
      for (const sql of asked.slice(0, 3)) expect(sql.match(/\bJOIN\b/g), sql).toHaveLength(1);
      const [yesterday = "", month = "", today = "", apart = ""] = asked.map((sql) =>
        sql
          .replace("date('now', 'localtime', '-1 day')", `'${DAY}'`)
          .replace("date('now', 'localtime', 'start of month')", "'2026-01-01'")
          .replace("date('now', 'localtime')", `'${DAY}'`),
      );
      const rows = [
        { name: "Anna's phone", mac: PHONE, bytes_in: 1005, bytes_out: 101 },
        { name: null, mac: LAPTOP, bytes_in: 20, bytes_out: 100 },
      ];
      expect(await harness.query(yesterday)).toEqual(rows);
      expect(await harness.query(month)).toEqual([
        { device: "Anna's phone", bytes: 1106 + 4100 },
        { device: LAPTOP, bytes: 120 },
      ]);
      await store.record(charging(charge({ day: "2026-02-01", hour: 0 })));
      expect(await harness.query(yesterday)).toEqual(rows);
      expect(await harness.query(today)).toEqual([
        { hour: 11, bytes_in: 1020, bytes_out: 200 },
        { hour: 12, bytes_in: 5, bytes_out: 1 },
      ]);
      expect(await harness.query(apart)).toEqual([
        { device: "Anna's phone", traffic: "unknown", bytes: 1106 + 4100 },
        { device: LAPTOP, traffic: "unknown", bytes: 120 },
      ]);
      expect([...documented("schema.ts", /(SELECT d\.name.*?;)/gs)][0]).toBe(asked[0]?.trim());
    } finally {
      await harness.dispose();
    }
  });

  test("shows in dailyusage, of two addresses of a device alike, the one that the answers show", async () => {
    const harness = sqliteHarness();
    try {
      const store = await harness.open();
      await store.record(charging(charge({ ip: "192.168.1.30" }), charge({ ip: "192.168.1.20" })));
      await store.checkpoint();
      expect(await store.deviceDays(DAY, DAY)).toMatchObject([{ ip: "192.168.1.30" }]);
      expect(await harness.query("SELECT IP FROM dailyusage")).toEqual([{ IP: "192.168.1.30" }]);
    } finally {
      await harness.dispose();
    }
  });

  test("shows in dailyusage the meter's counters of the open hour, though nobody knows when its bytes were sent", async () => {
    const harness = sqliteHarness();
    try {
      const store = await harness.open();
      const [first, then] = [charge({ hour: 11 }), charge({ hour: 12, in: 24 })];
      await store.record(settlement({ charges: [first], addresses: [fact({ in: 1000, seenAt: NOON })] }));
      await store.record(settlement({ charges: [then], addresses: [fact({ in: 1024, seenAt: null })] }));
      await store.checkpoint();
      const [row] = await harness.query("SELECT KBIn, LSTDAY_KBIn FROM dailyusage");
      expect(row).toEqual({ KBIn: 1, LSTDAY_KBIn: 1 });
      // A meter that began anew counts from zero.
      await store.record(settlement({ charges: [charge({ in: 1 })], addresses: [fact({ in: 512, seenAt: null })] }));
      await store.checkpoint();
      expect(await harness.query("SELECT LSTDAY_KBIn FROM dailyusage")).toEqual([{ LSTDAY_KBIn: 0.5 }]);
    } finally {
      await harness.dispose();
    }
  });

  test("shows a day on which the open hour only counted something as the latest in dailyusage, and nothing else", async () => {
    const harness = sqliteHarness();
    try {
      const store = await harness.open();
      await store.record(charging(charge(), charge({ day: "2026-02-01" })));
      await store.prune({ hoursFrom: null, remoteFrom: null, devicesFrom: "2026-02-02" });
      await store.record(settlement({ counted: [counted({ day: "2026-02-01", bytes: 1 })] }));
      await store.checkpoint();
      expect(await store.range()).toEqual({ first: "2026-02-01", last: "2026-02-01" });
      await store.record(charging(charge({ hour: 11 })));
      await store.checkpoint();
      expect(await harness.query("SELECT DATE FROM dailyusage")).toEqual([]);
      expect(await harness.query("SELECT DATE FROM usagehistory")).toEqual([{ DATE: `${DAY} 00:00:00` }]);
    } finally {
      await harness.dispose();
    }
  });
});
