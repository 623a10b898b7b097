import type { Day } from "../../src/accounting/types.ts";
import { addDays } from "../../src/shared/calendar-days.ts";
import type { NameKind } from "../../src/shared/name-kinds.ts";

/**
 * A simulated household in which devices make up new MACs: who is there on which day, under which MAC, and by which name.
 * Residents with phones, tablets and laptops that keep their MAC, change it now and then, every two weeks or every day;
 * holidays; phones that are replaced; guests of a day or a week, who may have the model of a resident's phone or come back;
 * one household in ten lets a room to one party after the other. Devices that call themselves nothing, or "iPhone".
 */
export interface Appearance {
  readonly mac: string;
  /** Which device it is in truth. */
  readonly thing: number;
  /** The one that it took the place of; null for none. */
  readonly successorOf: number | null;
  readonly names: readonly { readonly kind: NameKind; readonly name: string }[];
  /** Days on which it sent something, by number, with the first and the last hour in which it did. */
  readonly days: Map<number, { first: number; last: number }>;
}

export type Random = () => number;

const PEOPLE =
  "anna ben mia jonas lea paul emma noah ida tom zoe max leon finn elias luca felix mila lina ella clara lotte jakob theo oskar".split(
    " ",
  );
const MODELS = [
  ..."Galaxy-S21 Galaxy-S22 Galaxy-S23 Galaxy-A54 Galaxy-A34 Pixel-6 Pixel-7 Pixel-7a Pixel-8 Pixel-8a".split(" "),
  ..."Redmi-Note-12 Redmi-Note-13 Xiaomi-13T OnePlus-11 OnePlus-Nord Fairphone-5 moto-g84 Nothing-Phone-2".split(" "),
  ..."HONOR-90 OPPO-Reno10 Xperia-10-V Nokia-G42 realme-11 vivo-V29 ZenFone-10".split(" "),
];
/** What one person has: a phone first, then a tablet, then a laptop. */
const DEVICES = [
  ["iphone", "galaxy", "pixel"],
  ["ipad", "tablet"],
  ["macbook", "laptop-14", "thinkpad"],
];

interface Thing {
  readonly id: number;
  readonly successorOf: number | null;
  /** What it says of itself by DHCP and by multicast DNS; null where it says nothing. */
  readonly lease: string | null;
  readonly mdns: string | null;
}

