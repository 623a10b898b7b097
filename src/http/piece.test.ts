import fc from "fast-check";
import { expect, test } from "vitest";
import { createPiece } from "./piece.ts";

/** Sends texts as an answer does: what a piece has no room for begins the next one. */
function piecesOf(texts: readonly string[]): string[] {
  const piece = createPiece();
  const pieces: string[] = [];
  for (const text of texts) {
    if (piece.add(text)) continue;
    pieces.push(Buffer.from(piece.take()).toString());
    expect(piece.add(text)).toBe(true);
  }
  pieces.push(Buffer.from(piece.take()).toString());
  return pieces;
}

test("texts come out in their order and whole, whatever they are made of", () => {
  const texts = Array.from({ length: 9_000 }, (_, n) => `${n} Küche 客厅 🍓 \u0000;`);
  const pieces = piecesOf(texts);
  expect(pieces.length).toBeGreaterThan(2);
  expect(pieces.join("")).toBe(texts.join(""));
});

test("a piece that was handed out stays until something is put again, and then is nobody's", () => {
  const piece = createPiece();
  piece.add("first");
  const first = piece.take();
  expect(piece.take()).toHaveLength(0);
  expect(Buffer.from(first).toString()).toBe("first");
  piece.add("other");
  expect(Buffer.from(first).toString()).toBe("other");
});

test("parts stand one behind the other", () => {
  const piece = createPiece();
  piece.ascii("[");
  piece.bytes(Buffer.from("é"));
  piece.bytes(Buffer.from("x".repeat(100)));
  piece.integer(7);
  piece.ascii("]");
  expect(Buffer.from(piece.take()).toString()).toBe(`[é${"x".repeat(100)}7]`);
});

test("there is room up to the last byte, and in an empty piece for anything", () => {
  const piece = createPiece();
  expect(piece.hasRoom(65_536)).toBe(true);
  piece.ascii("x");
  expect(piece.hasRoom(65_535)).toBe(true);
  expect(piece.hasRoom(65_536)).toBe(false);
  piece.take();
  expect(piece.hasRoom(1_000_000)).toBe(true);
});

test("a number has the digits that JavaScript gives it", () => {
  const digitsOf = (value: number) => {
    const piece = createPiece();
    piece.integer(value);
    return Buffer.from(piece.take()).toString();
  };
  for (let power = 0; power <= 15; power += 1) {
    for (const value of [10 ** power - 1, 10 ** power, 10 ** power + 1]) expect(digitsOf(value)).toBe(`${value}`);
  }
  expect(digitsOf(Number.MAX_SAFE_INTEGER)).toBe(`${Number.MAX_SAFE_INTEGER}`);
  fc.assert(fc.property(fc.maxSafeNat(), (value) => digitsOf(value) === `${value}`));
});

test("a text longer than any piece goes out too", () => {
  const long = "é".repeat(100_000);
  expect(piecesOf(["before", long, "after"]).join("")).toBe(`before${long}after`);
});
