import type { Day } from "../accounting/types.ts";

export { dayNumber, dayText, isDay as isStoredDay } from "../accounting/calendar.ts";

/** The month of a day: `YYYY-MM`. */
export function monthOf(day: Day): string {
  return day.slice(0, 7);
}
