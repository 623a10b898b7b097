import { isGroupMac, parseAddress } from "./address.ts";
import type { Bytes } from "./types.ts";
import { isRouter, type View } from "./view.ts";

/**
 * Finds routers in the figures of a day. A router receives for and sends from many foreign addresses, and carries more for
 * others than for itself. A device with a VPN, a hotspot or a mistyped address shows one or two foreign addresses, mostly in
 * one direction; and whoever sends with the addresses of others, to hide behind them, talks more himself than he carries.
 */

/** Bytes of an endpoint on a day. */
export interface EndpointBytes extends Bytes {
  readonly mac: string | null;
  readonly ip: string;
}

/** A MAC that was found to be a router's, and why. */
export interface RouterFinding {
  readonly mac: string;
  /** How many foreign networks it carried in both directions, addresses of some of them, and their bytes. */
  readonly networks: number;
  readonly examples: readonly string[];
  readonly bytes: number;
  /** The segment named by the user of which every address showed this MAC; null when that is not the reason. */
  readonly segment: string | null;
}

/** So many foreign networks, carried in both directions within a day, make a router. */
export const FOREIGN_NETWORKS_OF_ROUTER = 4;
/** A foreign /24 of which so many MACs hold addresses is a LAN on public addresses. */
const MACS_OF_LAN = 3;
/** So many addresses of a named segment behind one MAC, and none beside it, are behind a router. */
const ADDRESSES_OF_SEGMENT = 3;
/** A MAC that carries at least a twentieth of an address's bytes holds it, or passes it on. */
const HOLDS_SHARE = 0.05;
const MOST_EXAMPLES = 3;

/** What a MAC carried of a foreign network. */
interface Carried extends Bytes {
  readonly example: string;
}

/** @param figures the sums of one day, each endpoint once */
export function findRouters(figures: Iterable<EndpointBytes>, view: View): RouterFinding[] {
  if (!view.discoversRouters) return [];
  const day = sortOut(figures, view);
  const own = ownBytes(day.local);
  const carriers = carriersOf(day);
  const segments = segmentsBehind(day.local, view);
  const findings: RouterFinding[] = [];
  for (const mac of new Set([...carriers.keys(), ...segments.keys()])) {
    if (isRouter(mac, false, view) || view.notRouters.has(mac)) continue;
    const carried = carriers.get(mac) ?? [];
    const bytes = carried.reduce((sum, { in: down, out: up }) => sum + down + up, 0);
    const carriesMany = carried.length >= FOREIGN_NETWORKS_OF_ROUTER && bytes > (own.get(mac) ?? 0);
    const segment = segments.get(mac) ?? null;
    if (!carriesMany && segment === null) continue;
    const examples = carried
      .sort((a, b) => b.in + b.out - a.in - a.out)
      .slice(0, MOST_EXAMPLES)
      .map(({ example }) => example);
    findings.push({ mac, networks: carried.length, examples, bytes, segment });
  }
  return findings;
}

interface SortedDay {
  /** Bytes of local addresses, by address and MAC. */
  readonly local: Map<string, Map<string, Bytes>>;
  /** Bytes of foreign networks, by network and MAC. */
  readonly foreign: Map<string, Map<string, Carried>>;
  /** The MACs that received and sent at addresses of a foreign /24. */
  readonly macsOf24: Map<string, Set<string>>;
}

function sortOut(figures: Iterable<EndpointBytes>, view: View): SortedDay {
  const day: SortedDay = { local: new Map(), foreign: new Map(), macsOf24: new Map() };
  for (const { mac, ip, in: down, out: up } of figures) {
    if (mac === null || isGroupMac(mac)) continue;
    if (view.placeOf(ip) === "lan") {
      entryOf(day.local, ip, () => new Map<string, Bytes>()).set(mac, { in: down, out: up });
      continue;
    }
    const network = foreignNetworkOf(ip, view);
    if (network === null) continue;
    const byMac = entryOf(day.foreign, network, () => new Map<string, Carried>());
    const carried = byMac.get(mac) ?? { in: 0, out: 0, example: ip };
    byMac.set(mac, { in: carried.in + down, out: carried.out + up, example: carried.example });
    if (down > 0 && up > 0 && !ip.includes(":")) entryOf(day.macsOf24, network24(ip), () => new Set<string>()).add(mac);
  }
  return day;
}

