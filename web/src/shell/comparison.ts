import { addDays, countDays, firstOfMonth, lastOfMonth } from "../../../src/shared/calendar-days.ts";
import { overviewText } from "../texts/overview.ts";
import type { Usage } from "../wire.ts";

const { earlier } = overviewText;

/**
 * What a range is compared with, in words that follow "vs.": "yesterday at this time", "the day before",
 * "previous 7 days". Null when nothing was measured then.
 */
export function comparisonOf(usage: Pick<Usage, "from" | "to" | "today" | "previous">): string | null {
  const { previous, from, today } = usage;
  if (previous === null) return null;
  const isPartial = previous.until !== null;
  const days = countDays(previous.from, previous.to);
  if (days === 1) {
    const day = previous.from === addDays(today, -1) ? earlier.yesterday : earlier.dayBefore;
    return isPartial ? earlier.atThisTime(day) : day;
  }
  const isMonth = from === firstOfMonth(from) && previous.from === firstOfMonth(addDays(from, -1));
  if (isMonth && previous.to === lastOfMonth(previous.from)) return earlier.month;
  return earlier.days(days);
}
