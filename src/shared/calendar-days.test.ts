import { expect, test } from "vitest";
import { countDays, daysFromTo, firstOfMonth, firstOfMonthBefore, lastOfMonth, weekdayOf } from "./calendar-days.ts";

test.each([
  ["2026-01-15", "2026-01-01", "2026-01-31", "2025-12-01"],
  ["2026-02-28", "2026-02-01", "2026-02-28", "2026-01-01"],
  ["2028-02-01", "2028-02-01", "2028-02-29", "2028-01-01"],
  ["2026-03-31", "2026-03-01", "2026-03-31", "2026-02-01"],
  ["2026-12-31", "2026-12-01", "2026-12-31", "2026-11-01"],
])("%s is in the month from %s to %s, after the one that begins on %s", (day, first, last, before) => {
  expect([firstOfMonth(day), lastOfMonth(day), firstOfMonthBefore(day)]).toEqual([first, last, before]);
});

test("a range of days has both its ends, over a leap day too", () => {
  expect(daysFromTo("2028-02-28", "2028-03-01")).toEqual(["2028-02-28", "2028-02-29", "2028-03-01"]);
  expect(daysFromTo("2026-05-05", "2026-05-05")).toEqual(["2026-05-05"]);
  expect(countDays("2026-01-01", "2026-12-31")).toBe(365);
});

test.each([
  ["1969-12-31", 3],
  ["2024-01-01", 1],
  ["2026-11-22", 7],
])("%s is weekday %d", (day, weekday) => {
  expect(weekdayOf(day)).toBe(weekday);
});
