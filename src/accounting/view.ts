import {
  type Address,
  contains,
  containsAny,
  isBroadcastOf,
  isGroupMac,
  isLimitedBroadcast,
  isMulticast,
  isUnspecified,
  type Prefix,
  parseAddress,
} from "./address.ts";

/**
 * Who stored bytes belong to. Figures are stored as they were seen, by endpoint (an address at a MAC), and never rewritten;
 * what an endpoint *is* follows from the settings and from what was learnt since, and is decided here. So a segment that is
 * named today, or a router that is found or contradicted today, is right for the whole past at once.
 */

/** What an endpoint is. `group` is multicast, broadcast and "no address yet": never anybody's. */
export type Role = "device" | "router" | "internet" | "group";

/** An endpoint as it was seen. */
export interface Endpoint {
  /** The MAC that the address showed; null where the meter shows none. */
  readonly mac: string | null;
  readonly ip: string;
  /** The MAC that held the address before a router's MAC stood for it; null when nobody did, as far as is known. */
  readonly heldBy: string | null;
}

/** What an endpoint is, and the key of the interface that its bytes belong to: a MAC, or the IP standing in for one. */
export interface Ownership {
  readonly role: Role;
  /** Null for hosts on the internet and for groups, which are nobody's. */
  readonly owner: string | null;
}

/** Where an address lies. `global` is a global IPv6 address: a LAN device's own unless a router's MAC carries it. */
export type Place = "lan" | "global" | "remote" | "group";

/** What the settings say of addresses and MACs. */
export interface View {
  /** MACs that the user names as routers, and those of which he says that they are none. */
  readonly routers: ReadonlySet<string>;
  readonly notRouters: ReadonlySet<string>;
  /** Whether MACs become routers by what they carry. */
  readonly discoversRouters: boolean;
  /** Lines of MAC_MAC.txt: the first counts as the second. */
  readonly merges: ReadonlyMap<string, string>;
  /** Another text as soon as any answer may be another one. */
  readonly fingerprint: string;
  placeOf(ip: string): Place;
  /** Whether IPFilter reports the address. */
  reports(ip: string): boolean;
  /** Whether IP_MAC.txt says whose the address is. */
  isMapped(ip: string): boolean;
  /** Whether the address lies in a segment that the user names: behind a router, it is a device of its own. */
  isNamedLan(ip: string): boolean;
}

export interface ViewOptions {
  /** What is LAN. */
  readonly segments: readonly Prefix[];
  /** Those of them that the user names himself. */
  readonly namedSegments?: readonly Prefix[];
  readonly routers: { readonly auto: boolean; readonly macs: readonly string[]; readonly none?: readonly string[] };
  readonly ipFilter: RegExp | { test(ip: string): boolean; readonly source: string };
  readonly ipMac: ReadonlyMap<string, string>;
  readonly macMac: ReadonlyMap<string, string>;
}

const REMEMBERED = 20_000;
const GLOBAL_UNICAST: Prefix = { family: 6, words: [0x20000000, 0, 0, 0], bits: 3, text: "2000::/3" };
const LOOPBACK: readonly Prefix[] = [
  { family: 4, words: [0x7f000000], bits: 8, text: "127.0.0.0/8" },
  { family: 4, words: [0], bits: 8, text: "0.0.0.0/8" },
  { family: 6, words: [0, 0, 0, 1], bits: 128, text: "::1/128" },
];

