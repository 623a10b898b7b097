import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { createFakeDarkstat } from "../../src/darkstat/simulated/index.ts";
import { openSqliteStore } from "../../src/store/sqlite-store.ts";
import { freePort } from "../lib/free-port.ts";

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
}

const DEVICES = [1, 2, 3, 4, 5].map((n) => ({ ip: `192.168.1.${10 + n}`, mac: `02:1a:00:00:00:0${n}` }));
const LONGEST_LIFE_MS = 2_400;

/**
 * Rounds of traffic in which the built product is killed (SIGKILL) at a random moment: while it starts, reads, writes or
 * rests. A last life ends in order, and what is kept must be what darkstat counted.
 * @param random 0 ≤ random() < 1
 */
export async function killRounds(rounds: number, random: () => number): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), "chaos-"));
  const darkstat = createFakeDarkstat({ now: () => Date.now() });
  const url = await darkstat.start();
  writeFileSync(
    join(folder, "WhiteStatConfig.json"),
    JSON.stringify({ DARKSTAT_URL: url, IdleSeconds: 1, UpdateDBSeconds: 1, LISTEN_ADDRESS: "127.0.0.1", TZ: "UTC" }),
  );
  let answered = 0;
  const busy = setInterval(() => {
    const device = DEVICES[Math.floor(random() * DEVICES.length)] as (typeof DEVICES)[number];
    darkstat.traffic(device, `198.51.100.${Math.floor(random() * 20)}`, below(random, 1e6), below(random, 1e5));
  }, 7);
  try {
    for (let round = 0; round < rounds; round++) {
      const life = start(folder, await freePort());
      await delay(random() * LONGEST_LIFE_MS);
      if (life.said().includes(" is at ")) answered++;
      life.child.kill("SIGKILL");
      await life.ended;
    }
    clearInterval(busy);
    const port = await freePort();
    const last = start(folder, port);
    await hasRead(port);
    last.child.kill("SIGTERM");
    await last.ended;
    const { bytes } = darkstat.totals();
    const macs = new Map<string, string>(DEVICES.map(({ ip, mac }) => [ip, mac]));
    const counted = new Map<string, Amount>([["counted", { in: bytes, out: bytes }]]);
    for (const { ip, in: down, out } of darkstat.hosts.values()) counted.set(macs.get(ip) ?? ip, { in: down, out });
    return { counted, kept: await kept(folder), answered };
  } finally {
    clearInterval(busy);
    await darkstat.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function start(folder: string, port: number): { child: ChildProcess; said: () => string; ended: Promise<unknown> } {
  const child = spawn(process.execPath, [join(import.meta.dirname, "../../dist/whitestat.mjs")], {
    // As root it would begin anew as another user first, and live too short a life.
    env: { ...process.env, DATA_STORE: folder, SERVER_PORT: String(port), WHITESTAT_KEEP_ROOT: "1" },
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
  for (let tries = 0; tries < 100; tries++) {
    await delay(100);
    const answer = await fetch(`http://127.0.0.1:${port}/healthz`).catch(() => null);
    const health = answer?.ok === true ? ((await answer.json()) as { readAt: string | null }) : null;
    if (health?.readAt) return;
  }
  throw new Error("the product never became healthy");
}

/** All that the store holds, by device or remote host: bytes, to the byte. */
async function kept(folder: string): Promise<Map<string, Amount>> {
  const store = openSqliteStore({ path: join(folder, "WhiteStat.db") });
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
