import { createRandom } from "../../bench/lib/random.ts";
import { type Candidate, comparableName, proposeMerges } from "../../src/household/merge-proposals.ts";
import { addDays } from "../../src/shared/calendar-days.ts";
import { type Appearance, seenUntil, simulateHousehold } from "./household.ts";

/** How proposals fared over a year of many households, looked at once a week, and for four weeks after it. */
export interface Score {
  /** Times in that year that a device went on under another MAC, and was seen under both. */
  readonly pairs: number;
  readonly proposed: number;
  /** The pairs of which both have a name that isn't anybody's: others can't be known. */
  readonly named: number;
  readonly namedAndProposed: number;
  /** A device and the one that took its place under the same name: nobody can tell from outside that it is another one. */
  readonly successors: number;
  /** Neighbours in a proposal that are not one device, each counted once: in words. */
  readonly wrong: readonly string[];
}

const START = "2026-01-01";
/** What began on the last days of the year is known by then. */
const AFTERWARDS_DAYS = 28;
/** Hours are kept for so long: see HOURS_KEPT_DAYS. */
const HOURS_KEPT_DAYS = 62;

/** @param first the seed of the first household; the others follow it */
export function scoreHouseholds(households: number, days: number, first = 1): Score {
  const sum = { pairs: 0, proposed: 0, named: 0, namedAndProposed: 0, successors: 0, wrong: [] as string[] };
  for (let seed = first; seed < first + households; seed++) {
    const score = scoreHousehold(simulateHousehold(createRandom(seed * 7919), days + AFTERWARDS_DAYS), days);
    sum.pairs += score.pairs;
    sum.proposed += score.proposed;
    sum.named += score.named;
    sum.namedAndProposed += score.namedAndProposed;
    sum.successors += score.successors;
    sum.wrong.push(...score.wrong.map((text) => `household ${seed}: ${text}`));
  }
  return sum;
}

function scoreHousehold(all: readonly Appearance[], days: number): Score {
  const byMac = new Map(all.map((one) => [one.mac, one]));
  const proposed = new Set<string>();
  const successors = new Set<string>();
  const wrong = new Map<string, string>();
  for (let today = 13; today < days + AFTERWARDS_DAYS; today += 7) {
    const candidates = all.flatMap((one) => candidateOf(one, today));
    for (const { devices, name } of proposeMerges(candidates, () => false, addDays(START, today))) {
      for (const [i, mac] of devices.entries()) {
        const before = devices[i - 1];
        if (before === undefined) continue;
        const pair = `${before} ${mac}`;
        const [one, later] = [byMac.get(before), byMac.get(mac)];
        if (one?.thing === later?.thing) proposed.add(pair);
        else if (later?.successorOf === one?.thing) successors.add(pair);
        else wrong.set(pair, `${pair} as "${name}" on day ${today}`);
      }
    }
  }
  const isNamed = ({ names }: Appearance) => names.some(({ name }) => comparableName(name) !== null);
  const things = [...Map.groupBy(all, ({ thing }) => thing).values()];
  const pairs = things
    .flatMap((ones) => ones.slice(1).map((later, i) => [ones[i] as Appearance, later] as const))
    .filter(([, later]) => Math.min(...later.days.keys()) < days);
  const wasProposed = ([before, later]: readonly [Appearance, Appearance]) =>
    proposed.has(`${before.mac} ${later.mac}`);
  const named = pairs.filter((pair) => pair.every(isNamed));
  return {
    pairs: pairs.length,
    proposed: pairs.filter(wasProposed).length,
    named: named.length,
    namedAndProposed: named.filter(wasProposed).length,
    successors: successors.size,
    wrong: [...wrong.values()],
  };
}

/** What the store knows of a MAC at the end of a day. */
function candidateOf(one: Appearance, today: number): Candidate[] {
  const seen = seenUntil(one, today, START);
  if (seen.days.length === 0) return [];
  const numbers = [...one.days.keys()].filter((day) => day <= today);
  const isKept = (day: number) => day > today - HOURS_KEPT_DAYS;
  return [
    {
      key: one.mac,
      interfaces: [one.mac],
      names: one.names,
      days: seen.days,
      firstHour: isKept(Math.min(...numbers)) ? seen.firstHour : null,
      lastHour: isKept(Math.max(...numbers)) ? seen.lastHour : null,
    },
  ];
}
