import { contains, networkOf, type Prefix, parseAddress } from "../../accounting/address.ts";
import type { Day } from "../../accounting/types.ts";
import { type HouseholdDocument, handsOf, ownerOn } from "../../household/document.ts";
import { addDays } from "../../shared/calendar-days.ts";
import type { By } from "../../shared/groups.ts";
import type { DaySpan } from "../../store/store.ts";
import { HttpProblem } from "../errors.ts";

/** What devices are taken together by, and whose are asked for. */
export interface GroupQuery {
  readonly by: By;
  /** Only what devices used while they were this owner's; `none`: nobody's; null: everybody's. */
  readonly owner: number | "none" | null;
}

/** Group of what belongs to nobody, or to no network. */
export const NOBODYS = "none";

/** Group of devices that used IPv6 alone: their networks change with the provider's prefix. */
const IPV6 = "ipv6";
const IPV4_NETWORK_BITS = 24;

/** What is known of devices, by their keys. */
export interface Facts {
  typeOf(key: string): string;
  /** Its addresses in the range, IPv4 first, the latest first. */
  addressesOf(key: string): readonly string[];
}

/** Whose figures are asked for, and what group they are in. Both may change from one day to the next. */
export interface Grouping {
  /** Days from which the answer may be another one, in order. */
  readonly cuts: readonly Day[];
  /** Whether a device's answers may change from one day to the next, or it is anybody's at all. */
  isPersonal(key: string): boolean;
  isChosen(key: string, day: Day): boolean;
  /**
   * The key of the group that a device's figures of a day are in.
   * @param source the meter that counted them; null where nobody asks
   */
  groupOf(key: string, day: Day, source: string | null, facts: Facts): string;
}

/** @param networks those that the settings name: what lies in none of them is in its network of 24 bits */
export function createGrouping(
  document: HouseholdDocument,
  { by, owner }: GroupQuery,
  networks: readonly Prefix[] = [],
): Grouping {
  const goesByOwner = by === "owner" || owner !== null;
  const days = goesByOwner ? Object.values(document.hands).flatMap((hands) => hands.map(({ from }) => from)) : [];
  const cuts = [...new Set(days.filter((day) => day !== null))].sort();
  const ownerOf = (key: string, day: Day) => ownerOn(handsOf(document, key), day);
  /** Groups that are the same on every day, by the keys of devices: a range may have a hundred months. */
  const lasting = new Map<string, string>();
  const once = (key: string, find: (key: string) => string): string => {
    const group = lasting.get(key) ?? find(key);
    lasting.set(key, group);
    return group;
  };
  return {
    cuts,
    isPersonal: (key) => goesByOwner && handsOf(document, key).length > 0,
    isChosen: (key, day) => owner === null || ownerOf(key, day) === (owner === "none" ? null : owner),
    groupOf(key, day, source, { typeOf, addressesOf }) {
      if (by === "type") return once(key, typeOf);
      if (by === "network") return once(key, (key) => networkIn(addressesOf(key), networks));
      if (by === "source") return source ?? NOBODYS;
      return `${ownerOf(key, day) ?? NOBODYS}`;
    },
  };
}

/** The network of a device that used several is that of the address that it used on the latest day, IPv4 before IPv6. */
function networkIn([latest]: readonly string[], networks: readonly Prefix[]): string {
  const address = latest === undefined ? null : parseAddress(latest);
  if (address === null) return NOBODYS;
  const named = networks.filter((network) => contains(network, address)).sort((a, b) => b.bits - a.bits)[0];
  if (named !== undefined) return named.text;
  return address.family === 4 ? networkOf(address, IPV4_NETWORK_BITS).text : IPV6;
}

/** The document, in which an owner who is asked for is known. @throws HttpProblem `unknown-owner` */
export function knownOwner(document: HouseholdDocument, owner: GroupQuery["owner"]): HouseholdDocument {
  if (typeof owner !== "number" || Object.hasOwn(document.owners, owner)) return document;
  throw new HttpProblem("unknown-owner", `There is no owner ${owner}.`, "GET household lists them.");
}

/** A span in parts, each of which begins with its first day or a cut. */
export function splitAt({ from, to }: DaySpan, cuts: readonly Day[]): DaySpan[] {
  const inside = cuts.filter((cut) => from < cut && cut <= to);
  return [from, ...inside].map((first, index) => {
    const next = inside[index];
    return { from: first, to: next === undefined ? to : addDays(next, -1) };
  });
}
