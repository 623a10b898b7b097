import type { DatabaseSync } from "../store/engine.ts";
import type { Cell } from "./figures.ts";
import { quoted } from "./old-shape.ts";

/** Rowids that could not be read, both ends included. */
export interface LostRange {
  readonly from: number;
  readonly to: number;
}

/** More failed attempts than this, and what is left of a table is given up: a card that times out must end some time. */
const MOST_FAILURES = 50_000;

/**
 * Every row of a table that can be read, as `[rowid, ...columns]`, integers as bigint. A sound table is read in one go.
 * Where SQLite finds damage, the rest is halved until only what lies on the damaged pages is left out.
 *
 * Returns what was lost. Does not hold a table in memory.
 * @throws what SQLite throws for a reason other than damage
 */
export function* readTable(
  db: DatabaseSync,
  table: string,
  columns: readonly string[],
): Generator<readonly Cell[], LostRange[]> {
  const select = `SELECT rowid, ${columns.join(", ")} FROM ${quoted(table)}`;
  let last = 0;
  try {
    const whole = prepare(db, `${select} ORDER BY rowid`);
    for (const row of whole.iterate() as Iterable<unknown>) {
      const cells = row as Cell[];
      last = Number(cells[0]);
      yield cells;
    }
    return [];
  } catch (error) {
    if (!isDamage(error)) throw error;
  }

  const lost: LostRange[] = [];
  const part = prepare(db, `${select} WHERE rowid BETWEEN ? AND ? ORDER BY rowid`);
  const open: LostRange[] = [{ from: last + 1, to: lastRowid(db, table) }];
  let failures = 0;
  for (let range = open.pop(); range !== undefined; range = open.pop()) {
    let reached = range.from - 1;
    try {
      for (const row of part.iterate(range.from, range.to) as Iterable<unknown>) {
        const cells = row as Cell[];
        reached = Number(cells[0]);
        yield cells;
      }
      continue;
    } catch (error) {
      if (!isDamage(error)) throw error;
      failures += 1;
    }
    const from = reached + 1;
    if (from >= range.to || failures > MOST_FAILURES) {
      if (from <= range.to) addLost(lost, from, range.to);
      continue;
    }
    const middle = Math.floor((from + range.to) / 2);
    open.push({ from: middle + 1, to: range.to }, { from, to: middle });
  }
  return lost;
}

/**
 * What an index still knows of rows that are lost: their address, device and day, without figures.
 * Empty when no index can be read.
 */
export function describeLost(
  db: DatabaseSync,
  table: string,
  columns: readonly string[],
  lost: readonly LostRange[],
): Map<number, Cell[]> {
  const known = new Map<number, Cell[]>();
  if (lost.length === 0) return known;
  const isLost = (rowid: number) => lost.some(({ from, to }) => from <= rowid && rowid <= to);
  try {
    const sql = `SELECT rowid, ${columns.join(", ")} FROM ${quoted(table)} INDEXED BY ${quoted(`sqlite_autoindex_${table}_1`)}`;
    for (const row of prepare(db, sql).iterate() as Iterable<unknown>) {
      const [rowid, ...cells] = row as Cell[];
      if (isLost(Number(rowid))) known.set(Number(rowid), cells);
    }
  } catch {
    // The index is damaged, too, or the version had none: then the rows are counted and not named.
  }
  return known;
}

function addLost(lost: LostRange[], from: number, to: number): void {
  const last = lost.at(-1);
  if (last && last.to + 1 === from) lost[lost.length - 1] = { from: last.from, to };
  else lost.push({ from, to });
}

/** The end of a table, from its own tree or from an index; else as many rows as its pages could hold. */
function lastRowid(db: DatabaseSync, table: string): number {
  const ways = [
    `SELECT max(rowid) AS last FROM ${quoted(table)}`,
    `SELECT max(rowid) AS last FROM ${quoted(table)} INDEXED BY ${quoted(`sqlite_autoindex_${table}_1`)}`,
  ];
  for (const sql of ways) {
    try {
      const last = db.prepare(sql).get()?.last;
      return last === null || last === undefined ? 0 : Number(last);
    } catch {
      // The next way.
    }
  }
  try {
    return Number(db.prepare("PRAGMA page_count").get()?.page_count ?? 0) * 100;
  } catch {
    return 0;
  }
}

function prepare(db: DatabaseSync, sql: string) {
  const statement = db.prepare(sql);
  statement.setReadBigInts(true);
  statement.setReturnArrays(true);
  return statement;
}

/** Whether SQLite, or the disk under it, could not read a page: CORRUPT, NOTADB, IOERR. */
export function isDamage(error: unknown): boolean {
  if (!(error instanceof Error) || !("errcode" in error) || typeof error.errcode !== "number") return false;
  return [10, 11, 26].includes(error.errcode & 0xff);
}
