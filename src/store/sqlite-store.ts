import { createStore, type StoreOptions } from "./create-store.ts";
import { openSqliteEngine, type SqliteEngineOptions } from "./engine/sqlite.ts";
import type { Store } from "./store.ts";

export interface SqliteOptions extends StoreOptions, SqliteEngineOptions {
  /** The database file; made when it is missing or empty. Its folder must exist. */
  readonly path: string;
}

/**
 * A store in one SQLite file. The file has no lock of its own against a second WhiteStat: `openOrRecover` holds one.
 * @throws StoreError when the file is not ours (`foreign`), too new (`newer`), damaged, or can't be written
 */
export function openSqliteStore({ path, ...options }: SqliteOptions): Store {
  return createStore(openSqliteEngine(path, options), options);
}
