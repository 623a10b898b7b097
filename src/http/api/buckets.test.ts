import { describe, expect, test } from "vitest";
import { createCalendar } from "../../accounting/calendar.ts";
import { zoneOf } from "../../accounting/testing.ts";
import { bucketsOf } from "./buckets.ts";

const berlin = createCalendar(zoneOf("Europe/Berlin"));
const shown = (from: string, to: string, group: "hour" | "day" | "month", calendar = berlin) =>
  bucketsOf({ from, to }, group, calendar).map((bucket) => [
    bucket.label,
    new Date(bucket.from).toISOString().slice(0, 16),
    new Date(bucket.to).toISOString().slice(0, 16),
  ]);

test("months at the ends are cut to the range", () => {
  expect(shown("2026-01-15", "2026-03-02", "month")).toEqual([
    ["2026-01", "2026-01-14T23:00", "2026-01-31T23:00"],
    ["2026-02", "2026-01-31T23:00", "2026-02-28T23:00"],
    ["2026-03", "2026-02-28T23:00", "2026-03-02T23:00"],
  ]);
  expect(
    bucketsOf({ from: "2026-01-15", to: "2026-03-02" }, "month", berlin).map(({ day, span }) => [day, span.to]),
  ).toEqual([
    ["2026-01-15", "2026-01-31"],
    ["2026-02-01", "2026-02-28"],
    ["2026-03-01", "2026-03-02"],
  ]);
});

test("the day on which summer time ends has 25 hours, of which two have the same label", () => {
  const hours = shown("2026-10-25", "2026-10-25", "hour");
  expect(hours).toHaveLength(25);
  expect(hours.slice(1, 5).map(([label]) => label)).toEqual([
    "2026-10-25T01",
    "2026-10-25T02",
    "2026-10-25T02",
    "2026-10-25T03",
  ]);
});

test("the day on which summer time begins has no hour from two to three", () => {
  const labels = shown("2026-03-29", "2026-03-29", "hour").map(([label]) => label);
  expect(labels).toHaveLength(23);
  expect(labels).not.toContain("2026-03-29T02");
});

describe("days begin at local midnight, and end where the next begins", () => {
  // Clocks that change at midnight, by half an hour, not at all, or twice within a month.
  test.each(["Europe/Berlin", "America/Santiago", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Casablanca", "UTC"])(
    "%s",
    (zone) => {
      const calendar = createCalendar(zoneOf(zone));
      const buckets = bucketsOf({ from: "2024-01-01", to: "2025-12-31" }, "day", calendar);
      expect(buckets).toHaveLength(731);
      for (const { from, to, day } of buckets) {
        const slots = calendar.slotsOf(day);
        expect([day, from, to]).toEqual([day, slots[0]?.from, slots.at(-1)?.to]);
      }
    },
  );
});
