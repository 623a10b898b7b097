import { filterText } from "../texts/devices.ts";
import { type Reading, type ReadValue, type Span, shortened } from "./comparison.ts";

/** What dates are read against: the server's zone and its clock. */
export interface Clock {
  /** The server's time zone, e.g. `Europe/Berlin`. */
  readonly zone: string;
  /** The server's day, `YYYY-MM-DD`. */
  readonly today: string;
  /** ms UTC. */
  readonly now: number;
}

const DATE =
  /^(?<year>\d{4})(?:-(?<month>\d{1,2})(?:-(?<day>\d{1,2})(?:[T\s]+(?<hour>\d{1,2})(?::(?<minute>\d{2}))?)?)?)?$/iu;
const AGE = /^(?<count>\d+(?:[.,]\d+)?)\s*(?<unit>s|sec|seconds?|m|min|minutes?|h|hours?|d|days?|w|weeks?)$/iu;
const AGE_UNITS: Readonly<Record<string, number>> = { s: 1e3, m: 6e4, h: 3.6e6, d: 8.64e7, w: 6.048e8 };
const DAY_MS = 86_400_000;

/** A local date and time as if it were UTC, in ms: days and times of the wall can be compared and added up as these. */
type WallTime = number;

/** A day `YYYY-MM-DD` as the number that `readDay`'s tests take. */
export function dayNumber(day: string): WallTime {
  return Date.parse(`${day}T00:00:00Z`);
}

/** Reads days: `2026-11-20`, `2026-11`, `2026`, `today`, `yesterday`. */
export function readDay(clock: Pick<Clock, "today">): ReadValue {
  return (text) => {
    const wall = readWall(text, clock.today);
    if (!wall || wall.timed) {
      return { problem: filterText.day(shortened(text)) };
    }
    return spanOf(wall.from, wall.to - 1);
  };
}

/**
 * Reads instants: days as `readDay` does, `2026-11-20 13:45` by the server's clock, and ages: `2h` is the last two
 * hours, `>7d` longer ago than a week.
 */
export function readInstant(clock: Clock): ReadValue {
  return (text) => {
    const age = readAge(text, clock.now);
    if (age) return age;
    const wall = readWall(text, clock.today);
    if (!wall) {
      return { problem: filterText.time(shortened(text)) };
    }
    return spanOf(instantOf(wall.from, clock.zone), instantOf(wall.to, clock.zone) - 1);
  };
}

/** Turns comparisons of ages round: an age below two hours is an instant after the one two hours ago. */
export function agesTurned(text: string): string {
  return text.replace(/(<=?|>=?|≤|≥)(?=\s*[\d.,]+\s*[a-z])/giu, (sign) => TURNED[sign] ?? sign);
}
const TURNED: Readonly<Record<string, string>> = { "<": ">", "<=": ">=", ">": "<", ">=": "<=", "≤": ">=", "≥": "<=" };

function spanOf(first: number, last: number): Reading<Span> {
  return { test: { first, last, alikeFirst: first, alikeLast: last } };
}

function readAge(text: string, now: number): Reading<Span> | null {
  const { count, unit } = AGE.exec(text)?.groups ?? {};
  if (count === undefined || unit === undefined) return null;
  const at = now - Number(count.replace(",", ".")) * (AGE_UNITS[unit.charAt(0).toLowerCase()] ?? 0);
  // A clock may run a little behind what was seen: an age without operator reaches to now and beyond.
  return { test: { first: at, last: at, alikeFirst: at, alikeLast: Infinity } };
}

/** The span of wall time that a date stands for, `to` not in it. */
function readWall(text: string, today: string): { from: WallTime; to: WallTime; timed: boolean } | null {
  const word = text.trim().toLowerCase();
  const start = dayNumber(today);
  if (word === "today") return { from: start, to: start + DAY_MS, timed: false };
  if (word === "yesterday") return { from: start - DAY_MS, to: start, timed: false };
  const parts = DATE.exec(word)?.groups;
  if (!parts) return null;
  const [year, month, day, hour, minute] = [parts.year, parts.month, parts.day, parts.hour, parts.minute].map((part) =>
    part === undefined ? undefined : Number(part),
  );
  if (year === undefined || year < 1000) return null;
  if (month === undefined) return { from: Date.UTC(year, 0), to: Date.UTC(year + 1, 0), timed: false };
  if (month < 1 || month > 12) return null;
  if (day === undefined) return { from: Date.UTC(year, month - 1), to: Date.UTC(year, month), timed: false };
  const from = Date.UTC(year, month - 1, day);
  if (day < 1 || new Date(from).getUTCMonth() !== month - 1) return null;
  if (hour === undefined) return { from, to: from + DAY_MS, timed: false };
  if (hour > 23 || (minute ?? 0) > 59) return null;
  const at = from + hour * 3_600_000 + (minute ?? 0) * 60_000;
  return { from: at, to: at + (minute === undefined ? 3_600_000 : 60_000), timed: true };
}

/** The instant at which the clocks of a zone show a wall time; where they never do (DST), the one that comes nearest. */
function instantOf(wall: WallTime, zone: string): number {
  const guess = wall - offsetAt(wall, zone);
  return wall - offsetAt(guess, zone);
}

const FORMATS = new Map<string, Intl.DateTimeFormat>();

function offsetAt(at: number, zone: string): number {
  const format =
    FORMATS.get(zone) ??
    new Intl.DateTimeFormat("en-CA-u-ca-iso8601-hc-h23", {
      timeZone: zone,
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
    });
  FORMATS.set(zone, format);
  const parts = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second) - at;
}
