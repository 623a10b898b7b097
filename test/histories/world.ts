import type { HostRow, SeriesBucket } from "../../src/accounting/types.ts";
import {
  type Amount,
  count,
  createMeter,
  type End,
  type FrontPage,
  frontPage,
  hostsPage,
  type Meter,
} from "./meter.ts";

/**
 * A small world that knows every packet: devices, their leases, routers, two darkstats that see the same wire, and clocks
 * that may be wrong. It is the reference that random histories of the accounting are held against; nothing in it is clever.
 */

export const ROUTER = "02:ff:ff:ff:ff:01";
export const SPARE_ROUTER = "02:ff:ff:ff:ff:02";
export const DEVICES = ["02:1a:00:00:00:0a", "02:1a:00:00:00:0b", "02:1a:00:00:00:0c", "02:1a:00:00:00:0d"] as const;
export const BROADCAST_MAC = "ff:ff:ff:ff:ff:ff";

/** The addresses of a LAN, by the family that it speaks. Those behind the router's other port show its MAC. */
export interface Addresses {
  readonly lan: readonly string[];
  readonly routed: readonly string[];
  readonly router: string;
  readonly remote: readonly string[];
  readonly group: End;
  /**
   * Source addresses that devices send with by mistake, of which the first may be answered, and addresses of remote hosts
   * that they send with on purpose.
   */
  readonly leaked: readonly string[];
  readonly spoofed: readonly string[];
}

const IPV4: Addresses = {
  lan: ["192.168.1.10", "192.168.1.11", "192.168.1.12", "192.168.1.13", "fd00::10", "2001:db8::10"],
  routed: ["10.0.20.5", "10.0.20.6"],
  router: "192.168.1.1",
  remote: ["198.51.100.1", "198.51.100.2", "192.0.2.9", "192.0.2.10", "203.0.113.9", "203.0.113.10"],
  group: { ip: "224.0.0.251", mac: "01:00:5e:00:00:fb" },
  leaked: ["100.72.14.9", "169.1.2.3", "169.2.2.3", "169.3.2.3", "169.4.2.3"],
  spoofed: ["198.51.100.1", "198.51.100.2"],
};
const IPV6: Addresses = {
  lan: ["fe80::10", "fe80::11", "fd00::10", "fd00::11", "2001:db8::10", "2001:db8::11"],
  routed: ["fd00:20::5"],
  router: "fe80::1",
  remote: ["2a00:1450::1", "2606:4700::1", "2a02:26f0::1", "2a03:2880::1", "2620:fe::9", "64:ff9b::c633:6401"],
  group: { ip: "ff02::fb", mac: "33:33:00:00:00:fb" },
  leaked: ["2a01:4f8::9", "2a0a:1::9", "2a0b:1::9", "2a0c:1::9", "2a0d:1::9"],
  spoofed: ["2a00:1450::1"],
};

export interface WorldOptions {
  readonly startAt: number;
  readonly ipv6Only: boolean;
  readonly localOnly: boolean;
  readonly showsMacs: boolean;
  readonly showsLastSeen: boolean;
  readonly hostsMax: number;
}

export interface World {
  readonly options: WorldOptions;
  readonly addresses: Addresses;
  /** Everyone that a LAN address can talk to. */
  readonly peers: readonly string[];
  /** True time: nobody in the world can see it. */
  now: number;
  /** What our machine's clock is off by. */
  clockOffset: number;
  /** Our machine's monotonic clock: stands still while it sleeps. */
  mono: number;
  /** The darkstat at home, and another one that sees the same wire. */
  readonly home: Meter;
  readonly other: Meter;
  /** The router that carries what comes and goes. */
  carrier: string;
  /** Address to the device that leases it. */
  readonly leases: Map<string, string>;
  /** Address to the devices that ever used it as their own. */
  readonly users: Map<string, Set<string>>;
  /** All that ever passed, by address, and in all. */
  readonly truth: Map<string, Amount>;
  bytes: number;
  /** When it passed. */
  readonly passed: { readonly at: number; readonly bytes: number }[];
}

