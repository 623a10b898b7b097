import { NAME_KINDS, type NameKind } from "../shared/name-kinds.ts";
import type { FoundName } from "./found-name.ts";

/** A name that came by itself, as it is kept. */
export interface LearntName {
  readonly kind: NameKind;
  /** Where it was read: a file's path, or what a program is called. One of the last reading of it. */
  readonly from: string;
  /** Untrusted text. */
  readonly name: string;
}

/** Names by interface (a MAC, or the IP standing in for one): one for each kind and place, the best first. */
export type LearntNames = ReadonlyMap<string, readonly LearntName[]>;

/** What was read at one place. */
export interface NameReading {
  readonly from: string;
  readonly names: readonly FoundName[];
}

/** Who the names are for: whose addresses are whose, among the interfaces that were ever seen. */
export interface Holders {
  has(interfaceKey: string): boolean;
  /** The interface that used an address last; null when nobody did of late. */
  holderOf(ip: string): string | null;
}

/** Names that one device can have: one for each kind of two or three places. */
const MOST_NAMES = 12;

/**
 * What is known after a reading. Devices that were never seen get no name. What a person wrote elsewhere (a fixed lease, a
 * hosts file) holds for as long as it stands there; what a device called itself stays, since leases come and go.
 * @returns the same map when nothing is new
 */
export function learnNames(known: LearntNames, { from, names }: NameReading, holders: Holders): LearntNames {
  const read = new Map<string, Map<NameKind, string>>();
  for (const { kind, mac, ip, name } of names) {
    const key = mac ?? holders.holderOf(ip as string);
    if (key === null || !holders.has(key)) continue;
    const kinds = read.get(key) ?? new Map<NameKind, string>();
    read.set(key, kinds);
    // Leases are appended, so the last one counts; of a hosts file the first line does.
    if (kind !== "hosts" || !kinds.has(kind)) kinds.set(kind, name);
  }
  const after = new Map(known);
  let isNew = false;
  for (const key of new Set([...known.keys(), ...read.keys()])) {
    const before = known.get(key) ?? [];
    const now = read.get(key);
    const kept = before.filter((one) => one.from !== from || (!now?.has(one.kind) && isOfDevice(one.kind)));
    const added = [...(now ?? [])].map(([kind, name]) => ({ kind, from, name }));
    const all = [...added, ...kept].sort(byTrust).slice(0, MOST_NAMES);
    if (isSame(before, all)) continue;
    isNew = true;
    if (all.length === 0) after.delete(key);
    else after.set(key, all);
  }
  return isNew ? after : known;
}

/** What is left when some places are asked no more. @returns the same map when nothing came from there */
export function forgetNames(known: LearntNames, isForgotten: (from: string) => boolean): LearntNames {
  const after = new Map<string, readonly LearntName[]>();
  let isNew = false;
  for (const [key, names] of known) {
    const kept = names.filter(({ from }) => !isForgotten(from));
    if (kept.length < names.length) isNew = true;
    if (kept.length > 0) after.set(key, kept);
  }
  return isNew ? after : known;
}

/** The best name of a device with some interfaces; null without one. Of two of one kind that of the earlier interface. */
export function bestName(known: LearntNames, interfaces: readonly string[]): LearntName | null {
  let best: LearntName | null = null;
  for (const key of interfaces) {
    const first = known.get(key)?.[0];
    if (first !== undefined && (best === null || trustOf(first) < trustOf(best))) best = first;
  }
  return best;
}

/** Whether the device itself, or a name server, said it: then it stays true where it is told no more. */
const isOfDevice = (kind: NameKind): boolean => kind === "lease" || kind === "mdns" || kind === "dns";

const trustOf = ({ kind }: LearntName): number => NAME_KINDS.indexOf(kind);

/** Of two places that are trusted alike always the same goes first: no name may change with each reading. */
const byTrust = (one: LearntName, other: LearntName): number =>
  trustOf(one) - trustOf(other) || (one.from < other.from ? -1 : one.from > other.from ? 1 : 0);

const isSame = (one: readonly LearntName[], other: readonly LearntName[]): boolean =>
  one.length === other.length &&
  one.every(({ kind, from, name }, at) => {
    const second = other[at];
    return second !== undefined && kind === second.kind && from === second.from && name === second.name;
  });

/** As the store remembers it. */
export function namesToJson(known: LearntNames): Readonly<Record<string, readonly LearntName[]>> {
  return Object.fromEntries(known);
}

/** What the store remembered; what is none of ours is left out. */
export function namesFromJson(value: unknown): LearntNames {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return new Map();
  return new Map(
    Object.entries(value).flatMap(([key, names]): [string, LearntName[]][] => {
      const read = Array.isArray(names) ? names.filter(isLearntName) : [];
      return read.length === 0 ? [] : [[key, read]];
    }),
  );
}

function isLearntName(value: unknown): value is LearntName {
  if (typeof value !== "object" || value === null) return false;
  const { kind, from, name } = value as Record<string, unknown>;
  return NAME_KINDS.some((known) => known === kind) && typeof from === "string" && typeof name === "string";
}
