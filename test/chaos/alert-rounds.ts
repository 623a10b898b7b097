import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { startReceiver } from "../../src/channels/testing.ts";
import { createFakeDarkstat } from "../../src/meters/darkstat/simulated/index.ts";
import { freePort } from "../lib/free-port.ts";
import { type ChaosStore, type Life, sqliteStore, start } from "./rounds.ts";

export interface AlertOutcome {
  /**
   * For each alert that was due, how often a receiver saw it that drops an id it knows, as those of Standard Webhooks do: 1 when
   * it was neither lost nor told twice.
   */
  readonly ids: ReadonlyMap<string, number>;
  /** How often such a receiver dropped one: the program was killed after it had arrived, and before that was written. */
  readonly repeated: number;
  /** How often the receiver had an alert before the program was killed. */
  readonly arrivedBefore: number;
}

const TV = { ip: "192.168.1.20", mac: "02:1a:00:00:00:01" };
const MB = 1_000_000;
const LONGEST_LIFE_MS = 1_500;
const PATIENCE_MS = 60_000;

/**
 * Rounds in which an alert becomes due, by another limit for a device that is beyond it, and the built product is killed
 * (SIGKILL) at a random moment around it: before it is known, kept, sent, or known to have arrived.
 * @param random 0 ≤ random() < 1
 * @param create makes the store, in a folder of the product's; its server is left alone
 */
export async function alertKillRounds(
  rounds: number,
  random: () => number,
  create: (folder: string) => Promise<ChaosStore> = sqliteStore,
): Promise<AlertOutcome> {
  const folder = mkdtempSync(join(tmpdir(), "alert-chaos-"));
  const store = await create(folder);
  const darkstat = createFakeDarkstat({ now: () => Date.now() });
  const receiver = await startReceiver();
  const url = await darkstat.start();
  writeFileSync(
    join(folder, "WhiteStatConfig.json"),
    JSON.stringify({ DARKSTAT_URL: url, IdleSeconds: 1, UpdateDBSeconds: 1, LISTEN_ADDRESS: "127.0.0.1", TZ: "UTC" }),
  );
  /** By title of an alert, the ids that it came under. */
  const came = () => {
    const ids = new Map<string, string[]>();
    for (const { body, headers } of receiver.received) {
      const { title } = (JSON.parse(body) as { data: { title: string } }).data;
      ids.set(title, [...(ids.get(title) ?? []), String(headers["webhook-id"])]);
    }
    return ids;
  };
  const titleOf = (round: number) => `${TV.mac}: more than ${round} MB today`;
  let life: Life | null = null;
  let port = 0;
  const begin = async () => {
    port = await freePort();
    life = start(folder, port, store.env);
    await until(async () => (await json(port, "status"))?.meter?.readAt ?? null);
  };
  let arrivedBefore = 0;
  try {
    await begin();
    // After the first reading, which only begins the books: all of it is usage.
    darkstat.traffic(TV, "198.51.100.1", (rounds + 100) * MB, MB);
    await until(async () => ((await json(port, "usage"))?.totals?.download >= (rounds + 1) * MB ? true : null));
    for (let round = 1; round <= rounds; round++) {
      if (life === null) await begin();
      if (round > 1) await until(async () => (came().has(titleOf(round - 1)) ? true : null));
      await setLimit(port, round, receiver.url);
      await delay(random() * LONGEST_LIFE_MS);
      if (came().has(titleOf(round))) arrivedBefore += 1;
      const killed = life as unknown as Life;
      killed.child.kill("SIGKILL");
      await killed.ended;
      life = null;
    }
    await begin();
    await until(async () => (came().has(titleOf(rounds)) ? true : null));
    // Whatever else would come has come when nothing waits any more.
    await until(async () => ((await json(port, "alerts"))?.channels?.[0]?.waiting === 0 ? true : null));
    const last = life as unknown as Life;
    last.child.kill("SIGTERM");
    await last.ended;
    const ids = new Map<string, number>();
    let repeated = 0;
    for (let round = 1; round <= rounds; round++) {
      const all = came().get(titleOf(round)) ?? [];
      ids.set(titleOf(round), new Set(all).size);
      repeated += all.length - new Set(all).size;
    }
    return { ids, repeated, arrivedBefore };
  } finally {
    (life as Life | null)?.child.kill("SIGKILL");
    await darkstat.stop();
    await receiver.close();
    await store.dispose();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Another limit is another alert; the channel stays as it was set first. */
async function setLimit(port: number, megabytes: number, url: string): Promise<void> {
  const { rules, channels } = await json(port, "alerts");
  const [known] = channels;
  const channel =
    known === undefined ? { name: null, url, enabled: true } : { id: known.id, name: null, enabled: true };
  const usage = [{ device: TV.mac, bytes: megabytes * MB, per: "day", counts: "download" }];
  const response = await fetch(`http://127.0.0.1:${port}/api/v1/alerts`, {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ rules: { ...rules, newDevice: null, usage }, quiet: null, channels: [channel] }),
  });
  if (!response.ok) throw new Error(`the rules were not taken: ${await response.text()}`);
}

// biome-ignore lint/suspicious/noExplicitAny: answers of the program, of which single fields are looked at
async function json(port: number, path: string): Promise<any> {
  const response = await fetch(`http://127.0.0.1:${port}/api/v1/${path}`).catch(() => null);
  return response?.ok ? response.json() : null;
}

async function until<T>(look: () => Promise<T | null>): Promise<T> {
  for (const giveUp = Date.now() + PATIENCE_MS; Date.now() < giveUp; ) {
    const found = await look();
    if (found !== null) return found;
    await delay(20);
  }
  throw new Error("what should have come did not");
}
