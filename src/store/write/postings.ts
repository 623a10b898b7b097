import type { Day, Note } from "../../accounting/types.ts";
import { monthOf } from "../day-text.ts";
import type { Value } from "../engine/engine.ts";
import type { Counts } from "../open-hour.ts";

/** Bytes on their way to the rows of hours, days and months. */
export interface Posting {
  readonly endpoint: number;
  readonly day: Day;
  /** Null where no hours are kept: internet hosts, groups, imported days. */
  readonly hour: number | null;
  readonly in: number;
  readonly out: number;
  /** s UTC; null when not known. */
  readonly lastSeen: number | null;
  /** The meter's counters as they stood then. */
  readonly counterIn: number;
  readonly counterOut: number;
  readonly estimated: "no" | "hour" | "day";
  readonly implausible: boolean;
}

interface Sum {
  in: number;
  out: number;
  estimated: number;
}

interface DaySum extends Sum {
  lastSeen: number | null;
  counterIn: number;
  counterOut: number;
  implausible: number;
}

/** Postings added up, so that no row is written twice in one transaction. */
export interface Postings {
  add(posting: Posting): void;
  readonly isEmpty: boolean;
  /** Rows for {@link INSERT_HOUR}, {@link INSERT_DAY} and {@link INSERT_MONTH}. */
  rows(): { hours: Value[][]; days: Value[][]; months: Value[][] };
}

/** What a reading added that no checkpoint alone can keep: rows of hours and days that are over, notes. */
export interface Rows {
  readonly postings: Postings;
  readonly counts: { readonly source: number; readonly day: Day; readonly counts: Counts }[];
  readonly notes: { readonly source: number; readonly note: Note }[];
}

export function createPostings(): Postings {
  const hours = new Map<string, Sum & { key: [Day, number, number] }>();
  const days = new Map<string, DaySum & { key: [Day, number] }>();
  return {
    add({ endpoint, day, hour, estimated, implausible, lastSeen, counterIn, counterOut, ...bytes }) {
      if (hour !== null) {
        const id = `${day} ${hour} ${endpoint}`;
        const sum = hours.get(id) ?? { key: [day, hour, endpoint], in: 0, out: 0, estimated: 0 };
        sum.in += bytes.in;
        sum.out += bytes.out;
        if (estimated !== "no") sum.estimated += bytes.in + bytes.out;
        hours.set(id, sum);
      }
      const id = `${day} ${endpoint}`;
      const sum = days.get(id) ?? {
        key: [day, endpoint],
        in: 0,
        out: 0,
        lastSeen: null,
        counterIn: 0,
        counterOut: 0,
        estimated: 0,
        implausible: 0,
      };
      sum.in += bytes.in;
      sum.out += bytes.out;
      if (lastSeen !== null && lastSeen > (sum.lastSeen ?? 0)) sum.lastSeen = lastSeen;
      sum.counterIn = counterIn;
      sum.counterOut = counterOut;
      if (estimated === "day") sum.estimated += bytes.in + bytes.out;
      if (implausible) sum.implausible = 1;
      days.set(id, sum);
    },
    get isEmpty() {
      return days.size === 0;
    },
    rows: () => ({
      hours: [...hours.values()].map(({ key, in: down, out, estimated }) => [...key, down, out, estimated]),
      days: [...days.values()].map(
        ({ key, in: down, out, counterIn, counterOut, lastSeen, estimated, implausible }) => [
          ...key,
          down,
          out,
          counterIn,
          counterOut,
          lastSeen,
          estimated,
          implausible,
        ],
      ),
      months: monthRows(days.values()),
    }),
  };
}

function monthRows(days: Iterable<DaySum & { key: [Day, number] }>): Value[][] {
  const months = new Map<string, DaySum & { key: [string, number]; lastDay: Day }>();
  for (const { key, ...day } of days) {
    const id = `${monthOf(key[0])} ${key[1]}`;
    const month = months.get(id);
    if (!month) {
      months.set(id, { ...day, key: [monthOf(key[0]), key[1]], lastDay: key[0] });
      continue;
    }
    month.in += day.in;
    month.out += day.out;
    if (day.lastSeen !== null && day.lastSeen > (month.lastSeen ?? 0)) month.lastSeen = day.lastSeen;
    if (key[0] > month.lastDay) month.lastDay = key[0];
    month.estimated += day.estimated;
    month.implausible = Math.max(month.implausible, day.implausible);
  }
  return [...months.values()].map(({ key, in: down, out, lastSeen, lastDay, estimated, implausible }) => [
    ...key,
    down,
    out,
    lastSeen,
    lastDay,
    estimated,
    implausible,
  ]);
}

const later = (table: string, column: string) =>
  `CASE WHEN ${table}.${column} IS NULL OR excluded.${column} > ${table}.${column}
        THEN coalesce(excluded.${column}, ${table}.${column}) ELSE ${table}.${column} END`;

/** A flag that is set stays set. */
const either = (table: string, column: string) => `CASE WHEN excluded.${column} = 1 THEN 1 ELSE ${table}.${column} END`;

export const INSERT_HOUR = `
  INSERT INTO usage_hour (day, hour, endpoint, bytes_in, bytes_out, estimated) VALUES (?, ?, ?, ?, ?, ?)
  ON CONFLICT (day, hour, endpoint) DO UPDATE SET
    bytes_in = usage_hour.bytes_in + excluded.bytes_in, bytes_out = usage_hour.bytes_out + excluded.bytes_out,
    estimated = usage_hour.estimated + excluded.estimated`;

export const INSERT_DAY = `
  INSERT INTO usage_day (day, endpoint, bytes_in, bytes_out, counter_in, counter_out, last_seen, estimated, implausible)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (day, endpoint) DO UPDATE SET
    bytes_in = usage_day.bytes_in + excluded.bytes_in, bytes_out = usage_day.bytes_out + excluded.bytes_out,
    counter_in = excluded.counter_in, counter_out = excluded.counter_out,
    last_seen = ${later("usage_day", "last_seen")},
    estimated = usage_day.estimated + excluded.estimated, implausible = ${either("usage_day", "implausible")}`;

export const INSERT_MONTH = `
  INSERT INTO usage_month (month, endpoint, bytes_in, bytes_out, last_seen, last_day, estimated, implausible)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (month, endpoint) DO UPDATE SET
    bytes_in = usage_month.bytes_in + excluded.bytes_in, bytes_out = usage_month.bytes_out + excluded.bytes_out,
    last_seen = ${later("usage_month", "last_seen")}, last_day = ${later("usage_month", "last_day")},
    estimated = usage_month.estimated + excluded.estimated, implausible = ${either("usage_month", "implausible")}`;

/** Makes a month anew from its days: parameters are its first and last day. */
export const REBUILD_MONTH = `
  INSERT INTO usage_month (month, endpoint, bytes_in, bytes_out, last_seen, last_day, estimated, implausible)
  SELECT substr(min(day), 1, 7), endpoint, sum(bytes_in), sum(bytes_out), max(last_seen), max(day), sum(estimated),
         max(implausible)
  FROM usage_day WHERE day BETWEEN ? AND ? GROUP BY endpoint`;
