import { createHash } from "node:crypto";
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

export const DATABASE = "WhiteStat.db";
const LOG = `${DATABASE}-wal`;
/** A page of the disk: what is written to it, or is not. */
const SECTOR = 512;

/** The files of a database at one instant: what lies on the disk when the power goes. */
export interface Cut {
  readonly folder: string;
  /** Bytes of its write-ahead log. */
  readonly logBytes: number;
  /** So many of them are on the disk for certain: SQLite waits for all of the log before it copies it back. */
  readonly safeBytes: number;
  /** Names the log: it begins anew once it was copied back. */
  readonly log: string;
}

/** Returns a function that stops a process where it is, copies its database, and lets it go on. */
export function createCamera(pid: number, store: string): (folder: string) => Promise<Cut> {
  /** The database file as it was when the present log began: once it differs, the log was copied back. */
  let begun = { salt: "", database: "", safeBytes: 0 };
  return async (folder) => {
    mkdirSync(folder);
    process.kill(pid, "SIGSTOP");
    try {
      await untilStopped(pid);
      for (const file of [DATABASE, LOG]) {
        if (existsSync(join(store, file))) copyFileSync(join(store, file), join(folder, file));
      }
    } finally {
      process.kill(pid, "SIGCONT");
    }
    const log = readIfThere(join(folder, LOG));
    const salt = log.subarray(16, 24).toString("hex");
    const database = createHash("sha1")
      .update(readIfThere(join(folder, DATABASE)))
      .digest("hex");
    if (salt !== begun.salt) begun = { salt, database, safeBytes: 0 };
    if (database !== begun.database) begun = { salt, database, safeBytes: log.length };
    return { folder, logBytes: log.length, safeBytes: begun.safeBytes, log: salt };
  };
}

/**
 * What else the disk may hold if the power goes at that instant: the log up to some byte, or with a hole where a sector
 * was not written before those behind it. Null where all of the log is safe.
 */
export function tear(cut: Cut, random: () => number): Cut | null {
  const loose = cut.logBytes - cut.safeBytes;
  if (loose <= 0) return null;
  const at = cut.safeBytes + Math.floor(random() * loose);
  const isHole = random() < 0.5;
  const folder = `${cut.folder}-${isHole ? "hole" : "end"}-${at}`;
  cpSync(cut.folder, folder, { recursive: true });
  const path = join(folder, LOG);
  if (isHole) {
    const log = readFileSync(path);
    log.fill(0, at, at + SECTOR);
    writeFileSync(path, log);
  } else truncateSync(path, at);
  return { ...cut, folder, logBytes: isHole ? cut.logBytes : at };
}

function readIfThere(path: string): Buffer {
  return existsSync(path) ? readFileSync(path) : Buffer.alloc(0);
}

/** A signal stops a process a moment after it was sent. */
async function untilStopped(pid: number): Promise<void> {
  const isStopped = (task: string) => {
    const stat = readFileSync(`/proc/${pid}/task/${task}/stat`, "utf8");
    return /^[Tt]/.test(stat.slice(stat.lastIndexOf(")") + 2));
  };
  while (!readdirSync(`/proc/${pid}/task`).every(isStopped)) await delay(1);
}
