import { dayText } from "../store/days.ts";
import type { DatabaseSync } from "../store/engine.ts";
import { StoreError } from "../store/store.ts";
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
 * Compares what was staged with what stands in the tables of the new store, day by day. Only for a store that had nothing
 * before.
 * @throws StoreError that names the day
 */
export function verifyWritten(db: DatabaseSync, taken: ReadonlyMap<number, Tally>, path: string): void {
  const select = db.prepare(
    `SELECT day, total(bytes_in) AS bytes_in, total(bytes_out) AS bytes_out FROM (
       SELECT id >> 20 AS day, bytes_in, bytes_out FROM usage_day UNION ALL SELECT day, bytes_in, bytes_out FROM remote_day)
     GROUP BY day`,
  );
  const left = new Map(taken);
  for (const row of select.iterate()) {
    const day = Number(row.day);
    const written = { in: Number(row.bytes_in), out: Number(row.bytes_out) };
    compare(path, `the new store, ${dayText(day)}`, written, left.get(day));
    left.delete(day);
  }
  for (const [day, tally] of left) compare(path, `the new store, ${dayText(day)}`, { in: 0, out: 0 }, tally);
}

function compare(
  path: string,
  where: string,
  expected: { rows?: number; in: number; out: number },
  found: Tally | undefined,
): void {
  const { rows = 0, in: down = 0, out: up = 0 } = found ?? {};
  const sameRows = expected.rows === undefined || expected.rows === rows;
  if (sameRows && close(expected.in, down) && close(expected.out, up)) return;
  const text = (tally: { rows?: number; in: number; out: number }) =>
    `${tally.rows === undefined ? "" : `${tally.rows} rows, `}${tally.in} bytes down, ${tally.out} bytes up`;
  throw new StoreError(
    "foreign",
    `${path} was not taken over: the check failed in ${where} (${text(expected)} against ${text({ ...(expected.rows === undefined ? {} : { rows }), in: down, out: up })}); it was left as it is`,
    "Please report this with the message; to begin a new history meanwhile, set DBFile in WhiteStatConfig.json to another name.",
  );
}

/** To the byte; only beyond 2^53, where sums are no longer exact, by the last digits. */
function close(one: number, other: number): boolean {
  return one === other || (Math.max(one, other) > Number.MAX_SAFE_INTEGER && Math.abs(one - other) / one < 1e-9);
}
