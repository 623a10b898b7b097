import { expect, test } from "vitest";
import { backTestUnusual } from "../../bench/lib/unusual.ts";
import { addDays } from "../accounting/calendar.ts";
import { daysFromTo, weekdayOf } from "../shared/calendar-days.ts";
import { coincidencesOf } from "./remotes.ts";
import { unusualSentence } from "./sentence.ts";
import { type HoursOfDay, unusualOf } from "./unusual.ts";

/** A Monday. */
const TODAY = "2026-03-16";
const GB = 1_000_000_000;

/** A day on which so much was used in each hour, and more in some. */
function dayOf(day: string, each: number, more: Readonly<Record<number, number>> = {}): HoursOfDay {
  return { day, hours: Array.from({ length: 24 }, (_, hour) => each + (more[hour] ?? 0)) };
}

const past = (count: number, make: (day: string, index: number) => HoursOfDay) =>
  daysFromTo(addDays(TODAY, -count), addDays(TODAY, -1)).map(make);
/** Within a third of each other, as days are. */
const ordinary = (day: string, index: number) => dayOf(day, (0.08 + 0.01 * (index % 3)) * GB);
const NIGHT = { 2: 10 * GB, 3: 10 * GB, 4: 10 * GB, 5: 11 * GB };

function soFar({ day, hours }: HoursOfDay, hour: number) {
  return { today: { day, hours: hours.slice(0, hour) }, hour, share: 0 };
}

test("an unusual night is told of once it is beyond the usual of that time, with its hours", () => {
  const history = past(56, ordinary);
  const today = dayOf(TODAY, 0.08 * GB, NIGHT);
  expect(unusualOf({ ...soFar(today, 2), history })).toBeNull();
  expect(unusualOf({ ...soFar(today, 6), history })).toMatchObject({ from: 2, to: 6, bytes: 41.32 * GB });
  expect(unusualOf({ ...soFar(today, 6), history })?.usual).toBeCloseTo(0.36 * GB, -8);
  // Late in the evening it is still the night that is named.
  expect(unusualOf({ ...soFar(today, 23), history })).toMatchObject({ from: 2, to: 6 });
});

test("the day so far is compared with days up to the same minute, not with whole ones", () => {
  const evening = (day: string) => dayOf(day, 0.02 * GB, { 20: 30 * GB });
  const history = past(56, evening);
  expect(unusualOf({ ...soFar(dayOf(TODAY, 0.02 * GB, { 9: 5 * GB }), 10), history })).toMatchObject({
    from: 9,
    to: 10,
  });
  expect(unusualOf({ ...soFar(evening(TODAY), 21), history })).toBeNull();
  // Half past eight in the evening: half of the hour is what is usual by then.
  const running = {
    today: {
      day: TODAY,
      hours: evening(TODAY)
        .hours.slice(0, 20)
        .concat(16 * GB),
    },
    hour: 20,
    share: 0.5,
  };
  expect(unusualOf({ ...running, history })).toBeNull();
});

test("a weekday is compared with its own: what Sundays bring is unusual on a Monday only", () => {
  const history = past(56, (day) => dayOf(day, (weekdayOf(day) === 7 ? 2 : 0.1) * GB));
  const like = (day: string) =>
    unusualOf({ ...soFar(dayOf(day, 2 * GB), 24), history: history.filter((one) => one.day < day) });
  expect(like(TODAY)).not.toBeNull();
  expect(like(addDays(TODAY, -1))).toBeNull();
});

test("nothing is said of less than three times the usual, of less than a gigabyte, nor within two weeks", () => {
  const history = past(56, ordinary);
  const judge = (each: number, known = history) => unusualOf({ ...soFar(dayOf(TODAY, each), 24), history: known });
  expect(judge(0.25 * GB)).toBeNull();
  expect(judge(0.4 * GB)).not.toBeNull();
  const little = past(56, (day) => dayOf(day, 100_000));
  expect(judge(0.04 * GB, little)).toBeNull();
  expect(judge(0.05 * GB, little)).not.toBeNull();
  expect(judge(10 * GB, history.slice(-13))).toBeNull();
  expect(judge(10 * GB, history.slice(-14))).not.toBeNull();
});

