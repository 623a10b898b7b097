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
/** Before so many days were seen of a device it is perhaps a guest's; fewer will do where it took over within the hour. */
const LEAST_DAYS = 7;
const LEAST_DAYS_AT_ONCE = 3;
/** And of those before the last so many: guests who stay for a week may be followed by others with the same model. */
const ESTABLISHED_DAYS = 21;
/** A guest may have the model of phone of somebody who left for a holiday, and who is back by then. */
const HOLIDAY_DAYS = 21;
/** A room may be let to one party after the other: so many days must have been seen on each side, and on both together. */
const LEAST_DAYS_OF_A_SIDE = 10;
const LEAST_DAYS_OF_BOTH = 42;
/** Around a day on which two of a name were there, it says nothing of anybody: that may be the other one. */
const CONFUSED_DAYS = 30;
/** Of two devices that both were seen for so many days. */
const LEAST_DAYS_OF_ANOTHER = 3;
/** Nobody comes to visit between midnight and four, and few do before ten. */
const NIGHT_ENDS = 4;
const VISITS_BEGIN = 10;
/** What begins within half a day goes on from one evening to the next day. */
const OVERNIGHT_HOURS = 12;
/** A device that makes up a MAC each day has days of one or two each: so many in a row, active on most days, are enough. */
const SHORT_DAYS = 2;
const LEAST_IN_A_ROW = 5;
const LEAST_DAYS_IN_A_ROW = 7;
const ACTIVE_SHARE_IN_A_ROW = 0.6;

/**
 * The proposals, by name. Devices belong together where they call themselves alike, the later ones have a private MAC, and
 * each begins where the one before ends.
 * @param isNotSame whether a person said of two interfaces that they are not one device
 * @param today the local day on which it is asked
 */
export function proposeMerges(
  candidates: readonly Candidate[],
  isNotSame: (one: string, other: string) => boolean,
  today: Day,
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
    const inOrder = all.toSorted(byBeginning).slice(-MOST_OF_A_NAME);
    const daysSince = (one: Candidate) => daysBetween(lastOf(one), today);
    const isGone = (one: Candidate) => daysSince(one) >= HOLIDAY_DAYS;
    const known = inOrder.filter(isWellKnown);
    const others = inOrder.filter(({ days }) => days.length >= LEAST_DAYS_OF_ANOTHER);
    const chains = chainsOf(known, confusedDays(others), isNotSame, (...two) => isPrompt(...two) || isGone(two[0]))
      .flatMap(withoutWeakSteps)
      .filter(isEstablished);
    // What was there yesterday may stay.
    const brief = inOrder.filter(isShortLived).filter((one) => daysSince(one) > SHORT_DAYS);
    const rows = chainsOf(brief, [], isNotSame, () => true).filter(isInARow);
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

function byBeginning(one: Candidate, other: Candidate): number {
  return (
    compare(firstOf(one), firstOf(other)) ||
    (one.firstHour ?? 0) - (other.firstHour ?? 0) ||
    compare(lastOf(one), lastOf(other)) ||
    compare(one.key, other.key)
  );
}

/** Days on which one was there while another one was about: then several go by this name. */
function confusedDays(inOrder: readonly Candidate[]): readonly Day[] {
  const confused = new Set<Day>();
  for (const [at, one] of inOrder.entries()) {
    for (const later of inOrder.slice(at + 1)) {
      if (firstOf(later) > lastOf(one)) break;
      if (begins(later, one)) continue;
      for (const day of later.days) if (day <= lastOf(one)) confused.add(day);
    }
  }
  return [...confused];
}

/** @param isNext whether a device goes on as another one, by what is no matter of its name */
function chainsOf(
  inOrder: readonly Candidate[],
  confused: readonly Day[],
  isNotSame: (one: string, other: string) => boolean,
  isNext: (before: Candidate, later: Candidate) => boolean,
): Candidate[][] {
  const isClear = (before: Candidate, later: Candidate) =>
    !confused.some(
      (day) => daysBetween(day, lastOf(before)) <= CONFUSED_DAYS && daysBetween(firstOf(later), day) <= CONFUSED_DAYS,
    );
  const chains: Candidate[][] = [];
  for (const [at, candidate] of inOrder.entries()) {
    const before = latestOf(inOrder.slice(0, at).filter((one) => begins(candidate, one)));
    const chain = chains.find((one) => one.at(-1) === before);
    const goesOn =
      chain !== undefined &&
      before !== undefined &&
      isPrivateMac(candidate.key) &&
      quietDays(lastOf(before), firstOf(candidate)) <= quietLimit(before, candidate) &&
      isNext(before, candidate) &&
      isClear(before, candidate) &&
      !chain.some((one) => isRefused(one, candidate, isNotSame));
    if (goesOn) chain.push(candidate);
    else chains.push([candidate]);
  }
  return chains.filter((chain) => chain.length > 1);
}

/** The one that was there last. */
function latestOf(some: readonly Candidate[]): Candidate | undefined {
  return some.toSorted((a, b) => compare(lastOf(a), lastOf(b))).at(-1);
}

/** Within the hour, or from the evening to the small hours: when a guest comes by chance at most. */
function isPrompt(before: Candidate, later: Candidate): boolean {
  const hours = hoursBetween(before, later);
  return hours <= 1 || (hours <= OVERNIGHT_HOURS && isBegunAtNight(later));
}

function isBegunAtNight({ firstHour }: Candidate): boolean {
  return firstHour !== null && firstHour < NIGHT_ENDS;
}

/** A chain in parts: taken apart where one that isn't prompt has too little on either side. */
function withoutWeakSteps(chain: Candidate[]): Candidate[][] {
  if (chain.length < 2) return [];
  for (let at = 1; at < chain.length; at += 1) {
    if (isPrompt(chain[at - 1] as Candidate, chain[at] as Candidate)) continue;
    const sides = [chain.slice(0, at), chain.slice(at)];
    const [before = 0, after = 0] = sides.map(daysOf);
    if (Math.min(before, after) >= LEAST_DAYS_OF_A_SIDE && before + after >= LEAST_DAYS_OF_BOTH) continue;
    return sides.flatMap(withoutWeakSteps);
  }
  return [chain];
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

/** A guest who is followed by a new phone of somebody who lives here was not there for long, even if it came within the hour. */
const isEstablished = (chain: readonly Candidate[]): boolean => daysOf(chain.slice(0, -1)) >= ESTABLISHED_DAYS;

function hoursBetween(before: Candidate, after: Candidate): number {
  if (before.lastHour === null || after.firstHour === null) return Number.POSITIVE_INFINITY;
  const hours = 24 * daysBetween(lastOf(before), firstOf(after)) + after.firstHour - before.lastHour;
  return hours < 0 ? Number.POSITIVE_INFINITY : hours;
}

/** Of a day or two, and not as a guest's evening is: that begins after a while by day, and is over for good. */
function isShortLived(one: Candidate, at: number, inOrder: readonly Candidate[]): boolean {
  if (one.days.length > SHORT_DAYS || longestQuiet(one) > QUIET_DAYS) return false;
  const [before, after] = hoursBeside(one, at, inOrder);
  if (before <= 1 || isBegunAtNight(one)) return true;
  const previous = inOrder[at - 1];
  const isSameDay = previous !== undefined && lastOf(previous) === firstOf(one);
  const isEarly = one.firstHour !== null && one.firstHour < VISITS_BEGIN;
  return !isSameDay && (after <= 1 || (before <= OVERNIGHT_HOURS && isEarly));
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
