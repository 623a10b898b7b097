import type { Policy } from "./policy.ts";
import { type Division, divide, type Part, piece, type Span } from "./split.ts";
import type {
  AddressFact,
  Baseline,
  Books,
  Bytes,
  Charge,
  Counted,
  HostRow,
  Note,
  Reading,
  Settlement,
} from "./types.ts";

/** A wall clock that disagrees with the monotonic ones by more than this was set, not slow. */
const CLOCK_JUMP_MS = 120_000;
/** Bytes a second. darkstat's own capture gives up well below a gigabit. */
const FASTEST_LINE = 125_000_000;
/** A gap shorter than this is not worth a note when it is divided over an edge. */
const NOTED_GAP_MS = 300_000;

const NOTHING: Bytes = { in: 0, out: 0 };

/** Thrown instead of returning a settlement that breaks a promise. Nothing of it may be written. */
export class ConservationError extends Error {
  override readonly name = "ConservationError";
}

/** How the counters of a reading relate to the books. See `docs/decisions/0002-accounting.md`. */
type Relation =
  /** Never read before, and what was counted until now is not ours to date. */
  | "baseline-only"
  /** Ran already when we last read: not a restart, but a darkstat that was never read before. */
  | "other-darkstat"
  /** Counters started from zero within the span: all of them are new. */
  | "from-zero"
  /** The run that we know. */
  | "same-run"
  /** A new run that resumed every counter where we saw it, or later. */
  | "clean-import"
  /** A new run that resumed from an old export: the counters say nothing of what passed. */
  | "stale-import";

/**
 * Turns a reading into charges: exactly what darkstat counted since the books were last settled, by device and hour.
 * Pure: the same arguments give the same settlement, and the arguments are left as they are.
 *
 * @param books the state after the last settled reading; null when the source was never read
 * @throws ConservationError when the outcome would charge more than darkstat counted, or lose a byte in dividing it;
 *   log it with the reading and go on with `rebase`
 */
export function settle(books: Books | null, reading: Reading, policy: Policy): Settlement {
  return settleRows(relate(books, reading, policy), books, reading, policy, true);
}

/**
 * Starts afresh from a reading that cannot be settled: no device is charged, what darkstat counted is unattributed.
 */
export function rebase(books: Books, reading: Reading, policy: Policy, reason: string): Settlement {
  const settled = settleRows(relate(books, reading, policy), books, reading, policy, false);
  return { ...settled, notes: [...settled.notes, { at: reading.at, code: "books-violated", detail: { reason } }] };
}

/** Whether a reading should carry darkstat's series: its span crosses an edge, or may. */
export function needsSeries(books: Books | null, reading: Reading, policy: Policy): boolean {
  const relation = relate(books, reading, policy);
  if (relation === "baseline-only" || relation === "other-darkstat") return false;
  return divide(spanOf(relation, books, reading).span, policy.calendar, [], 0, policy.edgeToleranceMs).hours.length > 1;
}

function settleRows(
  relation: Relation,
  books: Books | null,
  reading: Reading,
  policy: Policy,
  chargesDevices: boolean,
): Settlement {
  const { span, notes } = spanOf(relation, books, reading);
  const used = chargesDevices ? totalUsed(relation, books, reading.hosts) : NOTHING;
  assertWithinCounted(relation, used, books, reading);

  const countedBytes = countedSince(relation, used, books, reading);
  const division = divide(span, policy.calendar, reading.series, countedBytes, policy.edgeToleranceMs);
  const charges: Charge[] = [];
  const addresses: AddressFact[] = [];
  for (const host of reading.hosts) {
    const { ip } = host;
    const baseline = books?.baselines.get(ip);
    const mac = policy.macOf(ip, host.mac);
    const settled = chargesDevices ? settledBefore(relation, host, baseline) : host;
    addDivided(charges, mac, ip, host.in - settled.in, host.out - settled.out, division);
    const fact = factOf(host, mac, baseline, reading.at);
    if (hasChanged(fact, baseline)) addresses.push(fact);
  }
  assertNothingLost(used, charges);
  const unattributed = relation === "stale-import" || !chargesDevices ? countedBytes : 0;

  const forgotten = vanished(books, reading.hosts);
  return {
    books: {
      source: reading.source,
      epoch: reading.epoch,
      at: reading.at,
      uptimeSeconds: reading.after.uptimeSeconds,
      totalBefore: reading.before.bytes,
      counted: countedAt(reading),
      captured: reading.after.captured,
      dropped: reading.after.dropped,
      baselines: nextBaselines(books, addresses, forgotten),
    },
    charges,
    addresses,
    forgotten,
    counted: countedByDay(relation, countedBytes, { in: unattributed, out: unattributed }, books, reading, division),
    notes: [
      ...notes,
      ...relationNotes(relation, books, reading, unattributed),
      ...gapNotes(span, division, reading.at),
    ],
  };
}

