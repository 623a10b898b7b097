import {
  containsAny,
  DEFAULT_SEGMENTS,
  isLimitedBroadcast,
  isMulticast,
  isUnspecified,
  parseAddress,
} from "./address.ts";
import { bestElapsedMs, CLOCK_JUMP_MS } from "./clocks.ts";
import { type Growth, growthOf, larger, plus } from "./growth.ts";
import type { Policy } from "./policy.ts";
import { type Doubt, RejectedReading, type RejectionReason } from "./rejection.ts";
import { type Books, type Bytes, type HostRow, keyOf, type Reading } from "./types.ts";

/** How the counters of a reading relate to the books. See `docs/decisions/0002-accounting.md`. */
export type Relation =
  /** Never read before, and what was counted until now is not ours to date. */
  | "baseline-only"
  /** Ran already when we last read, at another address: what it counted until now may be charged already. */
  | "other-meter"
  /** Counters started from zero within the span: all of them are new. */
  | "from-zero"
  /** The run that we know. */
  | "same-run"
  /** The run that we know, and its table still shows what it showed: what was counted since will be seen later. */
  | "idle"
  /** A new run that resumed every counter where we saw it, or later. */
  | "clean-import"
  /** A new run that resumed from another export: the counters say nothing of what passed. */
  | "stale-import"
  /** The run that we know, but its hosts contradict the books for good. */
  | "unclear";

/** What a reading is, and what it shows. */
export interface Verdict {
  readonly relation: Relation;
  readonly growth: Growth;
  /** Hosts that the run was seen to forget, up to this reading. */
  readonly forgotHosts: number;
}

/** After so long a state that agrees with itself is the state, however odd. */
export const PATIENCE_MS = 15 * 60_000;
/** Uptimes are whole seconds, read a moment before the table. */
const UPTIME_SLACK_MS = 2_000;
/** Bytes a second. darkstat's own capture gives up well below a gigabit. */
const FASTEST_LINE = 125_000_000;
/** "Last seen" is in whole seconds, and passes through darkstat's wall clock when it is exported. */
const LAST_SEEN_SLACK_MS = 5_000;

/**
 * Decides what a reading is, once for all of its hosts.
 * @throws RejectedReading when its pages contradict each other or the books, unless the last rejected reading agrees
 */
export function relate(books: Books | null, reading: Reading, policy: Policy, doubt: Doubt | null): Verdict {
  const growth = growthOf(books?.baselines, reading.hosts);
  const verdict = (relation: Relation, forgotHosts = 0): Verdict => ({ relation, growth, forgotHosts });
  const isProven = doubt !== null && agrees(doubt.reading, reading);
  const isOld = doubt !== null && doubt.lastedMs >= PATIENCE_MS;

  if (reading.hosts.length === 0 && reading.before.bytes > 0 && !listsNothing(books, reading) && !isOld) {
    throw new RejectedReading("empty-table");
  }
  if (books !== null && books.epoch === reading.epoch) {
    const forgotten = books.forgotHosts + growth.fell + growth.vanished;
    const contradiction = contradictionOf(books, reading, growth);
    if (contradiction === null) return verdict("same-run", forgotten);
    if (contradiction === "idle") return verdict("idle", books.forgotHosts);
    if (!isProven) throw new RejectedReading(contradiction);
    // Evictions, which may have taken only hosts that came and went between two readings.
    if (contradiction === "short-table" || contradiction === "stale-table") {
      return verdict("same-run", Math.max(1, forgotten));
    }
    // A run that ended in the second of its start has the same since-text and uptime as the next one, but not its total.
    const diedAtOnce = books.uptimeSeconds * 1000 <= UPTIME_SLACK_MS && reading.before.bytes < books.counted;
    if (!diedAtOnce && reading.meter === books.meter && (ranBefore(books, reading) || ranOn(books, reading))) {
      if (isOld) return verdict("unclear", forgotten);
      throw new RejectedReading(contradiction);
    }
  }
  return newRun(books, reading, policy, growth, isProven, isOld);
}

