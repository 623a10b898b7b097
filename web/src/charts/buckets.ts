/** What a click on a bar leads to. Pure. */
import { addDays } from "../../../src/shared/calendar-days.ts";
import { chartText } from "../texts/charts.ts";
import type { Group, Usage } from "../wire.ts";

/** What a picked bar shows instead, in words that follow "Click to"; null for hours, which are the finest. */
export function finerText(group: Group): string | null {
  return group === "hour" ? null : chartText.finer[group];
}

/** The days of a bar, both included. */
export function daysOfBucket({ buckets, to }: Pick<Usage, "buckets" | "to">, index: number): [string, string] | null {
  const bucket = buckets[index];
  if (!bucket) return null;
  const next = buckets[index + 1];
  return [bucket.day, next ? addDays(next.day, -1) : to];
}
