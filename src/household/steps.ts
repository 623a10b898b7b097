import type { Day } from "../accounting/types.ts";
import { ARCHIVE } from "../accounting/view.ts";
import type { Step } from "../shared/household-api.ts";
import { OWNER_COLOURS } from "../shared/household-words.ts";
import { checkDay, checkDeviceName, checkMac, checkNote, checkOwnerName, problemOf, shown } from "./check.ts";
import {
  type DeviceFacts,
  type Edit,
  entryOf,
  factsOf,
  type Hand,
  type HouseholdDocument,
  handsOf,
  type Owner,
  pairOf,
  withEntry,
} from "./document.ts";
import { HouseholdError } from "./error.ts";
import { targetOf } from "./merges.ts";

/** A device as the store has it, with its name by a person. */
export interface KnownDevice {
  readonly key: string;
  /** The first one, whose key is the device's, first. */
  readonly interfaces: readonly string[];
  readonly name: string | null;
  /** What the network calls it. Untrusted text. */
  readonly hostname: string | null;
}

/** What steps are checked against. */
export interface Known {
  readonly devices: readonly KnownDevice[];
  /** The lines of MAC_MAC.txt. */
  readonly fileMerges: ReadonlyMap<string, string>;
  /** The id of the next owner. */
  readonly nextOwner: number;
}

/** What steps come to. */
export interface Applied {
  readonly document: HouseholdDocument;
  /** Each entry once, with what stood there before all steps. Empty where everything was so already. */
  readonly edits: readonly Edit[];
  readonly nextOwner: number;
  /** Ids of the owners that were added. */
  readonly added: readonly number[];
  /** In a sentence, for a list of changes. */
  readonly text: string;
}

/** Steps that change what is said; a removal of figures is the store's. */
export type PlainStep = Exclude<Step, { do: "remove" }>;

/**
 * Takes steps, one after the other, all or none.
 * @throws HouseholdError `bad-change`, `unknown-device`, `unknown-owner`
 */
