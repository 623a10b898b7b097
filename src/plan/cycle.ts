import { addDays, daysBetween } from "../accounting/calendar.ts";
import type { Day } from "../accounting/types.ts";

/**
 * How a plan's cycles follow each other: every `count` days, weeks or months, one of them beginning on the day `from`.
 * They go on in both directions, so that the whole past is divided. By months, a cycle begins on the same day of the month
 * as `from`; in a month that is too short for that, on its last day: never drifting, as Android and vnStat do it.
 */
export interface CycleRule {
  readonly unit: "day" | "week" | "month";
  /** 1 or more. */
  readonly count: number;
  readonly from: Day;
}

/** The days of one cycle, both included. */
export interface Cycle {
  readonly from: Day;
  readonly to: Day;
}

/** The cycle that a day lies in. */
export function cycleOf(rule: CycleRule, day: Day): Cycle {
  return cycleAt(rule, indexOf(rule, day));
}

/** The cycle so many after (or, negative, before) the one that a day lies in. */
export function cycleBeside(rule: CycleRule, day: Day, steps: number): Cycle {
  return cycleAt(rule, indexOf(rule, day) + steps);
}

/** The cycles that days of a range lie in, the earliest first. */
export function cyclesBetween(rule: CycleRule, from: Day, to: Day): Cycle[] {
  const cycles: Cycle[] = [];
  for (let index = indexOf(rule, from); ; index++) {
    const cycle = cycleAt(rule, index);
    if (cycle.from > to) return cycles;
    cycles.push(cycle);
  }
}

function cycleAt(rule: CycleRule, index: number): Cycle {
  return { from: startOf(rule, index), to: addDays(startOf(rule, index + 1), -1) };
}

/** How many cycles after the one of `rule.from` a day lies. */
function indexOf(rule: CycleRule, day: Day): number {
  if (rule.unit !== "month") return Math.floor(daysBetween(rule.from, day) / lengthOf(rule));
  const index = Math.floor((monthOf(day) - monthOf(rule.from)) / rule.count);
  return startOf(rule, index) <= day ? index : index - 1;
}

function startOf(rule: CycleRule, index: number): Day {
  if (rule.unit !== "month") return addDays(rule.from, index * lengthOf(rule));
  const month = monthOf(rule.from) + index * rule.count;
  const last = addDays(dayIn(month + 1, 1), -1);
  const wanted = Number(rule.from.slice(8));
  return wanted >= Number(last.slice(8)) ? last : dayIn(month, wanted);
}

function lengthOf({ unit, count }: CycleRule): number {
  return unit === "week" ? count * 7 : count;
}

/** Months since the year 0. */
function monthOf(day: Day): number {
  return Number(day.slice(0, 4)) * 12 + Number(day.slice(5, 7)) - 1;
}

function dayIn(month: number, day: number): Day {
  const digits = (number: number, count: number) => String(number).padStart(count, "0");
  return `${digits(Math.floor(month / 12), 4)}-${digits((month % 12) + 1, 2)}-${digits(day, 2)}`;
}
