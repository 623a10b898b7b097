import { addDays, isDay } from "../accounting/calendar.ts";
import type { Day } from "../accounting/types.ts";
import { HttpProblem } from "./errors.ts";
import type { HttpRequest } from "./exchange.ts";

/** Days of a question, both included, `from` not after `to`. */
export interface DayRange {
  readonly from: Day;
  readonly to: Day;
}

export function earlier(a: Day, b: Day): Day {
  return a < b ? a : b;
}

export function later(a: Day, b: Day): Day {
  return a < b ? b : a;
}

/** How many days a history shows that names no start. */
const DEFAULT_DAYS = 30;

const TIME = String.raw`(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?`;
const DATE = new RegExp(String.raw`^(\d{4}-\d{2}-\d{2})(?:[T ]${TIME})?$`, "i");

/** The days that a question names by `start` and `end`, see `readRange`. @throws HttpProblem `bad-date` */
export function rangeIn(request: HttpRequest, today: Day): DayRange {
  const query = request.query();
  return readRange(query.get("start") ?? "", query.get("end") ?? "", today);
}

/**
 * The days between `start` and `end` of a query. A time of day behind the date is allowed and ignored: figures are
 * per day. Without `end` the range goes to today, without `start` it holds the 30 days up to `end`; swapped ends are
 * put right.
 * @throws HttpProblem `bad-date`
 */
export function readRange(start: string, end: string, today: Day): DayRange {
  const to = end.trim() === "" ? today : readDay("end", end);
  const from = start.trim() === "" ? addDays(to, 1 - DEFAULT_DAYS) : readDay("start", start);
  return from <= to ? { from, to } : { from: to, to: from };
}

function readDay(name: string, text: string): Day {
  const day = DATE.exec(text.trim())?.[1];
  // Years below 1000 are typing errors, and days before them can't be reached by arithmetic on four-digit years.
  if (day === undefined || !isDay(day) || day < "1000-01-01") {
    const shown = text.length > 40 ? `${text.slice(0, 40)}…` : text;
    throw new HttpProblem(
      "bad-date",
      `${name}: "${shown}" is not a date.`,
      `Write the year, month and day, for example ${name}=2021-01-30 or ${name}=2021-01-30T00:00:00`,
    );
  }
  return day;
}
