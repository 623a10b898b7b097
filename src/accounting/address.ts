/**
 * Arithmetic on addresses: what an IP is, which network it lies in, what a MAC is called. No I/O, no state.
 * It runs over every row of every reading, so addresses are plain unsigned 32-bit words.
 */

/** An IP address: one word for IPv4, four for IPv6, the most significant first. */
export interface Address {
  readonly family: 4 | 6;
  readonly words: readonly number[];
}

/** A network: the addresses that agree with `words` in the first `bits` bits. The bits behind are zero. */
export interface Prefix extends Address {
  readonly bits: number;
  /** As a person wrote it, or in CIDR. */
  readonly text: string;
}

/**
 * Reads an IPv4 or IPv6 address as darkstat and people write it. An IPv4 address in IPv6 clothes (`::ffff:192.168.1.7`)
 * is the IPv4 address; a zone (`fe80::1%eth0`) is left out. Octets with leading zeros are refused: readers disagree
 * on whether they are octal.
 * @returns null for anything else.
 */
export function parseAddress(text: string): Address | null {
  if (text.includes(":")) {
    const words = parseIpv6(text);
    if (!words) return null;
    const [first, second, third, last] = words;
    return first === 0 && second === 0 && third === 0xffff
      ? { family: 4, words: [last as number] }
      : { family: 6, words };
  }
  const word = parseIpv4(text);
  return word === -1 ? null : { family: 4, words: [word] };
}

/** The word of a dotted quad; -1 when it is none. Scans characters: splitting costs four times as much. */
function parseIpv4(text: string): number {
  let word = 0;
  let octet = -1;
  let dots = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code >= 48 && code <= 57) {
      if (octet === 0) return -1;
      octet = octet === -1 ? code - 48 : octet * 10 + code - 48;
      if (octet > 255) return -1;
    } else if (code === 46 && octet !== -1 && dots < 3) {
      word = word * 256 + octet;
      octet = -1;
      dots++;
    } else {
      return -1;
    }
  }
  return octet === -1 || dots !== 3 ? -1 : word * 256 + octet;
}

/** The four words of an IPv6 address; null when it is none. */
function parseIpv6(text: string): [number, number, number, number] | null {
  const zone = text.indexOf("%");
  const plain = zone === -1 ? text : text.slice(0, zone);
  const halves = plain.split("::");
  if (halves.length > 2 || zone === text.length - 1) return null;
  const head = parseGroups(halves[0] as string, halves.length === 1);
  const tail = halves.length === 2 ? parseGroups(halves[1] as string, true) : [];
  if (!head || !tail) return null;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return null;
  const words: [number, number, number, number] = [0, 0, 0, 0];
  const put = (group: number, at: number) => {
    words[at >> 1] = (words[at >> 1] as number) + (at % 2 === 0 ? group * 65536 : group);
  };
  head.forEach(put);
  tail.forEach((group, i) => {
    put(group, head.length + missing + i);
  });
  return words;
}

/** The 16-bit groups of one half of an IPv6 address; the last may be a dotted quad. */
function parseGroups(text: string, last: boolean): number[] | null {
  if (text === "") return [];
  const groups: number[] = [];
  const parts = text.split(":");
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i] as string;
    if (/^[0-9a-f]{1,4}$/i.test(part)) {
      groups.push(Number.parseInt(part, 16));
      continue;
    }
    const word = last && i === parts.length - 1 ? parseIpv4(part) : -1;
    if (word === -1) return null;
    groups.push(Math.floor(word / 65536), word % 65536);
  }
  return groups;
}

/**
 * Reads a network in CIDR (`192.168.1.0/24`, `fd00::/8`), or a single address (`/32`, `/128`).
 * Bits behind the prefix are cleared, so `192.168.1.7/24` is the network that this address lies in.
 * @returns null for anything else.
 */
export function parsePrefix(text: string): Prefix | null {
  const slash = text.indexOf("/");
  const plain = slash === -1 ? text : text.slice(0, slash);
  const address = parseAddress(plain);
  if (!address) return null;
  const dressed = address.family === 4 && plain.includes(":");
  const width = dressed ? 128 : address.words.length * 32;
  const digits = slash === -1 ? String(width) : text.slice(slash + 1);
  if (!/^(0|[1-9]\d{0,2})$/.test(digits)) return null;
  const bits = Number(digits) - (dressed ? 96 : 0);
  if (bits < 0 || bits > address.words.length * 32) return null;
  return networkOf(address, bits, text);
}

/** The network of `bits` bits that an address lies in. */
export function networkOf(address: Address, bits: number, text?: string): Prefix {
  const words = address.words.map((word, i) => (word & mask(bits - i * 32)) >>> 0);
  const network = { family: address.family, words };
  return { ...network, bits, text: text ?? `${formatAddress(network)}/${bits}` };
}

/** The mask of the first `bits` bits of a word; a signed 32-bit number, for `&` only. */
function mask(bits: number): number {
  if (bits <= 0) return 0;
  return bits >= 32 ? -1 : -1 << (32 - bits);
}

