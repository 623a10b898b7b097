import { expect, test } from "vitest";
import { createRoom } from "./room.ts";

test("bytes come out as they went in, page after page", () => {
  const room = createRoom();
  for (const size of [10, 200_000, 3, 0, 70_000]) {
    room.clear();
    const page = Buffer.from(Array.from({ length: size }, (_, index) => index % 251));
    for (let at = 0; at < size; at += 1_000) room.add(page.subarray(at, at + 1_000));
    expect(room.bytes().equals(page)).toBe(true);
  }
});

test("a page of the same size finds its room; one huge page does not keep it for good", () => {
  const room = createRoom();
  const fill = (size: number) => {
    room.clear();
    room.add(Buffer.alloc(size));
    return room.bytes().buffer;
  };
  const huge = fill(4_000_000);
  expect(fill(3_000_000)).toBe(huge);
  expect(fill(1_000)).toBe(huge);
  expect(fill(1_000).byteLength).toBeLessThan(100_000);
});
