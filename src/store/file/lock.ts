import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { type DatabaseSync, sqlite } from "../engine/node-sqlite.ts";
import { toStoreError } from "../engine/sqlite-errors.ts";
import { StoreError } from "../store.ts";

/** Who uses a store: written beside the lock, for a person to read. */
export interface LockHolder {
  readonly pid: number;
  /** Host name; in a container, the container's. */
  readonly host: string;
  /** ms UTC. */
  readonly since: number;
}

export interface Lock {
  release(): void;
}

/**
 * Takes a database file for this process alone, for as long as it lives.
 *
 * The lock is the operating system's, on `<path>.lock` (an empty SQLite file, held in a transaction that writes nothing),
 * so it is gone with its process, however that ends; process ids repeat in containers and decide nothing. The database
 * itself stays open to readers. `<path>.holder` only says who it was that took the lock.
 * @throws StoreError `busy`, naming the holder, when another one has it.
 */
export function takeLock(path: string, holder: LockHolder): Lock {
  let db: DatabaseSync | null = null;
  try {
    db = new (sqlite().DatabaseSync)(`${path}.lock`);
    db.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    db?.close();
    const problem = toStoreError(error, `${path}.lock`);
    throw problem.code === "busy" ? taken(path, problem) : problem;
  }
  const held = db;
  writeHolder(path, holder);
  return {
    release() {
      if (!held.isOpen) return;
      rmSync(`${path}.holder`, { force: true });
      held.close();
    },
  };
}

/** Only a help for people: on a full disk there is none, and the lock holds all the same. */
function writeHolder(path: string, holder: LockHolder): void {
  try {
    writeFileSync(`${path}.holder`, `${JSON.stringify(holder)}\n`);
  } catch {
    rmSync(`${path}.holder`, { force: true });
  }
}

function readHolder(path: string): string {
  try {
    const { pid, host, since } = JSON.parse(readFileSync(`${path}.holder`, "utf8")) as LockHolder;
    return `process ${pid} on ${host}, since ${new Date(since).toISOString()}`;
  } catch {
    return "another process";
  }
}

function taken(path: string, cause: StoreError): StoreError {
  return new StoreError(
    "busy",
    `${path} is in use by another WhiteStat: ${readHolder(path)}`,
    "Stop that one first, or give this one a DATA_STORE of its own.",
    { cause },
  );
}
