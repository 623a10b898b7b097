import { join } from "node:path";
import { createCalendar, type Slot } from "../../../src/accounting/calendar.ts";
import { createPolicy } from "../../../src/accounting/policy.ts";
import { settle } from "../../../src/accounting/settle.ts";
import { zoneOf } from "../../../src/accounting/testing.ts";
import type { Books } from "../../../src/accounting/types.ts";
import type { FakeDarkstat } from "../../../src/meters/darkstat/simulated/index.ts";
import { cleanHostname } from "../../../src/meters/darkstat/text.ts";
import { loadSettings } from "../../../src/settings/load.ts";
import { openSqliteStore } from "../../../src/store/sqlite-store.ts";
import { DEFAULT_ADDRESSES } from "../../../src/store/store.ts";

/** An hour of the past. */
export interface Hour extends Slot {
  /** 0 for today. */
  readonly daysAgo: number;
}

/** What happened before a test begins. */
export interface Past {
  /** Days before today. */
  readonly days: number;
  /** Moves the counters for an hour; the part of the running hour that is over counts as one. */
  live(darkstat: FakeDarkstat, hour: Hour): void;
  /** Whether the product was there to read at the hour's end. It always was without this. */
  isRead?(hour: Hour): boolean;
}

interface Options {
  readonly past: Past;
  readonly darkstat: FakeDarkstat;
  readonly dir: string;
  readonly env: Readonly<Record<string, string>>;
  /** The clock that the simulated darkstat goes by; it is moved to `until`. */
  readonly clock: { at: number | null };
  /** ms UTC. */
  readonly until: number;
}

const DAY_MS = 86_400_000;
/** The product's name for the darkstat that it reads. */
const SOURCE = "darkstat";

/**
 * Fills a data store with a past, by the product's own accounting and store: what is in it is what the product would
 * have written. The simulated darkstat goes on from there.
 */
export async function liveThrough({ past, darkstat, dir, env, clock, until }: Options): Promise<void> {
  const { settings } = await loadSettings({
    env,
    cwd: dir,
    container: false,
    identity: { uid: process.getuid?.() ?? -1, gid: process.getgid?.() ?? -1 },
  });
  const calendar = createCalendar(zoneOf(settings.timeZone ?? "UTC"));
  const policy = createPolicy(calendar);
  const store = openSqliteStore({ path: join(dir, "WhiteStat.db") });
  // As where an older version was: its addresses are shown on, and IPv6 is a click away.
  await store.remember(DEFAULT_ADDRESSES, "ipv4");
  const today = Date.parse(calendar.dayOf(until));
  let books: Books | null = null;
  for (let at = calendar.slotsOf(calendar.dayOf(until - past.days * DAY_MS))[0]?.from ?? until; at < until; ) {
    const slot = calendar.slotOf(at);
    const hour = { ...slot, daysAgo: Math.round((today - Date.parse(slot.day)) / DAY_MS) };
    clock.at = at;
    // Without a first reading, nothing of the first hour could be charged.
    if (books === null) books = await read(at, null);
    clock.at = Math.min(slot.to, until);
    past.live(darkstat, hour);
    if (past.isRead?.(hour) ?? true) books = await read(clock.at, books);
    at = clock.at;
  }
  await store.close();

  async function read(at: number, known: Books | null): Promise<Books> {
    const totals = darkstat.totals();
    const settlement = settle(
      known,
      {
        source: SOURCE,
        meter: env.DARKSTAT_URL ?? "",
        at,
        elapsedMs: known === null ? null : at - known.at,
        epoch: darkstat.epoch(),
        before: totals,
        after: totals,
        hosts: [...darkstat.hosts.values()].map((host) => ({
          ip: host.ip,
          mac: host.mac,
          hostname: cleanHostname(host.hostname),
          in: host.in,
          out: host.out,
          lastSeenSeconds: host.sentAt === null ? null : Math.round((at - host.sentAt) / 1000),
        })),
        series: [],
      },
      policy,
    );
    await store.record(settlement);
    return settlement.books;
  }
}
