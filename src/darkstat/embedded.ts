import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Problem } from "../shared/status.ts";
import { causeOfDeath, missing, noInterface, type Trouble } from "./death.ts";
import { decodePage } from "./decode.ts";
import { localNetworkOf, type NetworkState, pickInterface, readNetworkState } from "./interfaces.ts";
import { parseFront } from "./parse.ts";
import {
  type Berth,
  darkstatArguments,
  darkstatUser,
  endDarkstat,
  findDarkstat,
  findRunning,
  freePort,
  type Running,
  readBerth,
  runningStranger,
  startDarkstat,
  writeBerth,
} from "./process.ts";
import { fetchPage } from "./request.ts";

/** A darkstat that we run ourselves. */
export interface Embedded {
  /** Starts it, or takes over the one that an earlier run left. Resolves when it answers, or when it is known why not. */
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
  /** Writable folder: `darkstat.json` says what runs, `darkstat.log` what it complained of. */
  readonly dataDir: string;
  readonly now: () => number;
  readonly log: (level: "info" | "warn", message: string) => void;
  /** `url()` or `problem()` has changed. */
  readonly onChange?: () => void;
  /** PATH to find the program in, and the folders that are looked into besides; `/usr/sbin` and the like without them. */
  readonly path: string;
  readonly besidesPath?: readonly string[];
  /** Pause before a new start: doubles from the first to the most, and is forgotten after a life of `settledMs`. */
  readonly backoff?: { readonly firstMs: number; readonly mostMs: number; readonly settledMs: number };
  readonly network?: () => Promise<NetworkState>;
  readonly procDir?: string;
}

const BACKOFF = { firstMs: 1_000, mostMs: 60_000, settledMs: 60_000 };
const ANSWER_MS = 10_000;
const PROBE = { timeoutMs: 2_000, maxBytes: 1024 * 1024 };

interface Begun {
  readonly running: Running;
  readonly berth: Berth;
  readonly program: string;
}

