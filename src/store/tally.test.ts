import { expect, test } from "vitest";
import { createTally } from "./tally.ts";

test("rows of one thing become one, in the order in which things came", () => {
  const tally = createTally(["sum", "max"]);
  tally.add([
    [7, 3, 7],
    [1, 2, 4],
    [5, 0, 6],
  ]);
  tally.add([[3], [10], [1]]);
  expect(tally.ids).toEqual([7, 3]);
  expect(tally.figures).toEqual([
    [5, 12],
    [6, 1],
  ]);
});

test("things may have any numbers", () => {
  const tally = createTally(["sum"]);
  for (const id of [300_000, 1, 300_001, 300_000]) tally.add([[id], [1]]);
  expect(tally.ids).toEqual([300_000, 1, 300_001]);
  expect(tally.figures).toEqual([[2, 1, 1]]);
});
