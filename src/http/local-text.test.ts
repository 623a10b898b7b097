import { expect, test } from "vitest";
import { createCalendar } from "../accounting/calendar.ts";
import { zoneOf } from "../accounting/testing.ts";
import { createLocalText } from "./local-text.ts";

test.each(["Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Casablanca", "UTC"])(
  "in %s every instant has the calendar's own text",
  (zone) => {
    const calendar = createCalendar(zoneOf(zone));
    const localText = createLocalText(calendar);
    const from = Date.UTC(2021, 0, 1);
    const odd = 6 * 3_600_000 + 7 * 60_000 + 11_123;
    for (let at = from; at < from + 366 * 86_400_000; at += odd) expect(localText(at)).toBe(calendar.localText(at));
  },
);

test.each([
  ["Europe/Berlin", Date.UTC(2021, 2, 28, 1)],
  ["Europe/Berlin", Date.UTC(2021, 9, 31, 1)],
  ["Australia/Lord_Howe", Date.UTC(2021, 3, 3, 15)],
  ["America/St_Johns", Date.UTC(2021, 2, 14, 5, 30)],
])("in %s the seconds around a change of the offset are right", (zone, change) => {
  const calendar = createCalendar(zoneOf(zone));
  const localText = createLocalText(calendar);
  for (let at = change - 7_200_000; at < change + 7_200_000; at += 61_001) {
    expect(localText(at)).toBe(calendar.localText(at));
  }
  expect(localText(change - 1)).toBe(calendar.localText(change - 1));
  expect(localText(change)).toBe(calendar.localText(change));
});

test("the zone is not asked for each instant", () => {
  let asked = 0;
  const localText = createLocalText({
    offsetAt: () => {
      asked += 1;
      return 3_600_000;
    },
  });
  for (let second = 0; second < 86_400; second += 10) localText(second * 1000);
  expect(asked).toBe(2);
});
