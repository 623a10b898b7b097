import { spawnSync } from "node:child_process";
import {
  closeSync,
  constants,
  existsSync,
  fchownSync,
  fstatSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  statSync,
} from "node:fs";
import { dirname, join, parse } from "node:path";
import { makeFolder } from "../settings/data-store.ts";
import type { LoadedSettings } from "../settings/load.ts";
import { isSystemError, reasonOf } from "./errors.ts";
import type { Io } from "./io.ts";

type Loaded = Pick<LoadedSettings, "settings" | "file">;

/** Somebody to run as. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
  /** Null for one whom the system does not know. */
  readonly name: string | null;
}

/** What darkstat captures with and sets its groups with, as in deploy/systemd/whitestat.service. */
const TO_CAPTURE = ["net_raw", "setgid"];
/** What nft changes its table with. */
const TO_COUNT = ["net_admin"];
/** Port 777, and any that is set later. */
const TO_LISTEN = ["net_bind_service"];

/** What meters need: nothing (they run elsewhere), the kernel's counters, a darkstat of our own, or both. */
export type MeterRights = "none" | "count" | "capture" | "both";

const CAPABILITIES: Readonly<Record<MeterRights, readonly string[]>> = {
  none: [],
  count: TO_COUNT,
  capture: TO_CAPTURE,
  both: [...TO_COUNT, ...TO_CAPTURE],
};

/**
 * Started by root, becomes an ordinary user, with the capabilities that capturing and low ports need and no others: this
 * program begins anew as that user, and this function does not return. Before that the data store is given to the user.
 * Why so, and not later: docs/decisions/0015-root.md.
 * @param meter what the meter needs
 * @returns why it stays root, as a sentence; null for whoever isn't root, or wants to be
 */
export async function leaveRoot(io: Io, loaded: Loaded, meter: MeterRights): Promise<string | null> {
  if (io.uid !== 0 || io.become === null || io.env.WHITESTAT_KEEP_ROOT === "1") return null;
  const { dataStore } = loaded.settings;
  const setpriv = findProgram("setpriv", io.env.PATH ?? "");
  if (setpriv === null) return "The program setpriv is missing, which Debian has in its package util-linux.";
  try {
    const made = await makeFolder(dataStore);
    const store = statSync(dataStore);
    const account = accountFor(store, io.env, readFileSync("/etc/passwd", "utf8"));
    if (account === null) return "There is no user to run as: neither whitestat nor nobody.";
    if ((meter === "capture" || meter === "both") && account.name === null) {
      return `User ${account.uid}, who owns ${dataStore}, has no name on this system, which darkstat needs.`;
    }
    const foreign = store.uid === 0 ? foreignEntries(loaded) : [];
    if (foreign.length > 0) {
      return `${dataStore} is not WhiteStat's alone (${foreign.slice(0, 3).join(", ")}): set DATA_STORE to a folder of its own.`;
    }
    const rights = setprivArguments(account, [...TO_LISTEN, ...CAPABILITIES[meter]]);
    const reach = (needs: readonly Need[]) => obstacleAmong(setpriv, rights, needs);
    let obstacle = reach(needsOfProgram(io, made.at(0) ?? dataStore));
    if (obstacle === null) {
      for (const folder of made) give(folder, account, "folder");
      giveStore(loaded, account);
      obstacle = reach(needsOfStore(loaded));
    }
    if (obstacle !== null) return `As user ${account.name ?? account.uid} ${obstacle}`;
    io.become(setpriv, [...rights, process.execPath, ...process.execArgv, ...process.argv.slice(1)]);
    return null;
  } catch (error) {
    if (!isSystemError(error)) throw error;
    return `The data store can't be given to another user: ${error.path ?? dataStore}: ${reasonOf(error)}.`;
  }
}

function findProgram(name: string, path: string): string | null {
  const folders = [...path.split(":").filter((folder) => folder !== ""), "/usr/bin", "/bin"];
  return folders.map((folder) => join(folder, name)).find((file) => existsSync(file)) ?? null;
}

/**
 * The owner of the data store; where that is root, who called sudo; else the user that the service is installed with;
 * else nobody.
 * @param passwd what /etc/passwd holds
 */
export function accountFor(
  store: { readonly uid: number; readonly gid: number },
  env: Io["env"],
  passwd: string,
): Account | null {
  const accounts = passwd.split("\n").flatMap((line): Account[] => {
    const [name, , uid, gid] = line.split(":");
    return name !== undefined && /^\d+$/.test(uid ?? "") ? [{ name, uid: Number(uid), gid: Number(gid) }] : [];
  });
  const nameOf = (uid: number) => accounts.find((account) => account.uid === uid)?.name ?? null;
  if (store.uid !== 0) return { uid: store.uid, gid: store.gid, name: nameOf(store.uid) };
  const [uid, gid] = [Number(env.SUDO_UID), Number(env.SUDO_GID)];
  if (Number.isInteger(uid) && Number.isInteger(gid) && uid > 0 && gid > 0) {
    return { uid, gid, name: nameOf(uid) ?? env.SUDO_USER ?? null };
  }
  const named = (name: string) => accounts.find((account) => account.name === name && account.uid !== 0);
  return named("whitestat") ?? named("nobody") ?? null;
}

/**
 * What shows that a folder is not WhiteStat's alone: other folders in it, or no file that WhiteStat makes. Such a folder is
 * not given away: it may be /srv or somebody's home.
 */
