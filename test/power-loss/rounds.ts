import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { startProduct } from "../../bench/lib/product.ts";
import { createDarkstatClient } from "../../src/meters/darkstat/client.ts";
import { createFakeDarkstat, type FakeDarkstat } from "../../src/meters/darkstat/simulated/index.ts";
import type { Snapshot } from "../../src/meters/meter.ts";
import { type Amount, type Amounts, goOn, type Outcome } from "./continue.ts";
import { type Cut, createCamera, tear } from "./cuts.ts";

/** What was seen of all cuts. */
export interface Findings {
  readonly cuts: number;
  readonly torn: number;
  /** Torn copies that had lost readings which the whole log still has. */
  readonly older: number;
  /** Logs that were seen: each but the last was copied back to the database. */
  readonly logs: number;
  /** What went wrong, in a sentence each. */
  readonly faults: readonly string[];
}

export interface PowerLossOptions {
  readonly rounds: number;
  /** 0 ≤ random() < 1 */
  readonly random: () => number;
  readonly hosts: number;
  /** Torn copies of each cut. */
  readonly tears: number;
}

const START = Date.UTC(2035, 5, 15, 9);
const LONGEST_WAIT_MS = 60;

/**
 * Runs the built product on a clock that is turned as fast as it reads, and takes the power away at random instants: its
 * files are copied as they lie on the disk, torn in all ways that a disk may tear them, and each copy goes on by itself
 * from the darkstat that lived through it. Whatever it holds then must be what darkstat counted, every byte once.
 */
export async function powerLossRounds(options: PowerLossOptions): Promise<Findings> {
  const { rounds, random, tears } = options;
  const folder = mkdtempSync(join(tmpdir(), "power-loss-"));
  const clock = { at: START };
  const darkstat = createFakeDarkstat({ now: () => clock.at, hostsMax: options.hosts * 2 });
  const network = createTraffic(darkstat, options);
  network.flow(options.hosts);
  const url = await darkstat.start();
  const client = createDarkstatClient({ url, now: () => clock.at });
  const product = await startProduct({
    dir: folder,
    darkstat: url,
    startsAt: START,
    settings: { IdleSeconds: 300, UpdateDBSeconds: 1 },
  });
  const camera = createCamera(product.pid, folder);
  const findings = { cuts: 0, torn: 0, older: 0, faults: [] as string[] };
  const logs = new Set<string>();

  async function look(cut: Cut, snapshot: Snapshot): Promise<Outcome> {
    const outcome = await goOn(cut.folder, snapshot);
    const name = cut.folder.split("/").at(-1);
    if (outcome.wasRecovered || outcome.damage !== null)
      findings.faults.push(`${name}: ${outcome.damage ?? "replaced"}`);
    // Where all was lost, the product meets a darkstat that has counted since yesterday, and can't tell since when.
    const isFresh = outcome.lastReadAt === null && dayOf(clock.at) !== dayOf(START);
    const wrong = difference(isFresh ? new Map() : network.counted(), outcome.kept);
    if (wrong !== null) findings.faults.push(`${name}: ${wrong}`);
    rmSync(cut.folder, { recursive: true });
    return outcome;
  }

  try {
    for (let round = 0; round < rounds; round++) {
      const reading = readOn(Math.ceil(random() * 12));
      await delay(random() * LONGEST_WAIT_MS);
      const cut = await camera(join(folder, `cut-${round}`));
      await reading;
      const torn = Array.from({ length: tears }, () => tear(cut, random)).filter((one) => one !== null);
      const snapshot = await client.read();
      const { lastReadAt } = await look(cut, snapshot);
      for (const one of torn) {
        const outcome = await look(one, snapshot);
        if ((outcome.lastReadAt ?? 0) < (lastReadAt ?? 0)) findings.older++;
      }
      findings.cuts++;
      findings.torn += torn.length;
      logs.add(cut.log);
    }
    await product.stop();
    const { kept } = await goOn(folder, await client.read());
    const wrong = difference(network.counted(), kept);
    if (wrong !== null) findings.faults.push(`the product itself: ${wrong}`);
    return { ...findings, logs: logs.size };
  } finally {
    await product.kill();
    await darkstat.stop();
    rmSync(folder, { recursive: true, force: true });
  }

  /** Traffic and readings, one after the other without rest. */
  async function readOn(count: number): Promise<void> {
    for (let n = 0; n < count; n++) {
      network.flow(Math.ceil(random() * options.hosts));
      clock.at += product.nextSleepMs();
      await product.step();
    }
  }
}

function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

/** Devices and internet hosts that exchange random amounts. */
function createTraffic(darkstat: FakeDarkstat, { random, hosts }: PowerLossOptions) {
  const near = Array.from({ length: Math.ceil(hosts / 4) }, (_, n) => ({
    ip: `192.168.1.${1 + n}`,
    mac: `02:1a:00:00:00:${n.toString(16).padStart(2, "0")}`,
  }));
  const macs = new Map(near.map(({ ip, mac }) => [ip, mac]));
  const farCount = hosts - near.length;
  let turn = 0;
  return {
    flow(exchanges: number) {
      for (let n = 0; n < exchanges; n++, turn++) {
        const device = near[turn % near.length];
        const far = `198.51.${Math.floor((turn % farCount) / 250)}.${1 + ((turn % farCount) % 250)}`;
        if (device) darkstat.traffic(device, far, Math.floor(random() * 1e6), Math.floor(random() * 1e5));
      }
    },
    /** What darkstat has counted, by device and remote host, and over all. */
    counted(): Amounts {
      const { bytes } = darkstat.totals();
      const amounts = new Map<string, Amount>([["counted", { in: bytes, out: bytes }]]);
      for (const { ip, in: down, out } of darkstat.hosts.values()) amounts.set(macs.get(ip) ?? ip, { in: down, out });
      return amounts;
    },
  };
}

/** The first difference in words; null when both are the same, to the byte. */
function difference(counted: Amounts, kept: Amounts): string | null {
  for (const key of new Set([...counted.keys(), ...kept.keys()])) {
    const [one, other] = [counted.get(key), kept.get(key)];
    if (!isDeepStrictEqual(one, other)) {
      return `darkstat counted ${JSON.stringify(one)} of ${key}, and ${JSON.stringify(other)} is kept`;
    }
  }
  return null;
}