export function createWorld(options: WorldOptions): World {
  const addresses = options.ipv6Only ? IPV6 : IPV4;
  const { lan, routed, router, remote, group } = addresses;
  const meter = {
    hostsMax: options.hostsMax,
    hostsKeep: Math.ceil(options.hostsMax / 2),
    showsMacs: options.showsMacs,
    showsLastSeen: options.showsLastSeen,
    // `-l` takes one IPv4 network.
    lists: (ip: string) => !options.localOnly || ip.startsWith("192.168.1."),
  };
  return {
    options,
    addresses,
    peers: [...remote, ...lan, ...routed, router, group.ip],
    now: options.startAt,
    clockOffset: 0,
    mono: 0,
    home: createMeter("home", options.startAt, meter),
    other: createMeter("other", options.startAt, meter),
    carrier: ROUTER,
    leases: new Map(lan.map((ip, index) => [ip, DEVICES[index % DEVICES.length] as string])),
    users: new Map(),
    truth: new Map(),
    bytes: 0,
    passed: [],
  };
}

/** A LAN address exchanges bytes with a peer: a remote host, another LAN address, the router or a group. */
export function traffic(world: World, ip: string, peer: string, down: number, up: number): void {
  if (ip === peer) return;
  const near = endOf(world, ip);
  const far = endOf(world, peer);
  if (up > 0) frame(world, near, far, up);
  if (down > 0 && peer !== world.addresses.group.ip) frame(world, far, near, down);
}

/** Who stands at an address: whoever leases it, the group, or a router for everybody else. */
export function endOf(world: World, ip: string): End {
  if (ip === world.addresses.group.ip) return world.addresses.group;
  const lease = world.leases.get(ip);
  if (lease === undefined) return { ip, mac: world.carrier };
  const users = world.users.get(ip) ?? new Set();
  world.users.set(ip, users.add(lease));
  return { ip, mac: lease };
}

/** A frame passes the wire. */
export function frame(world: World, from: End, to: End, bytes: number): void {
  for (const meter of [world.home, world.other]) count(meter, world.now, from, to, bytes);
  const sent = world.truth.get(from.ip) ?? NOTHING;
  world.truth.set(from.ip, { in: sent.in, out: sent.out + bytes });
  const received = world.truth.get(to.ip) ?? NOTHING;
  world.truth.set(to.ip, { in: received.in + bytes, out: received.out });
  world.bytes += bytes;
  world.passed.push({ at: world.now, bytes });
}

export function wait(world: World, ms: number, asleep = false): void {
  world.now += ms;
  if (!asleep) world.mono += ms;
}

const NOTHING: Amount = { in: 0, out: 0 };

/** What the host table said, and what was true at that moment. */
export interface HostsPage {
  readonly rows: readonly HostRow[];
  readonly truth: ReadonlyMap<string, Amount>;
  readonly bytes: number;
  readonly evictions: ReadonlyMap<string, number>;
  readonly runId: string;
  /** How often darkstat had been started. */
  readonly runs: number;
  readonly runBytes: number;
}

/** Both pages at one moment, as a proxy may store them. */
export interface Pages {
  readonly front: FrontPage;
  readonly hosts: HostsPage;
}

export function fetchFront(world: World, meter: Meter): FrontPage {
  return frontPage(meter, world.now);
}

export function fetchHosts(world: World, meter: Meter): HostsPage {
  return {
    rows: hostsPage(meter, world.now),
    truth: new Map(world.truth),
    bytes: world.bytes,
    evictions: new Map(meter.evictions),
    runId: meter.run.id,
    runs: meter.runs,
    runBytes: meter.run.bytes,
  };
}

const MINUTE = 60_000;

/** darkstat's series by minutes, in our machine's time. */
export function seriesOf(world: World, meter: Meter): SeriesBucket[] {
  const buckets = new Map<number, number>();
  for (const { at, bytes } of world.passed) {
    if (at < meter.run.startedAt) continue;
    // What passes at a full minute belongs to the one that ends there: readings are taken at such moments.
    const minute = Math.floor((at + world.clockOffset - 1) / MINUTE) * MINUTE;
    buckets.set(minute, (buckets.get(minute) ?? 0) + bytes);
  }
  const first = Math.floor((meter.run.startedAt + world.clockOffset - 1) / MINUTE) * MINUTE;
  const rest = { from: first - 31 * 24 * 60 * MINUTE, to: first, bytes: 0 };
  const now = world.now + world.clockOffset;
  return [...[...buckets].map(([from, bytes]) => ({ from, to: Math.min(from + MINUTE, now), bytes })), rest];
}
