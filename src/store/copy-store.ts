import type { OnProgress } from "../shared/progress.ts";
import type { Engine } from "./engine/engine.ts";
import { openPostgresEngine, openPostgresReader, type PostgresOptions } from "./engine/postgres.ts";
import { openSqliteEngine } from "./engine/sqlite.ts";
import { type LockHolder, takeLock } from "./file/lock.ts";
import { recogniseDatabase } from "./file/recognise.ts";
import { StoreError } from "./store.ts";
import { copyRows } from "./write/copy.ts";

/** Where a store lies: a file of SQLite, by its path, or a PostgreSQL database, by its URL. */
export type StorePlace = { readonly file: string } | { readonly url: string };

export interface CopyOptions {
  readonly from: StorePlace;
  /** An empty database, or a file that does not exist. */
  readonly to: StorePlace;
  readonly clock: PostgresOptions["clock"];
  readonly holder: LockHolder;
  readonly onProgress: OnProgress;
}

/**
 * Copies a store to another place, as of this moment. A file must not be in use meanwhile, nor the target; a PostgreSQL
 * database may be.
 * @returns how many rows were copied
 * @throws StoreError; the target is then as empty as it was
 */
export async function copyStore({ from, to, clock, holder, onProgress }: CopyOptions): Promise<number> {
  const source = "file" in from ? openFile(from.file, holder, true) : await openPostgresReader(from.url);
  try {
    const target =
      "file" in to
        ? openFile(to.file, holder, false)
        : await openPostgresEngine({ url: to.url, clock, holder: `whitestat copy on ${holder.host}` });
    try {
      const rows = await copyRows(source, target, onProgress);
      // PostgreSQL plans by what it knows of its tables, and would find out only after a while.
      if (target.name === "postgres") await target.run("ANALYZE");
      return rows;
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}

/** An engine on a file that nobody else uses. */
function openFile(path: string, holder: LockHolder, mustExist: boolean): Engine {
  const found = recogniseDatabase(path);
  const isWanted = mustExist ? found === "ours" : found === "ours" || found === "empty";
  if (!isWanted) {
    const what = {
      ours: "",
      empty: "there is no history in it",
      legacy: "it is the database of an older WhiteStat: start WhiteStat once, which takes it over",
      foreign: "it is a database of another program",
      corrupt: "it can't be read as a database",
    }[found];
    throw new StoreError("foreign", `${path}: ${what}`, "Name WhiteStat's database, a file or postgres://….");
  }
  const lock = takeLock(path, holder);
  try {
    const engine = openSqliteEngine(path);
    return {
      ...engine,
      async close() {
        await engine.close();
        lock.release();
      },
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}
