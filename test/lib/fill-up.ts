import { closeSync, openSync, writeSync } from "node:fs";
import { expect } from "vitest";

/** Writes a file until its file system has no room left. */
export function fillUp(path: string): void {
  const file = openSync(path, "w");
  try {
    for (;;) writeSync(file, Buffer.alloc(4096));
  } catch (error) {
    expect(error).toMatchObject({ code: "ENOSPC" });
  } finally {
    closeSync(file);
  }
}
