import { type DatabaseSync, sqlite } from "../engine/node-sqlite.ts";
import { toStoreError } from "../engine/sqlite-errors.ts";
import { MIGRATIONS, SCHEMA, SCHEMA_VERSION, SQLITE_VIEWS } from "../schema.ts";
import { StoreError } from "../store.ts";
import { APPLICATION_ID, recogniseOpen } from "./recognise.ts";

/** How long to wait for another program's write, holding everything else up meanwhile. */
const BUSY_TIMEOUT_MS = 250;

/**
 * Settings of a connection.
 *
 * WAL with synchronous NORMAL: a power cut may take the last checkpoints with it (the meter's counters give them again)
 * and can neither damage the file nor tear a checkpoint apart.
 * The WAL is copied back after some hours: the page of the open hour changes with every checkpoint, and is then copied once
 * for hundreds of them. Not later than after 900 pages: the index of a longer WAL (-shm, which the system writes to the
 * disk like any file) touches more pages with each checkpoint.
 */
const PRAGMAS = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  PRAGMA cache_size = -4096;
  PRAGMA temp_store = MEMORY;
  PRAGMA wal_autocheckpoint = 900;
  PRAGMA journal_size_limit = 8388608;
`;

/**
 * A checkpoint writes every page it touched whole, and some bytes of -shm for each: 2 kB take a household's open hour in
 * one page. Only a new file takes the size.
 */
const PAGE_SIZE = 2048;

/**
 * Opens a database of ours, making or migrating it as needed.
 * @throws StoreError when it is not ours, newer than we are, damaged, or can't be opened.
 */
export function openDatabase(path: string): DatabaseSync {
  let db: DatabaseSync | null = null;
  try {
    db = new (sqlite().DatabaseSync)(path, { enableForeignKeyConstraints: false, timeout: BUSY_TIMEOUT_MS });
    const found = recogniseOpen(db);
    if (found === "legacy" || found === "foreign") throw notOurs(path, found);
    if (found === "empty") db.exec(`PRAGMA page_size = ${PAGE_SIZE}`);
    refuseNewer(db, path);
    db.exec(PRAGMAS);
    if (versionOf(db) < SCHEMA_VERSION) upgrade(db);
    return db;
  } catch (error) {
    db?.close();
    throw toStoreError(error, path);
  }
}

function notOurs(path: string, found: "legacy" | "foreign"): StoreError {
  const what = found === "legacy" ? "a database of the original WhiteStat" : "a database of another program";
  const hint =
    found === "legacy"
      ? "Take it over, or move it away and start with an empty history."
      : "Set DBFile in WhiteStatConfig.json to another name, or move that file away.";
  return new StoreError("foreign", `${path} is ${what}; it was left as it is`, hint);
}

function versionOf(db: DatabaseSync): number {
  return db.prepare("PRAGMA user_version").get()?.user_version as number;
}

function refuseNewer(db: DatabaseSync, path: string): void {
  const version = versionOf(db);
  if (version <= SCHEMA_VERSION) return;
  throw new StoreError(
    "newer",
    `${path} was written by a newer WhiteStat (its schema is ${version}, this one knows up to ${SCHEMA_VERSION})`,
    "Install that version or a later one, or go back to a backup from before the update.",
  );
}

/** Makes the tables of a new file, or applies the migrations that an older one lacks, each in one transaction. */
function upgrade(db: DatabaseSync): void {
  if (versionOf(db) === 0) step(db, SCHEMA + SQLITE_VIEWS, SCHEMA_VERSION);
  for (let version = versionOf(db); version < SCHEMA_VERSION; version += 1) {
    step(db, MIGRATIONS[version - 1] as string, version + 1);
  }
}

function step(db: DatabaseSync, sql: string, version: number): void {
  db.exec("BEGIN IMMEDIATE");
  db.exec(sql);
  db.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${version}; COMMIT`);
}
