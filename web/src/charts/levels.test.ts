import { describe, expect, test } from "vitest";
import { boundsOf, levelOf } from "./levels.ts";

describe("the levels of a heat map", () => {
  test("split what is above nothing into quarters", () => {
    const amounts = [0, 0, 1, 2, 3, 4, 5, 6, 7, 8];
    const bounds = boundsOf(amounts);
    expect(bounds).toEqual([2, 4, 6]);
    expect(amounts.map((amount) => levelOf(amount, bounds))).toEqual([0, 0, 1, 1, 2, 2, 3, 3, 4, 4]);
  });

  test("are not flattened by one marathon", () => {
    const bounds = boundsOf([10, 20, 30, 40, 1_000_000]);
    expect([10, 20, 30, 40, 1_000_000].map((amount) => levelOf(amount, bounds))).toEqual([1, 1, 2, 3, 4]);
  });

  test("do not depend on the order", () => {
    expect(boundsOf([8, 3, 1, 6, 2, 7, 5, 4])).toEqual([2, 4, 6]);
    expect(boundsOf([100, 9, 20])).toEqual(boundsOf([9, 20, 100]));
  });

  test("are two, nothing and the least, when all amounts are the same", () => {
    const bounds = boundsOf([5, 5, 5, 5]);
    expect(bounds).toEqual([5]);
    expect([0, 5, 6].map((amount) => levelOf(amount, bounds))).toEqual([0, 1, 2]);
  });

  test("are fewer where many amounts are alike, and no two bounds are the same", () => {
    expect(boundsOf([5, 5, 5, 5, 5, 5, 9, 12])).toEqual([5]);
    expect(boundsOf([1, 5, 5, 5, 5, 5, 9, 12])).toEqual([5]);
    expect(boundsOf([1, 2, 5, 5, 5, 5, 9, 12])).toEqual([2, 5]);
  });

  test("need no bounds where there is nothing", () => {
    expect(boundsOf([0, 0])).toEqual([]);
  });
});
