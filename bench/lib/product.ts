import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "../../test/lib/free-port.ts";

const ROOT = join(import.meta.dirname, "../..");
const INSIDE = join(import.meta.dirname, "inside.mjs");

/** The product as it is shipped: the built file, with the switches that `npm start` gives Node. BENCH_PROGRAM is another build. */
export const PROGRAM = process.env.BENCH_PROGRAM ?? join(ROOT, "dist/whitestat.mjs");

export interface ProductOptions {
  /** The data store; settings are written to it, everything else is the product's. */
  readonly dir: string;
  readonly darkstat: string;
  readonly settings?: Readonly<Record<string, string | number>>;
  /**
   * Where its clock begins (ms UTC): from then on time stands still but for `step`. Without one it has the real clock,
   * and nothing of the bench inside.
   */
  readonly startsAt?: number;
  /** What is asked for until it answers; today's usage unless it says otherwise. */
  readonly answersAt?: string;
}

export interface Product {
  readonly pid: number;
  readonly url: string;
  /** ms from its spawning to its first good answer. Polled every few ms. */
  readonly firstAnswerMs: number;
  /** Its clock, ms UTC; only with `startsAt`. */
  now(): number;
  /** Lets it sleep to its next reading and read; resolves when it would sleep again. Returns how long it slept, ms. */
  step(): Promise<number>;
  /** How long its next sleep is, ms. */
  nextSleepMs(): number;
  /** Begins to watch its event loop. */
  watch(): void;
  /** The longest stall of its event loop since the last time it was asked, ms. */
  longestStallMs(): Promise<number>;
  /** What keeps its event loop alive: timers, sockets, … */
  handles(): Promise<string[]>;
  /** SIGTERM, and its end. @throws Error when it ends badly */
  stop(): Promise<void>;
  /** Ends it at once, if it is still there. */
  kill(): Promise<void>;
}

/** Starts the built product and waits until it answers, with a stepped clock also until its first reading is done. */
export async function startProduct(options: ProductOptions): Promise<Product> {
  if (!existsSync(PROGRAM)) throw new Error("dist/whitestat.mjs is missing: npm run build");
  const { dir, startsAt, answersAt = "/json" } = options;
  const port = await freePort();
  const file = join(dir, "WhiteStatConfig.json");
  const known = existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as object) : {};
  const settings = {
    TZ: "UTC",
    LISTEN_ADDRESS: "127.0.0.1",
    ...known,
    ...options.settings,
    DARKSTAT_URL: options.darkstat,
    SERVER_PORT: port,
  };
  writeFileSync(file, JSON.stringify(settings, null, 2));

  const stepped = startsAt !== undefined;
  const spawnedAt = performance.now();
  const switches = [...nodeSwitches(), ...profiling(), ...(stepped ? ["--import", INSIDE] : [])];
  const child = spawn(process.execPath, [...switches, PROGRAM], {
    env: { ...surroundings(), DATA_STORE: dir, ...(stepped ? { BENCH_START: String(startsAt) } : {}) },
    stdio: ["ignore", "pipe", "pipe", ...(stepped ? (["ipc"] as const) : [])],
  });
  const life = follow(child);
  const url = `http://127.0.0.1:${port}`;
  await firstAnswer(`${url}${answersAt}`, life);
  const firstAnswerMs = performance.now() - spawnedAt;
  if (stepped) await life.next("asleep");
  let slept = 0;

  return {
    pid: child.pid ?? 0,
    url,
    firstAnswerMs,
    now: () => (startsAt ?? Number.NaN) + slept,
    nextSleepMs: () => Number(life.last("asleep")),
    async step() {
      const ms = Number(life.last("asleep"));
      slept += ms;
      child.send({ do: "wake" });
      await life.next("asleep");
      return ms;
    },
    watch: () => void child.send({ do: "watch" }),
    async longestStallMs() {
      child.send({ do: "stall" });
      return Number(await life.next("stallMs"));
    },
    async handles() {
      child.send({ do: "handles" });
      return (await life.next("handles")) as string[];
    },
    async stop() {
      child.kill("SIGTERM");
      await life.ended;
      if (child.exitCode !== 0) throw new Error(`The product ended with ${child.exitCode}. It said:\n${life.said()}`);
    },
    async kill() {
      child.kill("SIGKILL");
      await life.ended;
    },
  };
}

/** The switches that `npm start` gives Node, for measured is what people run; BENCH_SWITCHES are others. */
export function nodeSwitches(): string[] {
  if (process.env.BENCH_SWITCHES !== undefined) return process.env.BENCH_SWITCHES.split(" ").filter(Boolean);
  const start = readFileSync(join(ROOT, "scripts/start.mjs"), "utf8");
  return [...start.matchAll(/"(--[a-z-]+(?:=\w+)?)"/g)].map((match) => match[1] ?? "").filter(isNodeSwitch);
}

function isNodeSwitch(text: string): boolean {
  return text === "--optimize-for-size" || text.startsWith("--max-") || text.startsWith("--no-");
}

/** BENCH_PROFILE names a folder that takes a CPU profile of each product, for Chromium's tools to show. */
function profiling(): string[] {
  const folder = process.env.BENCH_PROFILE;
  return folder ? ["--cpu-prof", `--cpu-prof-dir=${folder}`] : [];
}

/** The environment that `npm start` gives Node. Another user's process could not be spoken with, so root stays root. */
export function surroundings(): NodeJS.ProcessEnv {
  const { DARKSTAT_URL: _, DATABASE_URL: __, NODE_OPTIONS: ___, ...inherited } = process.env;
  return { MALLOC_ARENA_MAX: "1", WHITESTAT_KEEP_ROOT: "1", ...inherited };
}

interface Life {
  /** The next message that has this key: its value. Rejects when the product ends instead. */
  next(key: string): Promise<unknown>;
  /** The value that came last for a key. */
  last(key: string): unknown;
  readonly ended: Promise<unknown>;
  said(): string;
}

function follow(child: ChildProcess): Life {
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (text: Buffer) => {
      said += text.toString();
    });
  }
  const last = new Map<string, unknown>();
  const waiting = new Map<string, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  const unread = new Map<string, unknown>();
  child.on("message", (message: Record<string, unknown>) => {
    for (const [key, value] of Object.entries(message)) {
      last.set(key, value);
      const waiter = waiting.get(key);
      waiting.delete(key);
      if (waiter) waiter.resolve(value);
      else unread.set(key, value);
    }
  });
  const ended = once(child, "exit").then(() => {
    for (const { reject } of waiting.values()) reject(new Error(`The product ended by itself. It said:\n${said}`));
  });
  return {
    ended,
    said: () => said,
    last: (key) => last.get(key),
    next(key) {
      if (unread.has(key)) {
        const value = unread.get(key);
        unread.delete(key);
        return Promise.resolve(value);
      }
      if (child.exitCode !== null) return Promise.reject(new Error(`The product has ended. It said:\n${said}`));
      return new Promise((resolve, reject) => waiting.set(key, { resolve, reject }));
    },
  };
}

async function firstAnswer(url: string, life: Life): Promise<void> {
  let over = false;
  void life.ended.then(() => {
    over = true;
  });
  for (const since = performance.now(); performance.now() - since < 60_000; ) {
    const response = await fetch(url, { headers: { connection: "close" } }).catch(() => null);
    await response?.arrayBuffer();
    if (response?.ok) return;
    if (over) break;
    await new Promise((resolve) => setTimeout(resolve, 4));
  }
  throw new Error(`The product never answered. It said:\n${life.said()}`);
}
