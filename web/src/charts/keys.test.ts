import { expect, test } from "vitest";
import { stepTo } from "./keys.ts";

const bars = { count: 24, across: 1, down: 0 };
/** Weeks side by side, days below each other. */
const calendar = { count: 365, across: 7, down: 1 };

test("the arrow keys go along the bars and stop at the ends", () => {
  expect(stepTo("ArrowRight", 5, bars)).toBe(6);
  expect(stepTo("ArrowLeft", 5, bars)).toBe(4);
  expect(stepTo("ArrowLeft", 0, bars)).toBe(0);
  expect(stepTo("ArrowRight", 23, bars)).toBe(23);
});

test("Home and End lead to the first and the last", () => {
  expect(stepTo("Home", 5, bars)).toBe(0);
  expect(stepTo("End", 5, bars)).toBe(23);
});

test("up and down scroll the page where a chart has no rows", () => {
  expect(stepTo("ArrowUp", 5, bars)).toBeNull();
  expect(stepTo("ArrowDown", 5, bars)).toBeNull();
  expect(stepTo("Tab", 5, bars)).toBeNull();
});

test("in a calendar they go by days and weeks, and stay where there is no such day", () => {
  expect(stepTo("ArrowDown", 10, calendar)).toBe(11);
  expect(stepTo("ArrowUp", 10, calendar)).toBe(9);
  expect(stepTo("ArrowRight", 10, calendar)).toBe(17);
  expect(stepTo("ArrowLeft", 10, calendar)).toBe(3);
  expect(stepTo("ArrowLeft", 3, calendar)).toBe(3);
  expect(stepTo("ArrowRight", 360, calendar)).toBe(360);
});
