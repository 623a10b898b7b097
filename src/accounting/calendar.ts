import type { Day } from "./types.ts";

/** A time zone, by what its clocks show. */
export interface Zone {
  /** As people call it, e.g. `Europe/Berlin`. */
  readonly name: string;
  /** What is to be added to UTC for the local time, in ms: 3,600,000 for Berlin in winter. `at` is an instant, ms UTC. */
  offsetAt(at: number): number;
}

/** One clock hour of a local day. `from` and `to` are instants (ms UTC); usually an hour apart, less at odd DST shifts. */
export interface Slot {
  readonly day: Day;
  /** 0-based count of clock hours since local midnight: 0–22, 0–23 or 0–24, depending on DST. */
  readonly hour: number;
  readonly from: number;
  readonly to: number;
}

/**
 * The days and hours of one time zone. Answers are remembered per day: asking is cheap.
 *
 * A day begins at the first instant that shows its date or a later one, and ends where the next begins. So every instant
 * lies in one day and one slot, also when a clock that is set back at midnight shows yesterday's date again.
 */
export interface Calendar {
  readonly zone: string;
  /** The local day of an instant. */
  dayOf(at: number): Day;
  /** The clock hour that an instant lies in. */
  slotOf(at: number): Slot;
  /** The clock hours of a day, in order: 24 of them, 23 or 25 when DST changes, none of a day that the zone left out. */
  slotsOf(day: Day): readonly Slot[];
  /** The clock hours that the span touches, in order; for an empty span the one that `from` lies in. */
  slotsBetween(from: number, to: number): readonly Slot[];
  /** What is to be added to UTC for the local time at an instant, in ms. */
  offsetAt(at: number): number;
  /** `YYYY-MM-DD HH:MM:SS` in the zone. */
  localText(at: number): string;
}

const KEEP_DAYS = 800;
const SECOND_MS = 1_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** The calendar of a time zone. It throws RangeError for what is no instant or no day. */
export function createCalendar(zone: Zone): Calendar {
  const days = new Map<Day, readonly Slot[]>();
  let current: Slot | undefined;

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
    // The day of the date that is shown; the next where that has begun all the same.
    for (let number = Math.floor((at + zone.offsetAt(at)) / DAY_MS); ; number++) {
      const slot = slotsOf(dayText(number)).find(({ from, to }) => from <= at && at < to);
      if (slot === undefined) continue;
      current = slot;
      return slot;
    }
  }

  return {
    zone: zone.name,
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
    offsetAt: (at) => zone.offsetAt(at),
    localText(at) {
      const local = at + zone.offsetAt(at);
      const number = Math.floor(local / DAY_MS);
      const seconds = Math.floor((local - number * DAY_MS) / SECOND_MS);
      const minutes = Math.floor(seconds / 60);
      return `${dayText(number)} ${digits(Math.floor(minutes / 60))}:${digits(minutes % 60)}:${digits(seconds % 60)}`;
    },
  };
}

/** What the hour hand shows at an instant, 0 to 23. On days when the clock is set this is not the count of hours since midnight. */
export function clockHourOf(calendar: Pick<Calendar, "offsetAt">, at: number): number {
  return Math.floor((at + calendar.offsetAt(at)) / HOUR_MS) % 24;
}

/** Cuts a local day at every instant where the clock shows a full hour, or is set; midnight is one of them. */
function clockHours(day: Day, zone: Zone): Slot[] {
  const number = dayNumber(day);
  const [start, end] = [startOf(number, zone), startOf(number + 1, zone)];
  // The clock is set on two days of a year. On the others, asking the zone about each hour is ten times the work.
  const isPlain = end - start === DAY_MS && shiftWithin(start, end, zone) === null;
  const offset = zone.offsetAt(start);
  const clock = isPlain ? { offsetAt: () => offset } : zone;
  const slots: Slot[] = [];
  for (let from = start; from < end; ) {
    const to = nextEdge(from, clock);
    slots.push({ day, hour: slots.length, from, to });
    from = to;
  }
  return slots;
}

