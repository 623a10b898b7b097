import { setImmediate } from "node:timers/promises";
import type { DatabaseSync } from "../engine/node-sqlite.ts";
import { toStoreError } from "../engine/sqlite-errors.ts";
import { SCHEMA, SCHEMA_VERSION } from "../schema.ts";
import { openReadOnly } from "./open-read-only.ts";
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
      if (fault !== "ok") return `${name}: ${firstOf(String(fault))}`;
      await setImmediate();
    }
    return null;
  });
}

/** SQLite tells fault after fault, each on a line, under a heading. */
function firstOf(faults: string): string {
  const lines = faults.split("\n").filter((line) => !line.startsWith("***"));
  return lines[0] ?? faults;
}

/** Why a file can't take the place of our database; null when it can. Throws as {@link damageIn} does. */
export async function unfitness(path: string): Promise<string | null> {
  const fault = await inspect(path, async (db) => {
    if (recogniseOpen(db) !== "ours") return "it is no database of WhiteStat";
    const version = db.prepare("PRAGMA user_version").get()?.user_version as number;
    if (version > SCHEMA_VERSION) return "it was written by a newer WhiteStat";
    return forgery(db);
  });
  return fault ?? (await damageIn(path));
}

/** Names of our tables, by the schema. */
const TABLES = [...SCHEMA.matchAll(/^CREATE TABLE (\w+)/gm)].map(([, name]) => name ?? "");

/**
 * What is no table where ours has one: a view may never end, a trigger or a computed column does what its author wants.
 * Such a file was made by somebody, and not by us.
 */
function forgery(db: DatabaseSync): string | null {
  const find = db.prepare(
    `SELECT s.type = 'table' AND s.rootpage > 0 AND NOT EXISTS (SELECT 1 FROM pragma_table_xinfo(s.name) WHERE hidden > 0)
       AS is_table FROM sqlite_schema s WHERE s.name = ?`,
  );
  for (const name of TABLES) if (find.get(name)?.is_table !== 1) return `it has no proper table ${name}`;
  const trigger = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger' LIMIT 1").get();
  return trigger ? `it has a trigger, ${JSON.stringify(trigger.name)}` : null;
}

async function inspect(path: string, look: (db: DatabaseSync) => Promise<string | null>): Promise<string | null> {
  let db: DatabaseSync | null = null;
  try {
    db = openReadOnly(path);
    return await look(db);
  } catch (error) {
    const problem = toStoreError(error, path);
    if (problem.code === "corrupt") return problem.message;
    throw problem;
  } finally {
    db?.close();
  }
}
