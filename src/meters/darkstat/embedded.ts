import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Problem } from "../../shared/status.ts";
import { localNetworkOf, type NetworkState, pickInterface, readNetworkState } from "../interfaces.ts";
import { decodePage } from "./decode.ts";
import { diagnoseExit, missing, noInterface, type UndatedProblem } from "./exit-diagnosis.ts";
import { parseFront } from "./parse.ts";
import {
  darkstatArguments,
  darkstatUser,
  endDarkstat,
  findDarkstat,
  findRunning,
  freePort,
  type PidRecord,
  type Running,
  readPidRecord,
  startDarkstat,
  watchProcess,
  writePidRecord,
} from "./process.ts";
import { fetchPage } from "./request.ts";

/** A darkstat that we run ourselves. */
export interface Embedded {
  /** Starts it, or uses the one that an earlier run left. Resolves when it responds, or when it is known why not. */
  start(signal?: AbortSignal): Promise<void>;
  /** Ends it. */
  stop(): Promise<void>;
  /** Where to read it; null while it does not run. It changes when darkstat is started again. */
  url(): string | null;
  /** The interface it listens on; null while it does not run. */
  interface(): string | null;
  /** Why it does not run; null while it does. */
  problem(): Problem | null;
}

export interface EmbeddedOptions {
  /** Interface to listen on (HOST_INTERFACE); without one that of the default route. */
  readonly iface?: string | undefined;
  /** Writable folder: `darkstat.json` says what runs, `darkstat.log` what it wrote to standard error. */
  readonly dataDir: string;
  /** What these files are called, where there are several of ours: `darkstat` without it. */
  readonly fileName?: string;
  readonly now: () => number;
  readonly log: (level: "info" | "warn", message: string) => void;
  /** `url()` or `problem()` has changed. */
  readonly onChange?: () => void;
  /** PATH to find the program in, and the folders that are looked into besides; `/usr/sbin` and the like without them. */
  readonly path: string;
  readonly besidesPath?: readonly string[];
  /** Pause before a new start: doubles from the first to the most, and is forgotten after a loop of `settledMs`. */
  readonly backoff?: { readonly firstMs: number; readonly mostMs: number; readonly settledMs: number };
  readonly network?: () => Promise<NetworkState>;
  readonly procDir?: string;
}

const BACKOFF = { firstMs: 1_000, mostMs: 60_000, settledMs: 60_000 };
const RESPONSE_MS = 10_000;
const PROBE = { timeoutMs: 2_000, maxBytes: 1024 * 1024 };

interface Started {
  readonly running: Running;
  readonly record: PidRecord;
  readonly program: string;
}

