import { expect, test } from "vitest";
import { scoreHouseholds } from "./backtest.ts";

test("of devices that go on under another MAC nine in ten are proposed, and none that are two", () => {
  const { named, namedAndProposed, wrong } = scoreHouseholds(40, 365);
  expect(wrong).toEqual([]);
  expect(named).toBeGreaterThan(1_000);
  expect(namedAndProposed / named).toBeGreaterThanOrEqual(0.9);
});
