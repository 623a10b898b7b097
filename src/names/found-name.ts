import { formatAddress, isMulticast, isUnspecified, normaliseMac, parseAddress } from "../accounting/address.ts";
import { cleanName } from "../shared/clean-name.ts";
import type { NameKind } from "../shared/name-kinds.ts";

/** A name as a source tells it: of a MAC, or of an address where the source knows no MAC. */
export interface FoundName {
  readonly kind: NameKind;
  /** As `normaliseMac` spells it. */
  readonly mac: string | null;
  /** As `formatAddress` spells it. Never null where `mac` is. */
  readonly ip: string | null;
  /** Cleaned, still untrusted text. */
  readonly name: string;
}

/** What DNS allows, and what is kept. */
const NAME_LENGTH = 253;
const NOBODYS_MAC = /^(?:00:00:00:00:00:00|ff:ff:ff:ff:ff:ff)$/;
/** What programs write where they know no name, and what every machine calls itself. */
const NO_NAME = /^(?:\*|-|unknown|null|\(.*\)|localhost(?:\..*)?|ip6-.*|broadcasthost)$/i;

/**
 * A name that was read, fit to be kept; null where nothing usable is left of it, or nobody to give it to.
 * @param mac in any spelling, with or without dnsmasq's type of hardware before it ("06-…"); what is no MAC is none
 */
export function foundName(kind: NameKind, mac: string | null, ip: string | null, text: string): FoundName | null {
  const name = usableName(text);
  const [knownMac, knownIp] = [macOf(mac), ipOf(ip)];
  if (name === null || (knownMac === null && knownIp === null)) return null;
  return { kind, mac: knownMac, ip: knownIp, name };
}

function usableName(text: string): string | null {
  const name = cleanName(text, NAME_LENGTH)
    .replace(/\.$/, "")
    .replace(/\.local$/i, "");
  const isAddress = parseAddress(name) !== null || normaliseMac(name) !== null;
  return name === "" || NO_NAME.test(name) || isAddress ? null : name;
}

function macOf(text: string | null): string | null {
  if (text === null || text.length > 32) return null;
  const mac = normaliseMac(text) ?? normaliseMac(text.replace(/^[0-9a-f]{2}-(?=[0-9a-f]{2}:)/i, ""));
  return mac === null || NOBODYS_MAC.test(mac) ? null : mac;
}

function ipOf(text: string | null): string | null {
  const address = text === null || text.length > 64 ? null : parseAddress(text);
  if (address === null || isMulticast(address) || isUnspecified(address)) return null;
  const ip = formatAddress(address);
  return ip === "::1" || ip.startsWith("127.") || ip === "255.255.255.255" ? null : ip;
}
