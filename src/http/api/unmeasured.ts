import type { Calendar } from "../../accounting/calendar.ts";
import type { Day } from "../../accounting/types.ts";
import { addDays, daysFromTo } from "../../shared/calendar-days.ts";
import type { DaySpan, Store, StoredNote, StoredSource } from "../../store/store.ts";

/** A stretch of time, ms UTC, its end not in it. */
export interface TimeSpan {
  readonly from: number;
  readonly to: number;
}

export interface MeasuredFacts {
  readonly notes: readonly Pick<StoredNote, "at" | "code" | "detail">[];
  /** The days of the range on which the meter was read. */
  readonly days: readonly Day[];
  /** The first and the last day with figures; null while there are none. */
  readonly known: Awaited<ReturnType<Store["range"]>>;
  readonly sources: readonly Pick<StoredSource, "firstAt" | "at">[];
}

/** Shorter than this, a pause between two readings is not worth a mark on a chart. */
const LEAST_MS = 10 * 60_000;

/**
 * When in a range nobody was reading the meter, up to now: before measuring began, between two readings far apart, since
 * the last one where that is long ago, and on whole days without a balance. Without it, an outage looks like silence.
 */
export function unmeasuredOf(range: DaySpan, now: number, calendar: Calendar, facts: MeasuredFacts): TimeSpan[] {
  const startOf = (day: Day): number => calendar.slotsOf(day)[0]?.from ?? Date.parse(day);
  const from = startOf(range.from);
  const to = Math.min(startOf(addDays(range.to, 1)), now);
  const { sources, known } = facts;
  const since = sources.length === 0 ? null : Math.min(...sources.map(({ firstAt }) => firstAt));
  // Before the meter was read first, there may be days that came from an older version.
  const isImported = known !== null && (since === null || known.first < calendar.dayOf(since));
  const spans = [
    { from: -Infinity, to: isImported ? startOf(known.first) : (since ?? Infinity) },
    ...gapsOf(facts.notes),
  ];
  if (since !== null) {
    spans.push({ from: Math.max(...sources.map(({ at }) => at)), to: Infinity });
    const measured = new Set(facts.days);
    const first = laterOf(range.from, addDays(calendar.dayOf(since), 1));
    const last = earlierOf(range.to, addDays(calendar.dayOf(now), -1));
    for (const day of daysFromTo(first, last)) {
      if (!measured.has(day)) spans.push({ from: startOf(day), to: startOf(addDays(day, 1)) });
    }
  }
  return merged(spans.map((span) => ({ from: Math.max(span.from, from), to: Math.min(span.to, to) }))).filter(
    (span) => span.to - span.from >= LEAST_MS,
  );
}

/** The days of a range on which the meter was not read at all. */
export function unmeasuredDays(range: DaySpan, now: number, calendar: Calendar, facts: MeasuredFacts): Day[] {
  return unmeasuredOf(range, now, calendar, facts).flatMap((span) => {
    const days = daysFromTo(calendar.dayOf(span.from), calendar.dayOf(span.to));
    return days.filter((day) => {
      const slots = calendar.slotsOf(day);
      const [first, last] = [slots[0], slots.at(-1)];
      return first !== undefined && last !== undefined && span.from <= first.from && last.to <= span.to;
    });
  });
}

/** Notes that are looked through for gaps. */
const MAX_NOTES = 1_000;

/** Asks the store for all that tells when the meter was read. */
export async function measuredFacts(
  store: Pick<Store, "notes" | "measuredDays" | "range" | "sources">,
  { from, to }: DaySpan,
): Promise<MeasuredFacts> {
  const [notes, days, known, sources] = await Promise.all([
    store.notes(MAX_NOTES),
    store.measuredDays(from, to),
    store.range(),
    store.sources(),
  ]);
  return { notes, days, known, sources };
}

/** From the reading before to the one that found out: what passed between is lost, or nobody knows when it passed. */
function gapsOf(notes: MeasuredFacts["notes"]): TimeSpan[] {
  return notes.flatMap(({ at, code, detail }) => {
    const { from, to, lastReadAt } = detail;
    if (code === "gap-reconstructed" && typeof from === "number" && typeof to === "number") return [{ from, to }];
    return typeof lastReadAt === "number" && lastReadAt < at ? [{ from: lastReadAt, to: at }] : [];
  });
}

/** The same time as stretches that do not touch, the earliest first. */
function merged(spans: readonly TimeSpan[]): TimeSpan[] {
  const whole: { from: number; to: number }[] = [];
  for (const { from, to } of [...spans].sort((a, b) => a.from - b.from)) {
    if (to <= from) continue;
    const last = whole.at(-1);
    if (last && from <= last.to) last.to = Math.max(last.to, to);
    else whole.push({ from, to });
  }
  return whole;
}

function laterOf(one: Day, other: Day): Day {
  return one > other ? one : other;
}

function earlierOf(one: Day, other: Day): Day {
  return one < other ? one : other;
}
