import type { Day } from "../../accounting/types.ts";
import type { OpenUsage } from "../open-hour.ts";
import { laterOf } from "./context.ts";

/** A row of an endpoint's day: `whose` is its device, or its address where it is an internet host's. */
export type EndpointDay = [
  day: Day,
  endpoint: number,
  whose: number,
  ip: string,
  reported: number,
  bytesIn: number,
  bytesOut: number,
  counterIn: number,
  counterOut: number,
  lastSeen: number | null,
  estimated: number,
  implausible: number,
  /** Of an internet host its name, and the MAC that stood before it. */
  ...more: (string | null)[],
];

/**
 * Adds the open hour to rows of days, in place; what stands in it alone comes behind them.
 * @param rowOf a row of an endpoint that has none yet; null leaves it out
 */
export function addOpenHour(
  rows: EndpointDay[],
  open: readonly OpenUsage[],
  rowOf: (usage: OpenUsage) => EndpointDay | null,
): EndpointDay[] {
  if (open.length === 0) return rows;
  const now = new Map(open.map((usage) => [usage.endpoint, usage]));
  for (const row of rows) {
    const usage = now.get(row[1]);
    if (usage === undefined || usage.day !== row[0]) continue;
    now.delete(row[1]);
    row[5] += usage.in;
    row[6] += usage.out;
    row[7] = usage.counterIn;
    row[8] = usage.counterOut;
    row[9] = laterOf(row[9], usage.lastSeen);
  }
  for (const usage of now.values()) {
    const row = rowOf(usage);
    if (row !== null) rows.push(row);
  }
  return rows;
}

export function endpointDayOf(usage: OpenUsage, whose: number): EndpointDay {
  const { day, endpoint, ip, reported, counterIn, counterOut, lastSeen } = usage;
  return [day, endpoint, whose, ip, reported ? 1 : 0, usage.in, usage.out, counterIn, counterOut, lastSeen, 0, 0];
}

/** Which of several endpoints a day shows: the one seen last, of those the one with most bytes, then the oldest. */
export function isShownBefore(row: EndpointDay, shown: EndpointDay | null): boolean {
  if (shown === null) return true;
  const later = (row[9] ?? 0) - (shown[9] ?? 0);
  const bigger = row[5] + row[6] - (shown[5] + shown[6]);
  return later > 0 || (later === 0 && (bigger > 0 || (bigger === 0 && row[1] < shown[1])));
}