export function simulateHousehold(random: Random, days: number): Appearance[] {
  const appearances: Appearance[] = [];
  let things = 0;
  let macs = 0;
  const chance = (share: number) => random() < share;
  const among = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const between = (least: number, most: number) => least + Math.floor(random() * (most - least + 1));

  /** A MAC that nobody had: made up by the device, or by its vendor. */
  function newMac(isPrivate: boolean): string {
    macs += 1;
    const tail = macs.toString(16).padStart(4, "0");
    return `${isPrivate ? "0a" : "3c"}:00:00:00:${tail.slice(0, 2)}:${tail.slice(2)}`;
  }

  function newThing(owner: string, device: number, successorOf: number | null = null): Thing {
    things += 1;
    const kind = random();
    // Three in ten tell by DHCP which model they are, one in twenty that it is an iPhone, one in thirty nothing.
    if (kind < 0.3) return { id: things, successorOf, lease: among(MODELS), mdns: null };
    if (kind < 0.35) return { id: things, successorOf, lease: "iPhone", mdns: null };
    if (kind < 0.385) return { id: things, successorOf, lease: null, mdns: null };
    const name = `${owner}s-${among(DEVICES[device] ?? [])}${chance(0.2) ? `-${between(2, 9)}` : ""}`;
    return {
      id: things,
      successorOf,
      lease: chance(0.8) ? name : null,
      mdns: chance(0.6) ? `${name.charAt(0).toUpperCase()}${name.slice(1)}` : null,
    };
  }

  function appear(thing: Thing, isPrivate = true): Appearance {
    // Once in fifty times nothing is learnt of it.
    const isHeard = chance(0.98);
    const named = (kind: NameKind, name: string | null) => (isHeard && name !== null ? [{ kind, name }] : []);
    const one: Appearance = {
      mac: newMac(isPrivate),
      thing: thing.id,
      successorOf: thing.successorOf,
      names: [...named("lease", thing.lease), ...named("mdns", thing.mdns)],
      days: new Map(),
    };
    appearances.push(one);
    return one;
  }

  const holidays = new Set<number>();
  for (let trips = between(1, 3); trips > 0; trips--) {
    const from = between(0, days - 1);
    const length = between(3, 16);
    for (let i = 0; i < length; i++) holidays.add(from + i);
  }

  /** A thing of somebody who lives here, from a day to another. */
  function live(thing: Thing, from: number, to: number): void {
    const presence = 0.8 + random() * 0.2;
    const habit = random();
    // Of fifty things twenty keep their MAC; eighteen make up a new one now and then, eleven every two weeks, one every day.
    const every = habit < 0.4 ? Number.POSITIVE_INFINITY : habit < 0.76 ? between(40, 200) : habit < 0.98 ? 14 : 1;
    let one = appear(thing, !(habit < 0.1));
    let changesAt = from + every;
    for (let day = from; day <= to; day++) {
      if (holidays.has(day) || !chance(presence)) continue;
      const first = chance(0.7) ? 0 : between(5, 18);
      const last = Math.max(first, chance(0.7) ? 23 : between(12, 22));
      if (day < changesAt) {
        one.days.set(day, { first, last });
        continue;
      }
      // It is somebody else when it comes home; or it joins the network anew some time of the day.
      const hour = chance(0.5) ? null : between(first, last);
      if (hour !== null && hour > first) one.days.set(day, { first, last: hour });
      one = appear(thing);
      one.days.set(day, { first: hour === null ? first : Math.min(last, hour + between(0, 1)), last });
      changesAt = day + every;
    }
  }

  const residents = new Set(Array.from({ length: between(1, 5) }, () => among(PEOPLE)));
  for (const owner of residents) {
    const owned = between(1, 3);
    for (let device = 0; device < owned; device++) {
      // One thing in seven is replaced by another one within the year.
      const ends = chance(1 / 7) ? between(30, days - 1) : days - 1;
      const thing = newThing(owner, device);
      live(thing, 0, ends);
      if (ends < days - 1) live(newThing(owner, device, thing.id), Math.min(days - 1, ends + between(0, 5)), days - 1);
    }
  }

  function visit(one: Appearance, from: number, length: number): void {
    for (let day = from; day < Math.min(days, from + length); day++) {
      one.days.set(day, {
        first: day === from ? between(8, 20) : 0,
        last: day === from + length - 1 ? between(20, 23) : 23,
      });
    }
  }
  const known: Appearance[] = [];
  const lets = chance(0.1);
  for (let day = between(0, 10); day < days; ) {
    const length = lets ? between(1, 14) : chance(0.8) ? 1 : between(2, 5);
    for (let guests = between(1, 3); guests > 0; guests--) {
      const back = !lets && known.length > 0 && chance(0.4);
      const guest = back ? among(known) : appear(newThing(among(PEOPLE), 0));
      if (!back) known.push(guest);
      visit(guest, day, length);
    }
    day += length + (lets ? between(0, 3) : between(3, 25));
  }
  return appearances.filter(({ days: seen }) => seen.size > 0);
}

/** The days of an appearance until one, as they are kept. */
export function seenUntil({ days }: Appearance, last: number, start: Day) {
  const numbers = [...days.keys()].filter((day) => day <= last).sort((a, b) => a - b);
  const [first, final] = [days.get(numbers[0] ?? -1), days.get(numbers.at(-1) ?? -1)];
  return {
    days: numbers.map((day) => addDays(start, day)),
    firstHour: first?.first ?? null,
    lastHour: final?.last ?? null,
  };
}
