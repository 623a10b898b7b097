import type { Calendar } from "../accounting/calendar.ts";

const DAY_MS = 86_400_000;
/** Offsets from UTC have changed on a quarter hour of UTC everywhere since the 1970s. */
const QUARTER_MS = 900_000;
const KEEP = 4_000;
const TWO_DIGITS = Array.from({ length: 60 }, (_, n) => String(n).padStart(2, "0"));

/**
 * The same text as `calendar.localText` (`YYYY-MM-DD HH:MM:SS`), for tens of thousands of instants: the zone is asked
 * twice for a day of UTC, and by quarter hours on the few days in which its offset changes; the rest is arithmetic.
 */
export function createLocalText(calendar: Pick<Calendar, "offsetAt">): (at: number) => string {
  const offsets = new Map<number, number>();
  const dates = new Map<number, string>();

  function offsetAt(at: number): number {
    let offset = offsets.get(at);
    if (offset === undefined) {
      offset = calendar.offsetAt(at);
      if (offsets.size >= KEEP) offsets.clear();
      offsets.set(at, offset);
    }
    return offset;
  }

  function dateOf(dayNumber: number): string {
    let date = dates.get(dayNumber);
    if (date === undefined) {
      date = new Date(dayNumber * DAY_MS).toISOString().slice(0, 10);
      if (dates.size >= KEEP) dates.clear();
      dates.set(dayNumber, date);
    }
    return date;
  }

  return (at) => {
    const midnight = Math.floor(at / DAY_MS) * DAY_MS;
    let offset = offsetAt(midnight);
    if (offset !== offsetAt(midnight + DAY_MS)) offset = offsetAt(Math.floor(at / QUARTER_MS) * QUARTER_MS);
    const local = at + offset;
    const dayNumber = Math.floor(local / DAY_MS);
    const seconds = Math.floor((local - dayNumber * DAY_MS) / 1000);
    const minutes = Math.floor(seconds / 60);
    const hour = TWO_DIGITS[Math.floor(minutes / 60)];
    return `${dateOf(dayNumber)} ${hour}:${TWO_DIGITS[minutes % 60]}:${TWO_DIGITS[seconds % 60]}`;
  };
}
