import { isPrivateMac } from "../accounting/address.ts";
import type { Day } from "../accounting/types.ts";
import { countDays, daysBetween } from "../shared/calendar-days.ts";
import type { NameKind } from "../shared/name-kinds.ts";

/**
 * Which devices are probably one that made up a new MAC (a phone with a private address): pure, over what is known of names
 * and activity. Nothing is merged by it; a person is shown the evidence. So a pair that is missed costs little, and one that
 * is wrong costs trust: where anything speaks against a name, nothing is proposed for it.
 */

/** A device, as far as it matters here. */
export interface Candidate {
  readonly key: string;
  /** MACs (or IPs), its key the first. */
  readonly interfaces: readonly string[];
  /** What it called itself, by DHCP or by multicast DNS. */
  readonly names: readonly { readonly kind: NameKind; readonly name: string }[];
  /** Days on which it sent anything, the earliest first. */
  readonly days: readonly Day[];
  /** The first clock hour of the first of them, and the last one of the last, in which it did; null where hours are not kept. */
  readonly firstHour: number | null;
  readonly lastHour: number | null;
}

export interface MergeProposal {
  /** Keys of two to ten devices, the earliest first. */
  readonly devices: readonly string[];
  /** What all of them call themselves, as the latest does. */
  readonly name: string;
  /** How that was learnt. */
  readonly kinds: readonly NameKind[];
  /** For each but the first, how it follows the one before. */
  readonly steps: readonly MergeStep[];
}

export interface MergeStep {
  readonly lastDay: Day;
  readonly firstDay: Day;
  /** Both were active on that one day, the later one from the hour on in which the earlier one was last. */
  readonly onOneDay: boolean;
}

/** Of more devices of one name the latest are looked at. */
const MOST_OF_A_NAME = 100;
const MOST_DEVICES = 10;
/** So long may it be quiet between the two, or as long as either was before; but never longer than the second. */
const QUIET_DAYS = 5;
const MOST_QUIET_DAYS = 21;
/**
 * A guest may have the model of phone of somebody who left for a holiday: so many days of a device must have been seen, or
 * fewer where it took over from the other within the hour, as a guest doesn't.
 */
const LEAST_DAYS = 7;
const LEAST_DAYS_AT_ONCE = 3;
/** And of one side so many: guests who stay for a week may be followed by others with the same model. */
const ESTABLISHED_DAYS = 21;
/** A device that makes up a MAC each day has days of one or two each: so many in a row, active on most days, are enough. */
const SHORT_DAYS = 2;
const LEAST_IN_A_ROW = 5;
/** Each of them follows the one before within half a day, or hands over to the next one within the hour. */
const HOURS_IN_A_ROW = 12;
const LEAST_DAYS_IN_A_ROW = 7;
const ACTIVE_SHARE_IN_A_ROW = 0.6;

/**
 * The proposals, by name. Devices belong together where they call themselves alike, the later ones have a private MAC, and
 * each begins where the one before ends.
 * @param isNotSame whether a person said of two interfaces that they are not one device
 */
export function proposeMerges(
  candidates: readonly Candidate[],
  isNotSame: (one: string, other: string) => boolean,
): MergeProposal[] {
  const byName = new Map<string, Candidate[]>();
  for (const candidate of candidates) {
    if (candidate.days.length === 0) continue;
    const names = new Set(candidate.names.map(({ name }) => comparableName(name)));
    for (const name of names) if (name !== null) byName.set(name, [...(byName.get(name) ?? []), candidate]);
  }
  const proposals: MergeProposal[] = [];
  const taken = new Set<string>();
  for (const [name, all] of [...byName].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const inOrder = all
      .toSorted((a, b) => compare(firstOf(a), firstOf(b)) || compare(lastOf(a), lastOf(b)))
      .slice(-MOST_OF_A_NAME);
    const chains = chainsOf(inOrder.filter(isWellKnown), isNotSame).filter(isEstablished);
    const rows = chainsOf(inOrder.filter(isShortLived), isNotSame).filter(isInARow);
    for (const chain of [...chains, ...rows]) {
      if (chain.some(({ key }) => taken.has(key))) continue;
      for (const { key } of chain) taken.add(key);
      proposals.push(proposalOf(name, chain.slice(-MOST_DEVICES)));
    }
  }
  return proposals;
}

/** What a device is called by default, or what many are: two of them have nothing in common by it. */
const ANYBODY =
  /^(?:android|iphone|ipad|ipod|macbook|imac|mac|galaxy|pixel|phone|smartphone|handy|tablet|laptop|notebook|desktop|pc|computer|host|device|client|guest|user|home|watch|tv|smart-?tv|esp|espressif|esp32|esp8266|raspberrypi|raspberry|debian|ubuntu|linux|windows|openwrt|router|camera|printer|wlan|lan|new|my|mobile)(?:[-_ ]?\d{1,3})?$/;
const SHORTEST_NAME = 4;

/** A name as it is compared: what stands before the domain, in lower case; null for one that anybody has. */
export function comparableName(name: string): string | null {
  const plain = name.toLowerCase().split(".", 1)[0]?.trim() ?? "";
  return plain.length < SHORTEST_NAME || ANYBODY.test(plain) ? null : plain;
}

