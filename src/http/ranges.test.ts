import { expect, test } from "vitest";
import { HttpProblem } from "./errors.ts";
import { readRange } from "./ranges.ts";

const TODAY = "2021-04-01";

test.each([
  "2021-01-30",
  "2021-01-30 00:00:00",
  "2021-01-30T00:00:00",
  "2021-01-30T23:59:59.999Z",
  "2021-01-30 12:30",
  "2021-01-30T00:00:00+02:00",
  " 2021-01-30 ",
])("%j is the day 2021-01-30", (text) => {
  expect(readRange(text, text, TODAY)).toEqual({ from: "2021-01-30", to: "2021-01-30" });
});

test("start after end is swapped", () => {
  expect(readRange("2021-02-03", "2021-01-30", TODAY)).toEqual({ from: "2021-01-30", to: "2021-02-03" });
});

test("without end the range goes to today, without start it holds 30 days", () => {
  expect(readRange("2021-03-30", "", TODAY)).toEqual({ from: "2021-03-30", to: TODAY });
  expect(readRange("", "2021-01-30", TODAY)).toEqual({ from: "2021-01-01", to: "2021-01-30" });
  expect(readRange("", "", TODAY)).toEqual({ from: "2021-03-03", to: TODAY });
});

test.each([
  "2021-02-30",
  "30.01.2021",
  "2021-1-3",
  "2021-01-30 25:00:00",
  "2021-01-30 00:60:00",
  "2021-01-30x",
  "2021-01-30' OR 1=1 --",
  "0000-01-01",
  "x".repeat(5000),
])("%j is refused, with the field and an example", (text) => {
  const attempt = () => readRange("2021-01-01", text, TODAY);
  expect(attempt).toThrow(HttpProblem);
  expect(attempt).toThrow(/^end: ".{1,50}" is not a date\.$/);
});
