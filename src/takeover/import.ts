import { readFileSync, realpathSync, type Stats, statSync } from "node:fs";
import { hostname } from "node:os";
import { basename, join } from "node:path";
import type { View } from "../accounting/view.ts";
import { cleanName } from "../shared/clean-name.ts";
import { dayNumber } from "../store/day-text.ts";
import { sqlite } from "../store/engine/node-sqlite.ts";
import { toStoreError } from "../store/engine/sqlite-errors.ts";
import { copyDatabase } from "../store/file/copy.ts";
import { unfitness } from "../store/file/damage.ts";
import { removeDatabase } from "../store/file/files.ts";
import { type Lock, takeLock } from "../store/file/lock.ts";
import { recogniseDatabase } from "../store/file/recognise.ts";
import { openSqliteStore } from "../store/sqlite-store.ts";
import { type Day, type Store, StoreError, type ViewOf } from "../store/store.ts";
import { readDaysText } from "./days-file.ts";
import { limitsOf } from "./figures.ts";
import { type HistoryDeps, type HistoryRead, handOver, keepNames } from "./history.ts";
import { readShape } from "./old-shape.ts";
import { readOurs } from "./read-ours.ts";
import { createRecordReader, type DayRange, type RecordsRead } from "./read-records.ts";
import type { HistoryReport } from "./report.ts";
import { createStage, type Stage } from "./stage.ts";
import { historyRead, readOldFile, takeOver } from "./takeover.ts";
import { verifyRead } from "./verify.ts";

export interface ImportOptions extends Omit<HistoryDeps, "view"> {
  /** The settings to answer by, or how they follow from what the store remembers. */
  readonly view: View | ViewOf;
  /** What is imported: a database of any version, an export, or a folder that holds a database. */
  readonly from: string;
  /** Days to take, both included; null for all. */
  readonly firstDay: Day | null;
  readonly lastDay: Day | null;
  /** Say what would happen, and change nothing. */
  readonly dryRun: boolean;
}

/** Of a store that is still to be made. */
const NO_MEMORY: Pick<Store, "recall"> = { recall: async () => null };
const MOST_WORDS = 500;
/** More text than this is more than can be held in memory as one. */
const MOST_TEXT_BYTES = 500_000_000;

/**
 * Puts another history into the SQLite store at `into`, which is made when missing: see {@link importInto}. A dry run does
 * so to a copy of it, as it was saved last, which is removed again.
 * @throws StoreError `busy` while WhiteStat runs on the store, unless it is a dry run, `foreign` when `from` is nothing that can be read
 */
export async function importHistory(options: ImportOptions & { readonly into: string }): Promise<HistoryReport> {
  const { into } = options;
  refuseItself(sourceFile(options.from), into);
  if (options.dryRun) return importIntoCopy(options);
  const lock = lockFor(into, options.now());
  let store: Store | null = null;
  try {
    if (recogniseDatabase(into) === "legacy") await takeOver(into, await withView(options, NO_MEMORY));
    store = openSqliteStore({ path: into, view: options.view });
    return await importInto(store, into, options);
  } catch (error) {
    throw toStoreError(error, into);
  } finally {
    await store?.close();
    lock.release();
  }
}

async function importIntoCopy(options: ImportOptions & { readonly into: string }): Promise<HistoryReport> {
  const { into, view } = options;
  // Others may be trying as well, and WhiteStat may be running.
  const copy = `${into}.import-trial-${process.pid}`;
  let store: Store | null = null;
  try {
    const found = recogniseDatabase(into);
    if (found === "legacy") throw notYetTaken(into);
    if (found === "ours") await copyDatabase(into, copy);
    store = openSqliteStore({ path: found === "ours" || found === "empty" ? copy : into, view });
    return await importInto(store, copy, options);
  } catch (error) {
    throw toStoreError(error, into);
  } finally {
    await store?.close();
    removeDatabase(copy);
  }
}

function lockFor(path: string, since: number): Lock {
  try {
    return takeLock(path, { pid: process.pid, host: hostname(), since });
  } catch (error) {
    if (!(error instanceof StoreError) || error.code !== "busy") throw error;
    throw new StoreError("busy", error.message, "Stop WhiteStat, import, and start it again.", { cause: error });
  }
}

/**
 * Puts another history into a store of ours, merging: see `Store.importHistory` for what counts where both have a day. All
 * of it is in, or nothing is. Importing the same twice changes nothing the second time.
 * @param scratch beside this path the work is done, in files that are removed again
 * @throws StoreError `foreign` when `from` is nothing that can be read
 */
export async function importInto(
  store: Pick<Store, "importHistory" | "recall">,
  scratch: string,
  options: ImportOptions,
): Promise<HistoryReport> {
  const from = sourceFile(options.from);
  const stage = createStage(`${scratch}.import-work`);
  try {
    const read = await readHistory(from, `${scratch}.import-copy`, stage, options);
    const { dryRun } = options;
    const writtenAt = Math.min(options.now(), statSync(from).mtimeMs);
    const handing = { stage, read, file: basename(from), writtenAt, note: "imported", dryRun } as const;
    const { report, names } = await handOver(store, handing, await withView(options, store));
    if (!dryRun) await keepNames(names, options);
    return report;
  } finally {
    stage.close();
  }
}

async function withView(
  options: ImportOptions,
  memory: Pick<Store, "recall">,
): Promise<ImportOptions & { readonly view: View }> {
  const { view } = options;
  return { ...options, view: typeof view === "function" ? await view(memory) : view };
}

