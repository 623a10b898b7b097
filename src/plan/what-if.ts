import { type Calendar, daysBetween } from "../accounting/calendar.ts";
import type { Day } from "../accounting/types.ts";
import { weekdayOf } from "../shared/calendar-days.ts";
import { type Cycle, type CycleRule, cyclesBetween } from "./cycle.ts";
import { type CountedDay, type CountingRule, countDays, type DayAmount, type HourAmount } from "./usage.ts";

/** What a plan says of counting and of money. */
export interface Offer extends Omit<CountingRule, "corrections"> {
  readonly cycle: CycleRule;
  /** Bytes of a cycle; null without a limit. */
  readonly allowance: number | null;
  /** What prices are per: 1000³ or 1024³ bytes. */
  readonly unit: 1000 | 1024;
  readonly overPrice: { readonly perGb: number } | null;
  /** What each cycle costs, whatever is used. */
  readonly fee: number;
}

export interface Past {
  /** The days that are looked at, both included. The last one is today, or is over. */
  readonly from: Day;
  readonly to: Day;
  readonly today: Day;
  readonly calendar: Pick<Calendar, "slotsOf" | "offsetAt">;
  /** Sorted by day; days of the range, those without usage left out. */
  readonly days: readonly DayAmount[];
  /** Those that are kept of these days. */
  readonly hours: readonly HourAmount[];
}

/** What a cycle would have come to. Bytes. */
export interface OfferedCycle extends Cycle {
  readonly used: number;
  readonly free: number;
  readonly over: number;
  /** The fee, and what is over by its price. */
  readonly cost: number;
  /** Of the days whose hours aren't kept, those from which the usual share of free hours was taken. */
  readonly estimatedDays: number;
  /** Whether it is over and all of its days were looked at: only then its cost is one. */
  readonly isComplete: boolean;
}

/** The complete cycles together. */
export interface OfferedSum {
  readonly cycles: number;
  readonly days: number;
  readonly used: number;
  readonly free: number;
  readonly over: number;
  readonly cost: number;
  /** The cost of a twelfth of a year, so that cycles of different lengths can be compared. Null without a complete cycle. */
  readonly perMonth: number | null;
}

const DAYS_OF_A_MONTH = 365.25 / 12;

/**
 * What a past would have used and cost under an offer, without any correction: only what was measured is the same under
 * every plan. Where the hours of a day aren't kept, it is given the share of free hours that its weekday has on the days
 * with hours, or all days where none of that weekday has any.
 */
export function whatIf(offer: Offer, past: Past): { cycles: OfferedCycle[]; sum: OfferedSum } {
  const { from, to, today } = past;
  const { counted, estimated } = countedDays(offer, past);
  let next = 0;
  const cycles = cyclesBetween(offer.cycle, from, to).map((cycle): OfferedCycle => {
    let [used, free, estimatedDays] = [0, 0, 0];
    for (let day = counted[next]; day !== undefined && day.day <= cycle.to; day = counted[++next]) {
      used += day.counted;
      free += day.free;
      if (estimated.has(day.day)) estimatedDays += 1;
    }
    const over = offer.allowance === null ? 0 : Math.max(0, used - offer.allowance);
    const cost = offer.fee + (over / offer.unit ** 3) * (offer.overPrice?.perGb ?? 0);
    const isComplete = cycle.from >= from && cycle.to <= to && cycle.to < today;
    return { ...cycle, used, free, over, cost, estimatedDays, isComplete };
  });
  const complete = cycles.filter(({ isComplete }) => isComplete);
  const sumOf = (of: (cycle: OfferedCycle) => number) => complete.reduce((sum, cycle) => sum + of(cycle), 0);
  const days = sumOf((cycle) => daysBetween(cycle.from, cycle.to) + 1);
  const cost = sumOf((cycle) => cycle.cost);
  return {
    cycles,
    sum: {
      cycles: complete.length,
      days,
      used: sumOf(({ used }) => used),
      free: sumOf(({ free }) => free),
      over: sumOf(({ over }) => over),
      cost,
      perMonth: days === 0 ? null : (cost / days) * DAYS_OF_A_MONTH,
    },
  };
}

/** What counts of each day, and the days whose free hours had to be guessed. */
function countedDays(offer: Offer, { calendar, days, hours }: Past): { counted: CountedDay[]; estimated: Set<Day> } {
  const counted = countDays({ ...offer, corrections: [] }, calendar, days, hours);
  const estimated = new Set<Day>();
  if (offer.free.length === 0) return { counted, estimated };
  const withHours = new Set(hours.map(({ day }) => day));
  const known = counted.filter(({ day }) => withHours.has(day));
  const shareOf = (some: readonly CountedDay[]) => {
    const free = some.reduce((sum, day) => sum + day.free, 0);
    const all = some.reduce((sum, day) => sum + day.free + day.counted, 0);
    return all === 0 ? null : free / all;
  };
  const all = shareOf(known);
  const byWeekday = [1, 2, 3, 4, 5, 6, 7].map((weekday) =>
    shareOf(known.filter(({ day }) => weekdayOf(day) === weekday)),
  );
  const guessed = counted.map((day) => {
    if (withHours.has(day.day) || day.counted === 0) return day;
    estimated.add(day.day);
    const free = Math.round(day.counted * (byWeekday[weekdayOf(day.day) - 1] ?? all ?? 0));
    return { ...day, free, counted: day.counted - free };
  });
  return { counted: guessed, estimated };
}
