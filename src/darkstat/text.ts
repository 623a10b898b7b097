import { DarkstatError, excerpt } from "./error.ts";

/** Longest name that DNS allows, and the longest that we keep. */
const NAME_LENGTH = 255;

// Control characters, and the marks that reorder or hide the text around them, would let a name forge what is shown
// beside it. ZWJ and ZWNJ stay: emoji and Persian need them.
const UNSAFE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]/g;

/**
 * A name that reverse DNS gave, fit to be kept: without control and reordering characters, at most 255 long.
 * Still hostile text where HTML is written. Null when nothing is left, and for darkstat's own placeholders,
 * which stand in parentheses: `(none)`, `(resolving...)`, `(multicast)`.
 */
export function cleanHostname(text: string): string | null {
  // The cap of what is looked at keeps a name of megabytes from costing more than a glance.
  const name = text
    .slice(0, 16 * NAME_LENGTH)
    .toWellFormed()
    .replace(UNSAFE, " ")
    .replace(/\s+/g, " ")
    .trim();
  if (name === "" || /^\(.*\)$/.test(name)) return null;
  return name
    .slice(0, NAME_LENGTH)
    .toWellFormed()
    .replace(/\ufffd$/, "")
    .trim();
}

/**
 * A count as darkstat prints it, with or without `,` between thousands.
 * @throws DarkstatError `garbled` when it is none, or beyond what can be added exactly.
 */
export function wholeNumber(text: string, what: string): number {
  const plain = plainNumber(text);
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

/** The number that digits in groups of three make; -1 for anything that is not as plain, or has more than 15 digits. */
function plainNumber(text: string): number {
  let value = 0;
  let group = 0;
  let isGrouped = false;
  if (text.length === 0 || text.length > 19) return -1;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === COMMA) {
      if (group === 0 || (isGrouped ? group !== 3 : group > 3)) return -1;
      isGrouped = true;
      group = 0;
    } else if (code >= ZERO && code <= NINE) {
      value = value * 10 + code - ZERO;
      group++;
    } else return -1;
  }
  return (isGrouped && group !== 3) || value >= 1e15 ? -1 : value;
}

const [COMMA, ZERO, NINE] = [0x2c, 0x30, 0x39];

const UNITS = [
  { name: "sec", seconds: 1 },
  { name: "min", seconds: 60 },
  { name: "hr", seconds: 3_600 },
  { name: "day", seconds: 86_400 },
] as const;

/** Seconds of a time as darkstat prints it, `1 day, 2 hrs, 0 mins, 4 secs`; null when it is none. */
export function durationSeconds(text: string): number | null {
  let seconds = 0;
  for (let at = 0; ; at += 2) {
    let count = 0;
    const digits = at;
    for (let code = text.charCodeAt(at); code >= ZERO && code <= NINE; code = text.charCodeAt(++at)) {
      count = count * 10 + code - ZERO;
    }
    const unit = UNITS.find(({ name }) => text.startsWith(name, at + 1));
    if (at === digits || at - digits > 9 || text[at] !== " " || unit === undefined) return null;
    seconds += count * unit.seconds;
    at += 1 + unit.name.length;
    if (text[at] === "s") at++;
    if (at === text.length) return seconds;
    if (!text.startsWith(", ", at)) return null;
  }
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
