import type { Calendar, Slot } from "./calendar.ts";
import type { Day, SeriesBucket } from "./types.ts";

/** A stretch of wall-clock time in ms UTC, `from` ≤ `to`. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** One part of a divided span: `upTo` is the share of the bytes that belongs to this part and all before it, 1 at last. */
export interface Part {
  readonly day: Day;
  readonly hour: number;
  readonly upTo: number;
}

/** How the bytes of a span are dated: by clock hour and by day. One part each in the usual case. */
export interface Division {
  readonly hours: readonly Part[];
  readonly days: readonly Part[];
}

/**
 * Divides a span over the clock hours and days it touches, by darkstat's series where they account for at least half of
 * the bytes in question, by duration where they don't (seen from a bridge, the series leave out forwarded traffic).
 * Up to `toleranceMs` beyond an edge count as being at the edge: a reading taken *at* midnight arrives a little after it.
 */
export function divide(
  span: Span,
  calendar: Calendar,
  series: readonly SeriesBucket[],
  bytes: number,
  toleranceMs: number,
): Division {
  const slots = withoutSlivers(calendar.slotsBetween(span.from, span.to), span, toleranceMs);
  if (slots.length === 1) {
    const { day, hour } = slots[0] as Slot;
    const whole = [{ day, hour, upTo: 1 }];
    return { hours: whole, days: whole };
  }
  const hours = cumulate(slots, weigh(slots, span, series, bytes));
  const days = hours.filter((part, index) => hours[index + 1]?.day !== part.day);
  return { hours, days };
}

/**
 * One part's share of a whole number. The pieces of all parts are whole, none is negative, and they add up to the number.
 */
export function piece(total: number, parts: readonly Part[], index: number): number {
  return upTo(total, parts, index) - upTo(total, parts, index - 1);
}

/** What of a whole number belongs to a part and all before it. */
function upTo(total: number, parts: readonly Part[], index: number): number {
  if (index < 0) return 0;
  if (index === parts.length - 1) return total;
  return Math.min(total, Math.floor(total * (parts[index] as Part).upTo));
}

function withoutSlivers(slots: readonly Slot[], span: Span, toleranceMs: number): readonly Slot[] {
  let first = 0;
  let last = slots.length - 1;
  if (last > first && span.to - (slots[last] as Slot).from <= toleranceMs) last--;
  if (last > first && (slots[first] as Slot).to - span.from <= toleranceMs) first++;
  return slots.slice(first, last + 1);
}

function weigh(slots: readonly Slot[], span: Span, series: readonly SeriesBucket[], bytes: number): number[] {
  const clipped = slots.map((slot) => ({ from: Math.max(slot.from, span.from), to: Math.min(slot.to, span.to) }));
  const bySeries = clipped.map((slot) => series.reduce((sum, bucket) => sum + bytesWithin(bucket, slot), 0));
  const seen = bySeries.reduce((sum, weight) => sum + weight, 0);
  const reachesBack = series.some((bucket) => bucket.from <= span.from);
  if (reachesBack && seen > 0 && seen * 2 >= bytes) return bySeries;
  return clipped.map((slot) => Math.max(0, slot.to - slot.from));
}

function bytesWithin(bucket: SeriesBucket, slot: Span): number {
  const overlap = Math.min(bucket.to, slot.to) - Math.max(bucket.from, slot.from);
  return overlap > 0 ? (bucket.bytes * overlap) / (bucket.to - bucket.from) : 0;
}

function cumulate(slots: readonly Slot[], weights: readonly number[]): Part[] {
  const all = weights.reduce((sum, weight) => sum + weight, 0);
  let sum = 0;
  return slots.map(({ day, hour }, index) => {
    sum += weights[index] ?? 0;
    return { day, hour, upTo: index === slots.length - 1 ? 1 : all > 0 ? sum / all : 1 };
  });
}
