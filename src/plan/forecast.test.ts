import { expect, test } from "vitest";
import { addDays } from "../accounting/calendar.ts";
import { daysFromTo, weekdayOf } from "../shared/calendar-days.ts";
import { forecastOf } from "./forecast.ts";

/** A Monday. */
const TODAY = "2026-03-16";
const GB = 1e9;

const past = (count: number, bytesOf: (day: string) => number) =>
  daysFromTo(addDays(TODAY, -count), addDays(TODAY, -1)).map((day) => ({ day, counted: bytesOf(day) }));
const left = (count: number) => daysFromTo(addDays(TODAY, 1), addDays(TODAY, count));

test("days that are all alike go on alike, and the band is narrow", () => {
  const forecast = forecastOf({
    used: 100 * GB,
    history: past(56, () => 10 * GB),
    today: TODAY,
    todayLeft: 0.5,
    daysLeft: left(9),
  });
  expect(forecast?.expected).toBe(195 * GB);
  expect(forecast?.low).toBeGreaterThan(180 * GB);
  expect(forecast?.high).toBeLessThan(215 * GB);
});

test("days left that are weekends are forecast by weekends", () => {
  const history = past(56, (day) => (weekdayOf(day) > 5 ? 50 : 5) * GB);
  const input = { used: 0, history, today: TODAY, todayLeft: 0 };
  const weekend = ["2026-03-21", "2026-03-22"];
  const weekdays = ["2026-03-17", "2026-03-18"];
  expect(forecastOf({ ...input, daysLeft: weekend })?.expected).toBeGreaterThan(70 * GB);
  expect(forecastOf({ ...input, daysLeft: weekdays })?.expected).toBeLessThan(30 * GB);
});

test("the wilder the days, the wider the band, and never below what was used already", () => {
  const wild = past(56, (day) => (Number(day.slice(8)) % 5 === 0 ? 60 : 1) * GB);
  const calm = past(56, (day) => (Number(day.slice(8)) % 5 === 0 ? 14 : 12) * GB);
  const input = { used: 7 * GB, today: TODAY, todayLeft: 1, daysLeft: left(20) };
  const [one, other] = [forecastOf({ ...input, history: wild }), forecastOf({ ...input, history: calm })];
  expect((one?.high ?? 0) - (one?.low ?? 0)).toBeGreaterThan(2 * ((other?.high ?? 0) - (other?.low ?? 0)));
  expect(one?.low).toBeGreaterThanOrEqual(7 * GB);
});

test("with little history there is only the band, with next to none nothing", () => {
  const input = { used: 3 * GB, today: TODAY, todayLeft: 1, daysLeft: left(20) };
  expect(forecastOf({ ...input, history: past(2, () => GB) })).toBeNull();
  expect(forecastOf({ ...input, history: past(6, () => GB) })).toMatchObject({ expected: null });
  expect(forecastOf({ ...input, history: past(7, () => GB) })?.expected).toBe(24 * GB);
});

test("where nothing was used, or nothing is left of the cycle, it comes to what was used", () => {
  const input = { used: 3 * GB, today: TODAY, todayLeft: 1, daysLeft: left(3) };
  const none = { expected: 3 * GB, low: 3 * GB, high: 3 * GB };
  expect(forecastOf({ ...input, history: past(20, () => 0) })).toEqual(none);
  expect(forecastOf({ ...input, history: past(20, () => GB), todayLeft: 0, daysLeft: [] })).toEqual(none);
});