/** What a reading is that is not of the run that we know. */
function newRun(
  books: Books | null,
  reading: Reading,
  policy: Policy,
  growth: Growth,
  isProven: boolean,
  isOld: boolean,
): Verdict {
  const counters = larger(growth.sum);
  const verdict = (relation: Relation, forgotHosts = 0): Verdict => ({ relation, growth, forgotHosts });
  const imported = counters > reading.after.bytes;
  if (books === null) {
    const { calendar } = policy;
    const startedAt = reading.at - reading.after.uptimeSeconds * 1000;
    if (imported || calendar.dayOf(startedAt) !== calendar.dayOf(reading.at)) return verdict("baseline-only");
  } else if (ranBefore(books, reading) && reading.continues !== books.epoch) {
    if (books.epoch === "") return verdict("baseline-only");
    if (reading.meter !== books.meter) return verdict("other-meter");
    // Across our own restart only the wall clock speaks against it, and the collector has waited for that to be set.
    if (reading.elapsedMs !== null) {
      if (!isProven || !isOld) throw new RejectedReading("older-run");
      return verdict("other-meter");
    }
  }
  if (books === null || !imported) {
    if (isAllOf(growth.sum, reading.before.bytes) || !listsRemoteHosts(reading.hosts)) return verdict("from-zero");
    // A run that lists remote hosts accounts for everything, until it forgets.
    if (!isProven && !isOld) throw new RejectedReading("short-table");
    return verdict("from-zero", 1);
  }
  if (!growth.showsNew && reading.before.bytes > 0 && !isProven && !isOld) throw new RejectedReading("stale-table");
  return verdict(isCleanImport(books, reading, growth) ? "clean-import" : "stale-import");
}

/** Whether no counter of the table lies above what the run has shown before, and nothing that it counted needs to. */
function listsNothing(books: Books | null, reading: Reading): boolean {
  return books !== null && books.epoch === reading.epoch && books.baselines.size === 0 && books.unlistedBytes > 0;
}

/**
 * What cannot be within the run that we know; null when nothing. Only eviction makes a host vanish or fall below its
 * counters, and it does so when a host is new: a table in which nothing is new was stored somewhere on its way.
 */
function contradictionOf(books: Books, reading: Reading, growth: Growth): RejectionReason | "idle" | null {
  const { before, after } = reading;
  if (before.uptimeSeconds < books.uptimeSeconds || before.bytes < books.counted) return "went-back";
  const grown = plus(growth.known, growth.fresh);
  if (larger(grown) > after.bytes - books.counted) return "hosts-ahead";
  const forgets = growth.fell > 0 || growth.vanished > 0;
  if (!growth.showsNew && forgets) return "stale-table";
  if (isAllOf(grown, before.bytes - books.counted)) return null;
  const accountsForAll = books.forgotHosts === 0 && books.unlistedBytes === 0 && listsRemoteHosts(reading.hosts);
  if (!growth.showsNew) return accountsForAll ? "stale-table" : books.baselines.size === 0 ? null : "idle";
  return accountsForAll && !forgets ? "short-table" : null;
}

/** Whether hosts account for a total: every byte was sent by one of them and received by another. */
function isAllOf(hosts: Bytes, bytes: number): boolean {
  return hosts.in === hosts.out && hosts.in >= bytes;
}

/** Whether the later reading continues the earlier one, shows more where it must, and comes from a darkstat that runs. */
function agrees(earlier: Reading, later: Reading): boolean {
  if (earlier.meter !== later.meter || earlier.epoch !== later.epoch) return false;
  if (later.after.uptimeSeconds <= earlier.after.uptimeSeconds) return false;
  // Beside an empty table, every other one looks new.
  if (earlier.hosts.length === 0 && earlier.before.bytes > 0) return false;
  const { sum } = growthOf(undefined, earlier.hosts);
  const books = {
    source: earlier.source,
    meter: earlier.meter,
    epoch: earlier.epoch,
    at: earlier.at,
    uptimeSeconds: earlier.after.uptimeSeconds,
    captured: earlier.after.captured,
    dropped: earlier.after.dropped,
    forgotHosts: 0,
    ...openingOf(earlier, sum),
    baselines: new Map(earlier.hosts.map((host) => [keyOf(host), { ...host, seenAt: null }])),
  };
  const contradiction = contradictionOf(books, later, growthOf(books.baselines, later.hosts));
  return contradiction === null || (contradiction === "idle" && later.before.bytes <= earlier.after.bytes);
}

