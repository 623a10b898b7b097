import type { Day } from "../accounting/types.ts";

const MS_PER_DAY = 86_400_000;

/**
 * Whole days since 1970-01-01.
 * @throws RangeError when the text is no real day in the form `YYYY-MM-DD`
 */
export function dayNumber(day: Day): number {
  if (!isStoredDay(day))
    throw new RangeError(`${JSON.stringify(day)} is no calendar day: it must read like 2026-01-31`);
  return Date.parse(`${day}T00:00:00Z`) / MS_PER_DAY;
}

/** Whether a text is a real day in the form `YYYY-MM-DD`. */
export function isStoredDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const at = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(at) && dayText(at / MS_PER_DAY) === text;
}

/** The calendar day of a number made by {@link dayNumber}. */
export function dayText(number: number): Day {
  return new Date(number * MS_PER_DAY).toISOString().slice(0, 10);
}

/** The month of a day: `YYYY-MM`. */
export function monthOf(day: Day): string {
  return day.slice(0, 7);
}