/** An embedded darkstat that has not been started yet. */
export function createEmbedded(options: EmbeddedOptions): Embedded {
  const { dataDir, fileName = "darkstat", now, log, onChange = () => {}, path } = options;
  const { backoff = BACKOFF, network = () => readNetworkState(), procDir = "/proc" } = options;
  const pidFile = join(dataDir, `${fileName}.json`);
  const logFile = join(dataDir, `${fileName}.log`);
  let served: PidRecord | null = null;
  let problem: Problem | null = null;
  let ending = new AbortController();
  let loop: Promise<void> | null = null;

  function announce(next: { served: PidRecord | null; found: UndatedProblem | null }): void {
    const { found } = next;
    const changed = served?.port !== next.served?.port || problem?.message !== found?.message;
    // darkstat's own words vary from exit to exit; what to do about it is news only once.
    const isNews = found && (problem?.code !== found.code || problem.hint !== found.hint);
    if (isNews) log("warn", `${found.message} ${found.hint}`);
    if (!found && problem) log("info", `darkstat is running again, on ${next.served?.iface}.`);
    served = next.served;
    problem = found && { ...found, since: problem?.code === found.code ? problem.since : now() };
    if (changed) onChange();
  }

  /** The interface to listen on; a problem when there is none. */
  async function chosenInterface(): Promise<string | UndatedProblem> {
    return options.iface || (pickInterface(await network()) ?? noInterface());
  }

  /** The darkstat that an earlier run of ours left, when it is fit to be kept; one that is not fit is ended. */
  async function adopt(signal: AbortSignal): Promise<Started | null> {
    const noted = await readPidRecord(pidFile);
    const pid = noted && (await findRunning(noted, procDir));
    if (!noted || pid === null) return null;
    const record = { ...noted, pid };
    const running = watchProcess(pid, record, procDir, signal);
    const wanted = await chosenInterface();
    // Without a route at the moment it goes on where it was.
    if ((typeof wanted !== "string" || wanted === record.iface) && (await responds(running, record, signal))) {
      await writePidRecord(pidFile, record);
      log("info", `Using the darkstat that was left running on ${record.iface} (process ${pid}).`);
      return { running, record, program: "darkstat" };
    }
    if (signal.aborted) return { running, record, program: "darkstat" };
    const failure = await endDarkstat(running, record, procDir);
    log("warn", failure ?? `A darkstat that was left running on ${record.iface} could not be used and was stopped.`);
    return null;
  }

  async function launch(): Promise<Started | UndatedProblem> {
    const program = await findDarkstat(path, options.besidesPath);
    if (!program) return missing();
    const iface = await chosenInterface();
    if (typeof iface !== "string") return iface;
    const planned: PidRecord = { pid: null, port: await freePort(), iface };
    try {
      // Written before it runs, so that it is found again even if we are killed at this very moment.
      await writePidRecord(pidFile, planned);
      const args = darkstatArguments(planned, localNetworkOf(iface), darkstatUser());
      const running = await startDarkstat(program, args, logFile);
      const record = { ...planned, pid: running.pid };
      await writePidRecord(pidFile, record);
      return { running, record, program };
    } catch (error) {
      return {
        code: "meter-unreachable",
        message: `${program} could not be started: ${(error as Error).message}.`,
        hint: `Check that the folder ${dataDir} is writable and that ${program} can be run.`,
      };
    }
  }

  /** Waits until it responds as a darkstat of that interface; false when it ends or takes too long. */
  async function responds(running: Running, record: PidRecord, signal: AbortSignal): Promise<boolean> {
    const until = performance.now() + RESPONSE_MS;
    while (!running.hasGone() && !signal.aborted && performance.now() < until) {
      try {
        const address = { url: urlOf(record), authorization: null };
        if (parseFront(decodePage(await fetchPage(address, "", PROBE, signal))).interface === record.iface) return true;
      } catch {
        // Not yet.
      }
      await Promise.race([pause(50, signal), running.gone]);
    }
    return false;
  }

  async function describeExit(how: string, iface: string, program: string): Promise<UndatedProblem> {
    const errorOutput = await readFile(logFile, "utf8").catch(() => "");
    const others = (await network()).interfaces
      .map(({ name }) => name)
      .filter((name) => name !== "lo" && name !== iface);
    return diagnoseExit(errorOutput.slice(-10_000), how, { iface, program, others });
  }

  /** One darkstat from its start to its end. Resolves with what was wrong. */
  async function runOnce(first: boolean, signal: AbortSignal, known: () => void): Promise<UndatedProblem | null> {
    const started = (first ? await adopt(signal) : null) ?? (signal.aborted ? null : await launch());
    if (!started) return null;
    if (!("running" in started)) return started;
    const { running, record, program } = started;
    const ended = running.gone.then((how) => describeExit(how, record.iface, program));
    let found: UndatedProblem | null = null;
    if (await responds(running, record, signal)) {
      announce({ served: record, found: null });
      known();
      found = await Promise.race([ended, aborted(signal).then(() => null)]);
    } else if (running.hasGone()) {
      found = await ended;
    } else if (!signal.aborted) {
      found = {
        code: "meter-unreachable",
        message: `The embedded darkstat on ${record.iface} doesn't respond.`,
        hint: "It is restarted automatically; if this keeps happening, check the load of this machine.",
      };
    }
    const failure = await endDarkstat(running, record, procDir);
    if (failure) log("warn", failure);
    else await writePidRecord(pidFile, null).catch(() => {});
    return found;
  }

  async function keepRunning(signal: AbortSignal, known: () => void): Promise<void> {
    let failures = 0;
    for (let first = true; !signal.aborted; first = false) {
      const startedAt = performance.now();
      const found = await runOnce(first, signal, known).catch(
        (error: Error): UndatedProblem => ({
          code: "meter-unreachable",
          message: `The embedded darkstat failed: ${error.message}.`,
          hint: `Check that the folder ${dataDir} is writable.`,
        }),
      );
      announce({ served: null, found: signal.aborted ? null : found });
      known();
      failures = performance.now() - startedAt >= backoff.settledMs ? 0 : failures;
      await pause(Math.min(backoff.firstMs * 2 ** failures, backoff.mostMs), signal);
      failures += 1;
    }
  }

  return {
    start(signal) {
      if (loop) throw new Error("the embedded darkstat has been started already");
      ending = new AbortController();
      const stopNow = () => ending.abort();
      signal?.addEventListener("abort", stopNow, { once: true });
      if (signal?.aborted) ending.abort();
      return new Promise<void>((resolve) => {
        loop = keepRunning(ending.signal, resolve).finally(() => {
          signal?.removeEventListener("abort", stopNow);
          resolve();
        });
      });
    },
    async stop() {
      ending.abort();
      await loop;
      loop = null;
    },
    url: () => served && urlOf(served),
    interface: () => served?.iface ?? null,
    problem: () => problem,
  };
}

function urlOf({ port }: PidRecord): string {
  return `http://127.0.0.1:${port}/`;
}

/** Waits, at most until the signal: it never rejects. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done);
  });
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
