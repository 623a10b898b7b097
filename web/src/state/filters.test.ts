import { expect, test } from "vitest";
import { deviceWith, usageWith } from "../testing.ts";
import { usageOf } from "./filters.ts";

const { series: _, ...gone } = deviceWith("gone", { download: 7, upload: 1 });
const whole = usageWith(
  [
    deviceWith("a", { download: 10, upload: 1, previous: { download: 5, upload: 0 } }),
    deviceWith("b", { download: 100, upload: 2, previous: { download: 0, upload: 0 } }),
  ],
  {
    previous: {
      from: "2026-11-21",
      to: "2026-11-21",
      until: null,
      download: 12,
      upload: 1,
      devices: 2,
      gone: [gone],
    },
  },
);

test("of some devices alone, totals are theirs, in the range before too", () => {
  const some = usageOf(whole, (key) => key !== "b");
  expect(some.devices.map(({ key }) => key)).toEqual(["a"]);
  expect(some.totals).toEqual({ download: 10, upload: 1, devices: 1 });
  expect(some.previous).toMatchObject({ download: 12, upload: 1, devices: 2 });
  expect(usageOf(whole, (key) => key === "a").previous).toMatchObject({ download: 5, devices: 1, gone: [] });
});

test("of all devices, they are what they are", () => {
  expect(usageOf(whole, () => true)).toEqual(whole);
  expect(usageOf({ ...whole, previous: null }, () => true).previous).toBeNull();
});
