import { hostname } from "node:os";
import { join } from "node:path";
import type { AddressFact, Baseline, Charge, Settlement } from "../../src/accounting/types.ts";
import { copyStore } from "../../src/store/copy-store.ts";
import { removeDatabase } from "../../src/store/file/files.ts";
import { openSqliteStore } from "../../src/store/sqlite-store.ts";
import { clock } from "../../test/lib/clock.ts";
import { below, bytesBetween, createRandom, type Random } from "./random.ts";
import { deviceParty, remoteParty } from "./scene.ts";

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** Internet hosts that a household meets again and again. */
const REMOTE_POOL = 5_000;
const CLOSED = {
  meter: "",
  epoch: "a run that has ended",
  uptimeSeconds: 0,
  counted: 0,
  captured: 0,
  dropped: 0,
  forgotHosts: 0,
  unlistedBytes: 0,
};

export interface HistoryOptions {
  /** The data store. */
  readonly dir: string;
  /** Where the history ends, ms UTC: the day of this instant has figures. */
  readonly endsAt: number;
  readonly days: number;
  readonly devices: number;
  /** Of the devices, so many are used on a day; all without it. */
  readonly active?: number;
  /** Internet hosts on each day. */
  readonly remotes: number;
  /** So many days before its end have hours and, if that is less, remote hosts: what is kept by default. */
  readonly hoursDays?: number;
  readonly remoteDays?: number;
}

/** Writes a history by the product's own store: every day of every device, as if it had been measured. */
export async function writeHistory(options: HistoryOptions): Promise<void> {
  const { dir, endsAt, days, hoursDays = 0 } = options;
  const store = openSqliteStore({ path: join(dir, "WhiteStat.db") });
  const household = createHousehold(options, createRandom(2006));
  try {
    for (let age = days - 1; age >= 0; age--) {
      const noon = endsAt - age * DAY_MS;
      // Today has no hour that is yet to come: the product would find itself in its past, and never see its own open hour.
      const past = age === 0 ? new Date(endsAt).getUTCHours() + 1 : 24;
      const hours = age < hoursDays ? Array.from({ length: past }, (_, hour) => hour) : [12];
      for (const hour of hours) await store.record(household.hour(noon, hour, age, hours.length));
      if (age % 31 === 0) await store.checkpoint();
    }
  } finally {
    await store.close();
  }
}

/** Copies a history that was written to a folder into an empty PostgreSQL database, and removes it from the folder. */
export async function moveHistory(dir: string, databaseUrl: string): Promise<void> {
  const file = join(dir, "WhiteStat.db");
  const holder = { pid: process.pid, host: hostname(), since: Date.now() };
  await copyStore({ from: { file }, to: { url: databaseUrl }, clock, holder, onProgress: () => {} });
  removeDatabase(file);
}

function createHousehold({ devices, active = devices, remotes, remoteDays, days }: HistoryOptions, random: Random) {
  const counters = new Map<string, Baseline>();
  const router = remoteParty(0).mac;
  let listed = new Set<string>();

  function use(ip: string, mac: string, most: number, seenAt: number): { in: number; out: number } {
    const used = { in: bytesBetween(random, 2_000, most), out: bytesBetween(random, 1_000, most / 8) };
    const known = counters.get(ip) ?? { in: 0, out: 0 };
    counters.set(ip, { in: known.in + used.in, out: known.out + used.out, mac, seenAt });
    return used;
  }

  return {
    /** What is settled at an hour of the day that `noon` lies in. */
    hour(noon: number, hour: number, age: number, ofHours: number): Settlement {
      const day = new Date(noon).toISOString().slice(0, 10);
      const at = noon - 12 * HOUR_MS + (hour + 0.5) * HOUR_MS;
      const charges: Charge[] = [];
      const addresses: AddressFact[] = [];
      const same = { day, reconstructed: "no" } as const;
      for (let n = 0; n < active; n++) {
        // On a day some are used, not always the same ones.
        const { ip, mac, hostname } = deviceParty((n + (active < devices ? age * 3 : 0)) % devices);
        const used = use(ip, mac, 3e9 / ofHours, at - below(random, 1_800_000));
        charges.push({ mac, ip, hour, ...used, ...same });
        addresses.push({ ip, hostname, ...baselineOf(ip) });
      }
      const forgotten: string[] = [];
      if (hour === 12 && age < (remoteDays ?? days)) {
        const today = new Set<string>();
        while (today.size < remotes) today.add(remoteParty(below(random, REMOTE_POOL) % REMOTE_POOL).ip);
        for (const ip of listed) if (!today.has(ip)) forgotten.push(ip);
        for (const ip of forgotten) counters.delete(ip);
        listed = today;
        for (const ip of today) {
          const used = use(ip, router, 2e8, at);
          charges.push({ mac: router, ip, hour, ...used, ...same });
          addresses.push({ ip, hostname: `host-${ip}.example.net`, ...baselineOf(ip) });
        }
      }
      const bytes = charges.reduce((sum, charge) => sum + charge.in, 0);
      const baselines = new Map<string, Baseline>();
      const books = { source: "darkstat", at, ...CLOSED, baselines };
      const none = { in: 0, out: 0 };
      const counted = [
        {
          day,
          bytes,
          captured: Math.ceil(bytes / 1_000),
          dropped: 0,
          unattributed: none,
          carried: 0,
          compared: 0,
          unlisted: none,
        },
      ];
      return { books, charges, addresses, forgotten, counted, notes: [] };
    },
  };

  function baselineOf(ip: string): Baseline {
    return counters.get(ip) ?? { in: 0, out: 0, mac: null, seenAt: null };
  }
}
