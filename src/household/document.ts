import type { Day } from "../accounting/types.ts";
import type { DeviceType } from "../shared/household-words.ts";

/**
 * What people say of their things: one plain document, kept beside the figures and joined with them when they are read. So
 * a change is right for the whole past at once, and an undo is as cheap. Devices are named by their key, the MAC (or the
 * IP) of their first interface; what is said of a key stays while its interface is merged into another device.
 *
 * Names of devices are not in it: they live in MAC_HOST.txt.
 */
export interface HouseholdDocument {
  /** By id. */
  readonly owners: Readonly<Record<string, Owner>>;
  /** By device key. */
  readonly devices: Readonly<Record<string, DeviceFacts>>;
  /** Whose a device is from a day on, the earliest first; by device key. */
  readonly hands: Readonly<Record<string, readonly Hand[]>>;
  /** The interface that another is part of, on top of MAC_MAC.txt. One that is part of itself is a device of its own. */
  readonly merges: Readonly<Record<string, string>>;
  /** Pairs of interfaces that are not one device: see {@link pairOf}. */
  readonly notSame: Readonly<Record<string, true>>;
  /** MACs of which a person says that they are a router's, or that they are none. */
  readonly routers: Readonly<Record<string, boolean>>;
  /** What is chosen for the page. */
  readonly settings: { readonly units?: Units };
}

export interface Owner {
  readonly name: string;
  readonly colour: number;
}

/** What is left out is as it is by itself. */
export interface DeviceFacts {
  readonly type?: DeviceType;
  readonly note?: string;
  readonly hidden?: true;
  readonly archived?: true;
}

export interface Hand {
  /** Null: from the beginning. */
  readonly from: Day | null;
  /** Id; null: nobody's. */
  readonly owner: number | null;
}

export type Units = 1000 | 1024;

/** One entry of the document, or the name of a device, before and after: what an undo goes by. Null is none. */
export interface Edit {
  readonly part: keyof HouseholdDocument | "names";
  readonly key: string;
  readonly before: unknown;
  readonly after: unknown;
}

export const EMPTY_HOUSEHOLD: HouseholdDocument = {
  owners: {},
  devices: {},
  hands: {},
  merges: {},
  notSame: {},
  routers: {},
  settings: {},
};

/** An entry of a part; null when there is none. */
export function entryOf(document: HouseholdDocument, part: keyof HouseholdDocument, key: string): unknown {
  const entries: Readonly<Record<string, unknown>> = document[part];
  return Object.hasOwn(entries, key) ? entries[key] : null;
}

/** The document with one entry changed. Null takes it out. */
export function withEntry(
  document: HouseholdDocument,
  part: keyof HouseholdDocument,
  key: string,
  value: unknown,
): HouseholdDocument {
  const entries: Record<string, unknown> = { ...document[part] };
  if (value === null) delete entries[key];
  else entries[key] = value;
  return { ...document, [part]: entries };
}

/** Whose a device was on a day; null: nobody's. */
export function ownerOn(hands: readonly Hand[] | undefined, day: Day): number | null {
  let owner: number | null = null;
  for (const hand of hands ?? []) if (hand.from === null || hand.from <= day) owner = hand.owner;
  return owner;
}

/** The hands of a device, by its key. */
export function handsOf(document: HouseholdDocument, key: string): readonly Hand[] {
  return Object.hasOwn(document.hands, key) ? (document.hands[key] ?? []) : [];
}

/** What is said of a device, by its key. */
export function factsOf(document: HouseholdDocument, key: string): DeviceFacts {
  return Object.hasOwn(document.devices, key) ? (document.devices[key] ?? {}) : {};
}

/** The key of a pair of interfaces, whichever is named first. */
export function pairOf(one: string, other: string): string {
  return one < other ? `${one} ${other}` : `${other} ${one}`;
}

/** Whether a person said that two interfaces are not one device. */
export function isNotSame({ notSame }: HouseholdDocument, one: string, other: string): boolean {
  return Object.hasOwn(notSame, pairOf(one, other));
}
