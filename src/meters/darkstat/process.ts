import { type ChildProcess, spawn } from "node:child_process";
import { constants } from "node:fs";
import { access, open, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { userInfo } from "node:os";
import { basename, join } from "node:path";

/** A darkstat of ours, as it is recorded in case we are killed before it ends. */
export interface PidRecord {
  readonly pid: number | null;
  readonly port: number;
  readonly iface: string;
}

/** A running darkstat: our child, or one that an earlier run of ours left behind. */
export interface Running {
  readonly pid: number;
  /** Resolves, never rejects, when it is gone: by which code or signal, where that can be known. */
  readonly gone: Promise<string>;
  readonly hasGone: () => boolean;
}

const BESIDES_PATH: readonly string[] = ["/usr/sbin", "/usr/local/sbin"];

/**
 * Path of the program: in PATH, or where Debian puts it, which is not in everybody's PATH. Null when it is nowhere.
 */
export async function findDarkstat(path: string, besides = BESIDES_PATH): Promise<string | null> {
  for (const folder of [...path.split(":").filter((entry) => entry !== ""), ...besides]) {
    const file = join(folder, "darkstat");
    if (
      await access(file, constants.X_OK).then(
        () => true,
        () => false,
      )
    ) {
      return file;
    }
  }
  return null;
}

/**
 * The arguments of an embedded darkstat. Ports are not asked about, so none are kept; remote hosts are many, and those that
 * are cut from a full table are lost, so the table is large; with the local network known, the series hold its traffic
 * and not this machine's alone.
 */
export function darkstatArguments(record: PidRecord, localNetwork: string | null, user: string | null): string[] {
  const args = ["--no-daemon", "-i", record.iface, "-b", "127.0.0.1", "-p", String(record.port)];
  args.push("--hosts-max", "10000", "--hosts-keep", "5000", "--highest-port", "0");
  if (localNetwork) args.push("-l", localNetwork);
  if (user) args.push("--user", user);
  return args;
}

/**
 * Who darkstat is to run as: root leaves that to darkstat, which gives its rights up; anybody else stays himself, for another
 * user's process could not be ended.
 */
export function darkstatUser(): string | null {
  if (process.getuid?.() === 0) return null;
  try {
    return userInfo().username;
  } catch {
    return null;
  }
}

/** A port of loopback that nobody listens on at this moment. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      const port = typeof address === "object" && address ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}

/**
 * Starts it in a session of its own, so that neither Ctrl-C nor our end ends it, with its error output going to a file: a
 * pipe would break when we end, and take it along. The file is made anew: through a link in its place root would empty
 * a file of somebody else's choice.
 * @throws what spawning or opening the file throws.
 */
export async function startDarkstat(program: string, args: readonly string[], logFile: string): Promise<Running> {
  await rm(logFile, { force: true });
  const log = await open(logFile, "wx", 0o600);
  try {
    const child = spawn(program, args, { detached: true, stdio: ["ignore", "ignore", log.fd] });
    await new Promise<void>((resolve, reject) => {
      child.once("spawn", resolve);
      child.once("error", reject);
    });
    return runningChild(child);
  } finally {
    await log.close();
  }
}

function runningChild(child: ChildProcess): Running {
  let over = false;
  const gone = new Promise<string>((resolve) => {
    child.once("exit", (code, signal) => {
      over = true;
      resolve(signal ? `signal ${signal}` : `exit code ${code}`);
    });
  });
  return { pid: child.pid ?? -1, gone, hasGone: () => over };
}

const WATCH_MS = 500;

/** One that is no child of ours tells nobody when it ends, so it is watched. */
export function watchProcess(pid: number, record: PidRecord, procDir: string, signal: AbortSignal): Running {
  let over = false;
  const gone = new Promise<string>((resolve) => {
    const timer = setInterval(async () => {
      if (await isOurs(pid, record, procDir)) return;
      over = true;
      clearInterval(timer);
      resolve("an unknown cause");
    }, WATCH_MS);
    signal.addEventListener("abort", () => clearInterval(timer), { once: true });
  });
  return { pid, gone, hasGone: () => over };
}

/** Whether that process is the darkstat which listens on loopback at the record's port, for the record's interface. */
export async function isOurs(pid: number, record: PidRecord, procDir = "/proc"): Promise<boolean> {
  const args = (await readFile(join(procDir, String(pid), "cmdline"), "utf8").catch(() => "")).split("\0");
  const program = args.findIndex((arg) => basename(arg) === "darkstat");
  // 1 where an interpreter runs it.
  if (program < 0 || program > 1) return false;
  const has = (option: string, value: string) =>
    args.some((arg, index) => index > program && arg === option && args[index + 1] === value);
  return has("-i", record.iface) && has("-b", "127.0.0.1") && has("-p", String(record.port));
}

/** The process of a record, if it still runs: the recorded one, or, when we were killed before recording it, whichever is proven to be it. */
export async function findRunning(record: PidRecord, procDir = "/proc"): Promise<number | null> {
  if (record.pid !== null) return (await isOurs(record.pid, record, procDir)) ? record.pid : null;
  const pids = (await readdir(procDir).catch(() => [])).filter((name) => /^\d+$/.test(name)).map(Number);
  const ours: number[] = [];
  for (const pid of pids) if (await isOurs(pid, record, procDir)) ours.push(pid);
  // darkstat looks names up in a child of its own, with the same command line: the one whose parent is none of them.
  for (const pid of ours) if (!ours.includes(await parentOf(pid, procDir))) return pid;
  return null;
}

async function parentOf(pid: number, procDir: string): Promise<number> {
  const stat = await readFile(join(procDir, String(pid), "stat"), "utf8").catch(() => "");
  return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1] ?? 0);
}

