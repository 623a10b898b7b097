import type { Calendar } from "../../accounting/calendar.ts";
import type { Day } from "../../accounting/types.ts";
import type { Group, UsageBucket } from "../../shared/api.ts";
import { addDays, daysFromTo, lastOfMonth } from "../../shared/calendar-days.ts";
import type { DaySpan } from "../../store/store.ts";

/** A bucket with the days it stands for. A month at the end of a range is cut to the range. */
export interface SpannedBucket extends UsageBucket {
  readonly span: DaySpan;
}

/** The bars of a chart: every hour, day or month of a range, those without figures and those to come included. */
export function bucketsOf(range: DaySpan, group: Group, calendar: Calendar): SpannedBucket[] {
  if (group === "hour") {
    return daysFromTo(range.from, range.to).flatMap((day) =>
      calendar.slotsOf(day).map(({ from, to }) => {
        // By the clock on the wall: the hour after a change of the clock is not the count of hours since midnight.
        const label = calendar.localText(from).slice(0, 13).replace(" ", "T");
        return { from, to, label, day, span: { from: day, to: day } };
      }),
    );
  }
  const spans =
    group === "day" ? daysFromTo(range.from, range.to).map((day) => ({ from: day, to: day })) : monthsOf(range);
  const startOf = createStarts(calendar, group);
  const starts = [...spans.map((span) => startOf(span.from)), startOf(addDays(range.to, 1))];
  return spans.map((span, index) => ({
    from: starts[index] as number,
    to: starts[index + 1] as number,
    label: group === "day" ? span.from : span.from.slice(0, 7),
    day: span.from,
    span,
  }));
}

/** The months of a range, the first and the last cut to it. */
function monthsOf({ from, to }: DaySpan): DaySpan[] {
  const months: DaySpan[] = [];
  for (let first = from; first <= to; ) {
    const last = lastOfMonth(first);
    months.push({ from: first, to: last < to ? last : to });
    first = addDays(last, 1);
  }
  return months;
}

const DAY_MS = 86_400_000;
const WEEK_MS = 7 * DAY_MS;

/**
 * Local midnights, for thousands of days. The calendar cuts a day into its hours, far more than is needed here, so it
 * is asked only about days near a change of the offset; no zone changes it twice within a fortnight.
 */
function createStarts(calendar: Calendar, group: "day" | "month"): (day: Day) => number {
  const offsets = new Map<number, number>();
  const offsetAt = (at: number): number => {
    let offset = offsets.get(at);
    if (offset === undefined) {
      offset = calendar.offsetAt(at);
      offsets.set(at, offset);
    }
    return offset;
  };
  return (day) => {
    const midnight = Date.parse(day);
    if (group === "day") {
      // Seven days share what is asked about their week.
      const week = Math.floor(midnight / WEEK_MS) * WEEK_MS;
      const offset = offsetAt(week);
      const holds = (...instants: number[]) => instants.every((at) => offsetAt(at) === offset);
      if (holds(week - WEEK_MS, week + WEEK_MS, week + 2 * WEEK_MS)) return midnight - offset;
    }
    // A local midnight lies within 14 hours of the one in UTC.
    const near = offsetAt(midnight - DAY_MS);
    if (offsetAt(midnight + DAY_MS) === near) return midnight - near;
    return calendar.slotsOf(day)[0]?.from ?? midnight - near;
  };
}
