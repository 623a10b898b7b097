import type { Day } from "../accounting/types.ts";
import { weekdayOf } from "../shared/calendar-days.ts";

/** What a cycle will come to. Bytes. */
export interface Forecast {
  /** Null while a week of history is not there. */
  readonly expected: number | null;
  /** Four of five cycles end between these. */
  readonly low: number;
  readonly high: number;
}

export interface ForecastInput {
  /** What counts of the cycle so far. */
  readonly used: number;
  /** What counted on each finished, measured day of the last weeks, the earliest first: `HISTORY_DAYS` at most are looked at. */
  readonly history: readonly { readonly day: Day; readonly counted: number }[];
  readonly today: Day;
  /** How much of today is yet to come, 0 to 1. */
  readonly todayLeft: number;
  /** The days of the cycle after today. */
  readonly daysLeft: readonly Day[];
}

/** Eight weeks: enough Mondays to know Mondays by, recent enough for a household of today. */
export const HISTORY_DAYS = 56;
const DAYS_FOR_A_BAND = 3;
const DAYS_FOR_A_FIGURE = 7;
/** A weekday's mean counts as much as so many ordinary days: three Sundays say little of Sundays. */
const SHRINK_DAYS = 4;
/** After so many days, a day counts half. */
const HALF_LIFE_DAYS = 40;
/** Of the normal distribution, on either side of the 80 % in the middle. */
const Z_80 = 1.2816;
const MAX_PERSISTENCE = 0.6;
/**
 * What the past does not show: habits change (holidays, a new TV), by so much of the mean, squared, in a month; and days
 * differ a little more than those that were seen. Fitted on simulated households other than those of the back-test.
 */
const DRIFT_PER_MONTH = 0.02;
const UNSEEN_SPREAD = 1.1;

/**
 * What the cycle will come to: what was used, and the usual of the days left. The usual of a weekday is its mean over
 * eight weeks, recent days counting more, drawn towards that of all days while there are few. The band comes from how
 * far days lay from their usual: independent from day to day but for the persistence that is seen in them, plus what the
 * mean itself may be off by, plus what habits change. The sum of the days left is taken to be log-normal, for it is never negative and rather much
 * more than much less. Back-tested by `npm run backtest:forecast`.
 *
 * @returns null with under three days of history
 */
export function forecastOf({ used, history, today, todayLeft, daysLeft }: ForecastInput): Forecast | null {
  const days = history.slice(-HISTORY_DAYS);
  if (days.length < DAYS_FOR_A_BAND) return null;
  const weights = days.map((_, index) => 0.5 ** ((days.length - index) / HALF_LIFE_DAYS));
  const usualOf = usualByWeekday(days, weights);
  const left = [
    ...(todayLeft > 0 ? [{ day: today, share: todayLeft }] : []),
    ...daysLeft.map((day) => ({ day, share: 1 })),
  ];
  const mean = sum(left.map(({ day, share }) => usualOf(day) * share));
  if (mean <= 0) return { expected: days.length < DAYS_FOR_A_FIGURE ? null : used, low: used, high: used };

  const off = days.map(({ day, counted }) => (usualOf(day) > 0 ? counted / usualOf(day) - 1 : 0));
  const all = sum(weights);
  // Seven means were taken from the days, most of each from all of them.
  const freedom = days.length / Math.max(1, days.length - 1 - (6 * days.length) / (days.length + 7 * SHRINK_DAYS));
  const spread = (sum(off.map((share, index) => share ** 2 * (weights[index] ?? 0))) / all) * freedom;
  const persistence = Math.min(MAX_PERSISTENCE, Math.max(0, correlationOf(off)));
  // Of an AR(1) process the variance of a long sum grows by this factor.
  const together = (1 + persistence) / (1 - persistence);
  const effectiveDays = all ** 2 / sum(weights.map((weight) => weight ** 2)) / together;
  const own = sum(left.map(({ day, share }) => (usualOf(day) * share) ** 2)) * (left.length > 1 ? together : 1);
  const drift = (mean ** 2 * DRIFT_PER_MONTH * left.length) / 30;
  const variance = UNSEEN_SPREAD * spread * (own + mean ** 2 / effectiveDays) + drift;

  const sigma = Math.sqrt(Math.log(1 + variance / mean ** 2));
  const median = mean / Math.sqrt(1 + variance / mean ** 2);
  const total = (rest: number) => Math.round(used + rest);
  return {
    expected: days.length < DAYS_FOR_A_FIGURE ? null : total(mean),
    low: total(median * Math.exp(-Z_80 * sigma)),
    high: total(median * Math.exp(Z_80 * sigma)),
  };
}

function usualByWeekday(days: ForecastInput["history"], weights: readonly number[]): (day: Day) => number {
  const sums = Array.from({ length: 8 }, () => ({ bytes: 0, weight: 0 }));
  const all = { bytes: 0, weight: 0 };
  for (const [index, { day, counted }] of days.entries()) {
    const weight = weights[index] ?? 0;
    for (const one of [sums[weekdayOf(day)], all]) {
      if (!one) continue;
      one.bytes += counted * weight;
      one.weight += weight;
    }
  }
  const mean = all.bytes / all.weight;
  const usual = sums.map(({ bytes, weight }) => (bytes + mean * SHRINK_DAYS) / (weight + SHRINK_DAYS));
  return (day) => usual[weekdayOf(day)] ?? mean;
}

/** How alike a day and the one after it are: the correlation at a distance of one. */
function correlationOf(values: readonly number[]): number {
  const mean = sum(values) / values.length;
  const own = sum(values.map((value) => (value - mean) ** 2));
  if (own === 0) return 0;
  return sum(values.slice(1).map((value, index) => (value - mean) * ((values[index] ?? 0) - mean))) / own;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
