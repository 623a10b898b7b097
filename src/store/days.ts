import type { Day } from "../accounting/types.ts";

const MS_PER_DAY = 86_400_000;

/**
 * The number under which a calendar day is stored: whole days since 1970-01-01, so that a row spends two bytes on it.
 * @throws RangeError when the text is no real day in the form `YYYY-MM-DD`.
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

/** Seconds from the start (in UTC) of a stored day to an instant in ms; three bytes, where the instant would take four. */
export function secondsIntoDay(day: number, at: number): number {
  return Math.floor(at / 1000) - day * 86_400;
}

/** The instant (ms UTC) that {@link secondsIntoDay} was made from, to the second; null stays null. */
export function instantOf(day: number, seconds: number | null): number | null {
  return seconds === null ? null : (day * 86_400 + seconds) * 1000;
}
