import { expect, test } from "vitest";
import { briefBytesText } from "./brief-bytes.ts";

test("bytes in a sentence have two digits, and the unit that suits them", () => {
  const texts = [0, 999, 1000, 2_540_000, 9_949_000_000, 9_960_000_000, 41_300_000_000, 999_600_000, 1.5e18].map(
    (bytes) => briefBytesText(bytes),
  );
  expect(texts).toEqual(["0 B", "999 B", "1 kB", "2.5 MB", "9.9 GB", "10 GB", "41 GB", "1 GB", "1500 PB"]);
  expect([1023, 1024, 600 * 1024 ** 3].map((bytes) => briefBytesText(bytes, 1024))).toEqual([
    "1023 B",
    "1 KiB",
    "600 GiB",
  ]);
});
