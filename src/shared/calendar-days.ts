/**
 * Arithmetic with local calendar days, `YYYY-MM-DD`: for the server and the dashboard alike. Days are text: they sort
 * and compare as such, and have no zone to be wrong in.
 */
import { addDays, dayNumber, daysBetween, dayText, isDay } from "../accounting/calendar.ts";

export { addDays, daysBetween, isDay };

/** Days from one to the other, both included. */
export function countDays(from: string, to: string): number {
  return daysBetween(from, to) + 1;
}

/** Every day from one to the other, both included. */
export function daysFromTo(from: string, to: string): string[] {
  const first = dayNumber(from);
  return Array.from({ length: Math.max(0, countDays(from, to)) }, (_, index) => dayText(first + index));
}

export function firstOfMonth(day: string): string {
  return `${day.slice(0, 7)}-01`;
}

export function lastOfMonth(day: string): string {
  // 31 days after the first of a month is always the next month.
  return addDays(firstOfMonth(addDays(firstOfMonth(day), 31)), -1);
}

/** The first day of the month before. */
export function firstOfMonthBefore(day: string): string {
  return firstOfMonth(addDays(firstOfMonth(day), -1));
}

/** 1 for Monday to 7 for Sunday. */
export function weekdayOf(day: string): number {
  // The first day of 1970 was a Thursday.
  return ((((dayNumber(day) + 3) % 7) + 7) % 7) + 1;
}
