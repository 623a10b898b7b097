/** Ranges of days as the address names them. Pure. */

import { type CycleRule, cycleBeside, cycleOf } from "../../../src/plan/cycle.ts";
import {
  addDays,
  countDays,
  firstOfMonth,
  firstOfMonthBefore,
  isDay,
  lastOfMonth,
} from "../../../src/shared/calendar-days.ts";
import { BYS } from "../../../src/shared/groups.ts";
import type { By, Group } from "../wire.ts";

export const RANGES = ["today", "yesterday", "7d", "30d", "month", "last-month", "custom"] as const;
/** Offered where there is a plan. */
export const CYCLES = ["cycle", "last-cycle"] as const;
export type RangeName = (typeof RANGES)[number] | (typeof CYCLES)[number];

interface Span {
  readonly from: string;
  readonly to: string;
}

/** What is looked at. `group` is null where the server chooses: by hour, day or month, as the range's length asks for. */
export interface Selection extends Span {
  readonly range: RangeName;
  readonly group: Group | null;
  readonly remote: boolean;
  /** What figures are put together by. */
  readonly by: By;
  /** Whose devices: an owner's id, `none` for those that are nobody's; null for all. */
  readonly owner: string | null;
}

/** Changes to the query of the address: null takes a name out. */
export type QueryChanges = Readonly<Record<string, string | null>>;

/**
 * The selection that an address means. What can't be read is taken for not said; swapped days are put right. The old
 * `/history?start=&end=` opens as a custom range: without an end up to today, without a start the 30 days before.
 * @param cycles those of the plan; null where there is none, or it is not known yet: a cycle can't be read then
 */
export function selectionOf(
  path: string,
  query: URLSearchParams,
  today: string,
  cycles: CycleRule | null = null,
): Selection {
  const { range, from, to } = spanOf(path, query, today, cycles);
  const group = groupsFor(from, to).find((name) => name === query.get("group")) ?? null;
  return { range, from, to, group, remote: query.get("remote") === "yes", ...peopleOf(query) };
}

/** A device's page is about that device, whosever it is. */
function peopleOf(query: URLSearchParams): Pick<Selection, "by" | "owner"> {
  if (query.has("device")) return { by: "device", owner: null };
  const owner = query.get("owner");
  return {
    by: BYS.find((by) => by === query.get("by")) ?? "device",
    owner: owner !== null && /^(?:none|[1-9]\d{0,14})$/.test(owner) ? owner : null,
  };
}

function spanOf(
  path: string,
  query: URLSearchParams,
  today: string,
  cycles: CycleRule | null,
): Span & { range: RangeName } {
  const named = query.get("range");
  if (named === null && /\/history\/?$/.test(path)) {
    const to = dayIn(query.get("end")) ?? today;
    const from = dayIn(query.get("start")) ?? addDays(to, -29);
    return { range: "custom", ...ordered(from, to) };
  }
  const cycle = CYCLES.find((name) => name === named);
  if (cycle !== undefined && cycles !== null) return { range: cycle, ...daysOfCycle(cycle, today, cycles) };
  const range = RANGES.find((name) => name === named) ?? "today";
  if (range !== "custom") return { range, ...daysOf(range, today) };
  const from = dayIn(query.get("from"));
  const to = dayIn(query.get("to"));
  return { range, ...ordered(from ?? to ?? today, to ?? from ?? today) };
}

/** Up to so many days, a chart by the hour has bars that can be told apart. */
const HOUR_DAYS = 8;
/** Up to so many, one by the day has; from so many on, one by the month has more than one bar or two. */
const DAY_DAYS = 366;
const MONTH_DAYS = 62;

/** What the figures of so many days can be grouped by, the finest first. */
export function groupsFor(from: string, to: string): Group[] {
  const days = countDays(from, to);
  const groups: Group[] = [];
  if (days <= HOUR_DAYS) groups.push("hour");
  if (days > 1 && days <= DAY_DAYS) groups.push("day");
  if (days >= MONTH_DAYS) groups.push("month");
  return groups;
}

/** The days of a range that has a name. */
export function daysOf(range: Exclude<(typeof RANGES)[number], "custom">, today: string): Span {
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
    case "last-month":
      return monthOf(firstOfMonthBefore(today), today);
  }
}

function daysOfCycle(name: (typeof CYCLES)[number], today: string, cycles: CycleRule): Span {
  if (name === "last-cycle") return cycleBeside(cycles, today, -1);
  return { from: cycleOf(cycles, today).from, to: today };
}

