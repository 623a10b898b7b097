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

/** Group of what belongs to nobody. */
export const NOBODYS = "none";

/** Whose figures are asked for, and what group they are in. Both may change from one day to the next. */
export interface Grouping {
  /** Days from which the answer may be another one, in order. */
  readonly cuts: readonly Day[];
  /** Whether a device's answers may change from one day to the next, or it is anybody's at all. */
  isPersonal(key: string): boolean;
  isChosen(key: string, day: Day): boolean;
  /** The key of the group that a device was in on a day. @param type what the device is */
  groupOf(key: string, day: Day, type: () => string): string;
}

export function createGrouping(document: HouseholdDocument, { by, owner }: GroupQuery): Grouping {
  const goesByOwner = by === "owner" || owner !== null;
  const days = goesByOwner ? Object.values(document.hands).flatMap((hands) => hands.map(({ from }) => from)) : [];
  const cuts = [...new Set(days.filter((day) => day !== null))].sort();
  const ownerOf = (key: string, day: Day) => ownerOn(handsOf(document, key), day);
  return {
    cuts,
    isPersonal: (key) => goesByOwner && handsOf(document, key).length > 0,
    isChosen: (key, day) => owner === null || ownerOf(key, day) === (owner === "none" ? null : owner),
    groupOf: (key, day, type) => (by === "type" ? type() : `${ownerOf(key, day) ?? NOBODYS}`),
  };
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
