import { closeSync, existsSync, openSync, readSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { type DatabaseSync, sqlite } from "../engine/node-sqlite.ts";

/** Where the header of a SQLite file says how it is read, and that it has a write-ahead log. */
const READ_VERSION_AT = 19;
const WAL = 2;

/**
 * Opens a database to be looked at, and leaves nothing beside it. SQLite makes `-wal` and `-shm` for whoever reads a file
 * that was closed with a write-ahead log, and takes them away for those alone who may write. Without a log nobody has it
 * open, so it may be read as one that does not change.
 */
export function openReadOnly(path: string): DatabaseSync {
  const { DatabaseSync } = sqlite();
  if (!existsSync(path) || !hadLog(path) || existsSync(`${path}-wal`))
    return new DatabaseSync(path, { readOnly: true });
  const url = pathToFileURL(path);
  url.search = "?immutable=1";
  return new DatabaseSync(url, { readOnly: true });
}

function hadLog(path: string): boolean {
  const bytes = Buffer.alloc(1);
  const file = openSync(path, "r");
  try {
    return readSync(file, bytes, 0, 1, READ_VERSION_AT) === 1 && bytes[0] === WAL;
  } finally {
    closeSync(file);
  }
}
