import type { DatabaseSync } from "../store/engine/node-sqlite.ts";
import type { Cell } from "./figures.ts";
import { quoted } from "./old-shape.ts";

/** Rowids that could not be read, both ends included. */
export interface LostRange {
  readonly from: number;
  readonly to: number;
}

/** More failed attempts than this, and what is left of a table is given up: a card that times out must end some time. */
const MOST_FAILURES = 50_000;
/** A cell that is longer is none of ours. What is on overflow pages is read in full for each row that points there. */
const MOST_CELL_BYTES = 4_096;
/** The least that a row of usage takes in a file: numbers, an address, a MAC, a date. */
const LEAST_ROW_BYTES = 24;

/** The most rows that a file of this size can hold. */
export function mostRowsOf(fileSize: number): number {
  return Math.ceil(fileSize / LEAST_ROW_BYTES);
}

/** Thrown for damage that SQLite does not see: pages that are in a table more than once. */
class Disorder extends Error {}

/**
 * Every row of a table that can be read, as `[rowid, ...columns]`, integers as bigint. A sound table is read in one go.
 * Where SQLite finds damage, the rest is halved until only what lies on the damaged pages is left out.
 *
 * The pages of a damaged table may point to each other in circles, so that it seems to have any number of rows: each rowid
 * is taken once, in ascending order, and no more than `mostRows` in all. Does not hold a table in memory.
 * @returns what was lost
 * @throws what SQLite throws for a reason other than damage
 */
export function* readTable(
  db: DatabaseSync,
  table: string,
  columns: readonly string[],
  mostRows: number,
): Generator<readonly Cell[], LostRange[]> {
  const cells = columns.map(
    (c) => `CASE WHEN typeof(${c}) IN ('real', 'integer') OR octet_length(${c}) <= ${MOST_CELL_BYTES} THEN ${c} END`,
  );
  const select = `SELECT rowid, ${cells.join(", ")} FROM ${quoted(table)}`;
  let last = Number.MIN_SAFE_INTEGER;
  let left = mostRows;
  /** The rows of one query, each above the one before. */
  function* ascending(rows: Iterable<unknown>): Generator<readonly Cell[]> {
    for (const row of rows) {
      const rowid = Number((row as Cell[])[0]);
      if (rowid <= last || rowid > Number.MAX_SAFE_INTEGER || left <= 0) throw new Disorder();
      last = rowid;
      left -= 1;
      yield row as Cell[];
    }
  }
  try {
    yield* ascending(prepare(db, `${select} ORDER BY rowid`).iterate() as Iterable<unknown>);
    return [];
  } catch (error) {
    if (!isDamage(error)) throw error;
  }

  const lost: LostRange[] = [];
  const part = prepare(db, `${select} WHERE rowid BETWEEN ? AND ? ORDER BY rowid`);
  const open: LostRange[] = [{ from: Math.max(1, last + 1), to: lastRowid(db, table) }];
  let failures = 0;
  for (let range = open.pop(); range !== undefined; range = open.pop()) {
    last = range.from - 1;
    try {
      if (left > 0) {
        yield* ascending(part.iterate(BigInt(range.from), BigInt(range.to)) as Iterable<unknown>);
        continue;
      }
    } catch (error) {
      if (!isDamage(error)) throw error;
      failures += 1;
    }
    const from = last + 1;
    if (from >= range.to || failures > MOST_FAILURES || left <= 0) {
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
  mostRows: number,
): Map<number, Cell[]> {
  const known = new Map<number, Cell[]>();
  if (lost.length === 0) return known;
  let left = mostRows;
  try {
    const sql = `SELECT rowid, ${columns.join(", ")} FROM ${quoted(table)} INDEXED BY ${quoted(`sqlite_autoindex_${table}_1`)}`;
    for (const row of prepare(db, sql).iterate() as Iterable<unknown>) {
      const [rowid, ...cells] = row as Cell[];
      if (isLost(Number(rowid), lost)) known.set(Number(rowid), cells);
      left -= 1;
      if (left <= 0) break;
    }
  } catch {
    // The index is damaged, too, or the version had none: then the rows are counted and not named.
  }
  return known;
}

/** How many rowids are lost. */
export function countLost(lost: readonly LostRange[]): number {
  return lost.reduce((sum, { from, to }) => sum + to - from + 1, 0);
}

/** Ranges are sorted and do not overlap. */
function isLost(rowid: number, lost: readonly LostRange[]): boolean {
  let [low, high] = [0, lost.length - 1];
  while (low <= high) {
    const middle = (low + high) >> 1;
    const { from, to } = lost[middle] as LostRange;
    if (rowid < from) high = middle - 1;
    else if (rowid > to) low = middle + 1;
    else return true;
  }
  return false;
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
      const select = db.prepare(sql);
      select.setReadBigInts(true);
      const last = select.get()?.last;
      return last === null || last === undefined ? 0 : Math.min(Number(last), Number.MAX_SAFE_INTEGER);
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

/** Whether SQLite, or the disk under it, could not read a page (CORRUPT, NOTADB, IOERR), or a table contradicts itself. */
export function isDamage(error: unknown): boolean {
  if (error instanceof Disorder) return true;
  if (!(error instanceof Error) || !("errcode" in error) || typeof error.errcode !== "number") return false;
  return [10, 11, 26].includes(error.errcode & 0xff);
}