function relate(books: Books | null, reading: Reading, policy: Policy): Relation {
  const { in: sumIn, out: sumOut } = total(reading.hosts);
  const imported = sumIn > reading.after.bytes || sumOut > reading.after.bytes;
  if (books === null) {
    const startedToday =
      policy.calendar.dayOf(reading.at - reading.after.uptimeSeconds * 1000) === policy.calendar.dayOf(reading.at);
    return startedToday && !imported ? "from-zero" : "baseline-only";
  }
  if (isSameRun(books, reading)) return "same-run";
  if (ranBefore(books, reading)) return "other-darkstat";
  if (!imported) return "from-zero";
  return isCleanImport(books, reading) ? "clean-import" : "stale-import";
}

/**
 * Whether an imported table can be the one that we saw, written at exit: no counter below our baseline, no host of ours
 * missing, and not more on top than the line can have carried until darkstat exited and has counted since. The last keeps
 * an export of an *older* run, whose counters are higher than ours, from being charged as today's traffic.
 */
function isCleanImport(books: Books, reading: Reading): boolean {
  const listed = new Map(reading.hosts.map((host) => [host.ip, host]));
  for (const [ip, baseline] of books.baselines) {
    const host = listed.get(ip);
    if (host === undefined || fell(host, baseline)) return false;
  }
  const resumed = totalUsed("clean-import", books, reading.hosts);
  const elapsedSeconds = Math.max(reading.elapsedMs ?? 0, reading.at - books.at) / 1000;
  const awaySeconds = Math.max(0, elapsedSeconds - reading.after.uptimeSeconds) + CLOCK_JUMP_MS / 1000;
  const most = reading.after.bytes + awaySeconds * FASTEST_LINE;
  return resumed.in <= most && resumed.out <= most;
}

/**
 * darkstat's since-text names the run. A Pi without a clock chip boots twice with the same text: then only what cannot
 * happen within a run betrays the new one, namely a total or an uptime that ran backwards, or hosts that grew by more
 * than the total.
 */
function isSameRun(books: Books, reading: Reading): boolean {
  if (reading.epoch !== books.epoch) return false;
  if (reading.before.bytes < books.counted || reading.after.uptimeSeconds < books.uptimeSeconds) return false;
  const bound = reading.after.bytes - books.totalBefore;
  const grown = totalUsed("same-run", books, reading.hosts);
  return grown.in <= bound && grown.out <= bound;
}

/**
 * Whether the run began before our last reading, of another run: DARKSTAT_URL was pointed elsewhere, and what that
 * darkstat counted so far may be what we charged already. Not judged when the wall clock ran backwards over our restart.
 */
function ranBefore(books: Books, reading: Reading): boolean {
  const elapsedMs = Math.max(reading.elapsedMs ?? 0, reading.at - books.at);
  return elapsedMs >= 0 && reading.after.uptimeSeconds * 1000 > elapsedMs + CLOCK_JUMP_MS;
}

function fell(host: Bytes, baseline: Baseline | undefined): boolean {
  return baseline !== undefined && (host.in < baseline.in || host.out < baseline.out);
}

/** Where the counters of a host stood when all before was settled: what they show beyond it is new, and its to be charged. */
function settledBefore(relation: Relation, host: HostRow, baseline: Baseline | undefined): Bytes {
  switch (relation) {
    case "from-zero":
      return NOTHING;
    case "same-run":
      // A counter that fell was evicted and came back from zero: decided for the host, not for each direction.
      if (baseline === undefined || fell(host, baseline)) return NOTHING;
      return baseline;
    case "clean-import":
      if (baseline === undefined) return host;
      return baseline;
    default:
      return host;
  }
}