test("where days differ wildly, it takes more to be unusual", () => {
  const wild = past(56, (day, index) => dayOf(day, 0.02 * GB * 4 ** (index % 4)));
  const judge = (history: readonly HoursOfDay[]) => unusualOf({ ...soFar(dayOf(TODAY, 1.5 * GB), 24), history });
  expect(judge(wild)).toBeNull();
  expect(judge(past(56, ordinary))).not.toBeNull();
});

test("days on which a device was off say nothing of its usual, unless it always was", () => {
  const seldom = past(56, (day, index) => dayOf(day, index % 5 === 0 ? 0.5 * GB : 0));
  const judge = (history: readonly HoursOfDay[]) => unusualOf({ ...soFar(dayOf(TODAY, 0.6 * GB), 24), history });
  expect(judge(seldom)).toBeNull();
  expect(judge(past(56, (day) => dayOf(day, 0)))).toMatchObject({ usual: 0 });
});

test("hosts that grew in the same hours are named, those of other hours and their usual are not", () => {
  const at = { from: 2, to: 6, bytes: 40 * GB, direction: "download" } as const;
  const remote = (ip: string, hour: number, out: number) => ({ ip, hour, in: 0, out });
  const remotes = [
    remote("198.51.100.1", 2, 20 * GB),
    remote("198.51.100.1", 3, 15 * GB),
    remote("198.51.100.2", 7, 30 * GB),
    remote("198.51.100.3", 4, 10 * GB),
    remote("198.51.100.4", 5, 9 * GB),
  ];
  const usualOf = (ip: string) => (ip.endsWith(".3") ? 30 * GB : 0);
  const known = { usualOf, hostnameOf: (ip: string) => (ip.endsWith(".1") ? "cdn.example" : null) };
  expect(coincidencesOf(at, remotes, known)).toEqual([
    { ip: "198.51.100.1", hostname: "cdn.example", bytes: 35 * GB },
    { ip: "198.51.100.4", hostname: null, bytes: 9 * GB },
  ]);
  expect(coincidencesOf({ ...at, direction: "upload" }, remotes, known)).toEqual([]);
});

test("it is told in a sentence", () => {
  const told = {
    name: "Living room TV",
    direction: "download",
    bytes: 41.2 * GB,
    usual: 0.3 * GB,
    since: "02:00",
  } as const;
  expect(unusualSentence({ ...told, until: "06:00", hosts: [] })).toBe(
    "Living room TV downloaded 41 GB between 02:00 and 06:00; usually 300 MB.",
  );
  const hosts = [
    { ip: "198.51.100.1", hostname: "cdn.example", bytes: 35 * GB },
    { ip: "198.51.100.4", hostname: null, bytes: 9 * GB },
  ];
  expect(unusualSentence({ ...told, direction: "upload", until: null, hosts })).toBe(
    "Living room TV uploaded 41 GB since 02:00; usually 300 MB. At the same time, traffic with cdn.example (35 GB) and 198.51.100.4 (9 GB) grew.",
  );
});

test("of what is planted in simulated households nearly all is found, and hardly anything else said", () => {
  const { events, falseSentences, householdMonths } = backTestUnusual(12, 150);
  const sums = Object.values(events).reduce(
    (sum, { planted, found }) => ({ planted: sum.planted + planted, found: sum.found + found }),
    { planted: 0, found: 0 },
  );
  expect(sums.planted).toBeGreaterThan(15);
  expect(sums.found / sums.planted).toBeGreaterThanOrEqual(0.9);
  expect(falseSentences / householdMonths).toBeLessThan(1);
});
