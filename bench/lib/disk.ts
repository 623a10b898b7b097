import { closeSync, existsSync, fsyncSync, openSync, readdirSync, statfsSync } from "node:fs";
import { join } from "node:path";

/**
 * Waits until everything in a folder is on the disk. Between two checkpoints of the product's day the system would have
 * written all of it by itself, 30 seconds after each change; in the bench's hurry a page that is changed ten times would
 * count once. The database's -shm counts like the rest: it is mapped memory, but of a file, and Linux was seen to write it.
 */
export function flush(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (entry.isFile()) sync(join(entry.parentPath, entry.name));
  }
}

function sync(path: string): void {
  if (!existsSync(path)) return;
  const descriptor = openSync(path, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

const TMPFS = 0x01021994;

/** @throws Error where the system doesn't count what is written, for it lies in memory. */
export function assertOnDisk(folder: string): void {
  if (statfsSync(folder).type !== TMPFS) return;
  throw new Error(
    `${folder} lies in memory (tmpfs), where no byte is written to a disk: set BENCH_DIR to a folder on one`,
  );
}
