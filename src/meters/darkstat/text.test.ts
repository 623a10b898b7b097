import fc from "fast-check";
import { expect, test } from "vitest";
import { durationSeconds, wholeNumber } from "./text.ts";

test.each([
  ["0", 0],
  ["7", 7],
  ["1,234", 1_234],
  ["12,345,678", 12_345_678],
  ["9,007,199,254,740,991", Number.MAX_SAFE_INTEGER],
  ["1234567", 1_234_567],
])("the number %s is read", (text, value) => {
  expect(wholeNumber(text, "it")).toBe(value);
});

test.each([
  "",
  ",",
  "1,",
  ",123",
  "1,23",
  "12,34",
  "1234,567",
  "1,2345",
  "1,234,56",
  "+1",
  "-1",
  "1.5",
  "1e3",
  " 1",
  "１",
])("%j is no number", (text) => {
  expect(() => wholeNumber(text, "it")).toThrow("it is");
});

test("a number that can't be added exactly is refused", () => {
  expect(() => wholeNumber("9,007,199,254,740,992", "it")).toThrow("at most");
  expect(() => wholeNumber("18446744073709551615", "it")).toThrow("at most");
});

test("every number that darkstat can print is read as it is", () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), (value) => {
      expect(wholeNumber(value.toLocaleString("en-US"), "it")).toBe(value);
      expect(wholeNumber(String(value), "it")).toBe(value);
    }),
  );
});

test.each([
  ["0 secs", 0],
  ["1 sec", 1],
  ["9 mins, 19 secs", 559],
  ["1 hr, 0 mins, 1 sec", 3_601],
  ["2 days, 0 hrs, 9 mins, 19 secs", 173_359],
])("%s are its seconds", (text, seconds) => {
  expect(durationSeconds(text)).toBe(seconds);
});

test.each([
  "",
  "secs",
  "5",
  "5 ",
  "5 weeks",
  "5secs",
  "1 day, ",
  ", 1 day",
  "1 day,2 hrs",
  "1 day, 2",
  "-1 sec",
  "1 secsx",
  "1 sec ",
])("%j is no time", (text) => {
  expect(durationSeconds(text)).toBeNull();
});
