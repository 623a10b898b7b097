import { addDays, countDays, firstOfMonth, lastOfMonth } from "../days.ts";
import type { Usage } from "../wire.ts";

/**
 * What a range is compared with, in words that follow "vs.": "yesterday by this hour", "the day before",
 * "the 7 days before", "the month before by this hour". Null when nothing was measured then.
 */
export function comparisonOf(usage: Pick<Usage, "from" | "to" | "today" | "previous">): string | null {
  const { previous, from, today } = usage;
  if (previous === null) return null;
  const by = previous.until === null ? "" : " by this hour";
  const days = countDays(previous.from, previous.to);
  if (days === 1) return (previous.from === addDays(today, -1) ? "yesterday" : "the day before") + by;
  const isMonth = from === firstOfMonth(from) && previous.from === firstOfMonth(addDays(from, -1));
  if (isMonth && previous.to === lastOfMonth(previous.from)) return `the month before${by}`;
  return `the ${days} days before${by}`;
}
