import { expect, test } from "vitest";
import { createCalendar } from "../accounting/calendar.ts";
import { zoneOf } from "../accounting/testing.ts";
import { quietUntil } from "./quiet.ts";

const calendar = createCalendar(zoneOf("Europe/Berlin"));
const until = (quiet: { from: number; to: number } | null, at: string) => {
  const end = quietUntil(quiet, calendar, Date.parse(at));
  return end === null ? null : calendar.localText(end).slice(0, 16);
};

test("quiet hours end when the clock on the wall says so, over midnight and when it is set", () => {
  const night = { from: 22, to: 7 };
  expect(until(night, "2026-03-16T20:59:59Z")).toBeNull();
  expect(until(night, "2026-03-16T21:00:00Z")).toBe("2026-03-17 07:00");
  expect(until(night, "2026-03-17T02:30:00Z")).toBe("2026-03-17 07:00");
  expect(until(night, "2026-03-17T06:00:00Z")).toBeNull();
  expect(until({ from: 12, to: 14 }, "2026-03-16T12:30:00Z")).toBe("2026-03-16 14:00");
  // The nights in which the clock is set.
  expect(until(night, "2026-03-28T23:30:00Z")).toBe("2026-03-29 07:00");
  expect(until(night, "2026-10-24T23:30:00Z")).toBe("2026-10-25 07:00");
  expect(until({ from: 2, to: 3 }, "2026-03-29T01:30:00Z")).toBeNull();
  expect(until({ from: 5, to: 5 }, "2026-03-29T03:30:00Z")).toBeNull();
  expect(until(null, "2026-03-29T03:30:00Z")).toBeNull();
});
