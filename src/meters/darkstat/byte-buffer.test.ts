import { expect, test } from "vitest";
import { createByteBuffer } from "./byte-buffer.ts";

test("bytes come out as they went in, page after page", () => {
  const buffer = createByteBuffer();
  for (const size of [10, 200_000, 3, 0, 70_000]) {
    buffer.clear();
    const page = Buffer.from(Array.from({ length: size }, (_, index) => index % 251));
    for (let at = 0; at < size; at += 1_000) buffer.add(page.subarray(at, at + 1_000));
    expect(buffer.bytes().equals(page)).toBe(true);
  }
});

test("a page of the same size finds its buffer; one huge page does not keep it", () => {
  const buffer = createByteBuffer();
  const fill = (size: number) => {
    buffer.clear();
    buffer.add(Buffer.alloc(size));
    return buffer.bytes().buffer;
  };
  const huge = fill(4_000_000);
  expect(fill(3_000_000)).toBe(huge);
  expect(fill(1_000)).toBe(huge);
  expect(fill(1_000).byteLength).toBeLessThan(100_000);
});