/** Whether an address lies in a network. */
export function contains(prefix: Prefix, address: Address): boolean {
  if (prefix.family !== address.family) return false;
  let left = prefix.bits;
  for (let i = 0; left > 0; i++, left -= 32) {
    if ((((prefix.words[i] as number) ^ (address.words[i] as number)) & mask(left)) !== 0) return false;
  }
  return true;
}

/** Whether an address lies in one of the networks. */
export function containsAny(prefixes: readonly Prefix[], address: Address): boolean {
  for (const prefix of prefixes) if (contains(prefix, address)) return true;
  return false;
}

const network = (text: string): Prefix => parsePrefix(text) as Prefix;

/** What is LAN when nothing else is said: RFC 1918, link-local (RFC 3927, RFC 4291), ULA (RFC 4193). */
export const DEFAULT_SEGMENTS: readonly Prefix[] = [
  network("10.0.0.0/8"),
  network("172.16.0.0/12"),
  network("192.168.0.0/16"),
  network("169.254.0.0/16"),
  network("fc00::/7"),
  network("fe80::/10"),
];

/** `224.0.0.0/4` (RFC 5771) and `ff00::/8` (RFC 4291). */
export function isMulticast(address: Address): boolean {
  const first = address.words[0] as number;
  return address.family === 4 ? first >= 0xe0000000 && first < 0xf0000000 : first >= 0xff000000;
}

/** The limited broadcast address `255.255.255.255`. A network's own broadcast address is `isBroadcastOf`'s. */
export function isLimitedBroadcast(address: Address): boolean {
  return address.family === 4 && address.words[0] === 0xffffffff;
}

/** Whether an address is the last one of an IPv4 network with room for hosts (`/30` and wider): its broadcast address. */
export function isBroadcastOf(prefix: Prefix, address: Address): boolean {
  if (address.family !== 4 || prefix.bits > 30 || !contains(prefix, address)) return false;
  const hostBits = ~mask(prefix.bits);
  return ((address.words[0] as number) & hostBits) === hostBits;
}

/** `0.0.0.0` and `::`: who speaks so has no address yet. */
export function isUnspecified(address: Address): boolean {
  return address.words.every((word) => word === 0);
}

const ODD_DIGITS = "13579bdf";

/** Whether a (normalised) MAC addresses a group: broadcast, or multicast by the lowest bit of its first octet. */
export function isGroupMac(mac: string): boolean {
  return mac.length > 1 && ODD_DIGITS.includes(mac.charAt(1));
}

/** An address as text: dotted quad, or IPv6 in the canonical form of RFC 5952. */
export function formatAddress(address: Address): string {
  if (address.family === 4) {
    const word = address.words[0] as number;
    return `${word >>> 24}.${(word >>> 16) & 255}.${(word >>> 8) & 255}.${word & 255}`;
  }
  const groups = address.words.flatMap((word) => [word >>> 16, word & 0xffff]);
  const [start, length] = longestZeros(groups);
  const hex = (part: number[]) => part.map((group) => group.toString(16)).join(":");
  return length < 2 ? hex(groups) : `${hex(groups.slice(0, start))}::${hex(groups.slice(start + length))}`;
}

/** Where the longest run of zero groups starts (the first of equals), and its length. */
function longestZeros(groups: readonly number[]): [start: number, length: number] {
  let best: [number, number] = [0, 0];
  for (let i = 0, run = 0; i < groups.length; i++) {
    run = groups[i] === 0 ? run + 1 : 0;
    if (run > best[1]) best = [i - run + 1, run];
  }
  return best;
}

const NORMAL_MAC = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/;

/** Whether a text is a MAC in the spelling of {@link normaliseMac}. */
export function isMac(text: string): boolean {
  return NORMAL_MAC.test(text);
}

/**
 * Whether a MAC was made up by the device itself (the locally administered bit, IEEE 802): phones do so for privacy,
 * virtual machines for want of a card. Such an address has no vendor.
 */
export function isPrivateMac(mac: string): boolean {
  return isMac(mac) && (Number.parseInt(mac.slice(0, 2), 16) & 2) !== 0;
}

const MAC_OCTETS = /^[0-9a-f]{1,2}([:-])[0-9a-f]{1,2}(\1[0-9a-f]{1,2}){4}$/i;
const MAC_SOLID = /^[0-9a-f]{12}$|^[0-9a-f]{4}([.-])[0-9a-f]{4}\1[0-9a-f]{4}$/i;

/**
 * One spelling for every MAC: lower case, two digits, `:`. Reads `02-FF-0A-…`, one-digit octets, `02ff.0a1b.2c3d`
 * and `02ff0a1b2c3d`, with spaces around. `00:00:00:00:00:00` is a MAC here; what it means is the caller's business.
 * @returns null for anything else.
 */
export function normaliseMac(text: string): string | null {
  if (NORMAL_MAC.test(text)) return text;
  const plain = text.trim().toLowerCase();
  if (MAC_OCTETS.test(plain)) {
    return plain
      .split(/[:-]/)
      .map((octet) => octet.padStart(2, "0"))
      .join(":");
  }
  if (!MAC_SOLID.test(plain)) return null;
  return (plain.replace(/[.-]/g, "").match(/../g) as string[]).join(":");
}
