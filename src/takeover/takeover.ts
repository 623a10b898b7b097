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
import type { Calendar } from "../accounting/calendar.ts";
import type { Policy } from "../accounting/policy.ts";
import { damageIn } from "../store/check.ts";
import { dayNumber } from "../store/days.ts";
import { type DatabaseSync, sqlite } from "../store/engine.ts";
import { toStoreError } from "../store/errors.ts";
import { moveIntoPlace, removeDatabase, syncToDisk } from "../store/files.ts";
import { openDatabase } from "../store/open.ts";
import { recogniseDatabase } from "../store/recognise.ts";
import { StoreError } from "../store/store.ts";
import { mergeStage } from "./merge.ts";
import { type OldShape, readShape } from "./old-shape.ts";
import { readOld } from "./read-old.ts";
import { type HistoryReport, reportLines, setAsideCount, spanText } from "./report.ts";
import { createStage } from "./stage.ts";
import { verifyRead, verifyWritten } from "./verify.ts";

export interface TakeoverDeps {
  /** Name under which the store keeps the darkstat that is read. */
  readonly source: string;
  readonly policy: Policy;
  readonly calendar: Calendar;
  readonly now: () => number;
  readonly log: { info(line: string): void; warn(line: string): void };
  /** Gives devices the names that v6 to v11 kept by MAC, where MAC_HOST.txt has none. */
  readonly names: {
    nameOf(device: string): string | null;
    rename(device: string, name: string | null): Promise<void>;
  };
}

/** What a take-over did. */
export interface Takeover {
  readonly report: HistoryReport;
  /** Where the old file lies now. */
  readonly backup: string;
}

/** The new store while it is made, and what it is made from. Neither has another's name: a crash leaves no doubt. */
const building = (path: string) => `${path}.takeover`;
const working = (path: string) => `${path}.takeover-work`;
const mended = (path: string) => `${path}.takeover-mended`;

