import fc from "fast-check";
import { expect, test } from "vitest";
import { createChunkBuffer } from "./chunk.ts";

/** Sends texts as an answer does: what a chunk has no room for begins the next one. */
function chunksOf(texts: readonly string[]): string[] {
  const chunk = createChunkBuffer();
  const chunks: string[] = [];
  for (const text of texts) {
    if (chunk.add(text)) continue;
    chunks.push(Buffer.from(chunk.take()).toString());
    expect(chunk.add(text)).toBe(true);
  }
  chunks.push(Buffer.from(chunk.take()).toString());
  return chunks;
}

test("texts come out in their order and whole, whatever they are made of", () => {
  const texts = Array.from({ length: 9_000 }, (_, n) => `${n} Küche 客厅 🍓 \u0000;`);
  const chunks = chunksOf(texts);
  expect(chunks.length).toBeGreaterThan(2);
  expect(chunks.join("")).toBe(texts.join(""));
});

test("a chunk that was handed out stays until something is put again, and then is nobody's", () => {
  const chunk = createChunkBuffer();
  chunk.add("first");
  const first = chunk.take();
  expect(chunk.take()).toHaveLength(0);
  expect(Buffer.from(first).toString()).toBe("first");
  chunk.add("other");
  expect(Buffer.from(first).toString()).toBe("other");
});

test("parts stand one behind the other", () => {
  const chunk = createChunkBuffer();
  chunk.ascii("[");
  chunk.bytes(Buffer.from("é"));
  chunk.bytes(Buffer.from("x".repeat(100)));
  chunk.integer(7);
  chunk.ascii("]");
  expect(Buffer.from(chunk.take()).toString()).toBe(`[é${"x".repeat(100)}7]`);
});

test("there is room up to the last byte, and in an empty chunk for anything", () => {
  const chunk = createChunkBuffer();
  expect(chunk.hasRoom(65_536)).toBe(true);
  chunk.ascii("x");
  expect(chunk.hasRoom(65_535)).toBe(true);
  expect(chunk.hasRoom(65_536)).toBe(false);
  chunk.take();
  expect(chunk.hasRoom(1_000_000)).toBe(true);
});

test("a number has the digits that JavaScript gives it", () => {
  const digitsOf = (value: number) => {
    const chunk = createChunkBuffer();
    chunk.integer(value);
    return Buffer.from(chunk.take()).toString();
  };
  for (let power = 0; power <= 15; power += 1) {
    for (const value of [10 ** power - 1, 10 ** power, 10 ** power + 1]) expect(digitsOf(value)).toBe(`${value}`);
  }
  expect(digitsOf(Number.MAX_SAFE_INTEGER)).toBe(`${Number.MAX_SAFE_INTEGER}`);
  fc.assert(fc.property(fc.maxSafeNat(), (value) => digitsOf(value) === `${value}`));
});

test("a text longer than any chunk goes out too", () => {
  const long = "é".repeat(100_000);
  expect(chunksOf(["before", long, "after"]).join("")).toBe(`before${long}after`);
});
