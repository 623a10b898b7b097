import {
  type Address,
  contains,
  containsAny,
  isBroadcastOf,
  isLimitedBroadcast,
  isMulticast,
  isUnspecified,
  type Prefix,
  parseAddress,
} from "./address.ts";
import type { Calendar } from "./calendar.ts";

/**
 * Where an address lies. `global` is a global IPv6 address: a LAN device's own unless a router's MAC carries it.
 * `group` is multicast, broadcast and "no address yet": never anybody's.
 */
export type Place = "lan" | "global" | "remote" | "group";

/** What the user's settings say of addresses and devices. The core asks; it reads no setting. */
export interface Policy {
  readonly calendar: Calendar;
  /** Router MACs named by the user. */
  readonly routers: ReadonlySet<string>;
  /** Whether MACs that carry addresses outside the LAN become routers by themselves. */
  readonly discoversRouters: boolean;
  /** A reading this close to an hour's edge is at the edge, in ms. */
  readonly edgeToleranceMs: number;
  placeOf(ip: string): Place;
  /** Whether IPFilter reports the address. */
  reports(ip: string): boolean;
  /** Whether the user maps this very address to a MAC. */
  isMapped(ip: string): boolean;
  /** The MAC that counts for a row: IP_MAC, then MAC_MAC, each once, without chains. */
  rewrite(ip: string, mac: string | null): string | null;
}

export interface PolicyOptions {
  readonly calendar: Calendar;
  /** What is LAN. */
  readonly segments: readonly Prefix[];
  readonly routers: { readonly auto: boolean; readonly macs: readonly string[] };
  readonly ipFilter: { test(ip: string): boolean };
  readonly ipMac: ReadonlyMap<string, string>;
  readonly macMac: ReadonlyMap<string, string>;
}

const EDGE_TOLERANCE_MS = 2_000;
const REMEMBERED = 20_000;
const GLOBAL_UNICAST: Prefix = { family: 6, words: [0x20000000, 0, 0, 0], bits: 3, text: "2000::/3" };
const LOOPBACK: readonly Prefix[] = [
  { family: 4, words: [0x7f000000], bits: 8, text: "127.0.0.0/8" },
  { family: 4, words: [0], bits: 8, text: "0.0.0.0/8" },
  { family: 6, words: [0, 0, 0, 1], bits: 128, text: "::1/128" },
];

/** The policy that settings and map files ask for. Answers about an address are remembered. */
export function createPolicy(options: PolicyOptions): Policy {
  const places = new Map<string, Place>();
  const reported = new Map<string, boolean>();
  return {
    calendar: options.calendar,
    routers: new Set(options.routers.macs),
    discoversRouters: options.routers.auto,
    edgeToleranceMs: EDGE_TOLERANCE_MS,
    placeOf: (ip) => places.get(ip) ?? remember(places, ip, placeOf(parseAddress(ip), options.segments)),
    reports: (ip) => reported.get(ip) ?? remember(reported, ip, options.ipFilter.test(ip)),
    isMapped: (ip) => options.ipMac.has(ip),
    rewrite(ip, mac) {
      const mapped = options.ipMac.get(ip) ?? mac;
      return mapped === null ? null : (options.macMac.get(mapped) ?? mapped);
    },
  };
}

function placeOf(address: Address | null, segments: readonly Prefix[]): Place {
  if (address === null) return "group";
  if (isMulticast(address) || isLimitedBroadcast(address) || isUnspecified(address)) return "group";
  if (containsAny(LOOPBACK, address)) return "group";
  const segment = segments.find((candidate) => contains(candidate, address));
  if (segment !== undefined) return isBroadcastOf(segment, address) ? "group" : "lan";
  return contains(GLOBAL_UNICAST, address) ? "global" : "remote";
}

function remember<T>(known: Map<string, T>, key: string, value: T): T {
  if (known.size >= REMEMBERED) known.clear();
  known.set(key, value);
  return value;
}
