import { expect, test } from "vitest";
import { fuzzPages } from "./pages.ts";

test("six hundred mutated pages of darkstat are read right, or refused in a sentence", () => {
  expect(fuzzPages({ seed: 1, first: 0, pages: 600 })).toEqual([]);
});
