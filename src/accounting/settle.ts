import { isGroupMac } from "./address.ts";
import { type Amounts, amountsOf, ConservationError, roomForNewcomers } from "./amounts.ts";
import { carriedOf, comparedSince } from "./carried.ts";
import { growthOf, isBelow } from "./growth.ts";
import { holdersOf, sharesOf } from "./holders.ts";
import { forgottenNotes, gapNotes, relationNotes } from "./notes.ts";
import type { Policy } from "./policy.ts";
import { type Doubt, RejectedReading } from "./rejection.ts";
import { type Relation, relate, type Verdict } from "./relation.ts";
import { spanOf } from "./span.ts";
import { type Division, divide, type Part, piece } from "./split.ts";
import {
  type AddressFact,
  type Baseline,
  type Books,
  type Bytes,
  type Charge,
  type Counted,
  type Counter,
  type HostRow,
  keyOf,
  type Reading,
  type Settlement,
} from "./types.ts";

const NOTHING: Bytes = { in: 0, out: 0 };

/**
 * Turns a reading into charges: exactly what darkstat counted since the books were last settled, by endpoint and hour.
 * Pure: the same arguments give the same settlement, and the arguments are left as they are.
 *
 * @param books the state after the last settled reading; null when the source was never read
 * @param doubt the readings rejected since, if any
 * @throws RejectedReading when the reading contradicts itself or the books: hand it in as the next one's doubt
 * @throws ConservationError when the outcome would charge more than darkstat counted, or lose a byte in dividing it;
 *   log it with the reading and go on with `rebase`
 */
export function settle(books: Books | null, reading: Reading, policy: Policy, doubt: Doubt | null = null): Settlement {
  const verdict = relate(books, reading, policy, doubt);
  if (verdict.relation === "idle" && books !== null) return nothingNew(books);
  return settleAs(verdict, books, reading, policy);
}

/**
 * Starts afresh from a reading that cannot be settled: no endpoint is charged, what darkstat counted is unattributed.
 */
export function rebase(books: Books, reading: Reading, policy: Policy, reason: string): Settlement {
  const verdict: Verdict = {
    relation: books.epoch === reading.epoch ? "unclear" : "stale-import",
    growth: growthOf(books.baselines, reading.hosts),
    forgotHosts: 0,
  };
  const settled = settleAs(verdict, books, reading, policy);
  return { ...settled, notes: [{ at: reading.at, code: "books-violated", detail: { reason } }] };
}

/** No clock hour is as long, whatever shifts: a span of years need not be laid out. */
const LONGER_THAN_AN_HOUR_MS = 4 * 3_600_000;

/** Whether a reading should carry darkstat's series: its span crosses an edge, or may. */
export function needsSeries(
  books: Books | null,
  reading: Reading,
  policy: Policy,
  doubt: Doubt | null = null,
): boolean {
  const crosses = (from: number) =>
    reading.at - from > LONGER_THAN_AN_HOUR_MS ||
    divide({ from, to: reading.at }, policy.calendar, [], 0, policy.edgeToleranceMs).hours.length > 1;
  const uptimeMs = reading.after.uptimeSeconds * 1000;
  const longestMs = books === null ? uptimeMs : Math.max(reading.elapsedMs ?? 0, reading.at - books.at, 0);
  if (!crosses(reading.at - longestMs)) return false;
  try {
    const { relation } = relate(books, reading, policy, doubt);
    if (relation === "baseline-only" || relation === "other-meter" || relation === "idle") return false;
    return crosses(spanOf(relation, books, reading).span.from);
  } catch (error) {
    if (error instanceof RejectedReading) return false;
    throw error;
  }
}

function nothingNew(books: Books): Settlement {
  return { books, charges: [], addresses: [], forgotten: [], counted: [], notes: [] };
}