function foreignEntries(loaded: Loaded): string[] {
  const { dataStore } = loaded.settings;
  const entries = readdirSync(dataStore, { withFileTypes: true }).filter(({ name }) => name !== "lost+found");
  const folders = entries.filter((entry) => entry.isDirectory() && entry.name !== "backups");
  const isOurs = ({ name }: { name: string }) => stemsOf(loaded).some((stem) => join(dataStore, name).startsWith(stem));
  const none = entries.some(isOurs) ? [] : entries;
  return (folders.length > 0 ? folders : none).map(({ name }) => name);
}

/** What the paths of all files begin with that WhiteStat makes; backups apart. */
function stemsOf({ settings, file }: Loaded): string[] {
  const { dataStore, dbFile, logFile, traceFile, ipMacFile, macMacFile, macHostFile, archiveFile } = settings;
  const named = [file, join(dataStore, "WhiteStatConfig.example.json"), join(dataStore, "darkstat.")];
  return [...named, dbFile, logFile, traceFile, ipMacFile, macMacFile, macHostFile, archiveFile, settings.passwordFile];
}

const backupsOf = ({ settings: { dbFile } }: Loaded) => join(dirname(dbFile), "backups");

/**
 * Gives the data store and what WhiteStat keeps in it to the user, as far as it is root's. Nothing is followed that is a
 * link, nothing is given that has a second name: the folder may be somebody's who would like to own other files.
 */
export function giveStore(loaded: Loaded, to: Account): void {
  const { dataStore, dbFile } = loaded.settings;
  const backups = backupsOf(loaded);
  // The store may be reached by a link, as a person made it; what is in it may not be one.
  give(realpathSync(dataStore), to, "folder");
  if (dirname(backups) === dataStore) give(backups, to, "folder");
  const stems = [...stemsOf(loaded), join(backups, `${parse(dbFile).name}-`)];
  for (const folder of new Set(stems.map((stem) => dirname(stem)))) {
    for (const name of existsSync(folder) ? readdirSync(folder) : []) {
      const path = join(folder, name);
      if (stems.some((stem) => dirname(stem) === folder && path.startsWith(stem))) give(path, to, "file");
    }
  }
}

function give(path: string, { uid, gid }: Account, kind: "file" | "folder"): void {
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch {
    return;
  }
  try {
    const stat = fstatSync(file);
    const isGiven = kind === "folder" ? stat.isDirectory() : stat.isFile() && stat.nlink === 1;
    if (isGiven && stat.uid === 0) fchownSync(file, uid, gid);
  } finally {
    closeSync(file);
  }
}

function setprivArguments({ uid, gid }: Account, capabilities: readonly string[]): string[] {
  const only = ["-all", ...capabilities.map((name) => `+${name}`)].join(",");
  const sets = [`--inh-caps=${only}`, `--ambient-caps=${only}`, `--bounding-set=${only}`];
  return [`--reuid=${uid}`, `--regid=${gid}`, "--clear-groups", "--no-new-privs", ...sets, "--"];
}

type Need = readonly [test: "-r" | "-w" | "-x", path: string, doing: string];

/** @param store the folder that will be the user's own */
function needsOfProgram(io: Io, store: string): Need[] {
  return [
    ["-x", process.execPath, "run"],
    ["-r", process.argv[1] ?? "", "read"],
    ["-x", io.webRoot, "read"],
    ["-x", dirname(store), "look into"],
  ];
}

function needsOfStore(loaded: Loaded): Need[] {
  const { dataStore, dbFile, darkstatCa, mqttCa } = loaded.settings;
  return [
    ["-w", dataStore, "write to"],
    ["-w", dirname(dbFile), "write to"],
    ["-w", backupsOf(loaded), "write to"],
    ["-w", dbFile, "write"],
    ["-r", loaded.file, "read"],
    ["-r", darkstatCa?.file ?? "", "read"],
    ["-r", mqttCa?.file ?? "", "read"],
  ];
}

/** Ends at the first need that isn't met, and says of which path. */
const TRY_NEEDS = 'while [ $# -gt 0 ]; do test "$1" "$2" || { echo "$2"; exit; }; shift 2; done';

/** The first that the user could not do, as the rest of a sentence; null when all would work. It is tried, not guessed. */
function obstacleAmong(setpriv: string, rights: readonly string[], needs: readonly Need[]): string | null {
  const there = needs.filter(([, path]) => existsSync(path));
  const tests = there.flatMap(([test, path]) => [test, path] as const);
  const { stdout, stderr } = spawnSync(setpriv, [...rights, "sh", "-c", TRY_NEEDS, "sh", ...tests], {
    encoding: "utf8",
  });
  if (stderr !== "") return `nothing can be run: ${stderr.trim()}.`;
  const failed = there.find(([, path]) => path === stdout.trimEnd());
  return failed === undefined ? null : `it could not ${failed[2]} ${failed[1]}.`;
}

/**
 * Gives back what a command of root's made in a data store that is somebody else's: WhiteStat could not write it again.
 */
export function giveBack(io: Io, loaded: Loaded): void {
  if (io.uid !== 0) return;
  const owner = statSync(loaded.settings.dataStore, { throwIfNoEntry: false });
  if (owner === undefined || owner.uid === 0) return;
  giveStore(loaded, { uid: owner.uid, gid: owner.gid, name: null });
}
