import { readdir, readFile } from "node:fs/promises";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { containsAny, DEFAULT_SEGMENTS, parseAddress } from "../accounting/address.ts";

const UP = 0x1;
const GATEWAY = 0x2;
const REJECT = 0x200;
const LOOPBACK = 0x8;

/** What the kernel says of routes and interfaces. */
export interface NetworkState {
  /** `/proc/net/route`; empty where there is none. */
  readonly route: string;
  /** `/proc/net/ipv6_route`; empty where there is none. */
  readonly ipv6Route: string;
  /** Whether this machine forwards IPv4 from one interface to another. */
  readonly forwards: boolean;
  /** Every interface in the kernel's order, with its flags. */
  readonly interfaces: readonly { readonly name: string; readonly flags: number; readonly operstate: string }[];
}

/** Reads the state of the network. What cannot be read counts as not there. */
export async function readNetworkState(root = "/"): Promise<NetworkState> {
  const read = (path: string) => readFile(join(root, path), "utf8").catch(() => "");
  const names = await readdir(join(root, "sys/class/net")).catch(() => []);
  const interfaces = await Promise.all(
    names.map(async (name) => {
      const attribute = async (which: string) => (await read(`sys/class/net/${name}/${which}`)).trim();
      return {
        name,
        index: Number(await attribute("ifindex")),
        flags: Number(await attribute("flags")),
        operstate: await attribute("operstate"),
      };
    }),
  );
  return {
    route: await read("proc/net/route"),
    ipv6Route: await read("proc/net/ipv6_route"),
    forwards: (await read("proc/sys/net/ipv4/ip_forward")).trim() === "1",
    interfaces: interfaces.sort((a, b) => a.index - b.index),
  };
}

/**
 * The interface to listen on: that of the IPv4 default route with the smallest metric, else of the IPv6 one, else the first
 * that is up and not the loopback. Where this machine is the router and that interface has no LAN address, the first one
 * that has: on the side of the internet no device can be told from another. Null when there is none.
 */
export function pickInterface(state: NetworkState, addresses = networkInterfaces()): string | null {
  const wayOut = leastMetric(defaultRoutes(state.route)) ?? leastMetric(defaultRoutes6(state.ipv6Route));
  if (wayOut === null) return firstUp(state.interfaces);
  if (!state.forwards || hasLanAddress(wayOut, addresses)) return wayOut;
  const lanSides = state.interfaces.filter(({ name }) => hasLanAddress(name, addresses) && !VIRTUAL.test(name));
  return firstUp(lanSides) ?? wayOut;
}

/** Networks of containers, virtual machines and tunnels: what passes there passes the LAN as well, or is no LAN. */
const VIRTUAL = /^(?:docker|br-[0-9a-f]{12}$|veth|virbr|vnet|lxc|cni|flannel|cali|podman|tun|tap|wg|tailscale|zt|ppp)/;

function hasLanAddress(iface: string, addresses: ReturnType<typeof networkInterfaces>): boolean {
  return (addresses[iface] ?? []).some(({ address, family }) => {
    const parsed = family === "IPv4" ? parseAddress(address) : null;
    return parsed !== null && containsAny(DEFAULT_SEGMENTS, parsed);
  });
}

/** A default route that is up. */
export interface DefaultRoute {
  /** Its interface. */
  readonly name: string;
  readonly metric: number;
  /** The next hop in hexadecimal, as the table writes it; null where the wire itself leads on (a tunnel, PPP). */
  readonly gateway: string | null;
}

/** The IPv4 default routes of `/proc/net/route`. */
export function defaultRoutes(table: string): DefaultRoute[] {
  return table
    .split("\n")
    .slice(1)
    .map((line) => line.split("\t").map((field) => field.trim()))
    .filter(
      ([, destination, , flags, , , , mask]) => destination === "00000000" && mask === "00000000" && usable(flags),
    )
    .map((fields) => ({ name: fields[0] ?? "", metric: Number(fields[6]), gateway: gatewayOf(fields[2], fields[3]) }));
}

/** The IPv6 default routes of `/proc/net/ipv6_route`. */
export function defaultRoutes6(table: string): DefaultRoute[] {
  return table
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter(([destination, prefix, , , , , , , flags, name]) => {
      return /^0{32}$/.test(destination ?? "") && prefix === "00" && name !== "lo" && usable(flags);
    })
    .map((fields) => ({
      name: fields[9] ?? "",
      metric: Number.parseInt(fields[5] ?? "", 16),
      gateway: gatewayOf(fields[4], fields[8]),
    }));
}

function gatewayOf(gateway: string | undefined, flags: string | undefined): string | null {
  return (Number.parseInt(flags ?? "", 16) & GATEWAY) !== 0 && gateway !== undefined ? gateway : null;
}

function usable(flags: string | undefined): boolean {
  const bits = Number.parseInt(flags ?? "", 16);
  return (bits & UP) !== 0 && (bits & REJECT) === 0;
}

function leastMetric(routes: readonly DefaultRoute[]): string | null {
  return routes.toSorted((a, b) => a.metric - b.metric)[0]?.name || null;
}

function firstUp(interfaces: NetworkState["interfaces"]): string | null {
  const up = ({ flags, operstate }: { flags: number; operstate: string }) =>
    (flags & UP) !== 0 && (flags & LOOPBACK) === 0 && operstate !== "down";
  return interfaces.find(up)?.name ?? null;
}

/** The interface's IPv4 network as darkstat's `-l` wants it, `192.168.1.0/255.255.255.0`; null without one. */
export function localNetworkOf(iface: string, all = networkInterfaces()): string | null {
  const own = all[iface]?.find(({ family, netmask }) => family === "IPv4" && netmask !== "255.255.255.255");
  if (!own) return null;
  const mask = own.netmask.split(".").map(Number);
  const network = own.address.split(".").map((byte, index) => Number(byte) & (mask[index] ?? 0));
  return `${network.join(".")}/${own.netmask}`;
}
