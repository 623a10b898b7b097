import { addDays } from "../../src/accounting/calendar.ts";
import { createHousehold, type Inhabitant } from "../../src/demo/household.ts";
import { weekdayOf } from "../../src/shared/calendar-days.ts";
import { HISTORY_DAYS, type HoursOfDay, NOTABLE_BYTES, unusualOf } from "../../src/unusual/unusual.ts";
import { holidays, inhabitantsOf } from "./households.ts";
import { createRandom, type Random } from "./random.ts";

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const FIRST_DAY = "2025-01-01";
const GB = 1_000_000_000;
/** An event about so often. */
const EVENT_EVERY_DAYS = 30;

/** What can go wrong, or be wanted for once: with which device it happens where there is one, and how. */
const KINDS = {
  backup: {
    devices: ["NAS", "Office workstation", "Anna's laptop"],
    up: true,
    gb: [30, 150],
    start: [0, 10],
    hours: [6, 14],
  },
  camera: { devices: ["Doorbell camera"], up: true, gb: [8, 40], start: [0, 1], hours: [5, 7] },
  game: { devices: ["Ben's gaming PC", "Living room TV"], up: false, gb: [50, 150], start: [8, 19], hours: [2, 5] },
} as const;
type Kind = keyof typeof KINDS;

export interface BackTest {
  /** By kind of event: how many were planted, and found on their day. */
  readonly events: Readonly<Record<Kind, { planted: number; found: number }>>;
  /** Days of a device that were said to be unusual though nothing had been planted. */
  falseSentences: number;
  /** Thirty days of a household in which they could have been said. */
  householdMonths: number;
}

/** Lets households live by the demo's generator, plants events, and asks at the end of each hour what is unusual. */
export function backTestUnusual(households: number, days: number): BackTest {
  const result: BackTest = {
    events: { backup: { planted: 0, found: 0 }, camera: { planted: 0, found: 0 }, game: { planted: 0, found: 0 } },
    falseSentences: 0,
    householdMonths: 0,
  };
  for (let seed = 1; seed <= households; seed++) {
    const random = createRandom(seed * 104_729);
    const inhabitants = inhabitantsOf(random, days);
    const usage = livedThrough(inhabitants, random, days);
    const planted = plantEvents(inhabitants, usage, random, days);
    score(usage, planted, days, result);
  }
  return result;
}

/** By MAC and direction: the hours of each day, from the device's first day on. */
type Usage = Map<string, { first: number; readonly down: number[][]; readonly up: number[][] }>;

function livedThrough(inhabitants: readonly Inhabitant[], random: Random, days: number): Usage {
  const empty = () => Array.from({ length: days }, () => new Array<number>(24).fill(0));
  const usage: Usage = new Map(inhabitants.map(({ mac }) => [mac, { first: days, down: empty(), up: empty() }]));
  const start = Date.parse(FIRST_DAY);
  const away = holidays(random, days);
  let [day, hour] = [0, 0];
  const household = createHousehold({
    model: {
      traffic({ mac }, _remote, down, up) {
        const one = usage.get(mac ?? "");
        if (!one) return;
        // What stays at home goes on; people take the rest with them.
        const share = away.has(day) ? 0.15 : 1;
        const [downs, ups] = [one.down[day], one.up[day]];
        if (downs) downs[hour] = (downs[hour] ?? 0) + Math.round(down * share);
        if (ups) ups[hour] = (ups[hour] ?? 0) + Math.round(up * share);
        one.first = Math.min(one.first, day);
      },
    },
    inhabitants,
    random,
    localTime: (at) => ({
      hour: (at % DAY_MS) / HOUR_MS,
      weekend: weekdayOf(dayOf(Math.floor((at - start) / DAY_MS))) > 5,
    }),
    endsAt: start + days * DAY_MS,
  });
  for (day = 0; day < days; day++) {
    for (hour = 0; hour < 24; hour++) {
      const from = start + day * DAY_MS + hour * HOUR_MS;
      household.live(from, from + HOUR_MS);
    }
  }
  return usage;
}

/** Adds events to the usage. @returns what was planted, by `MAC day` */
function plantEvents(
  inhabitants: readonly Inhabitant[],
  usage: Usage,
  random: Random,
  days: number,
): Map<string, Kind> {
  const planted = new Map<string, Kind>();
  const kinds = Object.keys(KINDS) as Kind[];
  for (let n = 0; n < days / EVENT_EVERY_DAYS; n++) {
    const kind = kinds[Math.floor(random() * kinds.length)] as Kind;
    const { devices, up, gb, start, hours } = KINDS[kind];
    const who = inhabitants.find(({ name }) => devices.some((known) => known === name));
    const one = who && usage.get(who.mac);
    const day = Math.floor(random() * days);
    if (!who || !one || day < one.first + 20 || planted.has(`${who.mac} ${day}`)) continue;
    const cells = (up ? one.up : one.down)[day];
    if (!cells) continue;
    const length = between(random, hours);
    const from = between(random, start);
    const bytes = Math.round((between(random, gb) * GB) / length);
    for (let hour = from; hour < Math.min(24, from + length); hour++) cells[hour] = (cells[hour] ?? 0) + bytes;
    planted.set(`${who.mac} ${day}`, kind);
  }
  return planted;
}

function score(usage: Usage, planted: ReadonlyMap<string, Kind>, days: number, result: BackTest): void {
  result.householdMonths += (days - 15) / 30;
  for (const [mac, { first, down, up }] of usage) {
    const series = [down, up].map((all) => all.map((hours, day): HoursOfDay => ({ day: dayOf(day), hours })));
    // On the first day nobody knows since when.
    for (let day = first + 1; day < days; day++) {
      const isFound = series.some((all) => isUnusual(all, day, first + 1));
      const kind = planted.get(`${mac} ${day}`);
      if (kind !== undefined) {
        result.events[kind].planted += 1;
        if (isFound) result.events[kind].found += 1;
      } else if (isFound) result.falseSentences += 1;
    }
  }
}

/** Whether anything is said at the end of any hour of the day. */
function isUnusual(all: readonly HoursOfDay[], at: number, first: number): boolean {
  const today = all[at];
  if (today === undefined || today.hours.reduce((sum, bytes) => sum + bytes, 0) < NOTABLE_BYTES) return false;
  const history = all.slice(Math.max(first, at - HISTORY_DAYS), at);
  for (let hour = 1; hour <= 24; hour++) {
    const soFar = { day: today.day, hours: today.hours.slice(0, hour) };
    if (unusualOf({ today: soFar, hour, share: 0, history }) !== null) return true;
  }
  return false;
}

function dayOf(index: number): string {
  return addDays(FIRST_DAY, index);
}

/** A whole number of a range, both ends included. */
function between(random: Random, [least, most]: readonly [number, number]): number {
  return least + Math.floor(random() * (most - least + 1));
}
