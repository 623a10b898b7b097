import { setImmediate } from "node:timers/promises";
import type { DatabaseSync } from "../engine/node-sqlite.ts";
import { toStoreError } from "../engine/sqlite-errors.ts";
import { SCHEMA, SCHEMA_VERSION } from "../schema.ts";
import { openReadOnly } from "./open-read-only.ts";
import { recogniseOpen } from "./recognise.ts";

/**
 * What a whole look through a database file of ours finds (`PRAGMA integrity_check`, and days that don't exist): null when
 * it is sound, else what is wrong, in a few words.
 * @throws StoreError when the file can't be read for a reason other than damage.
 */
export function damageIn(path: string): Promise<string | null> {
  return inspect(path, async (db) => (await brokenTable(db, "integrity_check")) ?? strayDay(db));
}

/**
 * Goes table by table, letting other work in between. The integrity check takes a third longer than the quick one, and also
 * sees rows that lie outside the order by which they are found, and indexes that lack rows. It computes what indexes are
 * made of, so a file of a stranger gets the quick one.
 */
async function brokenTable(db: DatabaseSync, check: "integrity_check" | "quick_check"): Promise<string | null> {
  const tables = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").all();
  for (const { name } of tables) {
    const fault = db.prepare(`PRAGMA ${check}("${name}")`).get()?.[check];
    if (fault !== "ok") return `${name}: ${firstOf(String(fault))}`;
    await setImmediate();
  }
  return null;
}

/** The columns of days and months. What is found by its day is asked for one day after the other, by the index. */
const DATED = [
  { table: "usage_hour", column: "day", days: byIndex },
  { table: "usage_day", column: "day", days: byIndex },
  { table: "usage_month", column: "month", days: byScan },
  { table: "balance_day", column: "day", days: byIndex },
  { table: "removed_hour", column: "day", days: byScan },
  { table: "removed_day", column: "day", days: byScan },
];

/** Looks at each day once, by the index, whose order was checked before. */
function byIndex(table: string, column: string): string {
  return `WITH RECURSIVE d(day) AS (
            SELECT min(${column}) FROM ${table}
            UNION ALL SELECT (SELECT min(${column}) FROM ${table} WHERE ${column} > d.day) FROM d WHERE d.day IS NOT NULL)
          SELECT day FROM d WHERE day IS NOT NULL`;
}

/** Days without an index of their own: a look from one to the next would be a scan for each. */
function byScan(table: string, column: string): string {
  return `SELECT DISTINCT ${column} AS day FROM ${table}`;
}

/** SQLite sees no damage in a text that is another text: figures of a day that there is not would be in no answer. */
function strayDay(db: DatabaseSync): string | null {
  const known = new Set(
    db
      .prepare("SELECT name FROM sqlite_schema WHERE type = 'table'")
      .all()
      .map(({ name }) => name),
  );
  for (const { table, column, days } of DATED) {
    if (!known.has(table)) continue;
    const stray = db
      .prepare(
        `SELECT day FROM (${days(table, column)})
         WHERE day IS NOT substr(date(substr(day || '-01', 1, 10)), 1, length(day)) LIMIT 1`,
      )
      .get();
    if (stray) return `${table}: ${JSON.stringify(String(stray.day).slice(0, 40))} is no ${column}`;
  }
  return null;
}

/** SQLite tells fault after fault, each on a line, under a heading. */
function firstOf(faults: string): string {
  const lines = faults.split("\n").filter((line) => !line.startsWith("***"));
  return lines[0] ?? faults;
}

/**
 * Why a file can't be read as a database of ours; null when it can, though single rows of it may make no sense. Throws as
 * {@link damageIn} does.
 */
export function unfitness(path: string): Promise<string | null> {
  return inspect(path, async (db) => {
    if (recogniseOpen(db) !== "ours") return "it is no database of WhiteStat";
    const version = db.prepare("PRAGMA user_version").get()?.user_version as number;
    if (version > SCHEMA_VERSION) return "it was written by a newer WhiteStat";
    return forgery(db) ?? (await brokenTable(db, "quick_check"));
  });
}

/** Names of our tables, by the schema. */
const TABLES = [...SCHEMA.matchAll(/^CREATE TABLE (\w+)/gm)].map(([, name]) => name ?? "");

/**
 * What is no table where ours has one: a view may never end, a trigger or a computed column does what its author wants.
 * Such a file was made by somebody, and not by us.
 */
function forgery(db: DatabaseSync): string | null {
  const find = db.prepare(
    `SELECT s.type = 'table' AND s.rootpage > 0 AND NOT EXISTS (SELECT 1 FROM pragma_table_xinfo(s.name) WHERE hidden > 0)
       AS is_table FROM sqlite_schema s WHERE s.name = ?`,
  );
  for (const name of TABLES) if (find.get(name)?.is_table !== 1) return `it has no proper table ${name}`;
  const trigger = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger' LIMIT 1").get();
  return trigger ? `it has a trigger, ${JSON.stringify(trigger.name)}` : null;
}

async function inspect(path: string, look: (db: DatabaseSync) => Promise<string | null>): Promise<string | null> {
  let db: DatabaseSync | null = null;
  try {
    db = openReadOnly(path);
    return await look(db);
  } catch (error) {
    const problem = toStoreError(error, path);
    if (problem.code === "corrupt") return problem.message;
    throw problem;
  } finally {
    db?.close();
  }
}
