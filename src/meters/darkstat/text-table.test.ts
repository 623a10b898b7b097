import { expect, test } from "vitest";
import { createTextTable } from "./text-table.ts";

const page = Buffer.from("the same text, the same text");

test("a text is made once, wherever it lies", () => {
  let made = 0;
  const table = createTextTable((bytes) => {
    made += 1;
    return bytes.toString().toUpperCase();
  });
  const [first, second] = [table.find(page, 4, 8), table.find(page, 19, 23)];
  expect(first).toBe(second);
  expect(table.made[first]).toBe("SAME");
  expect(made).toBe(1);
});

test("ten thousand texts, and parts of them, are told apart", () => {
  const table = createTextTable((bytes) => bytes.toString());
  const text = (n: number) => Buffer.from(`10.0.${n >> 8}.${n & 255}`);
  for (let round = 0; round < 2; round++) {
    for (let n = 0; n < 10_000; n++) {
      const bytes = text(n);
      expect(table.made[table.find(bytes, 0, bytes.length)]).toBe(bytes.toString());
    }
  }
  expect(table.made).toHaveLength(10_000);
  expect(table.made[table.find(text(1), 0, 0)]).toBe("");
});

test("what is made outlives the page", () => {
  const table = createTextTable((bytes) => bytes.toString());
  const short = Buffer.from("here");
  const index = table.find(short, 0, 4);
  short.fill("x");
  expect(table.made[index]).toBe("here");
  expect(table.find(Buffer.from("here"), 0, 4)).toBe(index);
});

test("a text of which nothing can be made is not remembered", () => {
  let fails = true;
  const table = createTextTable((bytes) => {
    if (fails) throw new Error("no");
    return bytes.toString();
  });
  expect(() => table.find(page, 0, 3)).toThrow("no");
  fails = false;
  expect(table.made[table.find(page, 0, 3)]).toBe("the");
});

test("forgetting begins anew", () => {
  const table = createTextTable((bytes) => bytes.toString());
  for (let n = 0; n < 3_000; n++) table.find(Buffer.from(String(n)), 0, String(n).length);
  table.forget();
  expect(table.made).toHaveLength(0);
  expect(table.find(page, 0, 3)).toBe(0);
  expect(table.made).toEqual(["the"]);
});
