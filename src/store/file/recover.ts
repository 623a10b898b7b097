import { copyFileSync, existsSync, mkdirSync, statSync } from "node:fs";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import { toStoreError } from "../engine/sqlite-errors.ts";
import { openSqliteStore, type SqliteOptions } from "../sqlite-store.ts";
import { type Day, type Store, StoreError, type ViewOf } from "../store.ts";
import { listBackups } from "./backups.ts";
import { damageIn, unfitness } from "./damage.ts";
import { freeName, moveDatabase, moveIntoPlace, removeDatabase } from "./files.ts";
import { type Lock, takeLock } from "./lock.ts";
import { recogniseDatabase, wasOurs } from "./recognise.ts";

export interface OpenOptions {
  /** The folder of the store; made when missing. */
  readonly dir: string;
  /** Name of the database file within `dir`, e.g. `WhiteStat.db`. */
  readonly file: string;
  /** Wall clock, ms UTC. */
  readonly now: () => number;
  /** Takes the lines that a person should see. */
  readonly log: { info(line: string): void; error(line: string): void };
  /** The settings to answer by, asked at each opening. */
  readonly view?: ViewOf;
  /** Told that the file had been deleted or replaced while it was open, and was written anew. */
  readonly onRescue?: (message: string) => void;
  /** Look through the whole file, even after a clean stop: the caller has seen damage. */
  readonly suspect?: boolean;
  /** Called with the lock held, before the file is looked at: a database of an older version is taken over here. */
  readonly beforeOpen?: (path: string) => Promise<void>;
}

/** What was done about a damaged file. */
export interface Recovery {
  readonly at: number;
  /** Where the damaged database lies now, with its `-wal` and `-shm` if it had them. */
  readonly damaged: string;
  /** What was wrong with it. */
  readonly fault: string;
  /** The day of the backup that was put in its place; null when none was good and the history begins anew. */
  readonly restored: Day | null;
  /** One sentence: what happened and what is lost. */
  readonly message: string;
  /** One sentence: what to do. */
  readonly hint: string;
}

export interface Opened {
  readonly store: Store;
  /** Null when nothing had to be recovered. */
  readonly recovery: Recovery | null;
}

/**
 * Opens the store of a folder for this process alone, and goes on from the latest good backup when its file is damaged
 * (docs/decisions/0005-corrupt-database.md). Closing the store lets go of the folder.
 *
 * After a crash (a `-wal` is left) the whole file is looked through; after a clean stop only what opening reads.
 * @throws StoreError `busy` when another process uses the store, `foreign` for a database that is not ours,
 * `newer` for one of a later version, and whatever keeps the folder from being written.
 */
export async function openOrRecover(options: OpenOptions): Promise<Opened> {
  const { dir, file } = options;
  const path = join(dir, file);
  let lock: Lock | null = null;
  try {
    mkdirSync(dir, { recursive: true });
    lock = takeLock(path, { pid: process.pid, host: hostname(), since: options.now() });
    finishRestore(path);
    await options.beforeOpen?.(path);
    const opened = await openSound(path, options);
    if (typeof opened !== "string") return { store: releasing(opened, lock), recovery: null };
    const recovery = await recover(path, opened, options);
    return { store: releasing(openSqliteStore(storeOptions(path, options)), lock), recovery };
  } catch (error) {
    lock?.release();
    throw toStoreError(error, path);
  }
}

function releasing(store: Store, lock: Lock): Store {
  return {
    ...store,
    async close() {
      try {
        await store.close();
      } finally {
        lock.release();
      }
    },
  };
}

function storeOptions(path: string, { view, log, onRescue }: OpenOptions): SqliteOptions {
  return {
    path,
    view,
    onRescue(message) {
      log.error(message);
      onRescue?.(message);
    },
  };
}

/** The store, or what is wrong with its file. */
async function openSound(path: string, options: OpenOptions): Promise<Store | string> {
  const { dir, file, suspect, log } = options;
  const found = recogniseDatabase(path);
  const backups = listBackups(dir, file);
  if (found === "corrupt") {
    if (!backups[0] && !wasOurs(path)) throw neverOurs(path);
    return "it can't be read as a database";
  }
  if (found === "empty" && backups[0]) {
    if (existsSync(path)) return "it is empty, though there are backups of it";
    log.info(`${path} is missing: a new history begins. Earlier days are in ${dirname(backups[0].path)}.`);
  }
  const unclean = (statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0;
  if (found === "ours" && (unclean || suspect)) {
    const fault = await damageIn(path);
    if (fault !== null) return fault;
  }
  let store: Store | null = null;
  try {
    store = openSqliteStore(storeOptions(path, options));
    await store.sources();
    return store;
  } catch (error) {
    const problem = toStoreError(error, path);
    await store?.close().catch(() => {});
    if (problem.code === "corrupt") return problem.message;
    throw problem;
  }
}

function neverOurs(path: string): StoreError {
  return new StoreError(
    "foreign",
    `${path} is not a database of WhiteStat; it was left as it is`,
    "Set DBFile in WhiteStatConfig.json to another name, or move that file away.",
  );
}

/** The copy of a backup that is about to take the place of a damaged file. It has this name only when it is whole. */
function restoring(path: string): string {
  return `${path}.restoring`;
}

/** Ends a recovery that a crash cut off after the damaged file was set aside. */
function finishRestore(path: string): void {
  if (!existsSync(restoring(path))) return;
  if (existsSync(path)) removeDatabase(restoring(path));
  else moveIntoPlace(restoring(path), path);
}

async function recover(path: string, fault: string, options: OpenOptions): Promise<Recovery> {
  const { dir, file, now, log } = options;
  const at = now();
  const stamp = new Date(at).toISOString().replace(/[-:]|\.\d+Z$/g, "");
  const damaged = freeName(`${path}.corrupt-${stamp}`);
  log.error(`${path} is damaged: ${fault}`);

  const restored = await prepareRestore(path, { dir, file, log });
  moveDatabase(path, damaged);
  if (restored !== null) moveIntoPlace(restoring(path), path);

  const recovery = recoveryOf({ at, damaged, fault, restored });
  log.error(`${recovery.message} ${recovery.hint}`);
  return recovery;
}

/** Copies the latest backup that is good to where a restore starts from. Returns its day; null when none is good. */
async function prepareRestore(
  path: string,
  { dir, file, log }: Pick<OpenOptions, "dir" | "file" | "log">,
): Promise<Day | null> {
  for (const backup of listBackups(dir, file)) {
    const copy = `${restoring(path)}.unfinished`;
    removeDatabase(copy);
    copyFileSync(backup.path, copy);
    const fault = (await unfitness(copy)) ?? (await damageIn(copy));
    if (fault === null) {
      moveIntoPlace(copy, restoring(path));
      removeDatabase(copy);
      return backup.day;
    }
    removeDatabase(copy);
    log.error(`The backup ${backup.path} is of no use: ${fault}`);
  }
  return null;
}

function recoveryOf(facts: Omit<Recovery, "message" | "hint">): Recovery {
  const { damaged, restored } = facts;
  return {
    ...facts,
    message:
      restored === null
        ? `The database was damaged and there was no good backup, so the history begins anew; the damaged file is kept as ${damaged}.`
        : `The database was damaged; WhiteStat went on from the backup of ${restored}, and reads again what the meter still counts since then. The damaged file is kept as ${damaged}.`,
    hint: "Check the disk or SD card; delete the damaged file once nothing of it is missed.",
  };
}
