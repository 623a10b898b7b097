import { formatAddress, normaliseMac, parseAddress } from "../accounting/address.ts";
import type { Calendar } from "../accounting/calendar.ts";
import type { DatabaseSync } from "../store/engine/node-sqlite.ts";
import {
  bytesOfKb,
  type Cell,
  cellText,
  dayReader,
  faultOfKb,
  isDayWithin,
  isInstantWithin,
  type Limits,
  nameOf,
  seenReader,
} from "./figures.ts";
import { type OldColumns, type OldShape, type OldTable, quoted } from "./old-shape.ts";
import { type DayRange, isInRange } from "./read-records.ts";
import type { Reason } from "./report.ts";
import { countLost, describeLost, type LostRange, readTable } from "./salvage.ts";
import type { IncomingRow, Stage } from "./stage.ts";

/** Sums of the rows of one day of one table, to be compared with what SQL says of the old file. */
export interface Tally {
  rows: number;
  in: number;
  out: number;
}

/** What a walk through an old store found. */
export interface OldReading {
  readonly tables: readonly {
    readonly name: string;
    readonly rows: number;
    /** By the first ten characters of DATE; empty where those are no date. */
    readonly days: ReadonlyMap<string, Tally>;
    readonly damaged: boolean;
  }[];
  readonly superseded: number;
  readonly unreadable: number;
  readonly repaired: { seen: number; counter: number };
  readonly first: number | null;
  readonly last: number | null;
  /** By stored day: what went into the stage, over all tables. */
  readonly taken: ReadonlyMap<number, Tally>;
  /** Names that v6 to v11 kept by MAC. */
  readonly deviceNames: ReadonlyMap<string, string>;
}

export interface ReadOldDeps {
  readonly db: DatabaseSync;
  readonly shape: OldShape;
  readonly stage: Stage;
  readonly calendar: Calendar;
  /** When the old file was written last, ms UTC. */
  readonly writtenAt: number;
  readonly limits: Limits;
  readonly range: DayRange;
  /** The most rows that a file of this size can hold: a damaged one may seem to have more. */
  readonly mostRows: number;
  /** Told now and then how many rows were read. */
  readonly onProgress?: ((rows: number) => void) | undefined;
}

const PROGRESS_ROWS = 5_000;

/** Walks through every table of an old store, the unfinished day first, and stages what makes sense. */
export function readOld(deps: ReadOldDeps): OldReading {
  const { stage, shape, mostRows } = deps;
  const taken = new Map<number, Tally>();
  const repaired = { seen: 0, counter: 0 };
  const tables: OldReading["tables"][number][] = [];
  let superseded = 0;
  let unreadable = 0;
  let first: number | null = null;
  let last: number | null = null;
  let all = 0;
  const namesByIp = readNames(deps, shape.namesByIp, "IP", canonicalIp);
  const deviceNames = readNames(deps, shape.namesByMac, "MAC", normaliseMac);

  for (const table of shape.tables) {
    const read = rowReader(deps, table, namesByIp, repaired);
    const columns = columnList(table.columns);
    const days = new Map<string, Tally>();
    let rows = 0;
    const walk = readTable(deps.db, table.name, columns.map(quoted), mostRows);
    let step = walk.next();
    for (; !step.done; step = walk.next()) {
      const cells = step.value;
      rows += 1;
      all += 1;
      if (all % PROGRESS_ROWS === 0) deps.onProgress?.(all);
      tallyCells(days, cells);
      const place = `${table.name} row ${cells[0]}`;
      const row = read(cells);
      if (typeof row === "string") {
        stage.reject(place, row, contentOf(columns, cells));
        continue;
      }
      if (!isInRange(row.day, deps.range)) continue;
      const outcome = stage.add(row);
      if (outcome === "superseded") {
        superseded += 1;
        continue;
      }
      add(taken, row.day, 1, row);
      if (outcome !== "taken") {
        stage.reject(place, "duplicate", contentOf(columns, cells));
        add(taken, row.day, -1, { in: -outcome.duplicate.in, out: -outcome.duplicate.out });
        continue;
      }
      first = first === null ? row.day : Math.min(first, row.day);
      last = last === null ? row.day : Math.max(last, row.day);
    }
    const lost = step.value;
    unreadable += keepLost(deps, table, lost);
    tables.push({ name: table.name, rows, days, damaged: lost.length > 0 });
  }
  for (const [ip, name] of namesByIp) stage.addHostname(ip, name);
  return { tables, superseded, unreadable, repaired, first, last, taken, deviceNames };
}

/** Positions of the cells in a row, behind its rowid. Columns that a version lacks are read as NULL. */
const DATE = 1;
const IP = 2;
const MAC = 3;
const IN = 4;
const OUT = 5;

function columnList(columns: OldColumns): string[] {
  const { date, ip, mac, in: down, out: up, seen, hostname, local, counterIn, counterOut } = columns;
  return [date, ip, mac, down, up, seen, hostname, local, counterIn, counterOut].filter((name) => name !== null);
}