/** The bytes of all hosts that no charge was made for yet. */
function totalUsed(relation: Relation, books: Books | null, hosts: readonly HostRow[]): Bytes {
  let down = 0;
  let up = 0;
  for (const host of hosts) {
    const settled = settledBefore(relation, host, books?.baselines.get(host.ip));
    down += host.in - settled.in;
    up += host.out - settled.out;
  }
  return { in: down, out: up };
}

/** darkstat's total at the moment of the host table. Without `--local-only`, imports and evictions it is Σ in, to the byte. */
function countedAt(reading: Reading): number {
  const { in: sumIn } = total(reading.hosts);
  return Math.min(Math.max(sumIn, reading.before.bytes), reading.after.bytes);
}

function countedSince(relation: Relation, used: Bytes, books: Books | null, reading: Reading): number {
  const counted = countedAt(reading);
  if (relation === "baseline-only" || relation === "other-darkstat") return 0;
  // The run that ended went on counting after our last reading; what it counted is known by the charges alone.
  if (relation === "clean-import") return Math.max(counted, used.in, used.out);
  return relation === "same-run" ? counted - (books?.counted ?? 0) : counted;
}

/** Promise 1 of the accounting: no invented byte. */
function assertWithinCounted(relation: Relation, used: Bytes, books: Books | null, reading: Reading): void {
  if (relation !== "same-run" && relation !== "from-zero") return;
  const bound = reading.after.bytes - (relation === "same-run" ? (books?.totalBefore ?? 0) : 0);
  if (used.in > bound || used.out > bound) {
    throw new ConservationError(
      `hosts show ${used.in} bytes in and ${used.out} bytes out since the last reading, ` +
        `but darkstat counted only ${bound} (run of ${reading.epoch})`,
    );
  }
}

/** Promise 2: `settle` hands out exactly the differences it found. */
function assertNothingLost(expected: Bytes, charges: readonly Charge[]): void {
  const charged = total(charges);
  const broken = charges.find(
    (c) => !Number.isSafeInteger(c.in) || !Number.isSafeInteger(c.out) || c.in < 0 || c.out < 0,
  );
  if (charged.in !== expected.in || charged.out !== expected.out || broken !== undefined) {
    throw new ConservationError(
      `${expected.in} bytes in and ${expected.out} out were found, but ${charged.in} and ${charged.out} would be charged`,
    );
  }
}

function addDivided(
  charges: Charge[],
  mac: string | null,
  ip: string,
  down: number,
  up: number,
  division: Division,
): void {
  if (down === 0 && up === 0) return;
  const parts = division.hours;
  const reconstructed = division.days.length > 1 ? "day" : parts.length > 1 ? "hour" : "no";
  for (let index = 0; index < parts.length; index++) {
    const { day, hour } = parts[index] as Part;
    const bytes = { in: piece(down, parts, index), out: piece(up, parts, index) };
    if (bytes.in === 0 && bytes.out === 0) continue;
    charges.push({ mac, ip, day, hour, reconstructed, in: bytes.in, out: bytes.out });
  }
}

function countedByDay(
  relation: Relation,
  bytes: number,
  unattributed: Bytes,
  books: Books | null,
  reading: Reading,
  division: Division,
): Counted[] {
  if (relation === "baseline-only" || relation === "other-darkstat") return [];
  const since = relation === "same-run" ? books : null;
  const captured = Math.max(0, reading.after.captured - (since?.captured ?? 0));
  const dropped = Math.max(0, reading.after.dropped - (since?.dropped ?? 0));
  const { days } = division;
  return days.flatMap(({ day }, index) => {
    const counted = {
      day,
      bytes: piece(bytes, days, index),
      captured: piece(captured, days, index),
      dropped: piece(dropped, days, index),
      unattributed: { in: piece(unattributed.in, days, index), out: piece(unattributed.out, days, index) },
      unlisted: NOTHING,
    };
    const { in: down, out: up } = counted.unattributed;
    return counted.bytes + counted.captured + counted.dropped + down + up > 0 ? [counted] : [];
  });
}

