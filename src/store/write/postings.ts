import type { Day, Note } from "../../accounting/types.ts";
import { monthOf } from "../day-text.ts";
import type { Engine, Value } from "../engine/engine.ts";
import type { Counts } from "../open-hour.ts";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Bytes of a clock hour on their way to their row. */
export interface HourPosting {
  readonly endpoint: number;
  readonly day: Day;
  readonly hour: number;
  readonly in: number;
  readonly out: number;
  /** How many of them (both directions) may belong to another hour. */
  readonly estimated: number;
}

/** Bytes of a day on their way to its row, and to that of its month. */
export interface DayPosting {
  readonly endpoint: number;
  readonly day: Day;
  readonly in: number;
  readonly out: number;
  /** The meter's counters as they stood then. */
  readonly counterIn: number;
  readonly counterOut: number;
  /** s UTC; null when not known. */
  readonly lastSeen: number | null;
  /** How many of the bytes (both directions) may belong to another day. */
  readonly estimated: number;
  readonly implausible: boolean;
}

/** What a reading added that no checkpoint alone can keep: rows of hours and days that are over, notes. */
export interface Rows {
  readonly postings: Postings;
  readonly counts: { readonly source: number; readonly day: Day; readonly counts: Counts }[];
  readonly notes: { readonly source: number; readonly note: Note }[];
}

/** Postings added up, so that no row is written twice in one transaction. */
export interface Postings {
  addHour(posting: HourPosting): void;
  addDay(posting: DayPosting): void;
  readonly isEmpty: boolean;
  /** Adds all of it to the rows of hours, days and months, in the open transaction. It may be called again. */
  save(engine: Engine): Promise<void>;
}

export function createPostings(): Postings {
  const hours = new Map<string, Mutable<HourPosting>>();
  const days = new Map<string, Mutable<DayPosting>>();
  return {
    addHour(posting) {
      const key = `${posting.day} ${posting.hour} ${posting.endpoint}`;
      const sum = hours.get(key);
      if (sum) addBytes(sum, posting);
      else hours.set(key, { ...posting });
    },
    addDay(posting) {
      const key = `${posting.day} ${posting.endpoint}`;
      const sum = days.get(key);
      if (!sum) {
        days.set(key, { ...posting });
        return;
      }
      addDays(sum, posting);
      sum.counterIn = posting.counterIn;
      sum.counterOut = posting.counterOut;
    },
    get isEmpty() {
      return days.size === 0;
    },
    async save(engine) {
      await engine.insert(
        INSERT_HOUR,
        [...hours.values()].map((one) => [one.day, one.hour, one.endpoint, one.in, one.out, one.estimated]),
      );
      await engine.insert(
        INSERT_DAY,
        [...days.values()].map((one) => [one.day, one.endpoint, one.counterIn, one.counterOut, ...sumsOf(one)]),
      );
      await engine.insert(INSERT_MONTH, monthRows(days.values()));
    },
  };
}

function addBytes(sum: Mutable<HourPosting | DayPosting>, more: HourPosting | DayPosting): void {
  sum.in += more.in;
  sum.out += more.out;
  sum.estimated += more.estimated;
}

function addDays(sum: Mutable<DayPosting>, more: DayPosting): void {
  addBytes(sum, more);
  if (more.lastSeen !== null && more.lastSeen > (sum.lastSeen ?? 0)) sum.lastSeen = more.lastSeen;
  sum.implausible ||= more.implausible;
}

function sumsOf(one: DayPosting): Value[] {
  return [one.in, one.out, one.lastSeen, one.estimated, one.implausible ? 1 : 0];
}

function monthRows(days: Iterable<DayPosting>): Value[][] {
  const months = new Map<string, { month: string; sum: Mutable<DayPosting>; lastDay: Day }>();
  for (const one of days) {
    const month = monthOf(one.day);
    const key = `${month} ${one.endpoint}`;
    const known = months.get(key);
    if (!known) {
      months.set(key, { month, sum: { ...one }, lastDay: one.day });
      continue;
    }
    addDays(known.sum, one);
    if (one.day > known.lastDay) known.lastDay = one.day;
  }
  return [...months.values()].map(({ month, sum, lastDay }) => [month, sum.endpoint, lastDay, ...sumsOf(sum)]);
}

const later = (table: string, column: string) =>
  `CASE WHEN ${table}.${column} IS NULL OR excluded.${column} > ${table}.${column}
        THEN coalesce(excluded.${column}, ${table}.${column}) ELSE ${table}.${column} END`;

const added = (table: string, ...columns: string[]) =>
  columns.map((column) => `${column} = ${table}.${column} + excluded.${column}`).join(", ");

/** What days and months add up alike. A flag that is set stays set. */
const sums = (table: string) =>
  `${added(table, "bytes_in", "bytes_out", "estimated")}, last_seen = ${later(table, "last_seen")},
   implausible = CASE WHEN excluded.implausible = 1 THEN 1 ELSE ${table}.implausible END`;

const INSERT_HOUR = `
  INSERT INTO usage_hour (day, hour, endpoint, bytes_in, bytes_out, estimated) VALUES (?, ?, ?, ?, ?, ?)
  ON CONFLICT (day, hour, endpoint) DO UPDATE SET ${added("usage_hour", "bytes_in", "bytes_out", "estimated")}`;

const INSERT_DAY = `
  INSERT INTO usage_day (day, endpoint, counter_in, counter_out, bytes_in, bytes_out, last_seen, estimated, implausible)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (day, endpoint) DO UPDATE SET
    counter_in = excluded.counter_in, counter_out = excluded.counter_out, ${sums("usage_day")}`;

const INSERT_MONTH = `
  INSERT INTO usage_month (month, endpoint, last_day, bytes_in, bytes_out, last_seen, estimated, implausible)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (endpoint, month) DO UPDATE SET
    last_day = ${later("usage_month", "last_day")}, ${sums("usage_month")}`;

/** Makes a month anew from its days: parameters are its first and last day. */
export const REBUILD_MONTH = `
  INSERT INTO usage_month (month, endpoint, bytes_in, bytes_out, last_seen, last_day, estimated, implausible)
  SELECT substr(min(day), 1, 7), endpoint, sum(bytes_in), sum(bytes_out), max(last_seen), max(day), sum(estimated),
         max(implausible)
  FROM usage_day WHERE day BETWEEN ? AND ? GROUP BY endpoint`;
