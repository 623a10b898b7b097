import fc from "fast-check";
import { expect, test } from "vitest";
import { assignColours, COLOURS } from "./colours.ts";

test("the first colours go to the biggest, in order", () => {
  expect([...assignColours(new Map(), ["a", "b", "c"])]).toEqual([
    ["a", 1],
    ["b", 2],
    ["c", 3],
  ]);
});

test("a device that overtakes another keeps its colour, and a newcomer takes the one that came free", () => {
  const before = assignColours(new Map(), ["a", "b", "c"]);
  expect(Object.fromEntries(assignColours(before, ["c", "d", "a"]))).toEqual({ a: 1, c: 3, d: 2 });
});

test("whatever happens, no two have the same colour and none is out of range", () => {
  const keys = fc.uniqueArray(fc.constantFrom(..."abcdefghijklmnop"), { maxLength: 12 });
  fc.assert(
    fc.property(fc.array(keys), (tops) => {
      let colours: ReadonlyMap<string, number> = new Map();
      for (const top of tops) {
        colours = assignColours(colours, top);
        expect([...colours.keys()].sort()).toEqual(top.slice(0, COLOURS).sort());
        expect(new Set(colours.values()).size).toBe(colours.size);
        for (const colour of colours.values()) expect(colour).toBeGreaterThan(0);
        for (const colour of colours.values()) expect(colour).toBeLessThanOrEqual(COLOURS);
      }
    }),
  );
});
