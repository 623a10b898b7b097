import type { Reading, Totals } from "../../src/accounting/types.ts";

/**
 * A small world that knows every packet: devices, their leases, a darkstat with all its habits, and clocks that may
 * be wrong. It is the reference that random histories of the accounting are held against; nothing in it is clever.
 */

export interface Amount {
  in: number;
  out: number;
}

export const ROUTER = "02:ff:ff:ff:ff:01";
export const DEVICES = ["02:1a:00:00:00:0a", "02:1a:00:00:00:0b", "02:1a:00:00:00:0c", "02:1a:00:00:00:0d"] as const;
export const LAN_IPS = [
  "192.168.1.10",
  "192.168.1.11",
  "192.168.1.12",
  "192.168.1.13",
  "fd00::10",
  "2001:db8::10",
] as const;
export const REMOTE_IPS = ["198.51.100.1", "198.51.100.2", "203.0.113.9"] as const;
export const ROUTER_IP = "192.168.1.1";
export const MULTICAST_IP = "224.0.0.251";
export const MULTICAST_MAC = "01:00:5e:00:00:fb";

interface Host extends Amount {
  mac: string;
}

/** One life of darkstat. */
interface Run {
  readonly id: number;
  readonly epoch: string;
  readonly startedAt: number;
  readonly imported: "no" | "clean" | "stale";
  hosts: Map<string, Host>;
  bytes: number;
  packets: number;
  everEvicted: boolean;
  /** The run whose counters this one resumed, at the beginning of a chain of exports and imports. */
  readonly origin: number;
}

interface Export {
  readonly hosts: Map<string, Host>;
  readonly origin: number;
  readonly everEvicted: boolean;
}

export interface World {
  /** True time: nobody in the world can see it. */
  now: number;
  /** What our machine's clock is off by. */
  clockOffset: number;
  /** Our machine's monotonic clock: stands still while it sleeps. */
  mono: number;
  run: Run;
  readonly localOnly: boolean;
  /** Address to the device that leases it. */
  readonly leases: Map<string, string>;
  /** All that ever passed, by address. */
  readonly truth: Map<string, Amount>;
  /** How often each address was evicted. */
  readonly evictions: Map<string, number>;
  exported: Export;
}

export function createWorld(startAt: number, localOnly: boolean): World {
  return {
    now: startAt,
    clockOffset: 0,
    mono: 0,
    run: {
      id: 1,
      epoch: "run 1",
      startedAt: startAt,
      imported: "no",
      hosts: new Map(),
      bytes: 0,
      packets: 0,
      everEvicted: false,
      origin: 1,
    },
    localOnly,
    leases: new Map(LAN_IPS.map((ip, index) => [ip, DEVICES[index % DEVICES.length] as string])),
    truth: new Map(),
    evictions: new Map(),
    exported: { hosts: new Map(), origin: 0, everEvicted: false },
  };
}

/** A LAN address exchanges bytes with a peer, which is a remote host, another LAN address, the router or a group. */
export function traffic(world: World, ip: string, peer: string, down: number, up: number): void {
  const toGroup = peer === MULTICAST_IP;
  count(world, ip, world.leases.get(ip) as string, { in: toGroup ? 0 : down, out: up });
  count(world, peer, macOf(world, peer), { in: up, out: toGroup ? 0 : down });
  world.run.bytes += toGroup ? up : down + up;
  world.run.packets += 2;
}

function count(world: World, ip: string, mac: string, amount: Amount): void {
  const known = world.truth.get(ip) ?? { in: 0, out: 0 };
  world.truth.set(ip, { in: known.in + amount.in, out: known.out + amount.out });
  if (world.localOnly && !(LAN_IPS as readonly string[]).includes(ip) && ip !== ROUTER_IP) return;
  const host = world.run.hosts.get(ip) ?? { mac, in: 0, out: 0 };
  world.run.hosts.set(ip, { mac, in: host.in + amount.in, out: host.out + amount.out });
}

function macOf(world: World, ip: string): string {
  if (ip === MULTICAST_IP) return MULTICAST_MAC;
  return world.leases.get(ip) ?? ROUTER;
}

/** A gateway with one port sends the frame on: the row shows the gateway's MAC. */
export function flipMac(world: World, ip: string): void {
  const host = world.run.hosts.get(ip);
  if (host !== undefined) host.mac = ROUTER;
}

export function wait(world: World, ms: number, asleep = false): void {
  world.now += ms;
  if (!asleep) world.mono += ms;
}

export function evict(world: World, ips: readonly string[]): void {
  for (const ip of ips) {
    if (!world.run.hosts.delete(ip)) continue;
    world.run.everEvicted = true;
    world.evictions.set(ip, (world.evictions.get(ip) ?? 0) + 1);
  }
}

/** darkstat starts anew. Without a clock chip its since-text may be the same as last time. */
export function restart(world: World, imported: Run["imported"], sameText: boolean): void {
  const id = world.run.id + 1;
  const nothing = { hosts: new Map<string, Host>(), origin: id, everEvicted: false };
  const resumed = imported === "clean" ? world.run : imported === "stale" ? world.exported : nothing;
  world.run = {
    id,
    epoch: sameText ? world.run.epoch : `run ${id}`,
    startedAt: world.now,
    imported,
    hosts: copyOf(resumed.hosts),
    bytes: 0,
    packets: 0,
    everEvicted: resumed.everEvicted,
    origin: resumed.origin,
  };
}

export function exportHosts(world: World): void {
  const { hosts, origin, everEvicted } = world.run;
  world.exported = { hosts: copyOf(hosts), origin, everEvicted };
}

function copyOf(hosts: ReadonlyMap<string, Host>): Map<string, Host> {
  return new Map([...hosts].map(([ip, host]) => [ip, { ...host }]));
}

/** What one poll of darkstat sees, and when our clocks say that it was. */
export function readDarkstat(world: World, elapsedMs: number | null): Reading {
  const totals: Totals = {
    bytes: world.run.bytes,
    packets: world.run.packets,
    captured: world.run.packets,
    dropped: 0,
    uptimeSeconds: Math.floor((world.now - world.run.startedAt) / 1000),
  };
  return {
    source: "test",
    at: world.now + world.clockOffset,
    elapsedMs,
    epoch: world.run.epoch,
    before: totals,
    after: totals,
    hosts: [...world.run.hosts].map(([ip, { mac, in: down, out }]) => ({
      ip,
      mac,
      in: down,
      out,
      hostname: null,
      lastSeenSeconds: null,
    })),
    series: [],
  };
}
