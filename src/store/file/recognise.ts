import { statSync } from "node:fs";
import { type DatabaseSync, sqlite } from "../engine/node-sqlite.ts";
import { toStoreError } from "../engine/sqlite-errors.ts";

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
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat || (stat.isFile() && stat.size === 0)) return "empty";
  let db: DatabaseSync | null = null;
  try {
    db = new (sqlite().DatabaseSync)(path, { readOnly: true });
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
