import {
  chmodSync,
  chownSync,
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  linkSync,
  openSync,
  readSync,
  realpathSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
  truncateSync,
} from "node:fs";
import { basename, dirname } from "node:path";
import { type DatabaseSync, sqlite } from "../store/engine/node-sqlite.ts";
import { toStoreError } from "../store/engine/sqlite-errors.ts";
import { damageIn } from "../store/file/damage.ts";
import { moveIntoPlace, removeDatabase, syncToDisk } from "../store/file/files.ts";
import { recogniseDatabase } from "../store/file/recognise.ts";
import { openSqliteStore } from "../store/sqlite-store.ts";
import { DEFAULT_ADDRESSES, type DefaultAddresses, type Store, StoreError } from "../store/store.ts";
import { limitsOf } from "./figures.ts";
import { type HistoryDeps, type HistoryRead, handOver, keepNames } from "./history.ts";
import { type OldShape, quoted, readShape } from "./old-shape.ts";
import { type OldReading, readOld } from "./read-old.ts";
import { type HistoryReport, reportLines } from "./report.ts";
import { mostRowsOf } from "./salvage.ts";
import { createStage, type Stage } from "./stage.ts";
import { verifyRead, verifyWritten } from "./verify.ts";

/** What a takeover did. */
export interface Takeover {
  readonly report: HistoryReport;
  /** Where the old file lies now. */
  readonly backup: string;
}

/** The new store while it is made, and what it is made from. Neither has another's name: a crash leaves no doubt. */
const building = (path: string) => `${path}.takeover`;
const working = (path: string) => `${path}.takeover-work`;
const mended = (path: string) => `${path}.takeover-mended`;

/** The new file takes less than the old one, its log and the work beside it about as much. */
const ROOM_FACTOR = 2.5;
const ROOM_AT_LEAST = 4_000_000;

/**
 * Takes over the database of an older WhiteStat, if that is what lies at `path`; else does nothing and returns null.
 * To be called with the store's lock held, before the store is opened.
 *
 * The new store is built beside the old one, compared with it, and renamed over it once the old one has a second name:
 * at any moment `path` is the old store or the new one, whole, and a start after a crash begins again or finds it done.
 * @throws StoreError `full` when there is no room for both, `busy` while the old WhiteStat still writes, `foreign` when
 * the outcome does not agree with the old file: it is then as it was
 */
export async function takeOver(named: string, deps: HistoryDeps): Promise<Takeover | null> {
  return takingOver(named, deps, async (path, old) => {
    const store = openSqliteStore({ path: building(path), view: deps.view });
    let handed: Awaited<ReturnType<typeof handOver>>;
    try {
      handed = await handOverOld(store, path, old, deps);
    } finally {
      await store.close();
    }
    const fault = await damageIn(building(path));
    if (fault !== null) throw notTaken(path, `the new file is damaged (${fault})`);
    await keepNames(handed.names, deps);
    // Left beside the new file, SQLite would write the old one's changes into it.
    if (sizeOf(`${path}-wal`) > 0 || sizeOf(`${path}-journal`) > 0) throw inUse(path);
    keepOwner(building(path), path);
    const backup = keepOld(path, old.shape.version);
    moveIntoPlace(building(path), path);
    return { report: handed.report, backup };
  });
}

/**
 * The same into a store that does not live in this file: PostgreSQL. The old file is renamed when the history is in; a
 * crash before that takes it in again, which changes nothing.
 * @throws StoreError as {@link takeOver} does
 */
export async function takeOverInto(store: Store, named: string, deps: HistoryDeps): Promise<Takeover | null> {
  return takingOver(named, deps, async (path, old) => {
    const { report, names } = await handOverOld(store, path, old, deps);
    await keepNames(names, deps);
    if (sizeOf(`${path}-wal`) > 0 || sizeOf(`${path}-journal`) > 0) throw inUse(path);
    const backup = backupName(path, old.shape.version);
    renameSync(path, backup);
    syncToDisk(dirname(backup));
    return { report, backup };
  });
}

/** An old store that was read, with the lock on it still held. */
interface OldStore {
  readonly shape: OldShape;
  readonly reading: OldReading;
  readonly stage: Stage;
  readonly writtenAt: number;
}

