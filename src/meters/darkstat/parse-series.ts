import type { SeriesBucket } from "../../accounting/types.ts";
import { DarkstatError, excerpt } from "./error.ts";
import { wholeNumber } from "./text.ts";

const PAGE = "the series (/graphs.xml)";
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** darkstat's page was made a moment before `at`: by so much its minute may seem to be off the clock's. */
const READING_LAG = 2 * SECOND;

/** A bar of a series: its place on darkstat's clock face, and its bytes in both directions. */
interface Bar {
  readonly place: number;
  readonly bytes: number;
}

/**
 * Reads `/graphs.xml` into buckets in order of time that do not overlap, each as fine as darkstat has it: the last minute by
 * seconds, the last hour by minutes, the last day by hours, the last month by days. `at` is when the page was read.
 *
 * The last bar of each series is the running one. Where it began follows from the place of the finer one (at second 12
 * the minute began 12 seconds ago), never from `at`: darkstat's zone may not be ours. A coarse bar that finer ones cover
 * in part stands, with what they leave of its bytes, for the rest of its span. A change of darkstat's clock (DST, a step)
 * is not known here and shifts older bars by it: they are weights, not amounts. darkstat counts in its series only what
 * its own machine, or with `-l` that network, exchanged with others.
 * @throws DarkstatError `refused-query`, `cut`, `garbled`
 */
export function parseSeries(xml: string, at: number): SeriesBucket[] {
  if (xml.startsWith("Error:")) {
    throw new DarkstatError("refused-query", `darkstat refused the query for ${PAGE}: ${excerpt(xml.trim(), 200)}`);
  }
  if (!xml.startsWith("<graphs ")) {
    throw new DarkstatError("garbled", `${PAGE} begins with ${excerpt(xml)}; "<graphs" was expected`);
  }
  if (!xml.trimEnd().endsWith("</graphs>"))
    throw new DarkstatError("cut", `${PAGE} was cut off after ${xml.length} characters`);
  const seconds = barsOf(xml, "seconds", 0, 59);
  const minutes = barsOf(xml, "minutes", 0, 59);
  const hours = barsOf(xml, "hours", 0, 23);
  const days = withoutMissingDays(barsOf(xml, "days", 1, 31), at);

  const second = runningSecond(at, placeNow(seconds));
  const minute = second - placeNow(seconds) * SECOND;
  const hour = minute - placeNow(minutes) * MINUTE;
  const day = hour - placeNow(hours) * HOUR;
  const newestFirst: SeriesBucket[] = [];
  addSeries(newestFirst, seconds, second, SECOND, at);
  addSeries(newestFirst, minutes, minute, MINUTE, at);
  addSeries(newestFirst, hours, hour, HOUR, at);
  addSeries(newestFirst, days, day, DAY, at);
  return newestFirst.reverse();
}

function barsOf(xml: string, name: string, lowest: number, highest: number): Bar[] {
  const from = xml.indexOf(`<${name}>`);
  const to = xml.indexOf(`</${name}>`);
  if (from < 0 || to < from) throw new DarkstatError("garbled", `${PAGE} lacks the series "${name}"`);
  const lines = xml
    .slice(from + name.length + 2, to)
    .trim()
    .split("\n");
  const bars = lines.map((line, index) => barOf(line, `bar ${index + 1} of "${name}" in ${PAGE}`, lowest, highest));
  if (bars.length > highest - lowest + 1) {
    throw new DarkstatError(
      "garbled",
      `"${name}" in ${PAGE} has ${bars.length} bars, at most ${highest - lowest + 1} fit`,
    );
  }
  return bars;
}

function barOf(line: string, what: string, lowest: number, highest: number): Bar {
  const match = /^<e p="(\d{1,3})" i="(\d{1,20})" o="(\d{1,20})"\/>$/.exec(line.trim());
  if (!match) throw new DarkstatError("garbled", `${what} is ${excerpt(line)}; <e p="1" i="2" o="3"/> was expected`);
  const place = Number(match[1]);
  if (place < lowest || place > highest) {
    throw new DarkstatError("garbled", `${what} stands at ${place}; ${lowest} to ${highest} was expected`);
  }
  return { place, bytes: wholeNumber(match[2] ?? "", what) + wholeNumber(match[3] ?? "", what) };
}

function placeNow(bars: readonly Bar[]): number {
  return bars.at(-1)?.place ?? 0;
}

/** When darkstat's running second began, by our clock; set right when both clocks agree on the minute but for the lag. */
function runningSecond(at: number, place: number): number {
  const second = Math.floor((at - 1) / SECOND) * SECOND;
  const minute = second - place * SECOND;
  const ours = Math.round(minute / MINUTE) * MINUTE;
  const aligned = ours + place * SECOND;
  return Math.abs(ours - minute) <= READING_LAG && aligned <= at ? aligned : second;
}

/**
 * darkstat's month has 31 bars whatever the calendar says: after a shorter one the 29th to 31st stay empty. They are no
 * days, so they are left out, that those before keep their place.
 */
function withoutMissingDays(bars: readonly Bar[], at: number): Bar[] {
  const today = placeNow(bars);
  // Whatever darkstat's zone, its date is the one with this day of the month that is next to ours in UTC.
  const date = [0, -1, 1].map((days) => new Date(at + days * DAY)).find((other) => other.getUTCDate() === today);
  if (!date) return [...bars];
  const lastMonthLength = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 0)).getUTCDate();
  return bars.filter((bar) => bar.place <= today || bar.place <= lastMonthLength);
}

/** Adds what a series knows of the time before the finer ones. `running` is when its last bar began. */
function addSeries(
  newestFirst: SeriesBucket[],
  bars: readonly Bar[],
  running: number,
  length: number,
  at: number,
): void {
  const finer = [...newestFirst];
  let covered = finer.at(-1)?.from ?? at;
  for (const [age, bar] of bars.toReversed().entries()) {
    // No bucket is empty, not even that of a second which has just begun.
    const from = Math.min(running - age * length, at - 1);
    if (from >= covered) continue;
    const told = finer.reduce((sum, bucket) => (bucket.from < from + length ? sum + bucket.bytes : sum), 0);
    newestFirst.push({ from, to: covered, bytes: Math.max(0, bar.bytes - told) });
    covered = from;
  }
}