/** An embedded darkstat that has not been started yet. */
export function createEmbedded(options: EmbeddedOptions): Embedded {
  const { dataDir, now, log, onChange = () => {}, path } = options;
  const { backoff = BACKOFF, network = () => readNetworkState(), procDir = "/proc" } = options;
  const berthFile = join(dataDir, "darkstat.json");
  const logFile = join(dataDir, "darkstat.log");
  let served: Berth | null = null;
  let problem: Problem | null = null;
  let ending = new AbortController();
  let life: Promise<void> | null = null;

  function announce(next: { served: Berth | null; trouble: Trouble | null }): void {
    const { trouble } = next;
    const changed = served?.port !== next.served?.port || problem?.message !== trouble?.message;
    // darkstat's own words vary from death to death; what to do about it is what a person must hear once.
    const isNews = trouble && (problem?.code !== trouble.code || problem.hint !== trouble.hint);
    if (isNews) log("warn", `${trouble.message} ${trouble.hint}`);
    if (!trouble && problem) log("info", `darkstat runs again, on ${next.served?.iface}.`);
    served = next.served;
    problem = trouble && { ...trouble, since: problem?.code === trouble.code ? problem.since : now() };
    if (changed) onChange();
  }

  /** What is to be listened on; a trouble when there is nothing. */
  async function chosenInterface(): Promise<string | Trouble> {
    return options.iface || (pickInterface(await network()) ?? noInterface());
  }

  /** The darkstat that an earlier run of ours left, when it is fit to be kept; one that is not fit is ended. */
  async function adopt(signal: AbortSignal): Promise<Begun | null> {
    const noted = await readBerth(berthFile);
    const pid = noted && (await findRunning(noted, procDir));
    if (!noted || pid === null) return null;
    const berth = { ...noted, pid };
    const running = runningStranger(pid, berth, procDir, signal);
    const wanted = await chosenInterface();
    // Without a route at the moment it goes on where it was.
    if ((typeof wanted !== "string" || wanted === berth.iface) && (await answers(running, berth, signal))) {
      await writeBerth(berthFile, berth);
      log("info", `A darkstat that was left running on ${berth.iface} (process ${pid}) is taken over.`);
      return { running, berth, program: "darkstat" };
    }
    if (signal.aborted) return { running, berth, program: "darkstat" };
    const failure = await endDarkstat(running, berth, procDir);
    log("warn", failure ?? `A darkstat that was left running on ${berth.iface} was of no use and has been ended.`);
    return null;
  }

  async function launch(): Promise<Begun | Trouble> {
    const program = await findDarkstat(path, options.besidesPath);
    if (!program) return missing();
    const iface = await chosenInterface();
    if (typeof iface !== "string") return iface;
    const unborn: Berth = { pid: null, port: await freePort(), iface };
    try {
      // Written down before it lives, so that it is found again even if we die this very moment.
      await writeBerth(berthFile, unborn);
      const args = darkstatArguments(unborn, localNetworkOf(iface), darkstatUser());
      const running = await startDarkstat(program, args, logFile);
      const berth = { ...unborn, pid: running.pid };
      await writeBerth(berthFile, berth);
      return { running, berth, program };
    } catch (error) {
      return {
        code: "darkstat-unreachable",
        message: `${program} could not be started: ${(error as Error).message}.`,
        hint: `Check that the folder ${dataDir} is writable and that ${program} can be run.`,
      };
    }
  }

  /** Waits until it answers as a darkstat of that interface; false when it ends or takes too long. */
  async function answers(running: Running, berth: Berth, signal: AbortSignal): Promise<boolean> {
    const until = performance.now() + ANSWER_MS;
    while (!running.hasGone() && !signal.aborted && performance.now() < until) {
      try {
        const address = { url: urlOf(berth), authorization: null };
        if (parseFront(decodePage(await fetchPage(address, "", PROBE, signal))).interface === berth.iface) return true;
      } catch {
        // Not yet.
      }
      await Promise.race([pause(50, signal), running.gone]);
    }
    return false;
  }

  async function describeDeath(how: string, iface: string, program: string): Promise<Trouble> {
    const complaints = await readFile(logFile, "utf8").catch(() => "");
    const others = (await network()).interfaces
      .map(({ name }) => name)
      .filter((name) => name !== "lo" && name !== iface);
    return causeOfDeath(complaints.slice(-10_000), how, { iface, program, others });
  }

  /** One darkstat from its start to its end. Resolves with what was wrong. */
  async function liveOnce(first: boolean, signal: AbortSignal, known: () => void): Promise<Trouble | null> {
    const begun = (first ? await adopt(signal) : null) ?? (signal.aborted ? null : await launch());
    if (!begun) return null;
    if (!("running" in begun)) return begun;
    const { running, berth, program } = begun;
    const dead = running.gone.then((how) => describeDeath(how, berth.iface, program));
    let trouble: Trouble | null = null;
    if (await answers(running, berth, signal)) {
      announce({ served: berth, trouble: null });
      known();
      trouble = await Promise.race([dead, aborted(signal).then(() => null)]);
    } else if (running.hasGone()) {
      trouble = await dead;
    } else if (!signal.aborted) {
      trouble = {
        code: "darkstat-unreachable",
        message: `The embedded darkstat on ${berth.iface} does not answer.`,
        hint: "It is started again by itself; if this goes on, look at the load of this machine.",
      };
    }
    const failure = await endDarkstat(running, berth, procDir);
    if (failure) log("warn", failure);
    else await writeBerth(berthFile, null).catch(() => {});
    return trouble;
  }

  async function live(signal: AbortSignal, known: () => void): Promise<void> {
    let failures = 0;
    for (let first = true; !signal.aborted; first = false) {
      const begunAt = performance.now();
      const trouble = await liveOnce(first, signal, known).catch(
        (error: Error): Trouble => ({
          code: "darkstat-unreachable",
          message: `The embedded darkstat failed: ${error.message}.`,
          hint: `Check that the folder ${dataDir} is writable.`,
        }),
      );
      announce({ served: null, trouble: signal.aborted ? null : trouble });
      known();
      failures = performance.now() - begunAt >= backoff.settledMs ? 0 : failures;
      await pause(Math.min(backoff.firstMs * 2 ** failures, backoff.mostMs), signal);
      failures += 1;
    }
  }

  return {
    start(signal) {
      if (life) throw new Error("the embedded darkstat has been started already");
      ending = new AbortController();
      const stopNow = () => ending.abort();
      signal?.addEventListener("abort", stopNow, { once: true });
      if (signal?.aborted) ending.abort();
      return new Promise<void>((resolve) => {
        life = live(ending.signal, resolve).finally(() => {
          signal?.removeEventListener("abort", stopNow);
          resolve();
        });
      });
    },
    async stop() {
      ending.abort();
      await life;
      life = null;
    },
    url: () => served && urlOf(served),
    interface: () => served?.iface ?? null,
    problem: () => problem,
  };
}

function urlOf({ port }: Berth): string {
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
