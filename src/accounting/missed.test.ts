import { expect, test } from "vitest";
import { missedShare } from "./missed.ts";

test("takes the share of dropped packets from the captured ones, which contain them", () => {
  expect(missedShare({ captured: 2_831_536, dropped: 2_416_217 })).toBeCloseTo(0.853, 3);
  expect(missedShare({ captured: 100, dropped: 0 })).toBe(0);
  expect(missedShare({ captured: 0, dropped: 0 })).toBeNull();
  expect(missedShare({ captured: 3, dropped: 9 })).toBe(1);
});
