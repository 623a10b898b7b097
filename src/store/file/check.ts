import { setImmediate } from "node:timers/promises";
import { type DatabaseSync, sqlite } from "../engine/node-sqlite.ts";
import { toStoreError } from "../engine/sqlite-errors.ts";
import { SCHEMA_VERSION } from "../schema.ts";
import { recogniseOpen } from "./recognise.ts";

/**
 * What a whole look through a database file finds (`PRAGMA quick_check`): null when it is sound, else what is wrong, in
 * a few words. Goes table by table, letting other work in between.
 * @throws StoreError when the file can't be read for a reason other than damage.
 */
export async function damageIn(path: string): Promise<string | null> {
  return inspect(path, async (db) => {
    const tables = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").all();
    for (const { name } of tables) {
      const fault = db.prepare(`PRAGMA quick_check("${name}")`).get()?.quick_check;
      if (fault !== "ok") return `${name}: ${fault}`;
      await setImmediate();
    }
    return null;
  });
}

/** Why a file can't take the place of our database; null when it can. Throws as {@link damageIn} does. */
export async function unfitness(path: string): Promise<string | null> {
  const fault = await inspect(path, async (db) => {
    if (recogniseOpen(db) !== "ours") return "it is no database of WhiteStat";
    const version = db.prepare("PRAGMA user_version").get()?.user_version as number;
    return version > SCHEMA_VERSION ? "it was written by a newer WhiteStat" : null;
  });
  return fault ?? (await damageIn(path));
}

async function inspect(path: string, look: (db: DatabaseSync) => Promise<string | null>): Promise<string | null> {
  let db: DatabaseSync | null = null;
  try {
    db = new (sqlite().DatabaseSync)(path, { readOnly: true });
    return await look(db);
  } catch (error) {
    const problem = toStoreError(error, path);
    if (problem.code === "corrupt") return problem.message;
    throw problem;
  } finally {
    db?.close();
  }
}