/**
 * Where a run stands of which only this reading is known: its total at the moment of the table, and the bytes that no host
 * accounts for.
 */
export function openingOf({ before, after }: Reading, sum: Bytes): { counted: number; unlistedBytes: number } {
  // Imported counters say nothing of the total: it may be known no better than by the two pages around the table.
  if (larger(sum) > after.bytes) return { counted: before.bytes, unlistedBytes: after.bytes - before.bytes };
  const counted = Math.max(before.bytes, larger(sum));
  return { counted, unlistedBytes: counted - Math.min(sum.in, sum.out) };
}

/**
 * Whether the run began before our last reading, by the clocks that we have. At another address it may be another darkstat,
 * and then it must have begun later for certain: what it counted before is charged already.
 */
function ranBefore(books: Books, reading: Reading): boolean {
  const slackMs = reading.elapsedMs === null ? CLOCK_JUMP_MS : UPTIME_SLACK_MS;
  const laterMs = reading.before.uptimeSeconds * 1000 - bestElapsedMs(books, reading);
  return laterMs > (reading.meter === books.meter ? slackMs : -slackMs);
}

/** Whether the uptime has grown by as much as time has passed: a run that began anew has a smaller one. */
function ranOn(books: Books, reading: Reading): boolean {
  const slackMs = reading.elapsedMs === null ? CLOCK_JUMP_MS : UPTIME_SLACK_MS;
  const grownMs = (reading.before.uptimeSeconds - books.uptimeSeconds) * 1000;
  return grownMs >= bestElapsedMs(books, reading) - slackMs;
}

/**
 * Whether darkstat shows hosts from outside the usual LANs, as it does without `--local-only`: then its hosts account for
 * every byte until it forgets one.
 */
function listsRemoteHosts(hosts: readonly HostRow[]): boolean {
  return hosts.some(({ ip }) => {
    const address = parseAddress(ip);
    if (address === null || isMulticast(address) || isLimitedBroadcast(address) || isUnspecified(address)) return false;
    return !containsAny(DEFAULT_SEGMENTS, address);
  });
}

/**
 * Whether an imported table can be the one that we saw, written when darkstat ended: no host of ours missing, none below
 * its baseline, none last seen earlier than we knew; at least what the new run counted on top, and not more than the line
 * can have carried besides until darkstat ended.
 */
function isCleanImport(books: Books, reading: Reading, growth: Growth): boolean {
  if (growth.fell > 0 || growth.vanished > 0 || wasSeenEarlier(books, reading)) return false;
  const { in: down, out: up } = plus(growth.known, growth.fresh);
  if (Math.min(down, up) < reading.before.bytes) return false;
  const slackMs = reading.elapsedMs === null ? CLOCK_JUMP_MS : UPTIME_SLACK_MS;
  const awayMs = Math.max(0, bestElapsedMs(books, reading) - reading.before.uptimeSeconds * 1000) + slackMs;
  return Math.max(down, up) <= reading.after.bytes + (awayMs / 1000) * FASTEST_LINE;
}

/** Whether a host was last seen earlier than we knew: "last seen" survives an export, so the export is an older one. */
function wasSeenEarlier(books: Books, reading: Reading): boolean {
  const elapsedMs = bestElapsedMs(books, reading);
  const isSure =
    reading.elapsedMs !== null && Math.abs(reading.at - books.at - reading.elapsedMs) <= LAST_SEEN_SLACK_MS;
  const slackMs = isSure ? LAST_SEEN_SLACK_MS : CLOCK_JUMP_MS;
  return reading.hosts.some((host) => {
    const { lastSeenSeconds } = host;
    const seenAt = books.baselines.get(keyOf(host))?.seenAt ?? null;
    if (lastSeenSeconds === null || seenAt === null) return false;
    return lastSeenSeconds * 1000 > books.at - seenAt + elapsedMs + slackMs;
  });
}
