import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join, parse } from "node:path";
import { isStoredDay } from "../day-text.ts";
import { type DatabaseSync, sqlite } from "../engine/node-sqlite.ts";
import { toStoreError } from "../engine/sqlite-errors.ts";
import { type Day, type Store, StoreError } from "../store.ts";
import { damageIn } from "./damage.ts";
import { moveIntoPlace, removeDatabase } from "./files.ts";

/** How many daily backups are kept. */
export const BACKUPS_KEPT = 7;

export interface Backup {
  readonly day: Day;
  readonly path: string;
  /** The how-manieth it is, by the store's own count; null when it can't be read. */
  readonly made: number | null;
}

/** Where the backups of a database lie, and how they are called: `backups/WhiteStat-2026-01-31.db`. */
function placeOf(dir: string, file: string) {
  const { name, ext } = parse(file);
  const folder = join(dir, "backups");
  return {
    folder,
    pathOf: (day: Day) => join(folder, `${name}-${day}${ext}`),
    dayOf(entry: string): Day | null {
      if (!entry.startsWith(`${name}-`) || !entry.endsWith(ext)) return null;
      const day = entry.slice(name.length + 1, entry.length - ext.length);
      return isStoredDay(day) ? day : null;
    },
    isUnfinished: (entry: string) => entry.startsWith(`${name}-`) && entry.endsWith(UNFINISHED),
  };
}

const UNFINISHED = ".unfinished";

/**
 * The daily backups of a database, the one made last first. `file` is its name within `dir`. The name of a backup says what
 * day the clock showed, which may have been any: each backup carries the number of its making.
 */
export function listBackups(dir: string, file: string): Backup[] {
  const place = placeOf(dir, file);
  if (!existsSync(place.folder)) return [];
  const backups: Backup[] = [];
  for (const entry of readdirSync(place.folder)) {
    const day = place.dayOf(entry);
    if (day !== null) backups.push(backupAt(join(place.folder, entry), day));
  }
  // One that can't be read stands first: whoever looks for a good one tells of it, and none that is good gives way to it.
  const number = ({ made }: Backup) => made ?? Number.MAX_SAFE_INTEGER;
  return backups.sort((one, other) => number(other) - number(one) || (one.day < other.day ? 1 : -1));
}

function backupAt(path: string, day: Day): Backup {
  return { day, path, made: numberOf(path) };
}

/** The number that a backup was given when it was made; null when it can't be read. */
function numberOf(path: string): number | null {
  let db: DatabaseSync | null = null;
  try {
    db = new (sqlite().DatabaseSync)(path, { readOnly: true });
    return Number(db.prepare("SELECT value FROM memory WHERE name = ?").get(NUMBER)?.value ?? 0);
  } catch {
    return null;
  } finally {
    db?.close();
  }
}

/** Name in the store's memory of the number of the last backup. */
const NUMBER = "backups-made";

/**
 * Makes the backup of a day unless there is one, and lets go of the oldest beyond `keep`. Returns its path, or null when
 * it existed. A backup is looked through before it gets its name: a database that went bad never pushes a good one out.
 * @throws StoreError, `corrupt` when the database proved damaged; the earlier backups then stay as they are.
 */
export async function backUpDaily(
  deps: { store: Pick<Store, "backup" | "recall" | "remember">; dir: string; file: string; keep?: number },
  day: Day,
): Promise<string | null> {
  const { store, dir, file, keep = BACKUPS_KEPT } = deps;
  const place = placeOf(dir, file);
  const path = place.pathOf(day);
  try {
    if (existsSync(path)) return null;
    mkdirSync(place.folder, { recursive: true });
    for (const entry of readdirSync(place.folder)) {
      if (place.isUnfinished(entry)) removeDatabase(join(place.folder, entry));
    }
    const unfinished = path + UNFINISHED;
    try {
      const numbers = listBackups(dir, file).map(({ made }) => made ?? 0);
      await store.remember(NUMBER, Math.max((await store.recall<number>(NUMBER)) ?? 0, ...numbers) + 1);
      await store.backup(unfinished);
      const fault = await damageIn(unfinished);
      if (fault !== null) throw damaged(join(dir, file), fault);
      moveIntoPlace(unfinished, path);
    } finally {
      removeDatabase(unfinished);
    }
    const good = listBackups(dir, file).filter(({ made }) => made !== null);
    for (const old of good.slice(keep)) removeDatabase(old.path);
    return path;
  } catch (error) {
    throw toStoreError(error, path);
  }
}

function damaged(path: string, fault: string): StoreError {
  return new StoreError(
    "corrupt",
    `${path}: the database is damaged, found while backing it up (${fault})`,
    "Restart WhiteStat: it sets the file aside and goes on from the latest good backup.",
  );
}
