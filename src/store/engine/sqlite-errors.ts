import { accessSync, constants } from "node:fs";
import { dirname } from "node:path";
import { StoreError } from "../store.ts";

const PRIMARY = { busy: 5, locked: 6, readOnly: 8, ioError: 10, corrupt: 11, full: 13, cantOpen: 14, notADb: 26 };
/** SQLITE_IOERR_SHORT_READ: the file ends before a page that it must have. That is damage, not a disk at fault. */
const SHORT_READ = 522;
/** SQLITE_IOERR_SHMSIZE: no room to grow the -shm file. */
const NO_ROOM_FOR_SHARED_MEMORY = 4874;

/** Whether an error comes from SQLite itself, rather than from how we called it. */
function sqliteCode(error: unknown): number | null {
  if (!(error instanceof Error) || !("errcode" in error)) return null;
  return typeof error.errcode === "number" ? error.errcode : null;
}

/**
 * Says what went wrong with a database file, and what a person can do. A {@link StoreError} passes unchanged.
 * Looks at the folder where SQLite's own answer is too vague (a file system that turned read-only is an "I/O error" to it).
 */
export function toStoreError(error: unknown, path: string): StoreError {
  if (error instanceof StoreError) return error;
  const because = error instanceof Error ? error.message : String(error);
  const fail = (code: StoreError["code"], what: string, hint: string) =>
    new StoreError(code, `${path}: ${what} (${because})`, hint, { cause: error });

  const code = sqliteCode(error);
  const primary = code === null ? null : code & 0xff;
  if (primary === PRIMARY.full || code === NO_ROOM_FOR_SHARED_MEMORY || isNoSpace(error)) {
    return fail("full", "the disk is full", `Free some space in ${dirname(path)}; writing goes on by itself.`);
  }
  if (primary === PRIMARY.corrupt || primary === PRIMARY.notADb || code === SHORT_READ) return damaged(path, error);
  if (primary === PRIMARY.busy || primary === PRIMARY.locked) {
    return fail(
      "busy",
      "another program is writing to the database",
      "Close the program that holds it open for writing.",
    );
  }
  if (primary === PRIMARY.readOnly || isReadOnly(error) || (isVague(primary) && !isWritable(path))) {
    return fail(
      "read-only",
      "the database can't be written",
      `Let the user that runs WhiteStat write to ${dirname(path)}, and check that its disk is not mounted read-only.`,
    );
  }
  if (primary === PRIMARY.ioError) {
    return fail(
      "other",
      "the disk reported an error",
      "Check the disk or SD card (dmesg names the fault); copy the data off it.",
    );
  }
  if (primary === PRIMARY.cantOpen) {
    return fail("other", "the database can't be opened", `Check that ${dirname(path)} exists and is a folder.`);
  }
  return fail(
    "other",
    "the store failed",
    "Please report this with the log; nothing since the last checkpoint was kept.",
  );
}

/** The error for a file in which something stands that we never wrote. */
export function damaged(path: string, cause: unknown): StoreError {
  const because = cause instanceof Error ? cause.message : String(cause);
  return new StoreError(
    "corrupt",
    `${path}: the database is damaged (${because})`,
    "Restart WhiteStat: it sets the file aside and goes on from the latest good backup.",
    { cause },
  );
}

function isVague(primary: number | null): boolean {
  return primary === PRIMARY.ioError || primary === PRIMARY.cantOpen;
}

function fsCode(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : null;
}

function isNoSpace(error: unknown): boolean {
  return fsCode(error) === "ENOSPC" || fsCode(error) === "EDQUOT";
}

function isReadOnly(error: unknown): boolean {
  return fsCode(error) === "EROFS" || fsCode(error) === "EACCES" || fsCode(error) === "EPERM";
}

function isWritable(path: string): boolean {
  try {
    accessSync(dirname(path), constants.W_OK);
    return true;
  } catch (error) {
    return !isReadOnly(error);
  }
}
