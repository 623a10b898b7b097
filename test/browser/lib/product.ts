import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createFakeDarkstat, type FakeDarkstat } from "../../../src/meters/darkstat/simulated/index.ts";
import { freePort } from "../../lib/free-port.ts";
import { liveThrough, type Past } from "./past.ts";

const PROGRAM = fileURLToPath(new URL("../../../dist/whitestat.mjs", import.meta.url));
const CLOCK = new URL("clock.mjs", import.meta.url).href;

/** Where every test's clock begins: a Friday, half past noon; later than any build of the product. */
export const START = Date.UTC(2035, 5, 15, 12, 30);
/** The demo lives through a year before it answers: on a busy machine that takes a while. */
const START_MS = 100_000;
export const ROUTER = "02:00:00:00:00:fe";

export interface Scenario {
  /** What the household did before the test; nothing without it. */
  readonly past?: Past;
  /** What to run: `serve` without it. The demo has a household of its own. */
  readonly command?: "demo";
  /** MAC and name, as people gave them. */
  readonly names?: readonly (readonly [mac: string, name: string])[];
  /** Settings, as environment variables. `DARKSTAT_URL` names another darkstat than the simulated one. */
  readonly env?: Readonly<Record<string, string>>;
  /** Where its clock begins (ms UTC): `START` without it. */
  readonly startsAt?: number;
  /** Touches the data store before the product starts, once the past is in it. */
  readonly prepare?: (dir: string) => void;
}

/** The built product, reading a simulated darkstat every second, on a data store and a clock of its own. */
export interface Product {
  /** With a slash at its end, and the BASE_PATH. */
  readonly url: string;
  readonly darkstat: FakeDarkstat;
  readonly dir: string;
  /** By its clock, ms UTC. */
  now(): number;
  /** How far its clock is ahead of this machine's, ms. */
  aheadMs(): number;
  /** Lets time pass at once. */
  pass(ms: number): Promise<void>;
  /** SIGTERM, and its end. */
  end(): Promise<void>;
  /** Starts it again after `end`, on the same port and data store. */
  start(): Promise<void>;
  json<T>(path: string): Promise<T>;
  /** Ends it and removes what it kept. */
  dispose(): Promise<void>;
}

/** Lives through the scenario's past, starts the product, and waits until it answers. */
export async function startProduct(scenario: Scenario = {}): Promise<Product> {
  if (!existsSync(PROGRAM)) throw new Error("dist/whitestat.mjs is missing: run npm run build first");
  const dir = mkdtempSync(join(tmpdir(), "whitestat-browser-"));
  const offset = (scenario.startsAt ?? START) - Date.now();
  let passed = 0;
  const clock = { at: null as number | null };
  const now = () => clock.at ?? Date.now() + offset + passed;
  const darkstat = createFakeDarkstat({ now, routerMac: ROUTER, hostsMax: 10_000 });
  const port = await freePort();
  const env: Record<string, string> = {
    TZ: "UTC",
    IdleSeconds: "1",
    UpdateDBSeconds: "1",
    LISTEN_ADDRESS: "127.0.0.1",
    // The simulated household knows three hosts on the internet: too few to be found out by.
    LAN_ROUTERS_TO_SKIP: `auto|${ROUTER}`,
    ...scenario.env,
    DARKSTAT_URL: scenario.env?.DARKSTAT_URL ?? (await darkstat.start()),
    DATA_STORE: dir,
    SERVER_PORT: String(port),
  };
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, "MAC_HOST.txt"), (scenario.names ?? []).map(([mac, name]) => `${mac}|${name}\n`).join(""));
  if (scenario.past) {
    await liveThrough({ past: scenario.past, darkstat, dir, env, clock, until: now() });
    clock.at = null;
  }
  scenario.prepare?.(dir);

  const url = `http://127.0.0.1:${port}${(scenario.env?.BASE_PATH ?? "").replace(/\/$/, "")}/`;
  let child: ChildProcess | null = null;
  /** What had passed when it was started: its clock knows that already. */
  let passedAtStart = 0;

  async function start(): Promise<void> {
    const { DARKSTAT_URL: _, NODE_OPTIONS: __, ...inherited } = process.env;
    const started = spawn(
      process.execPath,
      ["--import", CLOCK, PROGRAM, ...(scenario.command ? [scenario.command] : [])],
      {
        cwd: dir,
        // As another user it would begin anew, and nobody could set its clock any more.
        env: { ...inherited, ...env, WHITESTAT_KEEP_ROOT: "1", TEST_CLOCK_OFFSET_MS: String(offset + passed) },
        stdio: ["ignore", "pipe", "pipe", "ipc"],
      },
    );
    child = started;
    passedAtStart = passed;
    let said = "";
    for (const stream of [started.stdout, started.stderr]) {
      stream?.on("data", (text: Buffer) => {
        said += text;
      });
    }
    for (const giveUp = Date.now() + START_MS; ; ) {
      if (started.exitCode !== null || Date.now() > giveUp) throw new Error(`WhiteStat does not answer: ${said}`);
      const response = await fetch(`${url}api/v1/status`).catch(() => null);
      // Where AUTH asks who comes, a stranger's answer.
      if (response?.ok || response?.status === 401) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async function end(): Promise<void> {
    if (child === null || child.exitCode !== null) return;
    const ended = once(child, "exit");
    child.kill("SIGTERM");
    await ended;
  }

  await start();
  return {
    url,
    darkstat,
    dir,
    now,
    aheadMs: () => offset + passed,
    async pass(ms) {
      passed += ms;
      if (child === null) return;
      const done = once(child, "message");
      child.send({ aheadMs: passed - passedAtStart });
      await done;
    },
    start,
    end,
    async json<T>(path: string): Promise<T> {
      return (await (await fetch(new URL(path, url))).json()) as T;
    },
    async dispose() {
      await end();
      await darkstat.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
