import { formatAddress, isGroupMac, normaliseMac, parseAddress } from "../accounting/address.ts";
import { defaultRoutes, defaultRoutes6, type NetworkState } from "./interfaces.ts";

/**
 * The next hops of this machine's default routes: whatever else they do, they are routers. Known before a byte of their
 * traffic is, and where too little is seen of it to tell: on an ordinary machine of the LAN, or with IPv6 only.
 */

/** A neighbour that a default route leads to. */
export interface Gateway {
  readonly iface: string;
  readonly ip: string;
}

const COMPLETE = 0x2;
const NO_MAC = "00:00:00:00:00:00";

/**
 * The next hops of the default routes that leave by some interfaces.
 * @param order the byte order of this machine: `/proc/net/route` writes addresses in it
 */
export function gatewaysOf(
  { route, ipv6Route }: Pick<NetworkState, "route" | "ipv6Route">,
  interfaces: readonly string[],
  order: "LE" | "BE",
): Gateway[] {
  const through = (routes: ReturnType<typeof defaultRoutes>, addressOf: (hex: string) => string | null) =>
    routes.flatMap(({ name, gateway }) => {
      const ip = gateway !== null && interfaces.includes(name) ? addressOf(gateway) : null;
      return ip === null ? [] : [{ iface: name, ip }];
    });
  return [...through(defaultRoutes(route), (hex) => ipv4Of(hex, order)), ...through(defaultRoutes6(ipv6Route), ipv6Of)];
}

function ipv4Of(hex: string, order: "LE" | "BE"): string | null {
  const octets =
    hex
      .match(/^(..)(..)(..)(..)$/)
      ?.slice(1)
      .map((octet) => Number.parseInt(octet, 16)) ?? [];
  if (octets.length === 0 || octets.every((octet) => octet === 0)) return null;
  return (order === "LE" ? octets.reverse() : octets).join(".");
}

function ipv6Of(hex: string): string | null {
  const words =
    hex
      .match(/^(.{8})(.{8})(.{8})(.{8})$/)
      ?.slice(1)
      .map((word) => Number.parseInt(word, 16)) ?? [];
  if (words.every((word) => word === 0)) return null;
  return formatAddress({ family: 6, words });
}

/** The MACs in `/proc/net/arp`, by interface and address as {@link keyOf} has them. Unanswered questions are left out. */
export function arpNeighbours(table: string): Map<string, string> {
  const macs = new Map<string, string>();
  for (const line of table.split("\n").slice(1)) {
    const [ip = "", , flags = "", text = "", , iface = ""] = line.trim().split(/\s+/);
    const mac = macOf(text);
    if (mac !== null && (Number(flags) & COMPLETE) !== 0) macs.set(keyOf({ iface, ip }), mac);
  }
  return macs;
}

/**
 * The same of what `ip -6 neigh show dev IFACE` prints, iproute2's or BusyBox's:
 * `fe80::1 lladdr 02:ff:ff:ff:ff:01 router REACHABLE`.
 */
export function ipv6Neighbours(text: string, iface: string): Map<string, string> {
  const macs = new Map<string, string>();
  for (const line of text.split("\n")) {
    const address = parseAddress(/^\S+/.exec(line)?.[0] ?? "");
    const mac = macOf(/ lladdr (\S+)/.exec(line)?.[1] ?? "");
    if (address !== null && mac !== null) macs.set(keyOf({ iface, ip: formatAddress(address) }), mac);
  }
  return macs;
}

/** Null for what is no single machine's MAC. */
function macOf(text: string): string | null {
  const mac = normaliseMac(text);
  return mac === null || mac === NO_MAC || isGroupMac(mac) ? null : mac;
}

/** A link-local address may be another machine's on each interface. */
function keyOf({ iface, ip }: Gateway): string {
  return `${iface} ${ip}`;
}

/** What the machine says; whatever cannot be read is empty, and nothing rejects. */
export interface NextHopSources {
  readonly routes: () => Promise<Pick<NetworkState, "route" | "ipv6Route">>;
  /** `/proc/net/arp`. */
  readonly arp: () => Promise<string>;
  /** What `ip -6 neigh show dev IFACE` prints: the kernel has no file of it. */
  readonly ipv6Neighbours: (iface: string) => Promise<string>;
  readonly order: "LE" | "BE";
}

export interface NextHops {
  /**
   * The MACs of the next hops as they are now, sorted. One that is not answering at the moment keeps the MAC that it had;
   * while there is no default route at all, nothing has changed.
   * @param interfaces those that are measured: a router on another one is none of ours to leave out
   */
  look(interfaces: readonly string[]): Promise<readonly string[]>;
}

export function createNextHops(sources: NextHopSources): NextHops {
  const known = new Map<string, string>();
  let last: readonly string[] = [];
  return {
    async look(interfaces) {
      if (interfaces.length === 0) return last;
      const gateways = gatewaysOf(await sources.routes(), interfaces, sources.order);
      if (gateways.length === 0) return last;
      for (const [key, mac] of arpNeighbours(await sources.arp())) known.set(key, mac);
      for (const iface of new Set(gateways.filter(({ ip }) => ip.includes(":")).map((gateway) => gateway.iface))) {
        for (const [key, mac] of ipv6Neighbours(await sources.ipv6Neighbours(iface), iface)) known.set(key, mac);
      }
      for (const key of [...known.keys()]) if (!gateways.some((gateway) => keyOf(gateway) === key)) known.delete(key);
      last = [...new Set(known.values())].sort();
      return last;
    },
  };
}