/** The changes that show the cycle of a day: by its name where it has one. */
export function changesForCycle(day: string, today: string, cycles: CycleRule): QueryChanges {
  const { from, to } = cycleOf(cycles, day);
  if (to >= today) return changesForName("cycle");
  if (from === daysOfCycle("last-cycle", today, cycles).from) return changesForName("last-cycle");
  return { ...NO_DATES, group: null, range: "custom", from, to };
}

/** The shortest address for these days: a day or a month that has a name gets it. */
export function changesFor(from: string, to: string, today: string): QueryChanges {
  const changes = { ...NO_DATES, group: null };
  if (from === to && from === today) return { ...changes, range: null };
  if (from === to && from === addDays(today, -1)) return { ...changes, range: "yesterday" };
  if (from !== to && isMonth({ from, to }, today)) return { ...changes, ...monthChanges(from, today) };
  return { ...changes, range: "custom", from, to };
}

const NO_DATES = { from: null, to: null, start: null, end: null } as const;

function monthChanges(first: string, today: string): QueryChanges {
  if (first === firstOfMonth(today)) return { ...NO_DATES, range: "month" };
  if (first === firstOfMonthBefore(today)) return { ...NO_DATES, range: "last-month" };
  return { ...NO_DATES, range: "custom", ...monthOf(first, today) };
}

/** The changes that show days that a person typed, grouped as before where so many days can be. */
export function changesForDays(from: string, to: string, group: Group | null): QueryChanges {
  const kept = groupsFor(from, to).find((name) => name === group) ?? null;
  return { ...NO_DATES, group: kept, range: "custom", from, to };
}

/** The changes that show a named range. */
export function changesForName(range: Exclude<RangeName, "custom">): QueryChanges {
  return { ...NO_DATES, group: null, range: range === "today" ? null : range };
}

/**
 * The range before (-1) or after (+1): as many days, or for a month the month beside it, with the changes that show it.
 * Null when it would lie in the future; one that reaches into it ends today.
 */
export function step(
  shown: Pick<Selection, "range" | "from" | "to">,
  direction: -1 | 1,
  today: string,
  cycles: CycleRule | null = null,
): (Span & { readonly changes: QueryChanges }) | null {
  if (cycles !== null && isCycle(shown, cycles)) {
    const next = cycleBeside(cycles, shown.from, direction);
    if (next.from > today) return null;
    return {
      from: next.from,
      to: next.to > today ? today : next.to,
      changes: changesForCycle(next.from, today, cycles),
    };
  }
  const inMonths = isMonthly(shown, today);
  const next = inMonths ? monthBeside(shown.from, direction, today) : shifted(shown, direction, today);
  if (next.from > today) return null;
  if (inMonths) return { ...next, changes: monthChanges(next.from, today) };
  // As long as before, it can be grouped as before.
  const { group: _, ...changes } = changesFor(next.from, next.to, today);
  return { ...next, changes };
}

/** Whether a calendar month is looked at, be it the running one to date: by its name, or by its days. */
export function isMonthly({ range, from, to }: Pick<Selection, "range" | "from" | "to">, today: string): boolean {
  if (range === "month" || range === "last-month") return true;
  // On the first of a month, that day alone is a day.
  return range === "custom" && from !== to && isMonth({ from, to }, today);
}

/** Whether a cycle of the plan is looked at: by its name, or by its days. */
function isCycle({ range, from, to }: Pick<Selection, "range" | "from" | "to">, cycles: CycleRule): boolean {
  if (range === "cycle" || range === "last-cycle") return true;
  const cycle = cycleOf(cycles, from);
  return range === "custom" && from !== to && cycle.from === from && cycle.to === to;
}

function isMonth({ from, to }: Span, today: string): boolean {
  return from === firstOfMonth(from) && to === monthOf(from, today).to;
}

function monthBeside(day: string, direction: -1 | 1, today: string): Span {
  return monthOf(direction < 0 ? firstOfMonthBefore(day) : addDays(lastOfMonth(day), 1), today);
}

/** The month that begins on a day, up to today. */
function monthOf(first: string, today: string): Span {
  const last = lastOfMonth(first);
  return { from: first, to: first <= today && today < last ? today : last };
}

function shifted({ from, to }: Span, direction: -1 | 1, today: string): Span {
  const days = countDays(from, to) * direction;
  const last = addDays(to, days);
  return { from: addDays(from, days), to: last > today ? today : last };
}

/** The day in `2026-11-22`, `2026-11-22 00:00:00` or `2026-11-22T00:00:00`; null when there is none. */
function dayIn(text: string | null): string | null {
  const day = /^\s*(\d{4}-\d{2}-\d{2})(?:[T ].*)?\s*$/.exec(text ?? "")?.[1];
  return day !== undefined && isDay(day) ? day : null;
}

function ordered(from: string, to: string): Span {
  return from <= to ? { from, to } : { from: to, to: from };
}
