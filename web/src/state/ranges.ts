/** Ranges of days as the address names them. Pure. */
import { addDays, countDays, firstOfMonth, isDay, lastOfMonth } from "../../../src/shared/calendar-days.ts";
import type { Group } from "../wire.ts";

export const RANGES = ["today", "yesterday", "7d", "30d", "month", "custom"] as const;
export type RangeName = (typeof RANGES)[number];

/** What is looked at. `group` is null where the server chooses: by hour, day or month, as the range's length asks for. */
export interface Selection {
  readonly range: RangeName;
  readonly from: string;
  readonly to: string;
  readonly group: Group | null;
  readonly remote: boolean;
}

/** Changes to the query of the address: null takes a name out. */
export type QueryChanges = Readonly<Record<string, string | null>>;

/**
 * The selection that an address means. What can't be read is taken for not said; swapped days are put right. The old
 * `/history?start=&end=` opens as a custom range: without an end up to today, without a start the 30 days before.
 */
export function selectionOf(path: string, query: URLSearchParams, today: string): Selection {
  const group = query.get("group");
  const rest = {
    group: group === "hour" || group === "day" || group === "month" ? group : null,
    remote: query.get("remote") === "yes",
  } as const;
  const named = query.get("range");
  if (named === null && /\/history\/?$/.test(path)) {
    const to = dayIn(query.get("end")) ?? today;
    const from = dayIn(query.get("start")) ?? addDays(to, -29);
    return { range: "custom", ...ordered(from, to), ...rest };
  }
  const range = RANGES.find((name) => name === named) ?? "today";
  if (range !== "custom") return { range, ...daysOf(range, today), ...rest };
  const from = dayIn(query.get("from"));
  const to = dayIn(query.get("to"));
  return { range, ...ordered(from ?? to ?? today, to ?? from ?? today), ...rest };
}

/** The days of a range that has a name. */
export function daysOf(range: Exclude<RangeName, "custom">, today: string): { from: string; to: string } {
  switch (range) {
    case "today":
      return { from: today, to: today };
    case "yesterday":
      return { from: addDays(today, -1), to: addDays(today, -1) };
    case "7d":
      return { from: addDays(today, -6), to: today };
    case "30d":
      return { from: addDays(today, -29), to: today };
    case "month":
      return { from: firstOfMonth(today), to: today };
  }
}

/** The shortest address for these days: one day that has a name gets it. */
export function changesFor(from: string, to: string, today: string): QueryChanges {
  const clean = { from: null, to: null, start: null, end: null, group: null };
  if (from === to && from === today) return { ...clean, range: null };
  if (from === to && from === addDays(today, -1)) return { ...clean, range: "yesterday" };
  return { ...clean, range: "custom", from, to };
}

/** The changes that show a named range. */
export function changesForName(range: Exclude<RangeName, "custom">): QueryChanges {
  return { from: null, to: null, start: null, end: null, group: null, range: range === "today" ? null : range };
}

/**
 * The range before (-1) or after (+1) as long as this one; whole months go by months. Null when it would lie in the
 * future; one that reaches into it ends today.
 */
export function step(
  { from, to }: { from: string; to: string },
  direction: -1 | 1,
  today: string,
): { from: string; to: string } | null {
  const next = isMonth(from, to, today) ? monthBeside(from, direction) : shifted(from, to, direction);
  if (next.from > today) return null;
  return next.to > today ? { from: next.from, to: today } : next;
}

function isMonth(from: string, to: string, today: string): boolean {
  const last = lastOfMonth(from);
  return from === firstOfMonth(from) && countDays(from, to) > 1 && (to === last || (to === today && today <= last));
}

function monthBeside(day: string, direction: -1 | 1): { from: string; to: string } {
  const inside = direction < 0 ? addDays(firstOfMonth(day), -1) : addDays(lastOfMonth(day), 1);
  return { from: firstOfMonth(inside), to: lastOfMonth(inside) };
}

function shifted(from: string, to: string, direction: -1 | 1): { from: string; to: string } {
  const days = countDays(from, to) * direction;
  return { from: addDays(from, days), to: addDays(to, days) };
}

/** The day in `2026-11-22`, `2026-11-22 00:00:00` or `2026-11-22T00:00:00`; null when there is none. */
function dayIn(text: string | null): string | null {
  const day = /^\s*(\d{4}-\d{2}-\d{2})(?:[T ].*)?\s*$/.exec(text ?? "")?.[1];
  return day !== undefined && isDay(day) ? day : null;
}

function ordered(from: string, to: string): { from: string; to: string } {
  return from <= to ? { from, to } : { from: to, to: from };
}