/** The new file takes less than the old one, the work beside it about as much. */
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
export async function takeOver(named: string, deps: TakeoverDeps): Promise<Takeover | null> {
  if (!existsSync(named)) return null;
  const path = realpathSync(named);
  removeDatabase(building(path));
  removeDatabase(working(path));
  removeDatabase(mended(path));
  rollBackJournal(path);
  const readable = readableFile(path);
  if (readable === null) return null;
  try {
    checkRoom(path);
    const { report, shape, names } = await build(path, readable, deps);
    const fault = await damageIn(building(path));
    if (fault !== null) throw notTaken(path, `the new file is damaged (${fault})`);
    await keepNames(names, deps);
    // Left beside the new file, SQLite would write the old one's changes into it.
    if (sizeOf(`${path}-wal`) > 0 || sizeOf(`${path}-journal`) > 0) throw inUse(path);
    keepOwner(building(path), path);
    const backup = keepOld(path, shape.version);
    moveIntoPlace(building(path), path);
    for (const line of reportLines(report)) deps.log.info(line);
    deps.log.info(`The history of the older WhiteStat was taken over; its file is kept as ${backup}.`);
    return { report, backup };
  } catch (error) {
    const problem = toStoreError(error, path);
    // Damage of the old file is read around; "corrupt" here would have it set aside as a damaged store of ours.
    throw problem.code === "corrupt" ? notTaken(path, problem.message) : problem;
  } finally {
    for (const made of [building(path), working(path), mended(path)]) removeDatabase(made);
  }
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

async function build(
  path: string,
  readable: string,
  deps: TakeoverDeps,
): Promise<{ report: HistoryReport; shape: OldShape; names: ReadonlyMap<string, string> }> {
  const old = openOld(readable);
  let db: DatabaseSync | null = null;
  try {
    const shape = readShape(old, path);
    db = openDatabase(building(path));
    prepareForBuilding(db, working(path));
    const writtenAt = Math.min(statSync(path).mtimeMs, deps.now());
    const reject = db.prepare("INSERT INTO takeover_reject (file, place, reason, content) VALUES (?, ?, ?, ?)");
    const stage = createStage(db);
    db.exec("BEGIN");
    const reading = readOld({
      db: old,
      shape,
      file: basename(path),
      stage,
      policy: deps.policy,
      calendar: deps.calendar,
      writtenAt,
      setAside: (place, reason, content) => reject.run(basename(path), place, reason, JSON.stringify(content)),
    });
    stage.classify(deps.policy);
    verifyRead(old, shape, reading, path);

    const span = spanText(reading.first, reading.last);
    const source = createSource(db, deps, span.firstDay, writtenAt);
    const merged = mergeStage(db, { source, today: dayNumber(deps.calendar.dayOf(deps.now())) });
    verifyWritten(db, reading.taken, path);
    const fresh = [...reading.deviceNames].filter(([mac]) => deps.names.nameOf(mac) === null);
    const report: HistoryReport = {
      version: shape.version,
      file: basename(path),
      tables: reading.tables,
      rows: reading.tables.reduce((sum, { rows }) => sum + rows, 0),
      superseded: reading.superseded,
      setAside: reading.setAside,
      unreadable: reading.unreadable,
      repaired: reading.repaired,
      names: fresh.length,
      ...span,
      merged,
    };
    insertNote(db, {
      source,
      at: deps.now(),
      code: "taken-over",
      report,
      backup: basename(backupName(path, shape.version)),
    });
    db.exec("COMMIT; DETACH work; PRAGMA journal_mode = DELETE");
    return { report, shape, names: new Map(fresh) };
  } finally {
    db?.close();
    if (old.isTransaction) old.exec("ROLLBACK");
    old.close();
  }
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

/** Nothing of a half-built file is ever used, so nothing of it needs to reach the disk before it is whole. */
function prepareForBuilding(db: DatabaseSync, work: string): void {
  db.exec("PRAGMA journal_mode = DELETE; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_spill = ON");
  db.prepare("ATTACH ? AS work").run(work);
  db.exec("PRAGMA work.journal_mode = OFF; PRAGMA work.synchronous = OFF; PRAGMA work.cache_size = -8192");
}

/**
 * The source of the darkstat that will be read, with books that know nothing: read last when the old file was written
 * last. A darkstat that ran before is then settled as another one, of which only what comes is charged, for what it
 * counted until now the old program charged already.
 */
export function createSource(
  db: DatabaseSync,
  { source, calendar }: Pick<TakeoverDeps, "source" | "calendar">,
  firstDay: string | null,
  at: number,
): number {
  const known = db.prepare("SELECT id FROM source WHERE name = ?").get(source);
  if (known) return Number(known.id);
  const firstAt = firstDay === null ? at : (calendar.slotsOf(firstDay)[0]?.from ?? at);
  const inserted = db
    .prepare(`INSERT INTO source (name, first_at, epoch, at, uptime, total_before, counted, captured, dropped, slot_day, slot_hour)
       VALUES (?, ?, '', ?, 0, 0, 0, 0, 0, 0, 0)`)
    .run(source, Math.round(firstAt), Math.round(at));
  return Number(inserted.lastInsertRowid);
}

/** Writes the note that the dashboard shows. */
export function insertNote(
  db: DatabaseSync,
  note: { source: number; at: number; code: "taken-over" | "imported"; report: HistoryReport; backup?: string },
): void {
  const { report } = note;
  const detail = {
    version: report.version.replace(/^v/, ""),
    rows: report.rows,
    devices: report.merged.devices,
    ...(report.firstDay === null ? {} : { firstDay: report.firstDay, lastDay: report.lastDay ?? "" }),
    setAside: setAsideCount(report) - (report.setAside.get("unreadable") ?? 0),
    unreadable: report.unreadable,
    implausible: report.merged.implausible,
    ...(note.backup === undefined ? {} : { backup: note.backup }),
  };
  db.prepare("INSERT INTO note (source, at, code, detail) VALUES (?, ?, ?, ?)").run(
    note.source,
    note.at,
    note.code,
    JSON.stringify(detail),
  );
}

async function keepNames(names: ReadonlyMap<string, string>, deps: TakeoverDeps): Promise<void> {
  for (const [mac, name] of names) {
    try {
      await deps.names.rename(mac, [...name.replace(/[\p{Cc}\u2028\u2029]/gu, " ")].slice(0, 200).join(""));
    } catch (error) {
      deps.log.warn(
        `The name ${JSON.stringify(name)} of ${mac} is not in MAC_HOST.txt: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
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
