import { describe, expect, test } from "vitest";
import { slicesOf } from "./doughnut.ts";
import type { Layer } from "./layers.ts";

function layer(id: string, total: number): Layer {
  return { id, device: null, colour: 1, count: 1, values: [total], total, reconstructed: new Set() };
}

const RADIUS = { outer: 100, inner: 60 };

describe("the doughnut", () => {
  test("gives each layer its share of what all used, in the order of the layers", () => {
    const slices = slicesOf([layer("a", 20), layer("b", 60), layer("c", 20)], 200, RADIUS);
    expect(slices.map(({ layer, share }) => [layer.id, share])).toEqual([
      ["a", 0.1],
      ["b", 0.3],
      ["c", 0.1],
    ]);
  });

  test("begins at the top and goes clockwise", () => {
    const [first] = slicesOf([layer("a", 1), layer("b", 3)], 4, RADIUS);
    const [x = 0, y = 0] =
      /^M([-\d.]+),([-\d.]+)/
        .exec(first?.path ?? "")
        ?.slice(1)
        .map(Number) ?? [];
    expect(x).toBeGreaterThan(0);
    expect(x).toBeLessThan(5);
    expect(y).toBeLessThan(-99);
  });

  test("of one layer is a whole ring", () => {
    const [only] = slicesOf([layer("a", 5)], 5, RADIUS);
    expect(only?.share).toBe(1);
    // An outer and an inner circle, each of two arcs.
    expect(only?.path.match(/A/g)).toHaveLength(4);
    expect(only?.path).not.toContain("NaN");
  });

  test("of none has no slices", () => {
    expect(slicesOf([], 0, RADIUS)).toEqual([]);
  });
});