/** Reads the cells of a row, or says why it makes no sense. */
function rowReader(
  { calendar, writtenAt, limits }: ReadOldDeps,
  { columns, daily }: OldTable,
  namesByIp: ReadonlyMap<string, string>,
  repaired: { seen: number; counter: number },
): (cells: readonly Cell[]) => IncomingRow | Reason {
  const dayOf = dayReader();
  const seenOf = seenReader(calendar, writtenAt);
  const macOf = remembering(normaliseMac);
  const ipOf = remembering(canonicalIp);
  const list = columnList(columns);
  const cellOf = (name: string | null) => {
    const at = name === null ? -1 : list.indexOf(name) + 1;
    return (cells: readonly Cell[]): Cell => (at < 1 ? null : (cells[at] ?? null));
  };
  const seenCell = cellOf(columns.seen);
  const nameCell = cellOf(columns.hostname);
  const localCell = cellOf(columns.local);
  const counters = [cellOf(columns.counterIn), cellOf(columns.counterOut)] as const;

  return (cells) => {
    const day = dayOf(cells[DATE] ?? null);
    if (day === null || !isDayWithin(day, limits)) return "bad date";
    const mac = typeof cells[MAC] === "string" ? macOf(cells[MAC]) : null;
    if (mac === null) return "bad MAC";
    const ip = typeof cells[IP] === "string" ? ipOf(cells[IP]) : null;
    if (ip === null) return "bad address";
    const down = bytesOfKb(cells[IN] ?? null);
    const up = bytesOfKb(cells[OUT] ?? null);
    if (down === null || up === null) return faultOfKb((down === null ? cells[IN] : cells[OUT]) ?? null);

    const seen = seenOf(seenCell(cells), day);
    const isSeen = typeof seen === "number" && isInstantWithin(seen, limits);
    if (seen !== null && !isSeen) repaired.seen += 1;
    const [counterIn, counterOut] = counters.map((cell) => bytesOfKb(cell(cells)));
    if ((columns.counterIn !== null && counterIn === null) || (columns.counterOut !== null && counterOut === null)) {
      repaired.counter += 1;
    }
    const localText = localCell(cells);
    return {
      day,
      mac,
      ip,
      heldBy: null,
      in: down,
      out: up,
      seenAt: isSeen ? seen : null,
      counterIn: counterIn ?? 0,
      counterOut: counterOut ?? 0,
      local: localText === null ? null : Number(localText) === 0 ? 0 : 1,
      hostname: nameOf(nameCell(cells)) ?? namesByIp.get(ip) ?? null,
      estimated: 0,
      implausible: false,
      rank: daily ? 2 : 1,
    };
  };
}

function tallyCells(days: Map<string, Tally>, cells: readonly Cell[]): void {
  const date = cells[DATE];
  const key = typeof date === "string" && /^\d{4}-\d{2}-\d{2}/.test(date) ? date.slice(0, 10) : "";
  add(days, key, 1, { in: bytesOfKb(cells[IN] ?? null) ?? 0, out: bytesOfKb(cells[OUT] ?? null) ?? 0 });
}

function add<Key>(tallies: Map<Key, Tally>, key: Key, rows: number, bytes: { in: number; out: number }): void {
  const tally = tallies.get(key) ?? { rows: 0, in: 0, out: 0 };
  tally.rows += rows;
  tally.in += bytes.in;
  tally.out += bytes.out;
  tallies.set(key, tally);
}

function contentOf(columns: readonly string[], cells: readonly Cell[]): Record<string, unknown> {
  return Object.fromEntries(columns.map((column, i) => [column, cellText(cells[i + 1] ?? null)]));
}

/** Lists the rows that are lost, by what an index says of them. Returns how many they are. */
function keepLost({ db, stage, mostRows }: ReadOldDeps, table: OldTable, lost: readonly LostRange[]): number {
  if (lost.length === 0) return 0;
  const { ip, mac, date } = table.columns;
  const known = describeLost(db, table.name, [ip, mac, date].map(quoted), lost, mostRows);
  for (const [rowid, cells] of known) {
    stage.reject(`${table.name} row ${rowid}`, "unreadable", contentOf([ip, mac, date], [null, ...cells]));
  }
  return known.size > 0 ? known.size : Math.min(countLost(lost), mostRows);
}

/** A table of names of v6 to v11; what can't be read of it is left out. */
function readNames(
  { db, mostRows }: ReadOldDeps,
  table: string | null,
  column: string,
  canonical: (text: string) => string | null,
): Map<string, string> {
  const names = new Map<string, string>();
  if (table === null) return names;
  try {
    for (const [, key, value] of readTable(db, table, [quoted(column), quoted("NAME")], mostRows)) {
      const known = typeof key === "string" ? canonical(key) : null;
      const name = nameOf(value ?? null);
      if (known !== null && name !== null) names.set(known, name);
    }
  } catch {
    // A table of names with other columns, or damaged: the figures are worth more than the names.
  }
  return names;
}

function canonicalIp(text: string): string | null {
  const address = parseAddress(text.trim());
  return address && formatAddress(address);
}

/** Answers from memory: a history names few devices many times. */
function remembering<Value>(answer: (text: string) => Value): (text: string) => Value {
  const known = new Map<string, Value>();
  return (text) => {
    let value = known.get(text);
    if (value === undefined) {
      value = answer(text);
      if (known.size < 100_000) known.set(text, value);
    }
    return value;
  };
}
