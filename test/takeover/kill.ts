import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { ask } from "./taking.ts";

const CHILD = fileURLToPath(new URL("child.ts", import.meta.url));

/** How a store was found after a kill. */
export interface Found {
  readonly afterMs: number;
  readonly state: "old" | "new";
  /** How long the start after it took, in ms: a whole takeover where the old store was found. */
  readonly againMs: number;
}

/** A process that takes over the store in a folder. Resolves when it has begun. */
async function startTaking(dir: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, [CHILD, dir], { stdio: ["ignore", "pipe", "inherit"] });
  if (child.stdout) await once(child.stdout, "data");
  return child;
}

/** How long a takeover of this store takes here and now, in ms. */
export async function timeOf(old: string, dir: string): Promise<number> {
  prepare(old, dir);
  const child = await startTaking(dir);
  const began = performance.now();
  const [code] = await once(child, "exit");
  if (code !== 0) throw new Error(`the takeover ended with ${code}`);
  return performance.now() - began;
}

/**
 * Kills a takeover (SIGKILL) after so many ms, and checks that one whole store is at the usual place and the old one
 * somewhere; then starts again, which must end with the whole new store.
 * @throws Error that says what was wrong
 */
export async function killAndCheck(old: string, dir: string, afterMs: number, rows: number): Promise<Found> {
  prepare(old, dir);
  const child = await startTaking(dir);
  await delay(afterMs);
  child.kill("SIGKILL");
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");

  const db = join(dir, "WhiteStat.db");
  const backup = `${db}.v5-backup`;
  const isOld = ask(db, "PRAGMA application_id")[0]?.application_id === 0;
  expectSound(db);
  if (isOld) expectRows(db, "usagehistory", rows);
  else {
    expectRows(backup, "usagehistory", rows);
    expectNew(db, backup);
  }

  const again = await startTaking(dir);
  const began = performance.now();
  const [code] = await once(again, "exit");
  if (code !== 0) throw new Error(`the start after the kill at ${afterMs} ms ended with ${code}`);
  const againMs = performance.now() - began;
  expectSound(db);
  expectNew(db, backup);
  expectRows(backup, "usagehistory", rows);
  const extra = readdirSync(dir).filter((name) => name.includes("takeover") || name.includes("backup-"));
  if (extra.length > 0) throw new Error(`left behind: ${extra.join(", ")}`);
  return { afterMs, state: isOld ? "old" : "new", againMs };
}

function prepare(old: string, dir: string): void {
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(dir, { recursive: true });
  copyFileSync(old, join(dir, "WhiteStat.db"));
}

function expectSound(path: string): void {
  const verdict = ask(path, "PRAGMA quick_check")[0]?.quick_check;
  if (verdict !== "ok") throw new Error(`${path}: ${verdict}`);
}

function expectRows(path: string, table: string, rows: number): void {
  if (!existsSync(path)) throw new Error(`${path} is missing`);
  const found = Number(ask(path, `SELECT count(*) AS n FROM ${table}`)[0]?.n);
  if (found !== rows) throw new Error(`${path} has ${found} rows, where ${rows} belong`);
}

/** Every byte of the old file is in the new one. */
function expectNew(db: string, old: string): void {
  const sums = (path: string, sql: string) => JSON.stringify(ask(path, sql)[0]);
  const before = sums(
    old,
    "SELECT sum(CAST(round(KBIn * 1024) AS INTEGER)) AS down, sum(CAST(round(KBOut * 1024) AS INTEGER)) AS up FROM usagehistory",
  );
  const after = sums(db, "SELECT sum(bytes_in) AS down, sum(bytes_out) AS up FROM usage_day");
  if (before !== after) throw new Error(`${db} has ${after}, where the old file has ${before}`);
}