export function applySteps(before: HouseholdDocument, steps: readonly PlainStep[], known: Known): Applied {
  let document = before;
  let { nextOwner } = known;
  const added: number[] = [];
  const names = new Map(known.devices.map(({ key, name }) => [key, name]));
  /** The device of an interface, and its interfaces, as the steps so far have it. */
  const members = new Map(known.devices.map(({ key, interfaces }) => [key, [...interfaces]]));
  const deviceOf = new Map(
    known.devices.flatMap(({ key, interfaces }) => interfaces.map((one) => [one, key] as const)),
  );
  for (const { key } of known.devices) deviceOf.set(key, key);

  const set = (part: keyof HouseholdDocument, key: string, value: unknown) => {
    document = withEntry(document, part, key, value);
  };
  const keyOf = (text: string): string => {
    const key = deviceOf.get(text);
    if (key === undefined) throw unknownDevice(text);
    return key;
  };
  /** Of one device: what is archived is many. */
  const ownKeyOf = (text: string): string => {
    const key = keyOf(text);
    if (key !== ARCHIVE) return key;
    throw new HouseholdError("bad-change", "Archived devices can't be merged or split.", "See ARCHIVED.txt.");
  };
  const hostnames = new Map(known.devices.map(({ key, hostname }) => [key, hostname]));
  const nameOf = (key: string) => names.get(key) ?? hostnames.get(key) ?? key;

  function addOwner({ name, colour }: Extract<PlainStep, { do: "add-owner" }>): string {
    const owner: Owner = { name: checkOwnerName(name), colour: colour ?? freeColour(document) };
    set("owners", `${nextOwner}`, owner);
    added.push(nextOwner);
    nextOwner += 1;
    return `Added ${owner.name}`;
  }

  function ownerOf(id: number): Owner {
    const owner = entryOf(document, "owners", `${id}`) as Owner | null;
    if (owner === null) throw new HouseholdError("unknown-owner", `There is no owner ${id}.`, "Ask for the household.");
    return owner;
  }

  function editOwner({ owner: id, name, colour }: Extract<PlainStep, { do: "edit-owner" }>): string {
    const owner = ownerOf(id);
    const next: Owner = {
      name: name === undefined ? owner.name : checkOwnerName(name),
      colour: colour ?? owner.colour,
    };
    set("owners", `${id}`, next);
    return next.name === owner.name
      ? `Changed ${possessive(owner.name)} colour`
      : `Renamed ${owner.name} to ${next.name}`;
  }

  function deleteOwner({ owner: id }: Extract<PlainStep, { do: "delete-owner" }>): string {
    const { name } = ownerOf(id);
    set("owners", `${id}`, null);
    for (const [key, hands] of Object.entries(document.hands)) {
      if (!hands.some(({ owner }) => owner === id)) continue;
      setHands(
        key,
        hands.map((hand) => (hand.owner === id ? { ...hand, owner: null } : hand)),
      );
    }
    return `Deleted ${name}`;
  }

  function setHands(key: string, hands: readonly Hand[]): void {
    const tidy = tidyHands(hands);
    set("hands", key, tidy.length === 0 ? null : tidy);
  }

  function describeDevices(step: Extract<PlainStep, { do: "describe" }>): string {
    const keys = [...new Set(step.devices.map(keyOf))];
    if (step.name !== undefined && keys.length > 1) {
      throw new HouseholdError("bad-change", "A name is one device's.", "Name one device, or leave the name out.");
    }
    const note = step.note === undefined ? undefined : checkNote(step.note);
    const shownBefore = namesOf(keys);
    for (const key of keys) {
      const { ...facts }: { -readonly [K in keyof DeviceFacts]: DeviceFacts[K] } = factsOf(document, key);
      if (step.type === null) delete facts.type;
      else if (step.type !== undefined) facts.type = step.type;
      if (note === null) delete facts.note;
      else if (note !== undefined) facts.note = note;
      for (const flag of ["hidden", "archived"] as const) {
        if (step[flag] === false) delete facts[flag];
        else if (step[flag] === true) facts[flag] = true;
      }
      set("devices", key, Object.keys(facts).length === 0 ? null : facts);
      if (step.name !== undefined) names.set(key, checkDeviceName(step.name));
    }
    return describedText(step, shownBefore);
  }

  function handOver({ devices, owner, from }: Extract<PlainStep, { do: "hand-over" }>): string {
    const name = owner === null ? null : ownerOf(owner).name;
    const keys = [...new Set(devices.map(keyOf))];
    for (const key of keys)
      setHands(key, handedOver(handsOf(document, key), owner, from === null ? null : checkDay(from)));
    return `${namesOf(keys)} ${keys.length === 1 ? "is" : "are"} ${possessive(name ?? "nobody")}${from === null ? "" : ` from ${from} on`}`;
  }

  function merge(step: Extract<PlainStep, { do: "merge" }>): string {
    const device = ownKeyOf(step.device);
    const others = [...new Set(step.with.map(ownKeyOf))].filter((key) => key !== device);
    const into = nameOf(device);
    const handsBefore = others.map((other) => JSON.stringify(handsOf(document, other)));
    for (const other of others) {
      const own = members.get(other) ?? [other];
      for (const one of own) {
        set("merges", one, device);
        deviceOf.set(one, device);
      }
      members.set(device, [...(members.get(device) ?? [device]), ...own]);
      members.delete(other);
      // What the device lacks it takes from the other.
      set("devices", device, taken(factsOf(document, device), factsOf(document, other)));
      if (handsOf(document, device).length === 0) setHands(device, handsOf(document, other));
      if ((names.get(device) ?? null) === null) names.set(device, names.get(other) ?? null);
    }
    // What an owner had of another is somebody else's now: not without a word.
    const hands = JSON.stringify(handsOf(document, device));
    const isTaken = handsBefore.some((before) => before !== "[]" && before !== hands);
    return `Merged ${countOf(others.length, "device")} into ${into}${isTaken ? `; all of it counts for the owner of ${into}` : ""}`;
  }

  function split(step: Extract<PlainStep, { do: "split" }>): string {
    const device = ownKeyOf(step.device);
    const own = members.get(device) ?? [device];
    const apart = [...new Set(step.interfaces)];
    for (const one of apart) {
      if (one === device) {
        throw new HouseholdError(
          "bad-change",
          `${one} is the device's first network interface, which stays.`,
          "Name its other interfaces.",
        );
      }
      if (!own.includes(one))
        throw new HouseholdError("bad-change", `${shown(one)} is no interface of ${nameOf(device)}.`);
      set("merges", one, one);
    }
    // What was part of the device by one that is apart now stays with the device.
    for (const one of own) {
      if (one === device || apart.includes(one)) continue;
      if (targetOf(document, known.fileMerges, one) !== device) set("merges", one, device);
    }
    members.set(
      device,
      own.filter((one) => !apart.includes(one)),
    );
    for (const one of apart) {
      members.set(one, [one]);
      deviceOf.set(one, one);
    }
    return `Split ${countOf(apart.length, "network interface")} off ${nameOf(device)}`;
  }

  function tellApart({ devices: [one, other] }: Extract<PlainStep, { do: "not-same" }>): string {
    for (const key of [one, other]) if (!deviceOf.has(key)) throw unknownDevice(key);
    if (one === other) throw new HouseholdError("bad-change", "A device is the same as itself.", "Name two.");
    set("notSame", pairOf(one, other), true);
    return `${nameOf(one)} and ${nameOf(other)} are not the same device`;
  }

  function sayRouter({ mac: text, router }: Extract<PlainStep, { do: "router" }>): string {
    const mac = checkMac(text);
    set("routers", mac, router);
    if (router === null) return `${mac} is a router if it is found to be one`;
    return router ? `${mac} is a router` : `${mac} is no router`;
  }

  function setUnits({ units }: Extract<PlainStep, { do: "units" }>): string {
    set("settings", "units", units);
    return units === null ? "Units are as the page has them" : `Units of ${units}`;
  }

  function namesOf(keys: readonly string[]): string {
    return keys.length === 1 ? nameOf(keys[0] as string) : countOf(keys.length, "device");
  }

  function apply(step: PlainStep): string {
    switch (step.do) {
      case "add-owner":
        return addOwner(step);
      case "edit-owner":
        return editOwner(step);
      case "delete-owner":
        return deleteOwner(step);
      case "describe":
        return describeDevices(step);
      case "hand-over":
        return handOver(step);
      case "merge":
        return merge(step);
      case "split":
        return split(step);
      case "not-same":
        return tellApart(step);
      case "router":
        return sayRouter(step);
      case "units":
        return setUnits(step);
    }
  }

  const texts = steps.map(apply);
  const problem = problemOf(document);
  if (problem !== null) throw new HouseholdError("bad-change", problem);
  const [first = "", ...more] = texts;
  return {
    document,
    edits: [...editsBetween(before, document), ...nameEdits(known.devices, names)],
    nextOwner,
    added,
    text: more.length === 0 ? first : `${first}, and ${countOf(more.length, "other change")}`,
  };
}

