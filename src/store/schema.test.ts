import { copyFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { sortFacts } from "./model.ts";
import { openSqliteStore } from "./sqlite.ts";
import type { Store } from "./store.ts";
import { factsOfStore, temporaryFolder } from "./testing.ts";

/**
 * A store as version 12.0.0 left it, with 70 days of two darkstats in the midst of an hour: restarts, leases that moved,
 * addresses outside IPFilter, reconstructions, days from elsewhere. `answers.json` has what that version answered.
 */
const SCHEMA_2 = join(import.meta.dirname, "fixtures/schema-2");
const [FIRST, LAST] = ["2020-01-01", "2030-01-01"];
const VIEWS = ["device_day", "remote_host_day", "dailyusage", "usagehistory"];

/** What SQL tools see, as sorted rows of text. */
function viewsOf(path: string): Record<string, string[]> {
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    const hours = `SELECT day, hour, device, sum(bytes_in) AS bytes_in, sum(bytes_out) AS bytes_out FROM (
        SELECT day, hour, device, bytes_in, bytes_out FROM usage_hour
        UNION ALL SELECT day, hour, device, bytes_in, bytes_out FROM open_hour WHERE device IS NOT NULL AND hidden = 0)
      GROUP BY day, hour, device`;
    const rowsOf = (sql: string) =>
      db
        .prepare(sql)
        .all()
        .map((row) => JSON.stringify(row))
        .sort();
    return {
      hours: rowsOf(hours),
      ...Object.fromEntries(VIEWS.map((view) => [view, rowsOf(`SELECT * FROM ${view}`)])),
    };
  } finally {
    db.close();
  }
}

/** In an order that no question promises. */
function sorted(rows: readonly { readonly device: number; readonly span?: number }[]) {
  return [...rows].sort((a, b) => (a.span ?? 0) - (b.span ?? 0) || a.device - b.device);
}

/** Every answer of the store that no view gives, as plain JSON. */
async function answersOf(store: Store): Promise<unknown> {
  const { days: _, hours: __, remote: ___, ...facts } = await factsOfStore(store, ["attic", "cellar"], FIRST, LAST);
  const ends = { "2025-11": 30, "2025-12": 31, "2026-01": 31, "2026-02": 28 };
  const months = Object.entries(ends).map(([month, end]) => ({ from: `${month}-01`, to: `${month}-${end}` }));
  const answers = {
    ...facts,
    books: Object.fromEntries(
      Object.entries(facts.books).map(([name, books]) => [
        name,
        books && { ...books, baselines: [...books.baselines], routers: [...books.routers] },
      ]),
    ),
    sums: sorted(await store.deviceSums([...months, { from: "2025-11-01", to: "2026-02-04" }])),
    remoteSums: await store.remoteSums("2025-12-01", "2026-02-04", 10),
    balanceSum: await store.balanceSum("2025-11-01", "2026-02-04"),
    series: sorted(await store.deviceSeries("2025-12-20", "2026-02-04", "day")),
  };
  return JSON.parse(JSON.stringify(answers));
}

test("a file of an earlier schema gives the same answers after its migration, to the byte", async () => {
  using folder = temporaryFolder();
  const path = folder.file("WhiteStat.db");
  copyFileSync(join(SCHEMA_2, "WhiteStat.db"), path);
  const before = viewsOf(path);
  expect(before.device_day?.length).toBeGreaterThan(250);

  const store = openSqliteStore({ path });
  expect(await answersOf(store)).toEqual(JSON.parse(readFileSync(join(SCHEMA_2, "answers.json"), "utf8")));
  const facts = await factsOfStore(store, ["attic", "cellar"], FIRST, LAST);
  await store.close();
  expect(viewsOf(path)).toEqual(before);

  const again = openSqliteStore({ path });
  expect(await factsOfStore(again, ["attic", "cellar"], FIRST, LAST)).toEqual(sortFacts(facts));
  await again.close();
});

test("a migration that fails leaves the file as it was", () => {
  using folder = temporaryFolder();
  const path = folder.file("WhiteStat.db");
  copyFileSync(join(SCHEMA_2, "WhiteStat.db"), path);
  const db = new DatabaseSync(path);
  // In the way of the third migration, which makes this view anew.
  db.exec("DROP VIEW latest_day");
  db.close();
  const before = readFileSync(path);
  expect(() => openSqliteStore({ path })).toThrow();
  expect(readVersion(path)).toBe(2);
  expect(readFileSync(path).length).toBe(before.length);
});

function readVersion(path: string): unknown {
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    return db.prepare("PRAGMA user_version").get()?.user_version;
  } finally {
    db.close();
  }
}
