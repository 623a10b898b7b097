import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { etagOf } from "./etag.ts";

const tagOf = (text: string) => etagOf(Buffer.from(text));

test("a tag is one that HTTP knows, and the same for the same content wherever it lies in memory", () => {
  const text = "figures of some days";
  expect(tagOf(text)).toMatch(/^W\/"[0-9a-z-]+"$/);
  const within = Buffer.from(`..${text}..`).subarray(2, -2);
  expect(etagOf(within)).toBe(tagOf(text));
  expect(etagOf(new Uint8Array(0))).toMatch(/^W\/"0-/);
});

describe("contents that differ by little have different tags:", () => {
  test("a figure, and figures that changed places", () => {
    const rows = Array.from({ length: 200 }, (_, n) => `[${n},${n * 7}]`);
    const tags = new Set<string>();
    for (let a = 0; a < rows.length; a += 1) {
      for (let b = a; b < rows.length; b += 1) {
        const changed = rows.with(a, rows[b] ?? "").with(b, rows[a] ?? "");
        tags.add(tagOf(changed.join(",")));
      }
    }
    // Of 200 × 199 / 2 swaps, and the one without.
    expect(tags.size).toBe(19_901);
  });

  test("single bytes anywhere, also in what a last word lacks", () => {
    for (let length = 1; length < 12; length += 1) {
      const tags = new Set<string>();
      for (let at = 0; at < length; at += 1) {
        for (let byte = 0; byte < 256; byte += 1) tags.add(etagOf(new Uint8Array(length).with(at, byte)));
      }
      expect(tags.size).toBe(length * 255 + 1);
    }
  });

  test("lengths, and whatever else", () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.uint8Array(), (a, b) => (etagOf(a) === etagOf(b)) === Buffer.from(a).equals(b)),
    );
    expect(new Set(Array.from({ length: 100 }, (_, length) => etagOf(new Uint8Array(length)))).size).toBe(100);
  });
});
