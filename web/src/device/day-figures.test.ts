import { expect, test } from "vitest";
import { amountOn, figuresByDay, figuresOf, lastDays, sumsOf } from "./day-figures.ts";

const days = figuresByDay({
  days: [
    ["2024-05-01", 1_000, 100, 2],
    ["2026-10-24", 10, 1, 0],
    ["2026-10-25", 20, 2, 1],
    ["2026-11-16", 40, 4, 3],
    ["2026-11-22", 80, 8, 0],
  ],
});

test("the flags of a day say what was reconstructed and what can't be", () => {
  expect(figuresOf(days, "2026-10-25")).toMatchObject({ reconstructed: true, implausible: false });
  expect(figuresOf(days, "2024-05-01")).toMatchObject({ reconstructed: false, implausible: true });
  expect(figuresOf(days, "2026-11-16")).toMatchObject({ reconstructed: true, implausible: true });
});

test("the last days are all there, those without figures too", () => {
  const last = lastDays(days, "2026-11-22", 7);
  expect(last.map(({ day }) => day.slice(5))).toEqual(["11-16", "11-17", "11-18", "11-19", "11-20", "11-21", "11-22"]);
  expect(last.map(({ download }) => download)).toEqual([40, 0, 0, 0, 0, 0, 80]);
});

test("the sums are of today, of 7 and of 30 days with today, and of everything", () => {
  expect(sumsOf(days, "2026-11-22")).toEqual([
    { days: 1, download: 80, upload: 8 },
    { days: 7, download: 120, upload: 12 },
    { days: 30, download: 150, upload: 15 },
    { days: null, download: 1_150, upload: 115 },
  ]);
});

test("an amount is of one direction, or of both", () => {
  const figures = figuresOf(days, "2026-11-16");
  expect([amountOn(figures, "download"), amountOn(figures, "upload"), amountOn(figures, "total")]).toEqual([40, 4, 44]);
});
