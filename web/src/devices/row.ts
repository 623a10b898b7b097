import { householdText } from "../texts/household.ts";
import type { DeviceType } from "../wire.ts";

/**
 * The rows of the device table, whichever the view. A range of a thousand devices and 31 days makes 31,000 of them,
 * so everything that is the same for all rows of one device lives in its `Who`, made once.
 */

/** Whose row it is: a device of the LAN, several that are put together, or an Internet host. */
export interface Who {
  /** Unique among all: `device:<key>`, `group:<key>` or `host:<ip>`. */
  readonly id: string;
  readonly kind: "device" | "host" | "group";
  /** Key of the device in the API; the IP of an Internet host. */
  readonly key: string;
  /** As it is shown: the given name, else the hostname, else what is known. Untrusted text. */
  readonly name: string;
  /** The name that a person gave; null without one. */
  readonly given: string | null;
  readonly hostname: string | null;
  /** Vendor of the network card; null when unknown. */
  readonly vendor: string | null;
  readonly mac: string | null;
  /** What the device is; null for what is no device. */
  readonly type: DeviceType | null;
  /** Name of its owner; null where it is nobody's. */
  readonly owner: string | null;
  /** Hidden or archived: left out of lists, and not of totals. */
  readonly isFolded: boolean;
  /** `name`, folded for comparison. */
  readonly foldedName: string;
  /** Name, hostname, vendor, MAC, owner and type, folded, a line each: what the search box looks through besides the addresses. */
  readonly foldedAll: string;
}

/** One line of the table. Amounts are bytes, instants ms UTC, days `YYYY-MM-DD`. */
export interface Row {
  /** Unique and lasting: figures change under it, the id does not. */
  readonly id: string;
  readonly who: Who;
  /** The latest first. */
  readonly addresses: readonly string[];
  readonly download: number;
  readonly upload: number;
  readonly total: number;
  /** Of all devices (or all Internet hosts) in the range; in the view by day, of all devices on that day. 0 to 1. */
  readonly share: number;
  /** When it last sent; null if it never did, or the meter does not say. */
  readonly lastSeen: number | null;
  /** The last day with traffic; in the view by day, the day. Null where none is known. */
  readonly day: string | null;
  /** What it used in the range before; null where that was not measured, and in the view by day. */
  readonly previous: { readonly download: number; readonly upload: number } | null;
  readonly reconstructed: boolean;
  readonly implausible: boolean;
}

/** How its total stands to the one of the range before: 0.2 for a fifth more, infinite where there was none; null when unknown. */
export function changeOf({ total, previous }: Row): number | null {
  if (previous === null) return null;
  const before = previous.download + previous.upload;
  if (before === 0) return total === 0 ? 0 : Infinity;
  return total / before - 1;
}

const MARKS = /[\u0300-\u036f]/g;
const LETTERS: Readonly<Record<string, string>> = { ß: "ss", ı: "i", ø: "o", ł: "l", đ: "d", æ: "ae", œ: "oe" };
const UNDECOMPOSED = /[ßıøłđæœ]/g;

/** Text for comparison: without accents, in lower case, white space of every kind as one space. */
export function fold(text: string): string {
  return text
    .normalize("NFKD")
    .replace(MARKS, "")
    .toLowerCase()
    .replace(UNDECOMPOSED, (letter) => LETTERS[letter] ?? letter)
    .replace(/\s+/g, " ");
}

/** Completes a `Who` with its folded texts. */
export function whoOf(fields: Omit<Who, "id" | "foldedName" | "foldedAll">): Who {
  const { kind, key, name, hostname, vendor, mac, owner, type } = fields;
  const typeName = type === null || type === "unknown" ? null : householdText.types[type];
  const texts = [name, hostname, vendor, mac, owner, typeName].filter((text) => text !== null);
  return { ...fields, id: `${kind}:${key}`, foldedName: fold(name), foldedAll: texts.map(fold).join("\n") };
}

/** What else is known of somebody, to stand beside the name: what the name says already is left out. */
export function besidesName({ name, given, hostname, vendor, owner }: Who): string[] {
  // Without a name and a hostname it is the vendor that names it.
  const isNamed = given !== null || hostname !== null;
  return [owner, hostname === name ? null : hostname, isNamed ? vendor : null].filter((text) => text !== null);
}
