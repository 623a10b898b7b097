import { formatAddress } from "../accounting/address.ts";
import { type FoundName, foundName } from "./found-name.ts";

/**
 * Packets of multicast DNS (RFC 6762, in the format of RFC 1035), as far as names of hosts are in them: records that give a
 * name under `.local` an address, and those that give an address its name. Anybody on the LAN can send anything: a packet
 * is read within its bounds, and what makes no sense ends the reading of it, not the program.
 */

const [TYPE_A, TYPE_PTR, TYPE_AAAA] = [1, 12, 28] as const;
const CLASS_IN = 1;
const RESPONSE = 0x8000;
/** Larger ones don't fit into a packet of the LAN. */
const MAX_PACKET = 9_000;
/** Labels and jumps of one name: RFC 1035 allows 127 labels in 255 bytes. */
const MAX_LABELS = 128;

/** The hosts that a response names; none for a question, and for what is no packet. */
export function hostsInPacket(packet: Uint8Array): FoundName[] {
  if (packet.length < 12 || packet.length > MAX_PACKET) return [];
  const view = new DataView(packet.buffer, packet.byteOffset, packet.byteLength);
  if ((view.getUint16(2) & RESPONSE) === 0) return [];
  const questions = view.getUint16(4);
  const records = view.getUint16(6) + view.getUint16(8) + view.getUint16(10);
  const found: FoundName[] = [];
  let at: number | null = 12;
  for (let i = 0; i < questions; i++) {
    at = readName(packet, at)?.end ?? null;
    if (at === null || at + 4 > packet.length) return found;
    at += 4;
  }
  for (let i = 0; i < records; i++) {
    const owner = readName(packet, at);
    if (owner === null || owner.end + 10 > packet.length) return found;
    const [type, recordClass, lifetime] = [
      view.getUint16(owner.end),
      view.getUint16(owner.end + 2) & 0x7fff,
      view.getUint32(owner.end + 4),
    ];
    const start = owner.end + 10;
    at = start + view.getUint16(owner.end + 8);
    if (at > packet.length) return found;
    // A lifetime of zero takes a record back.
    if (recordClass !== CLASS_IN || lifetime === 0) continue;
    const host = hostOf(packet, view, { owner: owner.labels, type, start, end: at });
    if (host !== null) found.push(host);
  }
  return found;
}

interface DnsRecord {
  readonly owner: readonly string[];
  readonly type: number;
  readonly start: number;
  readonly end: number;
}

function hostOf(packet: Uint8Array, view: DataView, { owner, type, start, end }: DnsRecord): FoundName | null {
  if (type === TYPE_PTR) {
    const ip = addressOf(owner);
    const target = ip === null ? null : readName(packet, start);
    return target === null ? null : localName(ip, target.labels);
  }
  if (type === TYPE_A && end - start === 4) {
    return localName(formatAddress({ family: 4, words: [view.getUint32(start)] }), owner);
  }
  if (type === TYPE_AAAA && end - start === 16) {
    const words = [0, 4, 8, 12].map((offset) => view.getUint32(start + offset));
    return localName(formatAddress({ family: 6, words }), owner);
  }
  return null;
}

/** Of names below `.local` the first label: what stands behind is not the host's own. */
function localName(ip: string | null, labels: readonly string[]): FoundName | null {
  const [name, top] = labels;
  return labels.length === 2 && top?.toLowerCase() === "local" ? foundName("mdns", null, ip, name ?? "") : null;
}

/** The address of `22.1.168.192.in-addr.arpa`, or of the 32 digits below `ip6.arpa`; null for other names. */
function addressOf(labels: readonly string[]): string | null {
  const [top, zone] = [labels.at(-1)?.toLowerCase(), labels.at(-2)?.toLowerCase()];
  const parts = labels.slice(0, -2).reverse();
  if (top !== "arpa") return null;
  if (zone === "in-addr" && parts.length === 4) return parts.join(".");
  if (zone !== "ip6" || parts.length !== 32 || parts.some((digit) => !/^[0-9a-f]$/i.test(digit))) return null;
  return (parts.join("").match(/.{4}/g) as string[]).join(":");
}

/** A name from a place on, and where what follows it begins; null where it is none. */
function readName(packet: Uint8Array, from: number): { labels: string[]; end: number } | null {
  const labels: string[] = [];
  let end: number | null = null;
  let at = from;
  for (let steps = 0; steps < MAX_LABELS; steps++) {
    const length = packet[at];
    if (length === undefined) return null;
    if (length === 0) return { labels, end: end ?? at + 1 };
    if (length >= 0xc0) {
      const low = packet[at + 1];
      // A jump leads backwards: so it ends.
      const target = ((length & 0x3f) << 8) | (low ?? 0);
      if (low === undefined || target >= at) return null;
      end ??= at + 2;
      at = target;
      continue;
    }
    if (length > 63 || at + 1 + length > packet.length) return null;
    labels.push(new TextDecoder().decode(packet.subarray(at + 1, at + 1 + length)));
    at += 1 + length;
  }
  return null;
}

/** A question for the names of some addresses, to be answered to everybody; `ips` are as `formatAddress` spells them. */
export function reverseQuestion(ips: readonly string[]): Buffer {
  const head = Buffer.alloc(12);
  head.writeUInt16BE(ips.length, 4);
  const questions = ips.flatMap((ip) => {
    const labels = reverseLabels(ip).map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)]));
    return [...labels, Buffer.from([0, 0, TYPE_PTR, 0, CLASS_IN])];
  });
  return Buffer.concat([head, ...questions]);
}

function reverseLabels(ip: string): string[] {
  if (!ip.includes(":")) return [...ip.split(".").reverse(), "in-addr", "arpa"];
  const [head = "", tail = ""] = ip.split("::");
  const groups = (text: string) => (text === "" ? [] : text.split(":").map((group) => group.padStart(4, "0")));
  const missing = ip.includes("::") ? 8 - groups(head).length - groups(tail).length : 0;
  const digits = [...groups(head), ...Array<string>(missing).fill("0000"), ...groups(tail)].join("");
  return [...[...digits].reverse(), "ip6", "arpa"];
}
