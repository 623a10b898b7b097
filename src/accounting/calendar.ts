import { Temporal } from "temporal-polyfill";
import type { Day } from "./types.ts";

/** One clock hour of a local day. `from` and `to` are instants (ms UTC); usually an hour apart, less at odd DST shifts. */
export interface Slot {
  readonly day: Day;
  /** 0-based count of clock hours since local midnight: 0–22, 0–23 or 0–24, depending on DST. */
  readonly hour: number;
  readonly from: number;
  readonly to: number;
}

/** The days and hours of one time zone. Answers are remembered per day: asking is cheap. */
export interface Calendar {
  readonly zone: string;
  /** The local day of an instant. */
  dayOf(at: number): Day;
  /** The clock hour that an instant lies in. */
  slotOf(at: number): Slot;
  /** The clock hours of a day, in order: 24 of them, 23 or 25 when DST changes. */
  slotsOf(day: Day): readonly Slot[];
  /** The clock hours that the span touches, in order; for an empty span the one that `from` lies in. */
  slotsBetween(from: number, to: number): readonly Slot[];
  /** `YYYY-MM-DD HH:MM:SS` in the zone. */
  localText(at: number): string;
}

const KEEP_DAYS = 800;

/**
 * The calendar of an IANA time zone such as `Europe/Berlin`.
 * @throws RangeError when the zone is unknown.
 */
export function createCalendar(zone: string): Calendar {
  const days = new Map<Day, readonly Slot[]>();
  let current: Slot | undefined;
  const zonedAt = (at: number) => Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone);
  zonedAt(0);

  function slotsOf(day: Day): readonly Slot[] {
    const known = days.get(day);
    if (known) return known;
    const slots = clockHours(day, zone);
    if (days.size >= KEEP_DAYS) days.clear();
    days.set(day, slots);
    return slots;
  }

  function slotOf(at: number): Slot {
    if (current && current.from <= at && at < current.to) return current;
    const slots = slotsOf(zonedAt(at).toPlainDate().toString());
    current = slots.find((slot) => slot.from <= at && at < slot.to) ?? (slots.at(-1) as Slot);
    return current;
  }

  return {
    zone,
    slotsOf,
    slotOf,
    dayOf: (at) => slotOf(at).day,
    slotsBetween(from, to) {
      const slots = [slotOf(from)];
      for (let last = slots[0] as Slot; last.to < to; ) {
        last = slotOf(last.to);
        slots.push(last);
      }
      return slots;
    },
    localText(at) {
      const local = zonedAt(at).toPlainDateTime();
      return `${local.toPlainDate()} ${local.toPlainTime().toString({ smallestUnit: "second" })}`;
    },
  };
}

/** Cuts a local day at every instant where the clock shows a full hour. */
function clockHours(day: Day, zone: string): Slot[] {
  const date = Temporal.PlainDate.from(day);
  const start = date.toZonedDateTime(zone);
  const end = date.add({ days: 1 }).toZonedDateTime(zone).epochMilliseconds;
  const slots: Slot[] = [];
  for (let at = start; at.epochMilliseconds < end; ) {
    const next = nextClockHour(at);
    const to = Math.min(next.epochMilliseconds, end);
    slots.push({ day, hour: slots.length, from: at.epochMilliseconds, to });
    at = next;
  }
  return slots;
}

/** The next instant at which the minute hand stands at zero, or the clock is set. */
function nextClockHour(at: Temporal.ZonedDateTime): Temporal.ZonedDateTime {
  const next = at.add({ minutes: 60 - at.minute });
  const shift = at.getTimeZoneTransition("next");
  return shift && shift.epochMilliseconds < next.epochMilliseconds ? shift : next;
}

/** The day `count` days after (or, negative, before) a day. */
export function addDays(day: Day, count: number): Day {
  return Temporal.PlainDate.from(day).add({ days: count }).toString();
}

/** Days from the first to the second; negative when the second is earlier. */
export function daysBetween(first: Day, second: Day): number {
  return Temporal.PlainDate.from(first).until(Temporal.PlainDate.from(second)).days;
}

/** Whether a text is a real calendar day in the form `YYYY-MM-DD`. */
export function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  try {
    Temporal.PlainDate.from(text);
    return true;
  } catch {
    return false;
  }
}
