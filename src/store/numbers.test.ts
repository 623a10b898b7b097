import fc from "fast-check";
import { expect, test } from "vitest";
import { createNumberReader, createNumberWriter, signed, unsigned } from "./numbers.ts";

const anyNumber = fc.option(
  fc.oneof(
    fc.nat(20),
    fc.maxSafeNat(),
    fc.integer({ min: 0, max: 53 }).map((bit) => Math.min(2 ** bit, 2 ** 53 - 1)),
  ),
);

function read(bytes: Uint8Array, count: number): (number | null)[] {
  const reader = createNumberReader(bytes);
  return Array.from({ length: count }, () => reader.next());
}

test("a row of numbers comes back as it was written, also by a writer that was cut back and used before", () => {
  const writer = createNumberWriter();
  fc.assert(
    fc.property(fc.array(anyNumber), fc.array(anyNumber), (row, given) => {
      writer.cut(0);
      for (const value of row) writer.put(value);
      const length = writer.length();
      for (const value of given) writer.put(value);
      writer.cut(length);
      expect(read(writer.bytes(), row.length)).toEqual(row);
      expect(createNumberReader(writer.bytes()).left() - length).toBeLessThanOrEqual(1);
    }),
  );
});

test("bytes that end in the midst of a number are refused", () => {
  const writer = createNumberWriter();
  writer.put(2 ** 40);
  expect(() => createNumberReader(writer.bytes().slice(0, 3)).next()).toThrow("within a number");
  expect(() => createNumberReader(new Uint8Array()).next()).toThrow("too early");
});

test("a signed number comes back from its unsigned form", () => {
  fc.assert(
    fc.property(fc.integer({ min: -(2 ** 51), max: 2 ** 51 }), (value) => {
      expect(signed(unsigned(value))).toBe(value);
    }),
  );
});
