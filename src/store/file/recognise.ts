import { closeSync, openSync, readSync, statSync } from "node:fs";
import type { DatabaseSync } from "../engine/node-sqlite.ts";
import { toStoreError } from "../engine/sqlite-errors.ts";
import { StoreError } from "../store.ts";
import { openReadOnly } from "./open-read-only.ts";

/** Marks a SQLite file as ours (`PRAGMA application_id`): the letters "WhSt". */
export const APPLICATION_ID = 0x57685374;

/**
 * What a database file is: missing or without a table (`empty`), `ours`, a database of the original WhiteStat of any
 * version (`legacy`), somebody else's (`foreign`), or unreadable as SQLite (`corrupt`).
 */
export type Recognised = "empty" | "ours" | "legacy" | "foreign" | "corrupt";

/**
 * Looks at a file without changing it. Only what is on its first pages is read: `ours` may still be damaged further on.
 * @throws StoreError when the file can't be opened at all.
 */
export function recogniseDatabase(path: string): Recognised {
  let db: DatabaseSync | null = null;
  try {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (!stat || (stat.isFile() && stat.size === 0)) return "empty";
    // A pipe would be waited for, a device never ends.
    if (!stat.isFile()) throw noFile(path, stat.isDirectory() ? "a folder" : "not a file");
    // SQLite takes whatever is shorter than a page for empty, and would write over it.
    if (headOf(path, MAGIC.length).toString("latin1") !== MAGIC) return "corrupt";
    db = openReadOnly(path);
    return recogniseOpen(db);
  } catch (error) {
    const problem = toStoreError(error, path);
    if (problem.code === "corrupt") return "corrupt";
    throw problem;
  } finally {
    db?.close();
  }
}

/** As {@link recogniseDatabase}, on a connection. Throws SQLite's own errors. */
export function recogniseOpen(db: DatabaseSync): Exclude<Recognised, "corrupt"> {
  const id = db.prepare("PRAGMA application_id").get()?.application_id;
  if (id === APPLICATION_ID) return "ours";
  const tables = db.prepare("SELECT lower(name) AS name FROM sqlite_schema WHERE type = 'table'").all();
  const names = new Set(tables.map((row) => row.name));
  if (names.size === 0 && id === 0) return "empty";
  return names.has("usagehistory") || names.has("dailyusage") ? "legacy" : "foreign";
}

function noFile(path: string, what: string): StoreError {
  return new StoreError("foreign", `${path} is ${what}`, "Set DBFile in WhiteStatConfig.json to the name of a file.");
}

const MAGIC = "SQLite format 3\0";
/** Where the header of a SQLite file has the application id. See sqlite.org/fileformat. */
const APPLICATION_ID_AT = 68;
/** A write-ahead log begins with one of these. */
const WAL_MAGIC = [0x377f0682, 0x377f0683];

/**
 * Whether a file that can't be read as a database was one of ours all the same: its header says so, or it has our log
 * beside it, or there is nothing in it but zeros, as a disk leaves a file that was never written to its end. Anything else
 * may be somebody's only copy of something.
 */
export function wasOurs(path: string): boolean {
  const header = headOf(path, 100);
  if (header.length === 100 && header.readUInt32BE(APPLICATION_ID_AT) === APPLICATION_ID) return true;
  const log = statSync(`${path}-wal`, { throwIfNoEntry: false })?.isFile() ? headOf(`${path}-wal`, 4) : null;
  if (log?.length === 4 && WAL_MAGIC.includes(log.readUInt32BE(0))) return true;
  return isZeros(path);
}

function headOf(path: string, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  const file = openSync(path, "r");
  try {
    return bytes.subarray(0, readSync(file, bytes));
  } finally {
    closeSync(file);
  }
}

function isZeros(path: string): boolean {
  const bytes = Buffer.alloc(65_536);
  const file = openSync(path, "r");
  try {
    for (;;) {
      const count = readSync(file, bytes);
      if (count === 0) return true;
      if (bytes.subarray(0, count).some((byte) => byte !== 0)) return false;
    }
  } finally {
    closeSync(file);
  }
}
