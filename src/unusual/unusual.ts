import type { Day } from "../accounting/types.ts";
import { weekdayOf } from "../shared/calendar-days.ts";

/** Bytes of one device in one direction, in each clock hour of a day (see `Slot.hour`). */
export interface HoursOfDay {
  readonly day: Day;
  readonly hours: readonly number[];
}

export interface UnusualInput {
  /** The day that is looked at, with its hours up to now. */
  readonly today: HoursOfDay;
  /** The clock hour that runs, and how much of it is over, 0 to 1. A day that is over: 25 and 0. */
  readonly hour: number;
  readonly share: number;
  /** The measured days before it since the device was new, with zeros where it used nothing: `HISTORY_DAYS` at most are looked at. */
  readonly history: readonly HoursOfDay[];
}

/** A device's day that is far beyond its usual. Amounts are bytes. */
export interface Unusual {
  /** The hours in which it happened: from the first to before the second. */
  readonly from: number;
  readonly to: number;
  /** What was used in them, and what usually is. */
  readonly bytes: number;
  readonly usual: number;
  /** How many times the usual scatter the day so far lies beyond its median, on a logarithmic scale. */
  readonly score: number;
}

export const HISTORY_DAYS = 56;
/** Less than this is never unusual. */
export const NOTABLE_BYTES = 1_000_000_000;
const DAYS_NEEDED = 14;
const RATIO = 3;
const SCORE = 3.5;
/** Amounts below this are all next to nothing: how they differ says nothing of gigabytes. */
const NEXT_TO_NOTHING = 20_000_000;
/** Of the normal distribution, by how much the standard deviation exceeds the median absolute deviation. */
const MAD_TO_DEVIATION = 1.4826;
/** The least scatter (of natural logarithms) that anything is taken to have: as if every day were within a third. */
const LEAST_SCATTER = 0.3;
/** A weekday of which there are fewer days with traffic is no weekday to compare with. */
const WEEKDAYS_NEEDED = 4;
/** The hours named hold so much of what is beyond the usual. */
const SHARE_NAMED = 0.85;

/**
 * Whether a device's day so far is unusual: against the same weekday of the last eight weeks up to the same time of the
 * day, at least three times the median, and beyond it by 1 GB and by more than 3.5 times the scatter (the median absolute
 * deviation of logarithms). Days on which the device was off don't tell what it uses when it is on: they are left out,
 * unless it never is. Back-tested by `npm run backtest:unusual`.
 *
 * @returns null where it isn't, and while the device is known for less than 14 measured days
 */
export function unusualOf({ today, hour, share, history }: UnusualInput): Unusual | null {
  const soFar = (hours: readonly number[]) => sum(hours.slice(0, hour)) + (hours[hour] ?? 0) * share;
  // What was read of the running hour is all that there is of it.
  const used = sum(today.hours);
  if (used < NOTABLE_BYTES || history.length < DAYS_NEEDED) return null;
  const active = activeDays(history.slice(-HISTORY_DAYS));
  const alike = active.filter(({ day }) => weekdayOf(day) === weekdayOf(today.day));
  const days = alike.length >= WEEKDAYS_NEEDED ? alike : active;
  const usual = median(days.map(({ hours }) => soFar(hours)));
  if (used < RATIO * usual || used - usual < NOTABLE_BYTES) return null;
  // Two of eight Tuesdays say little of how much days differ: that is taken from all of them.
  const logs = active.map(({ hours }) => logOf(soFar(hours)));
  const scatter = Math.max(scatterOf(logs), scatterOf(days.map(({ hours }) => logOf(soFar(hours)))));
  const score = (logOf(used) - logOf(usual)) / Math.max(LEAST_SCATTER, scatter);
  return score > SCORE ? { ...hoursNamed(today.hours, days), score } : null;
}

/** Those with traffic; where there are none, all. */
function activeDays(days: readonly HoursOfDay[]): readonly HoursOfDay[] {
  const active = days.filter(({ hours }) => hours.some((bytes) => bytes > 0));
  return active.length > 0 ? active : days;
}

/** The median absolute deviation, as large as the standard deviation would be. */
function scatterOf(logs: readonly number[]): number {
  const middle = median(logs);
  return MAD_TO_DEVIATION * median(logs.map((log) => Math.abs(log - middle)));
}

/** The shortest run of hours that holds most of what is beyond the usual of each hour. */
function hoursNamed(hours: readonly number[], days: readonly HoursOfDay[]): Omit<Unusual, "score"> {
  const usual = (from: number, to: number) => median(days.map((day) => sum(day.hours.slice(from, to))));
  const beyond = hours.map((bytes, hour) => Math.max(0, bytes - usual(hour, hour + 1)));
  const wanted = SHARE_NAMED * sum(beyond);
  let best = { from: 0, to: hours.length };
  for (let from = 0; from < hours.length; from += 1) {
    let held = 0;
    for (let to = from + 1; to <= hours.length && to - from < best.to - best.from; to += 1) {
      held += beyond[to - 1] ?? 0;
      if (held < wanted) continue;
      best = { from, to };
      break;
    }
  }
  return { ...best, bytes: sum(hours.slice(best.from, best.to)), usual: Math.round(usual(best.from, best.to)) };
}

function logOf(bytes: number): number {
  return Math.log(bytes + NEXT_TO_NOTHING);
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  if (sorted.length % 2 === 1) return sorted[Math.floor(middle)] ?? 0;
  return ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

function sum(values: readonly number[]): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
