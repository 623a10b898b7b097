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
  /**
   * The MAC, no router's, that holds the address itself: the one that showed it on the same day, else the last before, else
   * the first after. Asked where `mac` is a router's or a group's; null when nobody held it, as far as is known.
   */
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
  /** MACs of the next hops of this machine's default routes. */
  readonly nextHops: ReadonlySet<string>;
  /** Whether MACs become routers by what they carry. */
  readonly discoversRouters: boolean;
  /** Lines of MAC_MAC.txt: the first counts as the second. What is archived counts as {@link ARCHIVE}. */
  readonly merges: ReadonlyMap<string, string>;
  /** Names of meters that are shown by themselves, and not added to the others. */
  readonly meterViews: ReadonlySet<string>;
  /** Another text as soon as any answer may be another one. */
  readonly fingerprint: string;
  placeOf(ip: string): Place;
  /** Whether IPFilter reports the address. */
  reports(ip: string): boolean;
  /** The MAC that IP_MAC.txt names for the address; null when it names none. */
  mappedTo(ip: string): string | null;
  /** Whether the address lies in a segment that the user names: behind a router, it is a device of its own. */
  isNamedLan(ip: string): boolean;
}

export interface ViewOptions {
  /** What is LAN. */
  readonly segments: readonly Prefix[];
  /** Those of them that the user names himself. */
  readonly namedSegments?: readonly Prefix[];
  readonly routers: {
    readonly auto: boolean;
    readonly macs: readonly string[];
    readonly none?: readonly string[];
    readonly nextHops?: readonly string[];
  };
  readonly ipFilter: RegExp | { test(ip: string): boolean; readonly source: string };
  readonly ipMac: ReadonlyMap<string, string>;
  readonly macMac: ReadonlyMap<string, string>;
  /** MACs (or IPs) of ARCHIVED.txt. */
  readonly archived?: ReadonlySet<string>;
  readonly meterViews?: readonly string[];
}

/** The key of the one device that all archived devices are. No MAC and no IP reads like it. */
export const ARCHIVE = "archived";

const REMEMBERED = 20_000;
const GLOBAL_UNICAST: Prefix = { family: 6, words: [0x20000000, 0, 0, 0], bits: 3, text: "2000::/3" };
const LOOPBACK: readonly Prefix[] = [
  { family: 4, words: [0x7f000000], bits: 8, text: "127.0.0.0/8" },
  { family: 4, words: [0], bits: 8, text: "0.0.0.0/8" },
  { family: 6, words: [0, 0, 0, 1], bits: 128, text: "::1/128" },
];

/** The view that settings and map files ask for. Answers about an address are remembered. */
export function createView(options: ViewOptions): View {
  const {
    segments,
    namedSegments = [],
    routers,
    ipFilter,
    ipMac,
    macMac,
    archived = new Set(),
    meterViews = [],
  } = options;
  const places = new Map<string, Place>();
  const reported = new Map<string, boolean>();
  return {
    routers: new Set(routers.macs),
    notRouters: new Set(routers.none ?? []),
    nextHops: new Set(routers.nextHops ?? []),
    discoversRouters: routers.auto,
    merges: archived.size === 0 ? macMac : mergesOf(macMac, archived),
    meterViews: new Set(meterViews),
    fingerprint: JSON.stringify([
      ...(meterViews.length === 0 ? [] : [meterViews]),
      segments.map(({ text }) => text),
      namedSegments.map(({ text }) => text),
      routers.auto,
      routers.macs,
      routers.none ?? [],
      routers.nextHops ?? [],
      ipFilter.source,
      [...ipMac],
      [...macMac],
      ...(archived.size === 0 ? [] : [digestOf(archived)]),
    ]),
    placeOf: (ip) => places.get(ip) ?? remember(places, ip, placeOf(parseAddress(ip), segments)),
    reports: (ip) => reported.get(ip) ?? remember(reported, ip, ipFilter.test(ip)),
    mappedTo: (ip) => ipMac.get(ip) ?? null,
    isNamedLan(ip) {
      const address = parseAddress(ip);
      return address !== null && containsAny(namedSegments, address);
    },
  };
}

/** What a person merges by name goes before. */
function mergesOf(macMac: ReadonlyMap<string, string>, archived: ReadonlySet<string>): ReadonlyMap<string, string> {
  const merges = new Map<string, string>();
  for (const mac of archived) merges.set(mac, ARCHIVE);
  for (const [mac, target] of macMac) merges.set(mac, target);
  return merges;
}

/** Another text for another set of MACs, of which there may be hundreds of thousands. */
function digestOf(macs: ReadonlySet<string>): string {
  let [sum, product] = [0, 1];
  for (const mac of macs) {
    let hash = 0x811c9dc5;
    for (let at = 0; at < mac.length; at += 1) hash = Math.imul(hash ^ mac.charCodeAt(at), 0x01000193);
    sum = (sum + hash) | 0;
    product = Math.imul(product, hash | 1);
  }
  return `${macs.size} archived ${sum} ${product}`;
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
 * nobody a router. Behind a router, a LAN address belongs to whoever holds it; a host of a segment that the user names is
 * a device of its own; any other LAN address is the router's.
 * @param routers MACs that are routers, by {@link isRouter}
 */
export function ownershipOf({ mac, ip, heldBy }: Endpoint, routers: ReadonlySet<string>, view: View): Ownership {
  const place = view.placeOf(ip);
  if (place === "group") return GROUP;
  const isHeld = place === "lan" && heldBy !== null && !routers.has(heldBy) && !isGroupMac(heldBy);
  if (mac === null) {
    // Without a MAC, the last address of a /24 is taken for its broadcast address.
    if (ip.endsWith(".255")) return GROUP;
    return place === "lan" ? { role: "device", owner: ip } : INTERNET;
  }
  if (isGroupMac(mac)) return isHeld ? { role: "device", owner: heldBy } : GROUP;
  if (!routers.has(mac)) return { role: "device", owner: mac };
  const mapped = view.mappedTo(ip);
  if (mapped !== null) return { role: "device", owner: mapped };
  if (place !== "lan") return INTERNET;
  if (isHeld) return { role: "device", owner: heldBy };
  return view.isNamedLan(ip) ? { role: "device", owner: ip } : { role: "router", owner: mac };
}

/** Whether a MAC is a router's: by the user's word, else as the next hop of a default route, else by what was found. */
export function isRouter(mac: string, wasFound: boolean, view: View): boolean {
  if (view.notRouters.has(mac)) return false;
  return view.routers.has(mac) || (view.discoversRouters && (wasFound || view.nextHops.has(mac)));
}

/** The MACs that are routers: those that were found, as far as they are not contradicted, and those that need not be seen first. */
export function routersOf(found: Iterable<string>, view: View): Set<string> {
  const routers = new Set([...found].filter((mac) => isRouter(mac, true, view)));
  for (const mac of [...view.routers, ...view.nextHops]) if (isRouter(mac, false, view)) routers.add(mac);
  return routers;
}
