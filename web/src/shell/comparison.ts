import {
  addDays,
  countDays,
  firstOfMonth,
  firstOfMonthBefore,
  lastOfMonth,
} from "../../../src/shared/calendar-days.ts";
import { overviewText } from "../texts/overview.ts";
import type { Usage } from "../wire.ts";

const { earlier } = overviewText;

/**
 * What a range is compared with, in words that follow "vs.": "yesterday at this time", "the day before",
 * "previous 7 days". Null when nothing was measured then.
 */
export function comparisonOf(usage: Pick<Usage, "from" | "to" | "today" | "previous">): string | null {
  const { previous, from, to, today } = usage;
  if (previous === null) return null;
  const isPartial = previous.until !== null;
  const days = countDays(previous.from, previous.to);
  if (days === 1) {
    const day = previous.from === addDays(today, -1) ? earlier.yesterday : earlier.dayBefore;
    return isPartial ? earlier.atThisTime(day) : day;
  }
  if (from === firstOfMonth(from) && previous.from === firstOfMonthBefore(from)) {
    return isPartial || to < lastOfMonth(from) ? earlier.atThisTime(earlier.monthToDate) : earlier.month;
  }
  return earlier.days(days);
}
