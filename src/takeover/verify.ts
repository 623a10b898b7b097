import { dayText } from "../store/day-text.ts";
import type { DatabaseSync } from "../store/engine/node-sqlite.ts";
import { type Store, StoreError } from "../store/store.ts";
import { MOST_BYTES } from "./figures.ts";
import { type OldShape, type OldTable, quoted } from "./old-shape.ts";
import type { OldReading, Tally } from "./read-old.ts";
import { isDamage } from "./salvage.ts";

/**
 * Asks the old file itself, in plain SQL, how many rows and bytes each table has on each day, and compares with what was
 * read. Tables with damaged pages can't be asked, and are passed over.
 * @throws StoreError that names the table and the day
 */
export function verifyRead(db: DatabaseSync, shape: OldShape, reading: OldReading, path: string): void {
  for (const table of shape.tables) {
    const read = reading.tables.find(({ name }) => name === table.name);
    if (!read || read.damaged) continue;
    try {
      verifyTable(db, table, read.days, path);
    } catch (error) {
      // What SQL can't read any more was read by then, or is listed as lost.
      if (!isDamage(error)) throw error;
    }
  }
}

function verifyTable(db: DatabaseSync, table: OldTable, read: ReadonlyMap<string, Tally>, path: string): void {
  const { date, in: down, out: up } = table.columns;
  const select = db.prepare(
    `SELECT CASE WHEN typeof(${quoted(date)}) = 'text'
                    AND ${quoted(date)} GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*'
                   THEN substr(${quoted(date)}, 1, 10) ELSE '' END AS day,
              count(*) AS n, total(${bytesSql(down)}) AS bytes_in, total(${bytesSql(up)}) AS bytes_out
       FROM ${quoted(table.name)} GROUP BY 1`,
  );
  const days = new Set(read.keys());
  for (const row of select.iterate()) {
    const day = String(row.day);
    const expected = { rows: Number(row.n), in: Number(row.bytes_in), out: Number(row.bytes_out) };
    compare(path, `${table.name}, ${day || "rows without a date"}`, expected, read.get(day));
    days.delete(day);
  }
  for (const day of days) compare(path, `${table.name}, ${day}`, { rows: 0, in: 0, out: 0 }, read.get(day));
}

/** Bytes of a KB column; whatever is no amount counts as none. */
function bytesSql(column: string): string {
  const kb = quoted(column);
  return `CASE WHEN typeof(${kb}) IN ('real', 'integer') AND ${kb} >= 0 AND ${kb} * 1024.0 <= ${MOST_BYTES}
    THEN round(${kb} * 1024.0) ELSE 0 END`;
}

/**
 * Compares what was read with what the new store answers, day by day. Only for a store that had nothing before.
 * @throws StoreError that names the day
 */
export async function verifyWritten(
  store: Pick<Store, "dayTotals">,
  taken: ReadonlyMap<number, Tally>,
  path: string,
): Promise<void> {
  const left = new Map([...taken].map(([day, tally]) => [dayText(day), tally]));
  for (const { day, rows, in: down, out } of await store.dayTotals("0000-01-01", "9999-12-31")) {
    compare(path, `the new store, ${day}`, { rows, in: down, out }, left.get(day));
    left.delete(day);
  }
  for (const [day, tally] of left) compare(path, `the new store, ${day}`, { rows: 0, in: 0, out: 0 }, tally);
}

function compare(path: string, where: string, expected: Tally, found: Tally = { rows: 0, in: 0, out: 0 }): void {
  if (expected.rows === found.rows && close(expected.in, found.in) && close(expected.out, found.out)) return;
  const text = ({ rows, in: down, out }: Tally) => `${rows} rows, ${down} bytes down, ${out} bytes up`;
  throw new StoreError(
    "foreign",
    `${path} was not taken over: the check failed in ${where} (${text(expected)} against ${text(found)}); it was left as it is`,
    "Please report this with the message; to begin a new history meanwhile, set DBFile in WhiteStatConfig.json to another name.",
  );
}

/** To the byte; only beyond 2^53, where sums are no longer exact, by the last digits. */
function close(one: number, other: number): boolean {
  return one === other || (Math.max(one, other) > Number.MAX_SAFE_INTEGER && Math.abs(one - other) / one < 1e-9);
}
