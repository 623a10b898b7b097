import { type Calendar, clockHourOf } from "../accounting/calendar.ts";
import type { Bytes, Day } from "../accounting/types.ts";
import { weekdayOf } from "../shared/calendar-days.ts";
import type { Cycle } from "./cycle.ts";

/** Hours that a plan does not count. */
export interface FreeWindow {
  /** 1 for Monday to 7 for Sunday: the days on which the window begins. */
  readonly weekdays: readonly number[];
  /** By the clock on the wall: from `from` (0–23) until `to` (1–24). Where `to` is not later, it ends on the next day. */
  readonly from: number;
  readonly to: number;
}

/** What a provider said of a cycle. */
export interface Correction {
  /** ms UTC: what was used by then. */
  readonly at: number;
  /** The first day of the cycle that was spoken of. Where no cycle begins on it (any more), the correction counts for nothing. */
  readonly cycle: Day;
  readonly bytes: number;
}

/** What of the traffic a plan counts. */
export interface CountingRule {
  readonly counts: "download" | "upload" | "both";
  readonly free: readonly FreeWindow[];
  readonly corrections: readonly Correction[];
}

/** Bytes of a day: `in` is download. */
export interface DayAmount extends Bytes {
  readonly day: Day;
}

/** Bytes of a clock hour of a day, by its index since midnight (see `Slot.hour`). */
export interface HourAmount extends DayAmount {
  readonly hour: number;
}

/** What was used in a cycle. Amounts are bytes. */
export interface CycleUsage extends Cycle {
  readonly download: number;
  readonly upload: number;
  /** Of what the plan counts otherwise, what fell into free hours. */
  readonly free: number;
  /** What counts, as measured: without free hours, before a correction. */
  readonly measured: number;
  /** The provider's last word on this cycle; null without one. */
  readonly correction: Correction | null;
  /** What counts: the provider's figure, and what was measured since; without one, what was measured. */
  readonly used: number;
}

/** What counts of each day, and what of it (in free hours) does not. */
export interface CountedDay {
  readonly day: Day;
  readonly download: number;
  readonly upload: number;
  readonly free: number;
  readonly counted: number;
}

/**
 * What a plan counts of each day. Days of which no hours are kept are counted whole, whatever hours are free.
 * @param days by day, each once
 */
export function countDays(
  rule: CountingRule,
  calendar: Pick<Calendar, "slotsOf" | "offsetAt">,
  days: readonly DayAmount[],
  hours: readonly HourAmount[],
): CountedDay[] {
  const free = new Map<Day, number>();
  for (const hour of rule.free.length === 0 ? [] : hours) {
    if (isFree(rule.free, calendar, hour)) free.set(hour.day, (free.get(hour.day) ?? 0) + amountOf(rule, hour));
  }
  return days.map((amount) => {
    const whole = amountOf(rule, amount);
    const freeBytes = Math.min(whole, free.get(amount.day) ?? 0);
    return { day: amount.day, download: amount.in, upload: amount.out, free: freeBytes, counted: whole - freeBytes };
  });
}

/**
 * Adds days up by cycles.
 * @param cycles the earliest first, none overlapping
 * @param days sorted
 * @param hours those of the days on which corrections were made are looked at
 */
export function sumCycles(
  rule: CountingRule,
  calendar: Pick<Calendar, "dayOf" | "slotsOf" | "offsetAt">,
  cycles: readonly Cycle[],
  days: readonly CountedDay[],
  hours: readonly HourAmount[],
): CycleUsage[] {
  let next = 0;
  return cycles.map((cycle) => {
    const sum = { download: 0, upload: 0, free: 0, measured: 0 };
    while ((days[next]?.day ?? cycle.from) < cycle.from) next += 1;
    const first = next;
    for (let day = days[next]; day !== undefined && day.day <= cycle.to; day = days[++next]) {
      sum.download += day.download;
      sum.upload += day.upload;
      sum.free += day.free;
      sum.measured += day.counted;
    }
    const correction = correctionOf(rule, calendar, cycle);
    if (correction === null) return { ...cycle, ...sum, correction, used: sum.measured };
    const before = countedBefore(correction.at, rule, calendar, days.slice(first, next), hours);
    return { ...cycle, ...sum, correction, used: correction.bytes + sum.measured - before };
  });
}

/** The provider's last word on a cycle. */
function correctionOf(rule: CountingRule, calendar: Pick<Calendar, "dayOf">, cycle: Cycle): Correction | null {
  let last: Correction | null = null;
  for (const correction of rule.corrections) {
    const day = calendar.dayOf(correction.at);
    if (correction.cycle !== cycle.from || day < cycle.from || day > cycle.to) continue;
    if (last === null || correction.at >= last.at) last = correction;
  }
  return last;
}

/**
 * What counted before an instant: whole days, the hours of its day, its share of the hour that it lies in, and of what
 * stands in no hour the day's share.
 */
export function countedBefore(
  at: number,
  rule: CountingRule,
  calendar: Pick<Calendar, "dayOf" | "slotsOf" | "offsetAt">,
  days: readonly CountedDay[],
  hours: readonly HourAmount[],
): number {
  const today = calendar.dayOf(at);
  let before = 0;
  for (const { day, counted } of days) {
    if (day < today) before += counted;
    if (day !== today) continue;
    const slots = calendar.slotsOf(day);
    let inHours = 0;
    for (const hour of hours) {
      if (hour.day !== day || isFree(rule.free, calendar, hour)) continue;
      const bytes = amountOf(rule, hour);
      inHours += bytes;
      const slot = slots[hour.hour];
      if (slot) before += Math.round(bytes * shareBefore(at, slot.from, slot.to));
    }
    const [first, last] = [slots[0], slots.at(-1)];
    if (first && last) before += Math.round(Math.max(0, counted - inHours) * shareBefore(at, first.from, last.to));
  }
  return before;
}

function shareBefore(at: number, from: number, to: number): number {
  return Math.min(1, Math.max(0, (at - from) / (to - from)));
}

/** What counts of some bytes, whatever the hour. */
export function amountOf({ counts }: Pick<CountingRule, "counts">, { in: down, out }: Bytes): number {
  return counts === "download" ? down : counts === "upload" ? out : down + out;
}

/** Whether an hour is free. It goes by what the clock shows: of an hour that comes twice, both are, or neither. */
function isFree(
  windows: readonly FreeWindow[],
  calendar: Pick<Calendar, "slotsOf" | "offsetAt">,
  { day, hour }: HourAmount,
): boolean {
  const slot = calendar.slotsOf(day)[hour];
  if (!slot || windows.length === 0) return false;
  const clock = clockHourOf(calendar, slot.from);
  const weekday = weekdayOf(day);
  const dayBefore = weekday === 1 ? 7 : weekday - 1;
  return windows.some(({ weekdays, from, to }) => {
    if (from < to) return weekdays.includes(weekday) && clock >= from && clock < to;
    return (weekdays.includes(weekday) && clock >= from) || (weekdays.includes(dayBefore) && clock < to);
  });
}
