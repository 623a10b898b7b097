import { describe, expect, test } from "vitest";
import { createCalendar } from "../../accounting/calendar.ts";
import { zoneOf } from "../../accounting/testing.ts";
import type { Comparison } from "../../shared/groups.ts";
import { bytesBefore, type Cut, previousOf } from "./previous.ts";

const berlin = createCalendar(zoneOf("Europe/Berlin"));
/** 2026-11-22 15:30 in Berlin. */
const NOW = Date.UTC(2026, 10, 22, 14, 30);
const compared = (from: string, to: string, now = NOW, comparison?: Comparison) => {
  const { span, whole, cut } = previousOf({ from, to }, now, berlin, comparison);
  return [`${span.from} ${span.to}`, whole && `${whole.from} ${whole.to}`, cut && berlin.localText(cut.until)];
};

describe("the range before", () => {
  test("today is compared with yesterday up to this time of the day", () => {
    expect(compared("2026-11-22", "2026-11-22")).toEqual(["2026-11-21 2026-11-21", null, "2026-11-21 15:30:00"]);
  });

  test("a range that ends today has its last day cut", () => {
    expect(compared("2026-11-16", "2026-11-22")).toEqual([
      "2026-11-09 2026-11-15",
      "2026-11-09 2026-11-14",
      "2026-11-15 15:30:00",
    ]);
  });

  test("a range that is over is compared with as many whole days", () => {
    expect(compared("2026-11-11", "2026-11-20")).toEqual(["2026-11-01 2026-11-10", "2026-11-01 2026-11-10", null]);
  });

  test("a whole month that is not over is compared with the month before up to this day", () => {
    expect(compared("2026-11-01", "2026-11-30")).toEqual([
      "2026-10-01 2026-10-31",
      "2026-10-01 2026-10-21",
      "2026-10-22 15:30:00",
    ]);
  });

  test("the month up to today is compared with the month before, from its first to the same day and time", () => {
    const upToThen = ["2026-10-01 2026-10-31", "2026-10-01 2026-10-21", "2026-10-22 15:30:00"];
    expect(compared("2026-11-01", "2026-11-22")).toEqual(upToThen);
    expect(compared("2026-11-01", "2026-11-22", NOW, "month")).toEqual(upToThen);
    // Who wants as many days before, can have these.
    expect(compared("2026-11-01", "2026-11-22", NOW, "days")[0]).toBe("2026-10-10 2026-10-31");
  });

  test("on the first of a month, its first day is compared with yesterday, or as a month with the first of the last", () => {
    const now = Date.UTC(2026, 10, 1, 11);
    expect(compared("2026-11-01", "2026-11-01", now)[0]).toBe("2026-10-31 2026-10-31");
    expect(compared("2026-11-01", "2026-11-01", now, "month")).toEqual([
      "2026-10-01 2026-10-31",
      null,
      "2026-10-01 12:00:00",
    ]);
  });

  test("days that are no month are compared with as many before, whatever is asked for", () => {
    expect(compared("2026-11-02", "2026-11-22", NOW, "month")[0]).toBe("2026-10-12 2026-11-01");
    expect(compared("2026-09-01", "2026-10-31", NOW, "month")[0]).toBe("2026-07-02 2026-08-31");
  });

  test("the 31st is compared with all of a shorter month", () => {
    const now = Date.UTC(2026, 11, 31, 11);
    expect(compared("2026-12-01", "2026-12-31", now)).toEqual(["2026-11-01 2026-11-30", "2026-11-01 2026-11-30", null]);
  });

  test("an hour that the clock skipped is cut at its edge", () => {
    const halfPastTwo = Date.UTC(2026, 2, 30, 0, 30);
    expect(compared("2026-03-30", "2026-03-30", halfPastTwo)[2]).toBe("2026-03-29 03:00:00");
  });
});

describe("a day's bytes before a cut", () => {
  const cut: Cut = { day: "2026-11-21", hour: 2, hourShare: 0.5, dayShare: 0.25, until: 0 };

  test("are its whole hours and a share of the hour that is cut", () => {
    const hours = new Map([
      [0, 100],
      [1, 10],
      [2, 8],
      [3, 1000],
    ]);
    expect(bytesBefore(cut, 1118, hours)).toBe(114);
  });

  test("are the day's share where no hours are known", () => {
    expect(bytesBefore(cut, 1000, new Map())).toBe(250);
  });
});
