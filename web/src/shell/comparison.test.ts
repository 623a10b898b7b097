import { expect, test } from "vitest";
import { comparisonOf } from "./comparison.ts";

const range = (from: string, to: string, before: string, until: string, cut: boolean) =>
  comparisonOf({
    from,
    to,
    today: "2026-11-22",
    previous: { from: before, to: until, until: cut ? 1 : null, download: 1, upload: 1, devices: 1, gone: [] },
  });

test.each([
  ["2026-11-22", "2026-11-22", "2026-11-21", "2026-11-21", true, "yesterday at this time"],
  ["2026-11-21", "2026-11-21", "2026-11-20", "2026-11-20", false, "the day before"],
  ["2026-11-16", "2026-11-22", "2026-11-09", "2026-11-15", true, "previous 7 days"],
  ["2026-09-01", "2026-09-30", "2026-08-01", "2026-08-31", false, "previous month"],
  ["2026-11-01", "2026-11-22", "2026-10-10", "2026-10-31", true, "previous 22 days"],
  ["2026-11-01", "2026-11-22", "2026-10-01", "2026-10-31", true, "last month at this time"],
] as const)("%s to %s, against %s to %s, is compared with %6$s", (from, to, before, until, cut, words) => {
  expect(range(from, to, before, until, cut)).toBe(words);
});

test("there is nothing to say where nothing was measured", () => {
  expect(comparisonOf({ from: "2026-11-22", to: "2026-11-22", today: "2026-11-22", previous: null })).toBeNull();
});
