import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { createFakeDarkstat } from "../../src/meters/darkstat/simulated/index.ts";
import { openPostgresStore } from "../../src/store/postgres-store.ts";
import { openSqliteStore } from "../../src/store/sqlite-store.ts";
import type { Store } from "../../src/store/store.ts";
import { clock } from "../lib/clock.ts";
import { freePort } from "../lib/free-port.ts";
import { startCluster } from "../postgres/cluster.ts";

interface Amount {
  readonly in: number;
  readonly out: number;
}

export interface Outcome {
  /** By device MAC and remote IP, and `counted` for all: what darkstat counted, and what the store holds. Bytes. */
  readonly counted: Map<string, Amount>;
  readonly kept: Map<string, Amount>;
  /** How often the product had answered before it was killed. */
  readonly answered: number;
  /** How often the database server was killed. */
  readonly serverKills: number;
}

/** Where the product keeps its store. */
export interface ChaosStore {
  /** Settings of the product, as environment variables. */
  readonly env: Readonly<Record<string, string>>;
  open(): Promise<Store>;
  /** Kills the database server, and starts it again after a while; missing where there is none. */
  readonly killServer?: (pauseMs: number) => Promise<void>;
  dispose(): Promise<void>;
}

const DEVICES = [1, 2, 3, 4, 5].map((n) => ({ ip: `192.168.1.${10 + n}`, mac: `02:1a:00:00:00:0${n}` }));
const LONGEST_LIFE_MS = 6_000;
const LONGEST_PAUSE_MS = 1_000;

/**
 * Rounds of traffic in which the built product is killed (SIGKILL) at a random moment: while it starts, reads, writes or
 * rests. Where the store is a server's, that one is killed in every other round, and the product has to live with it. A
 * last life ends in order, and what is kept must be what darkstat counted.
 * @param random 0 ≤ random() < 1
 * @param create makes the store, in a folder of the product's
 */
export async function killRounds(
  rounds: number,
  random: () => number,
  create: (folder: string) => Promise<ChaosStore> = sqliteStore,
): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), "chaos-"));
  const store = await create(folder);
  const darkstat = createFakeDarkstat({ now: () => Date.now() });
  const url = await darkstat.start();
  writeFileSync(
    join(folder, "WhiteStatConfig.json"),
    JSON.stringify({ DARKSTAT_URL: url, IdleSeconds: 1, UpdateDBSeconds: 1, LISTEN_ADDRESS: "127.0.0.1", TZ: "UTC" }),
  );
  let answered = 0;
  let serverKills = 0;
  const busy = setInterval(() => {
    const device = DEVICES[Math.floor(random() * DEVICES.length)] as (typeof DEVICES)[number];
    darkstat.traffic(device, `198.51.100.${Math.floor(random() * 20)}`, below(random, 1e6), below(random, 1e5));
  }, 7);
  let life: Life | null = null;
  try {
    for (let round = 0; round < rounds; round++) {
      life ??= start(folder, await freePort(), store.env);
      await delay(random() * LONGEST_LIFE_MS);
      if (store.killServer !== undefined && round % 2 === 1) {
        await store.killServer(random() * LONGEST_PAUSE_MS);
        serverKills++;
        continue;
      }
      if (life.said().includes(" is at ")) answered++;
      life.child.kill("SIGKILL");
      await life.ended;
      life = null;
    }
    clearInterval(busy);
    life?.child.kill("SIGKILL");
    await life?.ended;
    const port = await freePort();
    life = start(folder, port, store.env);
    await hasRead(port);
    life.child.kill("SIGTERM");
    await life.ended;
    const { bytes } = darkstat.totals();
    const macs = new Map<string, string>(DEVICES.map(({ ip, mac }) => [ip, mac]));
    const counted = new Map<string, Amount>([["counted", { in: bytes, out: bytes }]]);
    for (const { ip, in: down, out } of darkstat.hosts.values()) counted.set(macs.get(ip) ?? ip, { in: down, out });
    return { counted, kept: await kept(await store.open()), answered, serverKills };
  } finally {
    clearInterval(busy);
    life?.child.kill("SIGKILL");
    await darkstat.stop();
    await store.dispose();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A file in the product's folder. */
export async function sqliteStore(folder: string): Promise<ChaosStore> {
  return {
    env: {},
    open: async () => openSqliteStore({ path: join(folder, "WhiteStat.db") }),
    dispose: async () => {},
  };
}

/** A database of a PostgreSQL of its own. */
export async function postgresStore(): Promise<ChaosStore> {
  const cluster = await startCluster();
  const url = cluster.url(await cluster.createDatabase());
  return {
    env: { DATABASE_URL: url },
    open: () => openPostgresStore({ url, clock, holder: "chaos" }),
    async killServer(pauseMs) {
      await cluster.kill();
      await delay(pauseMs);
      await cluster.start();
    },
    dispose: () => cluster.stop(),
  };
}

export interface Life {
  readonly child: ChildProcess;
  readonly said: () => string;
  readonly ended: Promise<unknown>;
}

export function start(folder: string, port: number, env: Readonly<Record<string, string>>): Life {
  const { DATABASE_URL: _, ...inherited } = process.env;
  const child = spawn(process.execPath, [join(import.meta.dirname, "../../dist/whitestat.mjs")], {
    env: { ...inherited, ...env, DATA_STORE: folder, SERVER_PORT: String(port) },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let said = "";
  child.stdout?.on("data", (text: Buffer) => {
    said += text.toString();
  });
  return { child, said: () => said, ended: once(child, "exit") };
}

/** Resolves when the product has settled a reading of this life. */
async function hasRead(port: number): Promise<void> {
  for (let tries = 0; tries < 400; tries++) {
    await delay(100);
    const answer = await fetch(`http://127.0.0.1:${port}/healthz`).catch(() => null);
    const health = answer?.ok === true ? ((await answer.json()) as { readAt: string | null }) : null;
    if (health?.readAt) return;
  }
  throw new Error("the product never became healthy");
}

/** All that the store holds, by device or remote host: bytes, to the byte. */
async function kept(store: Store): Promise<Map<string, Amount>> {
  try {
    const range = (await store.range()) ?? { first: "2000-01-01", last: "2000-01-01" };
    const keys = new Map((await store.devices()).map((device) => [device.id, device.key]));
    const sums = new Map<string, Amount>();
    const add = (key: string, amount: Amount) => {
      const known = sums.get(key) ?? { in: 0, out: 0 };
      sums.set(key, { in: known.in + amount.in, out: known.out + amount.out });
    };
    for (const row of await store.deviceDays(range.first, range.last)) add(keys.get(row.device) ?? "nobody", row);
    for (const row of await store.remoteDays(range.first, range.last)) add(row.ip, row);
    for (const day of await store.balances(range.first, range.last))
      add("counted", { in: day.counted, out: day.counted });
    return sums;
  } finally {
    await store.close();
  }
}

function below(random: () => number, most: number): number {
  return Math.floor(random() * most);
}
