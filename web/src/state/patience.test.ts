import { expect, test } from "vitest";
import { backoffMs, isSilent } from "./patience.ts";

test("the wait doubles with each failure, up to half a minute", () => {
  expect([1, 2, 3, 4, 5, 6, 7, 50].map((failures) => backoffMs(failures, 0.5))).toEqual([
    1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000,
  ]);
});

test("pages that failed together come back apart", () => {
  expect(backoffMs(3, 0)).toBe(3000);
  expect(backoffMs(3, 1)).toBe(5000);
});

test("silence is more than one reading that did not come", () => {
  expect(isSilent(0, 49_000, 30_000)).toBe(false);
  expect(isSilent(0, 51_000, 30_000)).toBe(true);
});
