import { expect, test } from "vitest";
import { deviceWith, usageWith } from "../testing.ts";
import { isMeasured, unmeasuredWithin } from "./measured.ts";

const buckets = [0, 1, 2].map((hour) => ({ from: hour * 100, to: hour * 100 + 100, label: "", day: "" }));
const usage = usageWith([], { buckets, now: 250 });

test("a range of which a part was measured has figures, be they nothing", () => {
  expect(isMeasured(usage)).toBe(true);
  expect(isMeasured({ ...usage, unmeasured: [{ from: 0, to: 200 }] })).toBe(true);
});

test("a range that was not measured up to now has none, nor has one that is still to come", () => {
  expect(isMeasured({ ...usage, unmeasured: [{ from: 0, to: 250 }] })).toBe(false);
  expect(isMeasured({ ...usage, now: 0 })).toBe(false);
});

test("figures that are there were measured", () => {
  const used = usageWith([deviceWith("a", { download: 1 })], { buckets, unmeasured: [{ from: 0, to: 300 }] });
  expect(isMeasured(used)).toBe(true);
});

test("of a bar that part is told that was not measured", () => {
  const unmeasured = [
    { from: 0, to: 120 },
    { from: 180, to: 250 },
  ];
  expect(unmeasuredWithin({ unmeasured }, { from: 100, to: 200 })).toEqual([
    { from: 100, to: 120 },
    { from: 180, to: 200 },
  ]);
  expect(unmeasuredWithin({ unmeasured }, { from: 300, to: 400 })).toEqual([]);
});