/** The view that settings and map files ask for. Answers about an address are remembered. */
export function createView(options: ViewOptions): View {
  const { segments, namedSegments = [], routers, ipFilter, ipMac, macMac } = options;
  const places = new Map<string, Place>();
  const reported = new Map<string, boolean>();
  return {
    routers: new Set(routers.macs),
    notRouters: new Set(routers.none ?? []),
    discoversRouters: routers.auto,
    merges: macMac,
    fingerprint: JSON.stringify([
      segments.map(({ text }) => text),
      namedSegments.map(({ text }) => text),
      routers.auto,
      routers.macs,
      routers.none ?? [],
      ipFilter.source,
      [...ipMac.keys()],
      [...macMac],
    ]),
    placeOf: (ip) => places.get(ip) ?? remember(places, ip, placeOf(parseAddress(ip), segments)),
    reports: (ip) => reported.get(ip) ?? remember(reported, ip, ipFilter.test(ip)),
    isMapped: (ip) => ipMac.has(ip),
    isNamedLan(ip) {
      const address = parseAddress(ip);
      return address !== null && containsAny(namedSegments, address);
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

const GROUP: Ownership = { role: "group", owner: null };
const INTERNET: Ownership = { role: "internet", owner: null };

/**
 * Says who an endpoint is. A MAC that is no router's owns whatever address it shows: one foreign source address makes
 * nobody a router. Behind a router, a LAN address belongs to whoever held it before; a host of a segment that the user
 * names is a device of its own; any other LAN address is the router's.
 * @param routers MACs that are routers, by {@link isRouter}
 */
export function ownershipOf({ mac, ip, heldBy }: Endpoint, routers: ReadonlySet<string>, view: View): Ownership {
  const place = view.placeOf(ip);
  if (place === "group" || isGroupTraffic(ip, mac)) return GROUP;
  if (mac === null) return place === "lan" ? { role: "device", owner: ip } : INTERNET;
  if (view.isMapped(ip) || !routers.has(mac)) return { role: "device", owner: mac };
  if (place !== "lan") return INTERNET;
  if (heldBy !== null && !routers.has(heldBy)) return { role: "device", owner: heldBy };
  return view.isNamedLan(ip) ? { role: "device", owner: ip } : { role: "router", owner: mac };
}

/** By the MAC where there is one. Without, the last address of a /24 is taken for its broadcast address. */
function isGroupTraffic(ip: string, mac: string | null): boolean {
  return mac === null ? ip.endsWith(".255") : isGroupMac(mac);
}

/**
 * A MAC is taken for a router's when it received for and sent from so many foreign networks within a day. A device with a
 * VPN, a hotspot or a mistyped address shows one or two foreign addresses, and mostly in one direction only.
 */
export const FOREIGN_NETWORKS_OF_ROUTER = 4;

/**
 * The network that a foreign address counts as; null for one that says nothing about routers (LAN, group). IPv6 counts by
 * /32, about one provider's block: a device has many global addresses of its own provider, and new ones every day.
 */
export function foreignNetworkOf(ip: string, view: View): string | null {
  const place = view.placeOf(ip);
  if (place === "lan" || place === "group" || view.isMapped(ip)) return null;
  if (place === "remote" && !ip.includes(":")) return ip;
  const address = parseAddress(ip);
  return address === null ? null : `${(address.words[0] ?? 0).toString(16)}::/32`;
}

/** Whether a MAC is a router's: by the user's word, else by what was found. */
export function isRouter(mac: string, wasFound: boolean, view: View): boolean {
  if (view.notRouters.has(mac)) return false;
  return view.routers.has(mac) || (view.discoversRouters && wasFound);
}

/** A MAC that carried so many foreign networks within a day that it is a router's, and what speaks for it. */
export interface RouterFinding {
  readonly mac: string;
  readonly addresses: number;
  readonly examples: readonly string[];
}

/** Finds routers in the figures of one day. */
export function findRouters(
  figures: Iterable<{ readonly mac: string | null; readonly ip: string; readonly in: number; readonly out: number }>,
  view: View,
): RouterFinding[] {
  if (!view.discoversRouters) return [];
  const carried = new Map<string, Map<string, string>>();
  for (const { mac, ip, in: down, out } of figures) {
    if (mac === null || isGroupMac(mac) || view.notRouters.has(mac) || down === 0 || out === 0) continue;
    const network = foreignNetworkOf(ip, view);
    if (network === null) continue;
    const networks = carried.get(mac) ?? new Map<string, string>();
    networks.set(network, ip);
    carried.set(mac, networks);
  }
  return [...carried]
    .filter(([, networks]) => networks.size >= FOREIGN_NETWORKS_OF_ROUTER)
    .map(([mac, networks]) => ({ mac, addresses: networks.size, examples: [...networks.values()].slice(0, 3) }));
}
