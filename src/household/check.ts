import { formatAddress, isMac, normaliseMac, parseAddress } from "../accounting/address.ts";
import { ARCHIVE } from "../accounting/view.ts";
import { isDay } from "../shared/calendar-days.ts";
import { OWNER_COLOURS } from "../shared/household-words.ts";
import { UNSAFE_CHARACTERS } from "../shared/untrusted-text.ts";
import type { HouseholdDocument } from "./document.ts";
import { HouseholdError } from "./error.ts";
import { targetOf } from "./merges.ts";

/** How much may be said. The document is read and written as a whole. */
export const LIMITS = {
  owners: 200,
  ownerName: 60,
  deviceName: 200,
  note: 2_000,
  /** Of devices that something is said of, of merged interfaces, of pairs, of routers: of each so many. */
  entries: 5_000,
  /** Times that one device is handed over. */
  hands: 100,
} as const;

/** The name of an owner as it is kept. @throws HouseholdError */
export function checkOwnerName(text: string): string {
  const name = checkLine("An owner's name", text, LIMITS.ownerName);
  if (name === "") throw new HouseholdError("bad-change", "An owner needs a name.", 'For example "Anna" or "Guests".');
  return name;
}

/** The name of a device as it is kept; null for none, which an empty text and `(none)` are, too. @throws HouseholdError */
export function checkDeviceName(text: string | null): string | null {
  const name = checkLine("A name", text ?? "", LIMITS.deviceName);
  return name === "" || name === "(none)" ? null : name;
}

/** A note as it is kept, of several lines; null for none. @throws HouseholdError */
export function checkNote(text: string | null): string | null {
  const lines = (text ?? "").replace(/\r\n?/g, "\n").trim().split("\n");
  const note = lines.map((line) => checkLine("A note", line.replaceAll("\t", " "), LIMITS.note, false)).join("\n");
  if ([...note].length > LIMITS.note) throw tooLong("A note", LIMITS.note);
  return note === "" ? null : note;
}

function checkLine(what: string, text: string, most: number, trims = true): string {
  const line = trims ? text.trim() : text.trimEnd();
  const [unsafe] = line.match(UNSAFE_CHARACTERS) ?? [];
  if (unsafe !== undefined || !line.isWellFormed()) {
    const code = unsafe?.codePointAt(0)?.toString(16).toUpperCase().padStart(4, "0");
    throw new HouseholdError(
      "bad-change",
      `${what} is visible text: it can't contain control characters or invisible marks.`,
      code === undefined ? "It has half a character in it." : `Remove the character U+${code}.`,
    );
  }
  if ([...line].length > most) throw tooLong(what, most);
  return line;
}

function tooLong(what: string, most: number): HouseholdError {
  return new HouseholdError("bad-change", `${what} has at most ${most} characters.`);
}

/** Key of a device or an interface: a MAC in any spelling, an IP, or that of what is archived; null for anything else. */
export function canonicalKey(text: string): string | null {
  const trimmed = text.trim();
  if (trimmed === ARCHIVE) return ARCHIVE;
  const mac = normaliseMac(trimmed);
  if (mac !== null) return mac;
  const address = parseAddress(trimmed);
  return address === null ? null : formatAddress(address);
}

/** A MAC in any spelling. @throws HouseholdError */
export function checkMac(text: string): string {
  const mac = normaliseMac(text.trim());
  if (mac !== null && isMac(mac)) return mac;
  throw new HouseholdError("bad-change", `${shown(text)} isn't a MAC address.`, "For example 02:1a:2b:00:00:05");
}

/** @throws HouseholdError */
export function checkDay(text: string): string {
  if (isDay(text) && text >= "1970-01-01" && text < "2200-01-01") return text;
  throw new HouseholdError("bad-change", `${shown(text)} isn't a valid date.`, "Dates look like 2026-01-31.");
}

/** What somebody sent, short enough for a message. */
export function shown(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}

/**
 * What is wrong with a document as a whole, in a sentence; null when nothing is. Its parts were checked one by one; this is
 * what an undo in another order, or a file, could break.
 */
export function problemOf(document: HouseholdDocument): string | null {
  const { owners, hands, merges } = document;
  if (Object.keys(owners).length > LIMITS.owners) return `There can be at most ${LIMITS.owners} owners.`;
  for (const part of ["devices", "hands", "merges", "notSame", "routers"] as const) {
    if (Object.keys(document[part]).length > LIMITS.entries) return `At most ${LIMITS.entries} ${WHAT[part]}.`;
  }
  const names = new Map<string, string>();
  for (const { name, colour } of Object.values(owners)) {
    const folded = name.toLowerCase();
    if (names.has(folded)) return `There is an owner called ${shown(name)} already.`;
    names.set(folded, name);
    if (colour < 1 || colour > OWNER_COLOURS) return `A colour is a number from 1 to ${OWNER_COLOURS}.`;
  }
  for (const [key, list] of Object.entries(hands)) {
    if (list.length > LIMITS.hands) return `A device can be handed over at most ${LIMITS.hands} times.`;
    for (const { owner } of list) {
      if (owner !== null && !Object.hasOwn(owners, owner)) return `${key} belongs to an owner who is no more.`;
    }
  }
  for (const mac of Object.keys(merges)) if (isCircular(document, mac)) return `${mac} would be part of itself.`;
  return null;
}

const WHAT = {
  devices: "devices can be described",
  hands: "devices can have an owner",
  merges: "network interfaces can be merged",
  notSame: "pairs of network interfaces can be told apart",
  routers: "routers can be named",
} as const;

function isCircular(document: HouseholdDocument, mac: string): boolean {
  const root = targetOf(document, new Map(), mac);
  // A device's first interface stays where it is, or is said to be of its own.
  return Object.hasOwn(document.merges, root) && document.merges[root] !== root;
}
