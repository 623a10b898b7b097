import { cleanName } from "../../shared/clean-name.ts";
import { countAt, secondsAt } from "./bytes.ts";
import { DarkstatError, excerpt } from "./error.ts";

/** Longest name that DNS allows, and the longest that we keep. */
const NAME_LENGTH = 255;

/**
 * A name that reverse DNS gave, fit to be kept: without control and reordering characters, at most 255 long.
 * Still untrusted text where HTML is written. Null when nothing is left, and for darkstat's own placeholders,
 * which stand in parentheses: `(none)`, `(resolving...)`, `(multicast)`.
 */
export function cleanHostname(text: string): string | null {
  const name = cleanName(text, NAME_LENGTH);
  return name === "" || /^\(.*\)$/.test(name) ? null : name;
}

/**
 * A count as darkstat prints it, with or without `,` between thousands.
 * @throws DarkstatError `garbled` when it is none, or beyond what can be added exactly.
 */
export function wholeNumber(text: string, what: string): number {
  const bytes = Buffer.from(text);
  const plain = countAt(bytes, 0, bytes.length);
  if (plain >= 0) return plain;
  if (!/^(?:\d{1,3}(?:,\d{3})+|\d{1,20})$/.test(text)) {
    throw new DarkstatError("garbled", `${what} is ${excerpt(text)}; a whole number such as 1,234 was expected`);
  }
  const value = Number(text.replaceAll(",", ""));
  if (!Number.isSafeInteger(value)) {
    throw new DarkstatError("garbled", `${what} is ${text}; at most ${Number.MAX_SAFE_INTEGER} can be counted exactly`);
  }
  return value;
}

/** Seconds of a time as darkstat prints it, `1 day, 2 hrs, 0 mins, 4 secs`; null when it is none. */
export function durationSeconds(text: string): number | null {
  const bytes = Buffer.from(text);
  const seconds = secondsAt(bytes, 0, bytes.length);
  return seconds < 0 ? null : seconds;
}

/**
 * The MAC in lower case with two digits per byte; null for 00:00:00:00:00:00, which darkstat shows where it saw none.
 * @throws DarkstatError `garbled` when the text is no MAC.
 */
export function macOf(text: string, what: string): string | null {
  if (!/^[0-9a-f]{1,2}(?::[0-9a-f]{1,2}){5}$/i.test(text)) {
    throw new DarkstatError("garbled", `${what} is ${excerpt(text)}; a MAC such as 00:0c:29:05:0a:0b was expected`);
  }
  const mac = text.length === 17 ? text.toLowerCase() : padded(text.toLowerCase());
  return mac === "00:00:00:00:00:00" ? null : mac;
}

function padded(mac: string): string {
  return mac
    .split(":")
    .map((byte) => byte.padStart(2, "0"))
    .join(":");
}