/** What each MAC received and sent for itself: addresses that another MAC holds as well are not its own. */
function ownBytes(local: SortedDay["local"]): Map<string, number> {
  const own = new Map<string, number>();
  for (const byMac of local.values()) {
    const all = sumOf(byMac.values());
    const holders = [...byMac].filter(([, bytes]) => sumOf([bytes]) >= all * HOLDS_SHARE);
    if (holders.length !== 1) continue;
    const [mac] = holders[0] as [string, Bytes];
    own.set(mac, (own.get(mac) ?? 0) + all);
  }
  return own;
}

/** The foreign networks that each MAC carried in both directions, and more of than any other MAC. */
function carriersOf({ foreign, macsOf24 }: SortedDay): Map<string, Carried[]> {
  const carriers = new Map<string, Carried[]>();
  for (const byMac of foreign.values()) {
    let most: [string, Carried] | null = null;
    for (const entry of byMac) {
      if (most === null || sumOf([entry[1]]) > sumOf([most[1]])) most = entry;
    }
    if (most === null || most[1].in === 0 || most[1].out === 0) continue;
    const { example } = most[1];
    if (!example.includes(":") && (macsOf24.get(network24(example))?.size ?? 0) >= MACS_OF_LAN) continue;
    entryOf(carriers, most[0], () => []).push(most[1]);
  }
  return carriers;
}

/** MACs that stand for every address of a /24 in a segment that the user names: a layer-3 switch, or another router. */
function segmentsBehind(local: SortedDay["local"], view: View): Map<string, string> {
  const bySegment = new Map<string, { macs: Set<string>; addresses: number }>();
  for (const [ip, byMac] of local) {
    if (ip.includes(":") || !view.isNamedLan(ip)) continue;
    const segment = entryOf(bySegment, network24(ip), () => ({ macs: new Set<string>(), addresses: 0 }));
    for (const mac of byMac.keys()) segment.macs.add(mac);
    if ([...byMac.values()].some((bytes) => bytes.in > 0 && bytes.out > 0)) segment.addresses++;
  }
  const behind = new Map<string, string>();
  for (const [network, { macs, addresses }] of bySegment) {
    const [mac] = macs;
    if (macs.size === 1 && mac !== undefined && addresses >= ADDRESSES_OF_SEGMENT) behind.set(mac, `${network}.0/24`);
  }
  return behind;
}

/**
 * The network that a foreign address counts as; null for one that says nothing about routers (LAN, group, or mapped by
 * hand). IPv6 counts by /32, about one provider's block: a device has many global addresses of its own provider, and new
 * ones every day. An IPv4 address in NAT64's prefix counts as itself.
 */
export function foreignNetworkOf(ip: string, view: View): string | null {
  const place = view.placeOf(ip);
  if (place === "lan" || place === "group" || view.mappedTo(ip) !== null) return null;
  if (!ip.includes(":")) return ip;
  const [first = 0, second = 0, third = 0, last = 0] = parseAddress(ip)?.words ?? [];
  if (first === NAT64 && second === 0 && third === 0) return `nat64 ${last}`;
  return `${first.toString(16)}::/32`;
}

/** `64:ff9b::/96` (RFC 6052). */
const NAT64 = 0x0064ff9b;

/** The first three octets. */
function network24(ip: string): string {
  return ip.slice(0, ip.lastIndexOf("."));
}

function sumOf(amounts: Iterable<Bytes>): number {
  let sum = 0;
  for (const { in: down, out: up } of amounts) sum += down + up;
  return sum;
}

function entryOf<T>(map: Map<string, T>, key: string, make: () => T): T {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