/** When the bytes of this settlement passed, and whether the wall clock was set meanwhile. */
function spanOf(relation: Relation, books: Books | null, reading: Reading): { span: Span; notes: Note[] } {
  const uptimeMs = reading.after.uptimeSeconds * 1000;
  const span = (ms: number): Span => ({ from: reading.at - Math.max(0, ms), to: reading.at });
  if (books === null || relation === "from-zero" || relation === "stale-import")
    return { span: span(uptimeMs), notes: [] };

  const wallMs = reading.at - books.at;
  const darkstatMs = relation === "clean-import" ? null : uptimeMs - books.uptimeSeconds * 1000;
  const measuredMs = reading.elapsedMs ?? darkstatMs;
  if (measuredMs === null) return { span: span(wallMs), notes: [] };
  if (Math.abs(wallMs - measuredMs) <= CLOCK_JUMP_MS) return { span: span(reading.elapsedMs ?? wallMs), notes: [] };
  // Our monotonic clock stands still while this machine sleeps; darkstat's, elsewhere, goes on and bears the wall clock out.
  if (darkstatMs !== null && Math.abs(wallMs - darkstatMs) <= CLOCK_JUMP_MS) return { span: span(wallMs), notes: [] };
  const seconds = Math.round((wallMs - measuredMs) / 1000);
  return { span: span(measuredMs), notes: [{ at: reading.at, code: "clock-jump", detail: { seconds } }] };
}

function hasChanged(fact: AddressFact, baseline: Baseline | undefined): boolean {
  return baseline === undefined || baseline.in !== fact.in || baseline.out !== fact.out || baseline.mac !== fact.mac;
}

function factOf(host: HostRow, mac: string | null, baseline: Baseline | undefined, at: number): AddressFact {
  const seenAt = host.lastSeenSeconds === null ? (baseline?.seenAt ?? null) : at - host.lastSeenSeconds * 1000;
  return { ip: host.ip, in: host.in, out: host.out, mac, hostname: host.hostname, seenAt };
}

const NONE: readonly string[] = [];

/**
 * Addresses that darkstat no longer lists. Within a run only eviction does that, and whoever returns starts from zero, as
 * does everyone in a new run: nothing need be remembered of them.
 */
function vanished(books: Books | null, hosts: readonly HostRow[]): readonly string[] {
  if (books === null || books.baselines.size === 0) return NONE;
  const listed = new Set(hosts.map(({ ip }) => ip));
  return [...books.baselines.keys()].filter((ip) => !listed.has(ip));
}

/** A copy, for the books before must still hold: whoever fails to record this settlement goes on from them. */
function nextBaselines(
  books: Books | null,
  addresses: readonly AddressFact[],
  forgotten: readonly string[],
): ReadonlyMap<string, Baseline> {
  if (books !== null && addresses.length === 0 && forgotten.length === 0) return books.baselines;
  const next = new Map<string, Baseline>();
  // Not `new Map(before)`: that makes an array of each entry.
  books?.baselines.forEach((baseline, ip) => {
    next.set(ip, baseline);
  });
  for (const ip of forgotten) next.delete(ip);
  for (const { ip, in: down, out, mac, seenAt } of addresses) next.set(ip, { in: down, out, mac, seenAt });
  return next;
}

function relationNotes(relation: Relation, books: Books | null, reading: Reading, unattributed: number): Note[] {
  const at = reading.at;
  const since = reading.epoch;
  const hosts = reading.hosts.length;
  if (books === null) return [{ at, code: "first-reading", detail: { since, hosts } }];
  const lastReadAt = books.at;
  switch (relation) {
    case "from-zero":
      return [{ at, code: "darkstat-restarted", detail: { since, lastReadAt } }];
    case "clean-import":
      return [{ at, code: "clean-import", detail: { since, lastReadAt } }];
    case "other-darkstat":
      return [{ at, code: "other-darkstat", detail: { since, lastReadAt } }];
    case "stale-import":
      return [{ at, code: "stale-import", detail: { since, lastReadAt, unattributed } }];
    default:
      return [];
  }
}

function gapNotes(span: Span, division: Division, at: number): Note[] {
  if (division.hours.length < 2 || span.to - span.from < NOTED_GAP_MS) return [];
  return [{ at, code: "gap-reconstructed", detail: { from: span.from, to: span.to } }];
}

function total(amounts: readonly Bytes[]): Bytes {
  let down = 0;
  let up = 0;
  for (const amount of amounts) {
    down += amount.in;
    up += amount.out;
  }
  return { in: down, out: up };
}
