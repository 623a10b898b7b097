/** How days lie on a calendar of weeks. Pure; days are `YYYY-MM-DD`. */
import { addDays, weekdayOf } from "../../../src/shared/calendar-days.ts";

export interface Week {
  /** Seven days from the first day of the week; null where the day is not in the range. */
  readonly days: readonly (string | null)[];
  /** First day of the month that begins in this week; in the first week also of the one that is under way. Else null. */
  readonly month: string | null;
}

/** The weeks from one day to another, both included; weeks begin with `firstWeekday`, 1 for Monday to 7 for Sunday. */
export function weeksOf(from: string, to: string, firstWeekday: number): Week[] {
  const start = addDays(from, -((weekdayOf(from) - firstWeekday + 7) % 7));
  const weeks: Week[] = [];
  for (let first = start; first <= to; first = addDays(first, 7)) {
    const days = Array.from({ length: 7 }, (_, i) => {
      const day = addDays(first, i);
      return day >= from && day <= to ? day : null;
    });
    weeks.push({ days, month: days.find((day) => day?.endsWith("-01")) ?? null });
  }
  const [head] = weeks;
  // Only where there is room: the name of a month of which a few days are left would run into the next one's.
  if (head?.month === null && weeks.slice(1, 3).every(({ month }) => month === null)) {
    weeks[0] = { ...head, month: from };
  }
  return weeks;
}

/** The day that weeks begin with where this language is spoken; Monday where the browser can't tell. */
export function firstWeekdayOf(language: string): number {
  try {
    const locale = new Intl.Locale(language) as Intl.Locale & {
      getWeekInfo?: () => { firstDay: number };
      weekInfo?: { firstDay: number };
    };
    const first = (locale.getWeekInfo?.() ?? locale.weekInfo)?.firstDay ?? 1;
    return first >= 1 && first <= 7 ? first : 1;
  } catch {
    return 1;
  }
}

/** A stretch of days that the calendar can show. */
export interface Stretch {
  readonly id: string;
  readonly from: string;
  readonly to: string;
}

/** What the calendar offers: the twelve months up to today, then each year of the device's history, the latest first. */
export function stretchesOf(firstDay: string, today: string): Stretch[] {
  const recent = { id: "recent", from: addDays(today, -364), to: today };
  const years: Stretch[] = [];
  if (firstDay < recent.from) {
    for (let year = Number(today.slice(0, 4)); year >= Number(firstDay.slice(0, 4)); year--) {
      const to = `${year}-12-31`;
      years.push({ id: String(year), from: `${year}-01-01`, to: to < today ? to : today });
    }
  }
  return [recent, ...years];
}