async function readHistory(from: string, copy: string, stage: Stage, options: ImportOptions): Promise<HistoryRead> {
  const range = { from: numberOf(options.firstDay), to: numberOf(options.lastDay) };
  const limits = limitsOf(options.now(), statSync(from).mtimeMs);
  const found = recogniseDatabase(from);
  if (found === "legacy") return readLegacy(from, stage, range, options);
  if (found === "ours") {
    const why = await unfitness(from);
    if (why !== null) throw unreadable(from, why);
    try {
      return recordsRead("WhiteStat 12", await readOurs(from, copy, stage, limits, range));
    } catch (error) {
      if (error instanceof StoreError && ["full", "read-only", "busy"].includes(error.code)) throw error;
      // Whatever else can be wrong with a file that somebody made.
      const cause = error instanceof StoreError && error.cause instanceof Error ? error.cause : error;
      throw unreadable(from, `its content makes no sense (${cause instanceof Error ? cause.message : String(cause)})`);
    }
  }
  if (found !== "corrupt") {
    throw unreadable(from, found === "empty" ? "it is empty" : "it is a database of another program");
  }
  const reader = createRecordReader(stage, limits, range);
  try {
    for (const record of readDaysText(textOf(from))) reader.take(record);
  } catch (error) {
    if (error instanceof RangeError) throw unreadable(from, error.message);
    throw error;
  }
  return recordsRead("export", reader.result());
}

function numberOf(day: Day | null): number | null {
  return day === null ? null : dayNumber(day);
}

function readLegacy(from: string, stage: Stage, range: DayRange, options: ImportOptions): HistoryRead {
  const db = new (sqlite().DatabaseSync)(from, { readOnly: true });
  try {
    const shape = readShape(db, from);
    const reading = readOldFile({ db, shape, path: from, stage, deps: options, range });
    verifyRead(db, shape, reading, from);
    return historyRead(shape, reading);
  } finally {
    db.close();
  }
}

function recordsRead(version: string, { rows, first, last, repaired, names }: RecordsRead): HistoryRead {
  return {
    version,
    tables: [{ name: "days", rows }],
    rows,
    superseded: 0,
    unreadable: 0,
    repaired,
    first,
    last,
    names,
  };
}

/** An export of ours, whole in memory: it is text, and a household's ten years are some tens of megabytes. */
function textOf(path: string): string {
  if (statSync(path).size > MOST_TEXT_BYTES) {
    throw unreadable(
      path,
      `it has more than ${MOST_TEXT_BYTES / 1_000_000} MB; export it in parts, by --from and --to`,
    );
  }
  const content = readFileSync(path);
  if (content.subarray(0, 15).toString("latin1") === "SQLite format 3") {
    throw unreadable(path, "its first pages are damaged");
  }
  return content.toString("utf8");
}

/** The file to read: in a folder, the database that its settings name, else the one with the usual name. */
function sourceFile(path: string): string {
  const stat = statOf(path);
  if (!stat.isDirectory()) return regular(path, stat);
  const file = join(path, databaseNameIn(path));
  if (!statSync(file, { throwIfNoEntry: false })) throw unreadable(path, `it holds no ${basename(file)}`);
  return regular(file, statOf(file));
}

function statOf(path: string): Stats {
  try {
    return statSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why: Record<string, string> = {
      ENOENT: "it is not there",
      ENOTDIR: "it is not there",
      ELOOP: "its symbolic links lead in a circle",
      EACCES: "this program has no right to read it",
    };
    throw unreadable(path, why[code ?? ""] ?? (error as Error).message);
  }
}

/** What is not a file (a pipe, a device, a socket) may never end, or wait for ever. */
function regular(path: string, stat: Stats): string {
  if (!stat.isFile()) throw unreadable(path, "it is neither a file nor a folder");
  return path;
}

function databaseNameIn(folder: string): string {
  try {
    const config = join(folder, "WhiteStatConfig.json");
    if (!statSync(config).isFile()) return USUAL_NAME;
    const settings = JSON.parse(readFileSync(config, "utf8").replace(/^\uFEFF/, ""));
    if (typeof settings.DBFile === "string" && settings.DBFile !== "") return basename(settings.DBFile);
  } catch {
    // No settings, or broken ones: the usual name is as good a guess as any.
  }
  return USUAL_NAME;
}

const USUAL_NAME = "WhiteStat.db";

function refuseItself(from: string, into: string): void {
  const there = statSync(into, { throwIfNoEntry: false });
  if (!there || realpathSync(from) !== realpathSync(into)) return;
  throw new StoreError(
    "foreign",
    `${from} is the history itself`,
    "Name another store's folder or database; an old database in the place of ours is taken over when WhiteStat starts.",
  );
}

/** @param why may quote what the file has */
function unreadable(path: string, why: string): StoreError {
  return new StoreError(
    "foreign",
    `${path} can't be imported: ${cleanName(why, MOST_WORDS)}`,
    "Allowed are a database of any WhiteStat, a folder that holds one, and a file written by whitestat export, e.g. import /mnt/old/WhiteStat.db",
  );
}

function notYetTaken(path: string): StoreError {
  return new StoreError(
    "foreign",
    `${path} is still the database of an older WhiteStat, which a trial run must not change`,
    "Start WhiteStat once, which takes it over, or leave out --dry-run.",
  );
}