async function takingOver(
  named: string,
  deps: HistoryDeps,
  work: (path: string, old: OldStore) => Promise<Takeover>,
): Promise<Takeover | null> {
  if (!existsSync(named)) return null;
  const path = realpathSync(named);
  for (const made of [building(path), working(path), mended(path)]) removeDatabase(made);
  rollBackJournal(path);
  const readable = readableFile(path);
  if (readable === null) return null;
  let db: DatabaseSync | null = null;
  let stage: Stage | null = null;
  try {
    checkRoom(path);
    db = openOld(readable);
    const shape = readShape(db, path);
    stage = createStage(working(path));
    const writtenAt = Math.min(statSync(path).mtimeMs, deps.now());
    const reading = readOldFile({ db, shape, path, stage, deps });
    verifyRead(db, shape, reading, path);
    const taken = await work(path, { shape, reading, stage, writtenAt });
    for (const line of reportLines(taken.report)) deps.log.info(line);
    deps.log.info(`The history of the older WhiteStat was taken over; its file is kept as ${taken.backup}.`);
    return taken;
  } catch (error) {
    const problem = toStoreError(error, path);
    // Damage of the old file is read around; "corrupt" here would have it set aside as a damaged store of ours.
    throw problem.code === "corrupt" ? notTaken(path, problem.message) : problem;
  } finally {
    if (db?.isTransaction) db.exec("ROLLBACK");
    db?.close();
    stage?.close();
    for (const made of [building(path), working(path), mended(path)]) removeDatabase(made);
  }
}

/** Reads an old database whole, or the days of a range, into a stage. */
export function readOldFile({
  db,
  shape,
  path,
  stage,
  deps,
  range = { from: null, to: null },
}: {
  db: DatabaseSync;
  shape: OldShape;
  path: string;
  stage: Stage;
  deps: Pick<HistoryDeps, "calendar" | "now" | "onProgress">;
  range?: { from: number | null; to: number | null };
}): OldReading {
  const { mtimeMs } = statSync(path);
  const mostRows = mostRowsOf(sizeOf(path) + sizeOf(`${path}-wal`));
  const expected = rowsOf(db, shape);
  const { calendar, now, onProgress } = deps;
  return readOld({
    db,
    shape,
    stage,
    calendar,
    writtenAt: Math.min(mtimeMs, now()),
    limits: limitsOf(now(), mtimeMs),
    range,
    mostRows,
    onProgress: (rows) => onProgress?.(`Reading ${basename(path)}`, rows, expected),
  });
}

/** How many rows the tables say that they have; null where a damaged file can't be asked. */
function rowsOf(db: DatabaseSync, { tables }: OldShape): number | null {
  try {
    return tables.reduce(
      (sum, { name }) => sum + Number(db.prepare(`SELECT count(*) AS n FROM ${quoted(name)}`).get()?.n),
      0,
    );
  } catch {
    return null;
  }
}

/** What was read of an old store, as it is handed over. */
export function historyRead({ version }: OldShape, reading: OldReading): HistoryRead {
  const { tables, superseded, unreadable, repaired, first, last, deviceNames } = reading;
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  return { version, tables, rows, superseded, unreadable, repaired, first, last, names: deviceNames };
}

async function handOverOld(store: Store, path: string, old: OldStore, deps: HistoryDeps) {
  const { shape, reading, stage, writtenAt } = old;
  const isNew = (await store.range()) === null;
  const backup = basename(backupName(path, shape.version));
  const read = historyRead(shape, reading);
  const handed = await handOver(
    store,
    { stage, read, file: basename(path), writtenAt, note: "taken-over", backup },
    deps,
  );
  if (isNew) await verifyWritten(store, reading.taken, path);
  // Version 6 to 11 knew no IPFilter, and showed every address.
  const reported: DefaultAddresses = shape.version === "v11" ? "all" : "ipv4";
  if (isNew) await store.remember(DEFAULT_ADDRESSES, reported);
  return handed;
}

/**
 * The file to read the old figures from: the old one, or, where it is cut short, a copy of it that is filled up with
 * nothing to the length that it says it has, since SQLite reads none of it otherwise. Null when it is no old store.
 */
function readableFile(path: string): string | null {
  const found = recogniseDatabase(path);
  if (found === "legacy") return path;
  const length = found === "corrupt" ? lengthOfOld(path) : null;
  if (length === null || length <= sizeOf(path)) return null;
  const copy = mended(path);
  copyFileSync(path, copy);
  truncateSync(copy, length);
  if (recogniseDatabase(copy) === "legacy") return copy;
  removeDatabase(copy);
  return null;
}

