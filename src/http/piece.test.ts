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

test("a piece that was handed out stays as it was", () => {
  const piece = createPiece();
  piece.add("first");
  const first = piece.take();
  piece.add("other");
  expect(Buffer.from(first).toString()).toBe("first");
});

test("a text longer than any piece goes out too", () => {
  const long = "é".repeat(100_000);
  expect(piecesOf(["before", long, "after"]).join("")).toBe(`before${long}after`);
});
