import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";

/** What SQLite keeps beside a database file, whatever the journal mode. */
const COMPANIONS = ["-wal", "-shm", "-journal"] as const;

/** Waits until a file, or the names in a folder, are on the disk. */
export function syncToDisk(path: string): void {
  const descriptor = openSync(path, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Renames a finished file into place: a crash leaves the old one or the new one, whole. Both lie in one folder. */
export function moveIntoPlace(from: string, to: string): void {
  syncToDisk(from);
  renameSync(from, to);
  syncToDisk(dirname(to));
}

/** Renames a database with all that SQLite keeps beside it, the database last. */
export function moveDatabase(from: string, to: string): void {
  for (const suffix of COMPANIONS) {
    if (existsSync(from + suffix)) renameSync(from + suffix, to + suffix);
  }
  if (existsSync(from)) renameSync(from, to);
  syncToDisk(dirname(to));
}

/** Deletes a half-made database with all that SQLite keeps beside it. */
export function removeDatabase(path: string): void {
  for (const suffix of ["", ...COMPANIONS]) rmSync(path + suffix, { force: true });
}

/** A name that no file has: the one wanted, or the same with a number. */
export function freeName(wanted: string): string {
  let name = wanted;
  for (let count = 2; existsSync(name); count += 1) name = `${wanted}-${count}`;
  return name;
}
