/** A naive model of what a plan counts, for its tests: uses as they happened, each at an instant. */
import { Temporal } from "temporal-polyfill";
import { createCalendar } from "../accounting/calendar.ts";
import { zoneOf } from "../accounting/testing.ts";
import type { CountingRule, HourAmount } from "./usage.ts";

/** Bytes at an instant (ms UTC). */
export interface Use {
  readonly at: number;
  readonly in: number;
  readonly out: number;
}

/** What counts of some uses, whenever they were. */
export function counted(counts: CountingRule["counts"], some: readonly Use[]): number {
  return some.reduce((sum, one) => sum + (counts === "upload" ? 0 : one.in) + (counts === "download" ? 0 : one.out), 0);
}

/** The wall clock of a zone at an instant. */
export function local(at: number, zone: string) {
  return Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone);
}

/** Whether an instant is free, by looking at today's and yesterday's windows. */
export function naivelyFree(free: CountingRule["free"], at: ReturnType<typeof local>): boolean {
  return free.some(({ weekdays, from, to }) => {
    // The window that began today, and the one that began yesterday and may last until now.
    const ends = to > from ? to : to + 24;
    return [0, 1].some((daysAgo) => {
      const hour = at.hour + daysAgo * 24;
      return weekdays.includes(at.subtract({ days: daysAgo }).dayOfWeek) && hour >= from && hour < ends;
    });
  });
}

/** Uses as the store keeps them: by day, and by clock hour of the day. */
export function stored(zone: string, happened: readonly Use[]) {
  const calendar = createCalendar(zoneOf(zone));
  const hours = new Map<string, { day: string; hour: number; in: number; out: number }>();
  const days = new Map<string, { day: string; in: number; out: number }>();
  for (const use of happened) {
    const { day, hour } = calendar.slotOf(use.at);
    for (const [map, key, fresh] of [
      [hours, `${day} ${hour}`, { day, hour, in: 0, out: 0 }],
      [days, day, { day, hour, in: 0, out: 0 }],
    ] as const) {
      const row = map.get(key) ?? { ...fresh };
      row.in += use.in;
      row.out += use.out;
      (map as Map<string, typeof row>).set(key, row);
    }
  }
  const list: HourAmount[] = [...hours.values()];
  return { calendar, hours: list, days: [...days.values()].sort((a, b) => (a.day < b.day ? -1 : 1)) };
}
