import fc from "fast-check";
import { expect, test } from "vitest";
import { assignColours, COLOURS, readColours, rememberColours, writeColours } from "./colours.ts";

const NONE: ReadonlyMap<string, number> = new Map();
const assigned = (top: readonly string[], shown = NONE, remembered = NONE) =>
  Object.fromEntries(assignColours(top, shown, remembered));

test("the first colours go to the largest, in order", () => {
  expect(assigned(["a", "b", "c"])).toEqual({ a: 1, b: 2, c: 3 });
});

test("a device has its colour again on the next load, in whatever place", () => {
  const remembered = assignColours(["a", "b", "c"], NONE, NONE);
  expect(assigned(["c", "a"], NONE, remembered)).toEqual({ a: 1, c: 3 });
});

test("a newcomer takes a colour that no device had, while there is one", () => {
  const remembered = assignColours(["a", "b", "c"], NONE, NONE);
  expect(assigned(["d", "a"], NONE, remembered)).toEqual({ a: 1, d: 4 });
});

test("of two with the same colour the one that shows it keeps it, and the other gets it back later", () => {
  const remembered = new Map([
    ["a", 1],
    ["b", 1],
  ]);
  const shown = new Map([["b", 1]]);
  expect(assigned(["a", "b"], shown, remembered)).toEqual({ b: 1, a: 2 });
  expect(assigned(["a", "b"], NONE, remembered)).toEqual({ a: 1, b: 2 });
  expect(assigned(["b"], NONE, remembered)).toEqual({ b: 1 });
});

test("whatever happens, each of the top has a colour of its own, and keeps it while it stays among them", () => {
  const tops = fc.array(fc.uniqueArray(fc.constantFrom(..."abcdefghijklmnop"), { maxLength: 12 }));
  fc.assert(
    fc.property(tops, (tops) => {
      let shown = NONE;
      let remembered = NONE;
      for (const top of tops) {
        const next = assignColours(top, shown, remembered);
        expect([...next.keys()].sort()).toEqual(top.slice(0, COLOURS).sort());
        expect(new Set(next.values()).size).toBe(next.size);
        for (const colour of next.values()) expect(colour >= 1 && colour <= COLOURS).toBe(true);
        remembered = rememberColours(remembered, next);
        // Shown again, nothing changes.
        expect(assignColours(top, next, remembered)).toEqual(next);
        shown = next;
      }
    }),
  );
});

test("what is remembered comes back from its text, and what can't be read is left out", () => {
  const colours = new Map([
    ["02:1a:2b:00:00:05", 3],
    ["fe80::1", 7],
  ]);
  expect(readColours(writeColours(colours))).toEqual(colours);
  expect(readColours("a=9 b= =1 c=2x nonsense d=4")).toEqual(new Map([["d", 4]]));
});