const firstOf = ({ days }: Candidate): Day => days[0] as Day;
const lastOf = ({ days }: Candidate): Day => days.at(-1) as Day;
const compare = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);

/** Whether a device begins where an earlier one ends, or later: in the same hour at the earliest. */
function begins(later: Candidate, earlier: Candidate): boolean {
  const [last, first] = [lastOf(earlier), firstOf(later)];
  if (first !== last) return first > last;
  return earlier.lastHour === null || later.firstHour === null || earlier.lastHour <= later.firstHour;
}

/** Two at a time: then several go by this name, and it says nothing of any of them. */
const areSeveral = (inOrder: readonly Candidate[]): boolean =>
  inOrder.some((later, i) => i > 0 && !begins(later, inOrder[i - 1] as Candidate));

function chainsOf(inOrder: readonly Candidate[], isNotSame: (one: string, other: string) => boolean): Candidate[][] {
  if (areSeveral(inOrder)) return [];
  const chains: Candidate[][] = [];
  for (const candidate of inOrder) {
    const chain = chains.at(-1);
    const before = chain?.at(-1);
    const isNext =
      chain !== undefined &&
      before !== undefined &&
      isPrivateMac(candidate.key) &&
      quietDays(lastOf(before), firstOf(candidate)) <= quietLimit(before, candidate) &&
      !chain.some((one) => isRefused(one, candidate, isNotSame));
    if (isNext) chain.push(candidate);
    else chains.push([candidate]);
  }
  return chains.filter((chain) => chain.length > 1);
}

function isRefused(one: Candidate, other: Candidate, isNotSame: (one: string, other: string) => boolean): boolean {
  return one.interfaces.some((mac) => other.interfaces.some((second) => isNotSame(mac, second)));
}

/** Days between two days, neither of them counted. */
function quietDays(from: Day, to: Day): number {
  return Math.max(0, daysBetween(from, to) - 1);
}

function quietLimit(before: Candidate, after: Candidate): number {
  const usual = Math.max(longestQuiet(before), longestQuiet(after));
  return Math.min(MOST_QUIET_DAYS, Math.max(QUIET_DAYS, usual));
}

function longestQuiet({ days }: Candidate): number {
  return days.reduce((longest, day, i) => (i === 0 ? 0 : Math.max(longest, quietDays(days[i - 1] as Day, day))), 0);
}

/** Whether enough was seen of a device, by the devices of its name in their order: one that came and went is perhaps a guest's. */
function isWellKnown(one: Candidate, at: number, inOrder: readonly Candidate[]): boolean {
  const [before, after] = hoursBeside(one, at, inOrder);
  const least = before <= 1 || after <= 1 ? LEAST_DAYS_AT_ONCE : LEAST_DAYS;
  return one.days.length >= least;
}

/** Hours from the one before to it, and from it to the next one; infinite where they aren't known. */
function hoursBeside(one: Candidate, at: number, inOrder: readonly Candidate[]): [before: number, after: number] {
  const [before, after] = [inOrder[at - 1], inOrder[at + 1]];
  return [
    before === undefined ? Number.POSITIVE_INFINITY : hoursBetween(before, one),
    after === undefined ? Number.POSITIVE_INFINITY : hoursBetween(one, after),
  ];
}

/** A guest who is followed by a new phone of somebody who lives here was not there for long. */
const isEstablished = (chain: readonly Candidate[]): boolean => daysOf(chain.slice(0, -1)) >= ESTABLISHED_DAYS;

function hoursBetween(before: Candidate, after: Candidate): number {
  if (before.lastHour === null || after.firstHour === null) return Number.POSITIVE_INFINITY;
  const hours = 24 * daysBetween(lastOf(before), firstOf(after)) + after.firstHour - before.lastHour;
  return hours < 0 ? Number.POSITIVE_INFINITY : hours;
}

function isShortLived(one: Candidate, at: number, inOrder: readonly Candidate[]): boolean {
  const [before, after] = hoursBeside(one, at, inOrder);
  return one.days.length <= SHORT_DAYS && (before <= HOURS_IN_A_ROW || after <= 1);
}

function isInARow(chain: readonly Candidate[]): boolean {
  if (chain.length < LEAST_IN_A_ROW) return false;
  const active = new Set(chain.flatMap(({ days }) => days)).size;
  const days = countDays(firstOf(chain[0] as Candidate), lastOf(chain.at(-1) as Candidate));
  return days >= LEAST_DAYS_IN_A_ROW && active >= ACTIVE_SHARE_IN_A_ROW * days;
}

const daysOf = (some: readonly Candidate[]): number => some.reduce((sum, { days }) => sum + days.length, 0);

function proposalOf(comparable: string, chain: readonly Candidate[]): MergeProposal {
  const alike = chain.flatMap(({ names }) => names.filter(({ name }) => comparableName(name) === comparable));
  return {
    devices: chain.map(({ key }) => key),
    name: alike.at(-1)?.name ?? comparable,
    kinds: [...new Set(alike.map(({ kind }) => kind))].sort(),
    steps: chain.slice(1).map((later, i) => {
      const [lastDay, firstDay] = [lastOf(chain[i] as Candidate), firstOf(later)];
      return { lastDay, firstDay, onOneDay: lastDay === firstDay };
    }),
  };
}
