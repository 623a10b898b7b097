import { type Calendar, clockHourOf, type Slot } from "../../accounting/calendar.ts";
import type { Day } from "../../accounting/types.ts";
import { addDays, daysBetween, firstOfMonth, firstOfMonthBefore, lastOfMonth } from "../../shared/calendar-days.ts";
import type { Comparison } from "../../shared/groups.ts";
import type { DaySpan } from "../../store/store.ts";

/** The range that a range is compared with, and how much of it counts. */
export interface Previous {
  readonly span: DaySpan;
  /** The days that count whole; null when there are none. */
  readonly whole: DaySpan | null;
  /** The day that counts up to some time of it: the one that matches today. Null where the range does not hold today. */
  readonly cut: Cut | null;
}

export interface Cut {
  readonly day: Day;
  /** The clock hour in which it is cut, and the share of that hour and of the day that is before the cut. */
  readonly hour: number;
  readonly hourShare: number;
  readonly dayShare: number;
  readonly until: number;
}

/**
 * The range before: as many days, or for a calendar month the month before. Where the range holds today, it is cut at
 * the same time of the matching day, so that a morning isn't compared with a whole day.
 * @param comparison undefined: by the month for a whole month, and for the running one up to today
 */
export function previousOf(
  range: DaySpan,
  now: number,
  calendar: Calendar,
  comparison: Comparison | undefined,
): Previous {
  const today = calendar.dayOf(now);
  const inMonths = comparison === undefined ? isMonth(range, today) : comparison === "month";
  const span = spanBefore(range, inMonths);
  if (today < range.from || today > range.to) return { span, whole: span, cut: null };
  const day = addDays(span.from, daysBetween(range.from, today));
  // The 31st has no counterpart in a month of 30 days: all of that counts.
  if (day > span.to) return { span, whole: span, cut: null };
  const whole = day > span.from ? { from: span.from, to: addDays(day, -1) } : null;
  return { span, whole, cut: cutOf(day, now, calendar) };
}

/** The first of a month alone is a day: of what it is the running month, only `compare=month` can tell. */
function isMonth({ from, to }: DaySpan, today: Day): boolean {
  if (from !== firstOfMonth(from)) return false;
  return to === lastOfMonth(from) || (to === today && from < to && to < lastOfMonth(from));
}

function spanBefore({ from, to }: DaySpan, inMonths: boolean): DaySpan {
  const last = addDays(from, -1);
  // Days that are not the beginning of one month, or more than that, have no month before.
  if (inMonths && from === firstOfMonth(from) && to <= lastOfMonth(from))
    return { from: firstOfMonthBefore(from), to: last };
  return { from: addDays(from, -1 - daysBetween(from, to)), to: last };
}

function cutOf(day: Day, now: number, calendar: Calendar): Cut {
  const present = calendar.slotOf(now);
  const slots = calendar.slotsOf(day);
  const clockOf = (slot: Slot) => clockHourOf(calendar, slot.from);
  const clock = clockOf(present);
  // An hour that the clock skipped on that day is cut at its edge.
  const hour = slots.findIndex((slot) => clockOf(slot) >= clock);
  const slot = slots[hour];
  const [first, last] = [slots[0] as Slot, slots.at(-1) as Slot];
  if (!slot) return { day, hour: slots.length, hourShare: 0, dayShare: 1, until: last.to };
  const hourShare = clockOf(slot) === clock ? (now - present.from) / (present.to - present.from) : 0;
  const until = Math.round(slot.from + hourShare * (slot.to - slot.from));
  return { day, hour, hourShare, dayShare: (until - first.from) / (last.to - first.from), until };
}

/**
 * A device's bytes of a day before a cut: whole hours, its share of the hour that is cut, and of what stands in no hour
 * (days taken over from an older version have none) the day's share.
 */
export function bytesBefore(cut: Cut, day: number, hours: ReadonlyMap<number, number>): number {
  let before = 0;
  let known = 0;
  for (const [hour, bytes] of hours) {
    known += bytes;
    if (hour < cut.hour) before += bytes;
    else if (hour === cut.hour) before += Math.round(bytes * cut.hourShare);
  }
  return before + Math.round(Math.max(0, day - known) * cut.dayShare);
}

/**
 * Whether the range before was measured from its beginning. The first day of all was not: measuring began in the midst
 * of it, unless its figures were taken over from an older version.
 */
export function wasMeasured(
  { span }: Previous,
  known: { first: string } | null,
  sources: readonly { firstAt: number }[],
  calendar: Calendar,
): boolean {
  if (known === null || known.first > span.from) return false;
  if (known.first < span.from) return true;
  const began = Math.min(...sources.map(({ firstAt }) => firstAt));
  return !Number.isFinite(began) || calendar.dayOf(began) !== known.first;
}