/** The length that the header of a database without a name of ours tells; null when it is none. See sqlite.org/fileformat. */
function lengthOfOld(path: string): number | null {
  const header = Buffer.alloc(100);
  const file = openSync(path, "r");
  try {
    if (readSync(file, header) < header.length) return null;
  } finally {
    closeSync(file);
  }
  if (header.toString("latin1", 0, 15) !== "SQLite format 3" || header.readUInt32BE(68) !== 0) return null;
  const pageSize = header.readUInt16BE(16) === 1 ? 65_536 : header.readUInt16BE(16);
  const length = pageSize * header.readUInt32BE(28);
  return length > sizeOf(path) * 1_000 ? null : length;
}

/**
 * Ends what a crash of the old program left half done: SQLite rolls its journal back at the first reading, which needs a
 * connection that may write. (Stores of ours have no such journal.)
 */
function rollBackJournal(path: string): void {
  if (sizeOf(`${path}-journal`) === 0) return;
  const db = new (sqlite().DatabaseSync)(path);
  try {
    db.prepare("SELECT count(*) FROM sqlite_schema").get();
  } catch {
    // Damaged, or in use: whoever opens it next says so.
  } finally {
    db.close();
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

function checkRoom(path: string): void {
  const { size } = statSync(path);
  let free: number;
  try {
    const { bavail, bsize } = statfsSync(dirname(path));
    free = bavail * bsize;
  } catch {
    return;
  }
  const wanted = Math.round(size * ROOM_FACTOR) + ROOM_AT_LEAST;
  if (free >= wanted) return;
  throw new StoreError(
    "full",
    `${path} can't be taken over: that needs ${megabytes(wanted)} beside it, and ${megabytes(free)} are free`,
    `Free some space in ${dirname(path)}; the old file stays as it is until then.`,
  );
}

function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 1_000_000)} MB`;
}

/**
 * The old file, with a lock that keeps the old program from writing meanwhile.
 * @throws StoreError `busy` while it does
 */
function openOld(path: string): DatabaseSync {
  const { DatabaseSync } = sqlite();
  let db = new DatabaseSync(path, { timeout: 2_000 });
  try {
    // A write-ahead log goes into the file, since the file is all that is kept.
    if (sizeOf(`${path}-wal`) > 0) db.exec("PRAGMA journal_mode = DELETE");
    db.exec("BEGIN IMMEDIATE");
    return db;
  } catch (error) {
    db.close();
    const problem = toStoreError(error, path);
    if (problem.code === "busy") throw inUse(path, error);
    // A file that may only be read can be taken over, too: it is not written.
    db = new DatabaseSync(path, { readOnly: true });
    return db;
  }
}

function backupName(path: string, version: string): string {
  const wanted = `${path}.${version}-backup`;
  let name = wanted;
  for (let count = 2; isTaken(path, name); count += 1) name = `${wanted}-${count}`;
  return name;
}

/** A name that is there and is another file. The old file itself may have it already, from a start that was cut off. */
function isTaken(path: string, name: string): boolean {
  const there = statSync(name, { throwIfNoEntry: false });
  if (!there) return false;
  const { ino, dev } = statSync(path);
  return there.ino !== ino || there.dev !== dev;
}

/** Gives the old file a second name. Where the file system knows no hard links (FAT, some shares) it is copied. */
function keepOld(path: string, version: string): string {
  const backup = backupName(path, version);
  if (existsSync(backup)) return backup;
  try {
    linkSync(path, backup);
    syncToDisk(dirname(backup));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOSPC" || code === "EDQUOT" || code === "EROFS") throw error;
    const unfinished = `${backup}.unfinished`;
    try {
      copyFileSync(path, unfinished, constants.COPYFILE_FICLONE);
      syncToDisk(unfinished);
      renameSync(unfinished, backup);
    } finally {
      rmSync(unfinished, { force: true });
    }
  }
  return backup;
}

/** Who may read and write the store stays who it was. */
function keepOwner(file: string, like: string): void {
  const { mode, uid, gid } = statSync(like);
  try {
    chmodSync(file, mode & 0o777);
    chownSync(file, uid, gid);
  } catch {
    // Only root may give files away; otherwise it is ours, which is no reason to fail.
  }
}

function inUse(path: string, cause?: unknown): StoreError {
  return new StoreError(
    "busy",
    `${path} is in use by another program, probably the WhiteStat that it comes from`,
    "Stop the old WhiteStat first: the two can't share a store.",
    { cause },
  );
}

function notTaken(path: string, why: string): StoreError {
  return new StoreError(
    "foreign",
    `${path} was not taken over: ${why}; it was left as it is`,
    "Please report this with the message; to begin a new history meanwhile, set DBFile in WhiteStatConfig.json to another name.",
  );
}