function settleAs(verdict: Verdict, books: Books | null, reading: Reading, policy: Policy): Settlement {
  const { relation, forgotHosts } = verdict;
  const amounts = amountsOf(verdict, books, reading);
  const { span, notes } = spanOf(relation, books, reading);
  const division = divide(span, policy.calendar, reading.series, amounts.passed, policy.edgeToleranceMs);
  const newBytesOf = newBytesBy(verdict, reading);
  const charges: Charge[] = [];
  const addresses: AddressFact[] = [];
  for (const host of reading.hosts) {
    const key = keyOf(host);
    const baseline = books?.baselines.get(key);
    const mac = heldMac(policy.macOf(host.ip, host.mac), baseline);
    const newBytes = newBytesOf(host, baseline);
    if (host.holders === undefined) {
      addDivided(charges, mac, host, newBytes, division);
    } else {
      const stood = relation === "same-run" ? books?.holders?.[key] : undefined;
      for (const share of sharesOf(host.holders, newBytes, stood, relation === "same-run" ? baseline : undefined)) {
        const holder = isGroupMac(share.mac) ? mac : policy.macOf(host.ip, share.mac);
        addDivided(charges, holder, host, share, division);
      }
    }
    const fact = factOf(host, mac, baseline, reading.at);
    if (hasChanged(fact, baseline)) addresses.push(fact);
  }
  assertNothingLost(amounts.charged, charges);

  const forgotten = verdict.growth.vanished === 0 ? NONE : vanished(books, reading.hosts);
  const next: Books = {
    source: reading.source,
    meter: reading.meter,
    epoch: reading.epoch,
    at: reading.at,
    uptimeSeconds: reading.after.uptimeSeconds,
    counted: amounts.counted,
    captured: reading.after.captured,
    dropped: reading.after.dropped,
    forgotHosts,
    unlistedBytes: amounts.unlistedBytes,
    baselines: nextBaselines(books, addresses, forgotten),
    ...holdersOf(reading.hosts),
    ...carriedOf(reading),
  };
  const { dayOf } = policy.calendar;
  const isNewDay = books !== null && dayOf(books.at) !== dayOf(reading.at);
  return {
    books: next,
    charges,
    addresses,
    forgotten,
    counted: countedByDay(relation, amounts, books, reading, division),
    notes: [
      ...notes,
      ...relationNotes(verdict, books, reading, amounts.unattributed),
      ...forgottenNotes(verdict, books, next, isNewDay),
      ...(amounts.passed > 0 ? gapNotes(span, division, reading.at) : []),
    ],
  };
}

/** How many of a host's bytes are new: asked of each host of the table once, in order. */
function newBytesBy({ relation, growth }: Verdict, reading: Reading): (host: Bytes, baseline?: Bytes) => Bytes {
  switch (relation) {
    case "from-zero":
      return (host) => host;
    case "same-run":
      return (host, baseline) =>
        baseline === undefined || isBelow(host, baseline) ? host : difference(host, baseline);
    case "clean-import": {
      const room = roomForNewcomers(growth.known, reading);
      const down = shareOf(growth.fresh.in, room.in);
      const up = shareOf(growth.fresh.out, room.out);
      return (host, baseline) =>
        baseline === undefined ? { in: down(host.in), out: up(host.out) } : difference(host, baseline);
    }
    default:
      return () => NOTHING;
  }
}

function difference(host: Bytes, baseline: Bytes): Bytes {
  return { in: host.in - baseline.in, out: host.out - baseline.out };
}

/** Hands out what there is room for to amounts that come one by one, in proportion; whole numbers, nothing lost. */
function shareOf(total: number, room: number): (amount: number) => number {
  if (total <= room) return (amount) => amount;
  let seen = 0n;
  const upTo = () => Number((seen * BigInt(room)) / BigInt(total));
  return (amount) => {
    const before = upTo();
    seen += BigInt(amount);
    return upTo() - before;
  };
}

/** Promise 2 of the accounting: `settle` hands out exactly what it found. */
function assertNothingLost(expected: Bytes, charges: readonly Charge[]): void {
  let [down, up, sound] = [0, 0, true];
  for (const charge of charges) {
    down += charge.in;
    up += charge.out;
    sound &&= Number.isSafeInteger(charge.in) && Number.isSafeInteger(charge.out) && charge.in >= 0 && charge.out >= 0;
  }
  if (sound && down === expected.in && up === expected.out) return;
  throw new ConservationError(
    `${expected.in} bytes in and ${expected.out} out were found, but ${down} and ${up} would be charged`,
  );
}

