import fc from "fast-check";
import { expect, test } from "vitest";
import { createUnpacker, pack } from "./packed.ts";

const number = fc.oneof(fc.nat(300), fc.maxSafeNat());
const rows = fc.uniqueArray(fc.tuple(fc.nat(1e6), number, number), { selector: ([id]) => id, maxLength: 50 });

test("what is unpacked is what was packed, whatever was unpacked before", () => {
  const unpack = createUnpacker(3);
  fc.assert(
    fc.property(rows, (rows) => {
      const sorted = rows.sort(([a], [b]) => a - b);
      const columns = [0, 1, 2].map((column) => sorted.map((row) => row[column] as number));
      expect(unpack(pack(columns))?.map((column) => [...column])).toEqual(columns);
    }),
  );
});

test.each([
  ["a negative number", [[1], [-1]]],
  ["half a number", [[1], [0.5]]],
  ["a number beyond 2^53 - 1", [[1], [2 ** 53]]],
  [
    "a first column that is not sorted",
    [
      [2, 1],
      [0, 0],
    ],
  ],
])("%s can't be packed", (_, columns) => {
  expect(() => pack(columns)).toThrow(RangeError);
});

test("bytes that are cut off are not believed", () => {
  const bytes = pack([[1], [300]]);
  const unpack = createUnpacker(2);
  expect(unpack(bytes)).not.toBeNull();
  expect([1, 2].map((less) => unpack(bytes.subarray(0, bytes.length - less)))).toEqual([null, null]);
});