/** The next instant at which the minute hand stands at zero, or the clock is set. */
function nextEdge(at: number, zone: Pick<Zone, "offsetAt">): number {
  const offset = zone.offsetAt(at);
  const next = (Math.floor((at + offset) / HOUR_MS) + 1) * HOUR_MS - offset;
  return shiftWithin(at, next, zone) ?? next;
}

/** The first instant whose local date is that day or a later one. */
function startOf(number: number, zone: Zone): number {
  const midnight = number * DAY_MS;
  // No zone is a day away from UTC.
  for (let from = midnight - DAY_MS; ; ) {
    const until = shiftWithin(from, from + DAY_MS, zone) ?? from + DAY_MS;
    const start = Math.max(from, midnight - zone.offsetAt(from));
    if (start < until) return start;
    from = until;
  }
}

/** When the clock is set after `from` and up to `to`, which are at most a day apart: no zone does that twice in a day. */
function shiftWithin(from: number, to: number, zone: Pick<Zone, "offsetAt">): number | null {
  const before = zone.offsetAt(from);
  if (zone.offsetAt(to) === before) return null;
  let [low, high] = [from, to];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (zone.offsetAt(middle) === before) low = middle;
    else high = middle;
  }
  return high;
}

/** The day `count` days after (or, negative, before) a day. */
export function addDays(day: Day, count: number): Day {
  return dayText(dayNumber(day) + count);
}

/** Days from the first to the second; negative when the second is earlier. */
export function daysBetween(first: Day, second: Day): number {
  return dayNumber(second) - dayNumber(first);
}

/** Whether a text is a real calendar day in the form `YYYY-MM-DD`. */
export function isDay(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && numberOf(text) !== null;
}

const DAYS_IN_400_YEARS = 146_097;
/** From 0000-03-01 to 1970-01-01. */
const DAYS_TO_1970 = 719_468;
const FURTHEST_DAY = 100_000_000;

/** Days since 1970-01-01. @throws RangeError when it is no day */
export function dayNumber(day: Day): number {
  const number = numberOf(day);
  if (number === null) throw new RangeError(`"${day}" is no day`);
  return number;
}

/** Years are counted from March here, so that a leap year's day is the last. */
function numberOf(text: string): number | null {
  const [, yearText, monthText, dateText] = /^(\d{4}|[+-]\d{6})-(\d{2})-(\d{2})$/.exec(text) ?? [];
  const [month, date] = [Number(monthText), Number(dateText)];
  const year = Number(yearText) - (month < 3 ? 1 : 0);
  const leapDays = Math.floor(year / 4) - Math.floor(year / 100) + Math.floor(year / 400);
  const dayOfYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + date - 1;
  const number = year * 365 + leapDays + dayOfYear - DAYS_TO_1970;
  // What isn't on the calendar, such as a 30th of February, comes back as another day.
  return Math.abs(number) <= FURTHEST_DAY && dayText(number) === text ? number : null;
}

/** The day with that number, as ISO 8601 writes it. @throws RangeError when there is none */
export function dayText(number: number): Day {
  if (!(Math.abs(number) <= FURTHEST_DAY)) throw new RangeError(`${number} is no day's number`);
  const sinceMarch = number + DAYS_TO_1970;
  const era = Math.floor(sinceMarch / DAYS_IN_400_YEARS);
  const ofEra = sinceMarch - era * DAYS_IN_400_YEARS;
  const yearOfEra = Math.floor(
    (ofEra - Math.floor(ofEra / 1_460) + Math.floor(ofEra / 36_524) - Math.floor(ofEra / 146_096)) / 365,
  );
  const ofYear = ofEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthFromMarch = Math.floor((5 * ofYear + 2) / 153);
  const month = ((monthFromMarch + 2) % 12) + 1;
  const year = era * 400 + yearOfEra + (month < 3 ? 1 : 0);
  const date = ofYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1;
  return `${yearDigits(year)}-${digits(month)}-${digits(date)}`;
}

function yearDigits(year: number): string {
  if (year >= 0 && year <= 9_999) return digits(year, 4);
  return `${year < 0 ? "-" : "+"}${digits(Math.abs(year), 6)}`;
}

function digits(number: number, count = 2): string {
  return String(number).padStart(count, "0");
}