const PARTS = ["owners", "devices", "hands", "merges", "notSame", "routers", "settings"] as const;

/** Every entry that differs. */
export function editsBetween(before: HouseholdDocument, after: HouseholdDocument): Edit[] {
  return PARTS.flatMap((part) => {
    if (before[part] === after[part]) return [];
    const keys = new Set([...Object.keys(before[part]), ...Object.keys(after[part])]);
    return [...keys].flatMap((key): Edit[] => {
      const [one, other] = [entryOf(before, part, key), entryOf(after, part, key)];
      return isSame(one, other) ? [] : [{ part, key, before: one, after: other }];
    });
  });
}

function nameEdits(devices: readonly KnownDevice[], names: ReadonlyMap<string, string | null>): Edit[] {
  return devices.flatMap(({ key, name }): Edit[] => {
    const after = names.get(key) ?? null;
    return after === name ? [] : [{ part: "names", key, before: name, after }];
  });
}

/** Whether two entries are the same, whatever the order of their fields. */
export function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.entries(value)
    .map(([name, field]) => [name, sorted(field)] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

/** The first colour of the palette that the fewest owners have. */
function freeColour({ owners }: HouseholdDocument): number {
  const counts = new Array<number>(OWNER_COLOURS).fill(0);
  for (const { colour } of Object.values(owners)) counts[colour - 1] = (counts[colour - 1] ?? 0) + 1;
  return counts.indexOf(Math.min(...counts)) + 1;
}

/** From a day on, the owner; what was said of later days is over. */
function handedOver(hands: readonly Hand[], owner: number | null, from: Day | null): Hand[] {
  if (from === null) return [{ from, owner }];
  return [...hands.filter((hand) => hand.from === null || hand.from < from), { from, owner }];
}

/** Without hands that change nothing. */
function tidyHands(hands: readonly Hand[]): Hand[] {
  const tidy: Hand[] = [];
  for (const hand of hands) if (hand.owner !== (tidy.at(-1)?.owner ?? null)) tidy.push(hand);
  return tidy;
}

function taken(own: DeviceFacts, other: DeviceFacts): DeviceFacts | null {
  const { type = other.type, note = other.note } = own;
  const facts = { ...own, ...(type === undefined ? {} : { type }), ...(note === undefined ? {} : { note }) };
  return Object.keys(facts).length === 0 ? null : facts;
}

function describedText(step: Extract<PlainStep, { do: "describe" }>, whom: string): string {
  if (step.name !== undefined) return step.name === null ? `Took the name of ${whom} back` : `Renamed ${whom}`;
  if (step.hidden !== undefined) return `${step.hidden ? "Hid" : "Showed"} ${whom}`;
  if (step.archived !== undefined) return `${step.archived ? "Archived" : "Took back from the archive:"} ${whom}`;
  if (step.type !== undefined) return `Changed the type of ${whom}`;
  return `Changed the note of ${whom}`;
}

/** "Anna's", "the kids'". */
function possessive(name: string): string {
  return name.endsWith("s") ? `${name}'` : `${name}'s`;
}

function countOf(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

function unknownDevice(key: string): HouseholdError {
  return new HouseholdError("unknown-device", `No device ${shown(key)} was ever seen.`, "Ask for the household.");
}
