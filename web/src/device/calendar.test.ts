import { describe, expect, test } from "vitest";
import { countDays, weekdayOf } from "../../../src/shared/calendar-days.ts";
import { firstWeekdayOf, stretchesOf, weeksOf } from "./calendar.ts";

describe("the weeks of a calendar", () => {
  test("begin with Monday where weeks do", () => {
    // 22 November 2026 is a Sunday.
    const weeks = weeksOf("2026-11-11", "2026-11-22", 1);
    expect(weeks.map(({ days }) => days)).toEqual([
      [null, null, "2026-11-11", "2026-11-12", "2026-11-13", "2026-11-14", "2026-11-15"],
      ["2026-11-16", "2026-11-17", "2026-11-18", "2026-11-19", "2026-11-20", "2026-11-21", "2026-11-22"],
    ]);
  });

  test("begin with Sunday where weeks do", () => {
    const weeks = weeksOf("2026-11-11", "2026-11-22", 7);
    expect(weeks.map(({ days }) => [days[0], days[6]])).toEqual([
      [null, "2026-11-14"],
      ["2026-11-15", "2026-11-21"],
      ["2026-11-22", null],
    ]);
  });

  test("hold every day of a year once, in order", () => {
    for (const first of [1, 6, 7] as const) {
      const days = weeksOf("2024-01-01", "2024-12-31", first).flatMap((week) =>
        week.days.filter((day) => day !== null),
      );
      expect(days).toHaveLength(countDays("2024-01-01", "2024-12-31"));
      expect(days).toEqual([...new Set(days)].sort());
    }
  });

  test("name the month that begins in them, and the one that is under way where there is room", () => {
    const months = (from: string, to: string) => weeksOf(from, to, 1).map(({ month }) => month);
    expect(months("2026-10-07", "2026-11-08")).toEqual(["2026-10-07", null, null, "2026-11-01", null]);
    // Only a week of October is left: its name would run into November's.
    expect(months("2026-10-26", "2026-11-08")).toEqual(["2026-11-01", null]);
    expect(months("2026-10-19", "2026-11-08")).toEqual([null, "2026-11-01", null]);
    expect(months("2026-01-01", "2026-01-11")).toEqual(["2026-01-01", null]);
  });
});

test("a weekday is counted from Monday", () => {
  expect(["2026-11-16", "2026-11-21", "2026-11-22"].map(weekdayOf)).toEqual([1, 6, 7]);
});

test("the first weekday is the language's, Monday where nobody can tell", () => {
  expect(firstWeekdayOf("de-DE")).toBe(1);
  expect(firstWeekdayOf("en-US")).toBe(7);
  expect(firstWeekdayOf("ar-EG")).toBe(6);
  expect(firstWeekdayOf("not a language")).toBe(1);
});

describe("the stretches that a calendar offers", () => {
  test("are the last twelve months alone for a device that is not older", () => {
    expect(stretchesOf("2026-03-01", "2026-11-22")).toEqual([{ id: "recent", from: "2025-11-23", to: "2026-11-22" }]);
    expect(stretchesOf("2025-11-23", "2026-11-22")).toHaveLength(1);
  });

  test("are each year too for one that is, this one up to today", () => {
    expect(stretchesOf("2024-12-31", "2026-11-22").slice(1)).toEqual([
      { id: "2026", from: "2026-01-01", to: "2026-11-22" },
      { id: "2025", from: "2025-01-01", to: "2025-12-31" },
      { id: "2024", from: "2024-01-01", to: "2024-12-31" },
    ]);
  });
});