function addDivided(
  charges: Charge[],
  mac: string | null,
  counter: Counter,
  { in: down, out: up }: Bytes,
  division: Division,
): void {
  if (down === 0 && up === 0) return;
  const { ip, traffic } = counter;
  const parts = division.hours;
  const reconstructed = division.days.length > 1 ? "day" : parts.length > 1 ? "hour" : "no";
  for (let index = 0; index < parts.length; index++) {
    const { day, hour } = parts[index] as Part;
    const bytes = { in: piece(down, parts, index), out: piece(up, parts, index) };
    if (bytes.in === 0 && bytes.out === 0) continue;
    const charge = { mac, ip, day, hour, reconstructed, in: bytes.in, out: bytes.out } as const;
    charges.push(traffic === undefined ? charge : { ...charge, traffic });
  }
}

function countedByDay(
  relation: Relation,
  { passed, unattributed, unlisted }: Amounts,
  books: Books | null,
  reading: Reading,
  { days }: Division,
): Counted[] {
  if (relation === "baseline-only" || relation === "other-meter") return [];
  const { captured, dropped } = packetsSince(relation, books, reading);
  const { carried, compared } = comparedSince(books, reading);
  const piecesOf = (bytes: Bytes, index: number) => ({
    in: piece(bytes.in, days, index),
    out: piece(bytes.out, days, index),
  });
  return days.flatMap(({ day }, index) => {
    const counted = {
      day,
      bytes: piece(passed, days, index),
      captured: piece(captured, days, index),
      dropped: piece(dropped, days, index),
      unattributed: piecesOf(unattributed, index),
      unlisted: piecesOf(unlisted, index),
      carried: piece(carried, days, index),
      compared: piece(compared, days, index),
    };
    return counted.bytes + counted.captured + counted.dropped + counted.carried > 0 ? [counted] : [];
  });
}

/** The packets since the books. SIGUSR1 begins a new run, but the kernel goes on counting: more than the run can have seen. */
function packetsSince(
  relation: Relation,
  books: Books | null,
  { after }: Reading,
): { captured: number; dropped: number } {
  if (books === null) return after;
  const captured = after.captured - books.captured;
  const dropped = after.dropped - books.dropped;
  const goesOn = relation === "same-run" || relation === "unclear" || (captured >= after.packets && dropped >= 0);
  return goesOn ? { captured: Math.max(0, captured), dropped: Math.max(0, dropped) } : after;
}

/** A frame to a group may carry the address of a single host: its MAC says nothing of who holds the address. */
function heldMac(mac: string | null, baseline: Baseline | undefined): string | null {
  const known = baseline?.mac ?? null;
  return mac !== null && known !== null && isGroupMac(mac) ? known : mac;
}

/** "Last seen" is in whole seconds, and read a moment after the page was made. */
const SEEN_JITTER_MS = 3_000;

function hasChanged(fact: AddressFact, baseline: Baseline | undefined): boolean {
  if (baseline === undefined || baseline.in !== fact.in || baseline.out !== fact.out) return true;
  if (baseline.mac !== fact.mac) return true;
  // Our clock was set, or darkstat's.
  return Math.abs((fact.seenAt ?? 0) - (baseline.seenAt ?? 0)) > SEEN_JITTER_MS;
}

function factOf(host: HostRow, mac: string | null, baseline: Baseline | undefined, at: number): AddressFact {
  const seenAt = host.lastSeenSeconds === null ? (baseline?.seenAt ?? null) : at - host.lastSeenSeconds * 1000;
  const { ip, traffic, hostname } = host;
  const fact = { ip, in: host.in, out: host.out, mac, hostname, seenAt };
  return traffic === undefined ? fact : { ...fact, traffic };
}

const NONE: readonly string[] = [];

/**
 * Addresses that darkstat no longer lists. Within a run only eviction does that, and whoever returns starts from zero, as
 * does everyone in a new run: nothing need be remembered of them.
 */
function vanished(books: Books | null, hosts: readonly HostRow[]): readonly string[] {
  const listed = new Set(hosts.map(keyOf));
  return [...(books?.baselines.keys() ?? [])].filter((key) => !listed.has(key));
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
  books?.baselines.forEach((baseline, key) => {
    next.set(key, baseline);
  });
  for (const key of forgotten) next.delete(key);
  for (const fact of addresses) {
    const { in: down, out, mac, seenAt } = fact;
    next.set(keyOf(fact), { in: down, out, mac, seenAt });
  }
  return next;
}