/**
 * Ends a darkstat of ours: SIGTERM, and SIGKILL when it is still there after `patienceMs`. Every signal is preceded by a
 * look whether the process is still the one it was, for process numbers are used again.
 * @returns null when it is gone, else why it cannot be ended.
 */
export async function endDarkstat(
  running: Running,
  record: PidRecord,
  procDir: string,
  patienceMs = 2_000,
): Promise<string | null> {
  for (const signal of ["SIGTERM", "SIGKILL"] as const) {
    if (running.hasGone() || !(await isOurs(running.pid, record, procDir))) return null;
    try {
      process.kill(running.pid, signal);
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code === "ESRCH") return null;
      return `process ${running.pid} cannot be ended: ${message}`;
    }
    if (await goneWithin(running, record, procDir, patienceMs)) return null;
  }
  return `process ${running.pid} is still there after SIGKILL`;
}

async function goneWithin(running: Running, record: PidRecord, procDir: string, patienceMs: number): Promise<boolean> {
  for (let waited = 0; waited < patienceMs; waited += 20) {
    const over = await Promise.race([
      running.gone.then(() => true),
      new Promise<false>((resolve) => setTimeout(resolve, 20, false)),
    ]);
    if (over || !(await isOurs(running.pid, record, procDir))) return true;
  }
  return false;
}

/** Reads the record; null when there is none, or none that makes sense. */
export async function readPidRecord(file: string): Promise<PidRecord | null> {
  try {
    const { pid, port, iface } = JSON.parse(await readFile(file, "utf8")) as Partial<Record<keyof PidRecord, unknown>>;
    const sane = (value: unknown, most: number): value is number =>
      typeof value === "number" && Number.isSafeInteger(value) && value > 0 && value <= most;
    if (!sane(port, 65_535) || typeof iface !== "string" || iface === "") return null;
    if (pid !== null && !sane(pid, 2 ** 31)) return null;
    return { pid, port, iface };
  } catch {
    return null;
  }
}

/** Writes the record, or, null, removes it. Whole or not at all. */
export async function writePidRecord(file: string, record: PidRecord | null): Promise<void> {
  if (!record) return rm(file, { force: true });
  await rm(`${file}.new`, { force: true });
  await writeFile(`${file}.new`, `${JSON.stringify(record)}\n`, { flag: "wx", mode: 0o600 });
  await rename(`${file}.new`, file);
}
