import {
  DEFAULT_SEGMENTS,
  networkOf,
  normaliseMac,
  type Prefix,
  parseAddress,
  parsePrefix,
} from "../accounting/address.ts";
import { ValidationError } from "./validation-error.ts";

/** `LAN_SEGMENT_MASKS`, read. */
export interface LanSegments {
  /** Segments are found from what is seen, and written behind the word `auto`. */
  readonly auto: boolean;
  /**
   * What is LAN: the networks that the list names. The defaults (RFC 1918, link-local, ULA) come on top with `auto`,
   * and for a family that a fixed list doesn't mention: `192.168.1` says nothing about IPv6. Link-local addresses are
   * LAN in any case: they can't come from anywhere else.
   */
  readonly prefixes: readonly Prefix[];
  /** The networks that a person names: those that are not behind `auto`. */
  readonly named: readonly Prefix[];
  /** The words behind `auto`: what was found. */
  readonly found: readonly string[];
  /** Every word but `auto`, in order. */
  readonly texts: readonly string[];
}

/** `LAN_ROUTERS_TO_SKIP`, read. MACs are normalised. */
export interface LanRouters {
  readonly auto: boolean;
  /** MACs that are routers. */
  readonly macs: readonly string[];
  /** MACs that are none, whatever they carry: `!02:1a:…`. */
  readonly none: readonly string[];
  /** The MACs behind `auto`: what was found. */
  readonly found: readonly string[];
  /** Every word but `auto`, as written. */
  readonly texts: readonly string[];
}

const AUTO = "auto";
const LINK_LOCAL = ["169.254.0.0/16", "fe80::/10"];

/**
 * Reads a list of networks: `auto`, CIDR, dotted prefixes and the hexadecimal IPv6 prefixes of the old versions,
 * separated by `|`, commas or spaces. An empty list means `auto`, as it always did.
 * @throws ValidationError naming every word that is no network
 */
export function parseSegments(text: string): LanSegments {
  const { auto, words, found } = splitList(text);
  const named = words.map(parseSegment);
  refuseBad(words, named, "network");
  const prefixes = named.filter((prefix) => prefix !== null);
  const defaults = DEFAULT_SEGMENTS.filter(
    (segment) => auto || LINK_LOCAL.includes(segment.text) || !prefixes.some(({ family }) => family === segment.family),
  );
  return {
    auto,
    prefixes: [...defaults, ...prefixes],
    named: words.filter((word) => !found.includes(word)).flatMap((word) => parseSegment(word) ?? []),
    found,
    texts: words,
  };
}

/**
 * Reads a list of router MACs in any notation, and `auto`; separators and the empty list as for networks. A MAC with a `!`
 * before it is no router's. A list of nothing else says nothing about the others, and means `auto` as well.
 * @throws ValidationError naming every word that is no MAC
 */
export function parseRouters(text: string): LanRouters {
  const { auto, words, found } = splitList(text);
  const isNone = (word: string) => word.startsWith("!");
  const macOf = (word: string) => normaliseMac(isNone(word) ? word.slice(1) : word);
  refuseBad(words, words.map(macOf), "MAC address");
  const macsOf = (some: readonly string[]) => some.map(macOf).filter((mac) => mac !== null);
  return {
    auto: auto || words.every(isNone),
    macs: macsOf(words.filter((word) => !isNone(word))),
    none: macsOf(words.filter(isNone)),
    found: found.map(normaliseMac).filter((mac) => mac !== null),
    texts: words,
  };
}

/** More than a household has: whoever makes up addresses must not make the file grow without end. */
const WORDS_AT_MOST = 64;

/**
 * The list with what was found appended behind `auto`, up to 64 words. Words that say the same as one that is there
 * are left out.
 * @returns the text as it is when the list isn't automatic, or nothing is new
 */
export function withFound(text: string, found: readonly string[], canonical: (word: string) => string | null): string {
  const { auto, words } = splitList(text);
  if (!auto) return text;
  const known = new Set(words.map(canonical));
  const fresh: string[] = [];
  for (const word of found) {
    const key = canonical(word);
    if (key === null || known.has(key) || known.size >= WORDS_AT_MOST) continue;
    known.add(key);
    fresh.push(word);
  }
  if (fresh.length === 0) return text;
  return [...(text.trim() === "" ? [AUTO] : [text.trim()]), ...fresh].join("|");
}

/** One spelling for a network, to compare words by; null when the word is none. */
export function canonicalSegment(word: string): string | null {
  const prefix = parseSegment(word);
  return prefix && networkOf(prefix, prefix.bits).text;
}

function splitList(text: string): { auto: boolean; words: string[]; found: string[] } {
  const all = text.split(/[|,\s]+/).filter((word) => word !== "");
  const isAuto = (word: string) => word.toLowerCase() === AUTO;
  const at = all.findIndex(isAuto);
  return {
    auto: all.length === 0 || at !== -1,
    words: all.filter((word) => !isAuto(word)),
    found: at === -1 ? [] : all.slice(at).filter((word) => !isAuto(word)),
  };
}

function refuseBad(words: readonly string[], parsed: readonly unknown[], kind: string): void {
  const bad = words.filter((_, i) => parsed[i] === null).map((word) => `"${word}"`);
  if (bad.length > 0)
    throw new ValidationError(
      `${bad.join(", ")} ${bad.length === 1 ? `isn't a valid ${kind}` : `aren't valid ${kind}s`}`,
    );
}

/**
 * One network. Besides CIDR: `192.168.1` is 192.168.1.0/24 (never 192.168.100.0), `10` is 10.0.0.0/8, a whole dotted
 * quad is that address alone; `fd`, `fe80`, `2001:db8` and `2001:db8::` are IPv6 prefixes of the bits that are written.
 */
function parseSegment(word: string): Prefix | null {
  if (/^\d{1,3}(\.\d{1,3}){0,2}\.?$/.test(word)) {
    const octets = word.split(".").filter((octet) => octet !== "");
    const address = parseAddress([...octets, "0", "0", "0"].slice(0, 4).join("."));
    return address && networkOf(address, octets.length * 8, word);
  }
  if (/^(?=.*[a-f])[0-9a-f]{1,4}$/i.test(word)) {
    const address = parseAddress(`${word.padEnd(4, "0")}::`);
    return address && networkOf(address, word.length * 4, word);
  }
  if (/^[0-9a-f]{1,4}(:[0-9a-f]{1,4}){0,6}:{0,2}$/i.test(word) && word.includes(":")) {
    const groups = word.split(":").filter((group) => group !== "");
    const address = parseAddress(`${groups.join(":")}::`);
    return address && networkOf(address, groups.length * 16, word);
  }
  return parsePrefix(word);
}
