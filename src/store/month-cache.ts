import { dayOfKey } from "./day-key.ts";
import { dayNumber, dayText } from "./days.ts";
import type { DatabaseSync } from "./engine.ts";

/** What was made of whole months' rows, kept until one of the rows changes. */
export interface MonthCache<Value> {
  /** The value of a whole month, from memory or by `read` of its first and last day. */
  get(first: number, last: number, read: (first: number, last: number) => Value): Value;
}

/**
 * Caches over a table of days. Ten years of fifty devices are 180,000 rows, 70 ms of SQLite's time, of which all but
 * a month's are as they were at the last question. A trigger of this connection tells which month's rows change; of
 * a rollback no trigger tells, so `forget` must be called then.
 */
export function createMonthCaches(db: DatabaseSync, table: "usage_day" | "remote_day") {
  const caches: Map<number, unknown>[] = [];
  db.function(`${table}_changed`, (row) => {
    const month = monthOf(table === "usage_day" ? dayOfKey(Number(row)) : Number(row));
    for (const cache of caches) cache.delete(month);
    return null;
  });
  for (const event of ["INSERT", "UPDATE", "DELETE"]) {
    const row = event === "DELETE" ? "OLD" : "NEW";
    db.exec(
      `CREATE TEMP TRIGGER ${table}_${event} AFTER ${event} ON main.${table}
       BEGIN SELECT ${table}_changed(${row}.${table === "usage_day" ? "id" : "day"}); END`,
    );
  }
  return {
    create<Value>(): MonthCache<Value> {
      const cache = new Map<number, Value>();
      caches.push(cache);
      return {
        get(first, last, read) {
          const known = cache.get(first);
          if (known !== undefined) return known;
          const value = read(first, last);
          cache.set(first, value);
          return value;
        },
      };
    },
    forget(): void {
      for (const cache of caches) cache.clear();
    },
  };
}

export type MonthCaches = ReturnType<typeof createMonthCaches>;

/** Answers for a range of days piece by piece: whole months by way of the cache, what is left at its ends by reading. */
export function byMonths<Value>(
  cache: MonthCache<Value>,
  first: number,
  last: number,
  read: (first: number, last: number) => Value,
): { first: number; value: Value }[] {
  const pieces: { first: number; value: Value }[] = [];
  for (let at = first; at <= last; ) {
    const month = monthOf(at);
    const end = monthOf(month + 31) - 1;
    const to = Math.min(end, last);
    pieces.push({ first: at, value: at === month && to === end ? cache.get(at, to, read) : read(at, to) });
    at = to + 1;
  }
  return pieces;
}

/** The day number of the first day of a day's month. */
function monthOf(day: number): number {
  return dayNumber(`${dayText(day).slice(0, 7)}-01`);
}
