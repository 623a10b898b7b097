import fc from "fast-check";
import { expect, test } from "vitest";
import { csvLine, guarded, type Separator, unguarded } from "./csv.ts";

const SIGN = /^(?:[^\S\t\r\n]|")*[=+\-@＝＋－＠]/u;
const anyText = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({ unit: fc.constantFrom("=", "-", "＝", "'", '"', ";", ",", "\t", "|", "\r", "\n", " ", "a", "\u00a0") }),
);

test.each([
  ["=1+1", "'=1+1"],
  ["＋1", "'＋1"],
  ["\t=1", "\t'=1"],
  [' "=1', ` "'=1`],
  ["a;=cmd|'/C calc'!A0", "a;'=cmd|'/C calc'!A0"],
  ["a,@SUM(A1);-1", "a,'@SUM(A1);'-1"],
  ["a\n=1", "a\n'=1"],
  ["'=1", "''=1"],
  ["O'Neil - TV", "O'Neil - TV"],
  ["1-1=0", "1-1=0"],
])("%j is guarded as %j", (text, cell) => {
  expect(guarded(text)).toBe(cell);
});

test("no part of a guarded text begins as a formula, by whichever separator a spreadsheet cuts it", () => {
  fc.assert(
    fc.property(anyText, (text) => {
      for (const part of guarded(text).split(/[,;|\t\r\n]/)) expect(part).not.toMatch(SIGN);
    }),
  );
});

test("a guarded text comes back as it was", () => {
  fc.assert(
    fc.property(anyText, (text) => {
      expect(unguarded(guarded(text))).toBe(text);
    }),
    { examples: [["'=1"], ["''-;'='"], [";;= "]] },
  );
});

test("a text of a megabyte is guarded at once, whatever it is made of", () => {
  for (const piece of ["\t", " ", "'", '"', "; ", "=", "\r\n\u00a0"]) {
    const text = piece.repeat(1_000_000 / piece.length);
    expect(unguarded(guarded(text))).toBe(text);
  }
});

test.each([",", ";", "\t"] satisfies Separator[])(
  "cells are separated by %j, and quoted for every separator",
  (separator) => {
    expect(csvLine(["a", "b;c", "d,e", "f\tg", 'h"i', "j\nk"], separator)).toBe(
      `${["a", '"b;c"', '"d,e"', '"f\tg"', '"h""i"', '"j\nk"'].join(separator)}\r\n`,
    );
  },
);
