import { existsSync, rmSync, statSync } from "node:fs";
import type { StatementSync } from "node:sqlite";
import { ALL_PAGES, copyDatabase } from "../file/copy.ts";
import { freeName, moveDatabase, moveIntoPlace, removeDatabase } from "../file/files.ts";
import { openDatabase } from "../file/open-sqlite.ts";
import { StoreError } from "../store.ts";
import type { Engine, Value } from "./engine.ts";
import { type DatabaseSync, sqlite } from "./node-sqlite.ts";
import { toStoreError } from "./sqlite-errors.ts";

export interface SqliteEngineOptions {
  /** Told that the file had been deleted or replaced, and was written anew from the open connection. */
  readonly onRescue?: ((message: string) => void) | undefined;
}

/**
 * The engine on one SQLite file, by Node's own SQLite.
 * @param path made when it is missing or empty; its folder must exist
 * @throws StoreError when the file is not ours (`foreign`), too new (`newer`), damaged, or can't be opened
 */
export function openSqliteEngine(path: string, { onRescue }: SqliteEngineOptions = {}): Engine {
  let db = openDatabase(path);
  let file = identityOf(path);
  const statements = new Map<string, StatementSync>();
  const backups = new Set<Promise<unknown>>();

  /** A statement is prepared once: there are some fifty in all. */
  function prepared(sql: string, asArrays = false): StatementSync {
    if (!db.isOpen) throw new StoreError("other", `${path}: the store is closed`, "Open it again before using it.");
    const key = asArrays ? `arrays ${sql}` : sql;
    let statement = statements.get(key);
    if (!statement) {
      statement = db.prepare(sql);
      if (asArrays) statement.setReturnArrays(true);
      statements.set(key, statement);
    }
    return statement;
  }

  /**
   * Somebody may delete or replace the file while it is open: what we write then goes to a file that has no name any more.
   * The connection still sees all of it, so it is written anew; what took its place is kept under another name.
   */
  async function rescueIfReplaced(): Promise<void> {
    if (!db.isOpen || identityOf(path) === file) return;
    const wasReplaced = existsSync(path);
    const aside = freeName(`${path}.replaced`);
    if (wasReplaced) moveDatabase(path, aside);
    for (const suffix of ["-wal", "-shm"]) rmSync(path + suffix, { force: true });
    const unfinished = `${path}.rescue`;
    removeDatabase(unfinished);
    await sqlite().backup(db, unfinished, { rate: ALL_PAGES });
    moveIntoPlace(unfinished, path);
    statements.clear();
    db.close();
    db = openDatabase(path);
    file = identityOf(path);
    onRescue?.(
      wasReplaced
        ? `${path} was replaced while WhiteStat was running. It was written anew from memory; the other file is kept as ${aside}.`
        : `${path} was deleted while WhiteStat was running. It was written anew from memory; nothing is lost.`,
    );
  }

  async function guarded<T>(work: () => T | Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw toStoreError(error, path);
    }
  }

  return {
    name: "sqlite",
    all: <Row>(sql: string, ...parameters: readonly Value[]) =>
      guarded(() => prepared(sql).all(...parameters) as unknown as Row[]),
    tuples: <Row extends readonly Value[]>(sql: string, ...parameters: readonly Value[]) =>
      guarded(() => prepared(sql, true).all(...parameters) as unknown as Row[]),
    run: (sql, ...parameters) => guarded(() => Number(prepared(sql).run(...parameters).changes)),
    insert: (sql, rows) =>
      guarded(() => {
        const statement = prepared(sql);
        for (const row of rows) statement.run(...row);
      }),
    async transaction(work) {
      try {
        await rescueIfReplaced();
        prepared("BEGIN IMMEDIATE").run();
        const result = await work();
        prepared("COMMIT").run();
        return result;
      } catch (error) {
        rollBack(db);
        throw isOurs(error) ? error : toStoreError(error, path);
      }
    },
    list: {
      texts: "(SELECT value FROM json_each(?))",
      numbers: "(SELECT value FROM json_each(?))",
    },
    backup: (to) =>
      guarded(async () => {
        const copying = copyDatabase(path, to);
        backups.add(copying);
        try {
          await copying;
        } finally {
          backups.delete(copying);
        }
      }),
    async close() {
      await Promise.allSettled(backups);
      if (!db.isOpen) return;
      rollBack(db);
      statements.clear();
      db.close();
    },
  };
}

/** Which file a name stands for; empty when there is none. */
function identityOf(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat === undefined ? "" : `${stat.dev} ${stat.ino}`;
}

/** An error of SQLite may have ended the transaction already. */
function rollBack(db: DatabaseSync): void {
  if (db.isOpen && db.isTransaction) db.exec("ROLLBACK");
}

/** What the work itself threw, to be handed on as it is. */
function isOurs(error: unknown): boolean {
  return !(error instanceof Error && "errcode" in error);
}
