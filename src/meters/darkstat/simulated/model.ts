import { isIPv4 } from "node:net";
import { createRings, type Rings } from "./rings.ts";

/** A host as darkstat keeps it: keyed by its address, whoever holds that. */
export interface SimulatedHost {
  readonly ip: string;
  /** Of the frame seen last. */
  mac: string;
  /** As shown, unescaped; empty until resolved. */
  hostname: string;
  /** Bytes. */
  in: number;
  out: number;
  /** When it last sent, ms; null if it never did. */
  sentAt: number | null;
}

/** One end of some traffic. */
export interface Party {
  readonly ip: string;
  /** Without one: the router's for a host that is new or on the internet, else the one shown last. */
  readonly mac?: string;
  /** As darkstat would show it; it is not escaped. Without one: what was shown before, or a placeholder. */
  readonly hostname?: string;
}

/** What `--export` wrote: hosts alone, neither totals nor series. */
export interface ExportedState {
  readonly hosts: readonly Readonly<SimulatedHost>[];
}

export interface ModelOptions {
  /** Wall clock, ms UTC. */
  readonly now: () => number;
  /** Clock of the uptime, ms; the wall clock without it. */
  readonly monotonic?: () => number;
  /** `--hosts-max` and `--hosts-keep`. */
  readonly hostsMax?: number;
  readonly hostsKeep?: number;
  /** `--local-only`: the addresses that get a row. */
  readonly localOnly?: (ip: string) => boolean;
  /** What frames from beyond the LAN carry. */
  readonly routerMac?: string;
  /** darkstat's time zone. */
  readonly utcOffsetMinutes?: number;
  readonly zoneName?: string;
}

/** darkstat's counters, moved by hand. Its books balance: Σ in = Σ out = bytes, until something is evicted or imported. */
export interface DarkstatModel {
  /** The device received and sent so many bytes, from and to the peer. */
  traffic(device: Party, peer: Party | string, bytesDown: number, bytesUp: number): void;
  /** A one-armed gateway passes the address's frames on: its row shows the gateway's MAC until it sends or receives itself. */
  relay(ip: string, gatewayMac: string): void;
  /** Another machine now holds the address: the counters stay. */
  setMac(ip: string, mac: string): void;
  setHostname(ip: string, hostname: string): void;
  /** The hosts vanish, with their counters. */
  evict(ips: readonly string[]): void;
  /** The kernel captures so many packets more, and drops them before darkstat sees them: real `pc` contains `pd`. */
  drop(packets: number): void;
  /** Ends and starts anew: all at zero, hosts at what an export held. */
  restart(options?: { readonly import?: ExportedState }): void;
  /** All at zero without a restart; the kernel's packet counters stay. */
  sigusr1(): void;
  exportState(): ExportedState;

  readonly hosts: ReadonlyMap<string, Readonly<SimulatedHost>>;
  totals(): { bytes: number; packets: number; captured: number; dropped: number; uptimeSeconds: number };
  /** The text after "since". */
  epoch(): string;
  rings(): ReturnType<Rings["all"]>;
  now(): number;
}

const PACKET_BYTES = 1_400;

/** A darkstat that has just been started. */
export function createDarkstatModel(options: ModelOptions): DarkstatModel {
  const { now, monotonic = now, hostsMax = 1_000, hostsKeep = Math.floor(hostsMax / 2) } = options;
  const { localOnly, routerMac = "02:00:00:00:00:fe", utcOffsetMinutes = 0, zoneName = "UTC" } = options;
  const localNow = () => now() + utcOffsetMinutes * 60_000;
  const rings = createRings(localNow);
  let hosts = new Map<string, SimulatedHost>();
  let totals = { bytes: 0, packets: 0, captured: 0, dropped: 0 };
  let since = localNow();
  let startedAt = monotonic();

  function hostOf({ ip, mac, hostname }: Party): SimulatedHost | null {
    if (localOnly && !localOnly(ip)) return null;
    let host = hosts.get(ip);
    if (!host) {
      if (hosts.size >= hostsMax) reduce();
      host = { ip, mac: groupMac(ip) ?? routerMac, hostname: placeholder(ip), in: 0, out: 0, sentAt: null };
      hosts.set(ip, host);
    }
    if (mac !== undefined) host.mac = mac;
    if (hostname !== undefined) host.hostname = hostname;
    return host;
  }

  /** The table is full: the biggest stay. */
  function reduce(): void {
    const biggest = [...hosts.values()].sort((a, b) => b.in + b.out - (a.in + a.out)).slice(0, hostsKeep);
    hosts = new Map(biggest.map((host) => [host.ip, host]));
  }

  function existing(ip: string): SimulatedHost {
    const host = hosts.get(ip);
    if (!host) throw new RangeError(`the simulated darkstat has no host ${ip}`);
    return host;
  }

  function zero(): void {
    hosts = new Map();
    rings.clear();
    since = localNow();
    startedAt = monotonic();
  }

  return {
    traffic(device, peer, bytesDown, bytesUp) {
      const other = typeof peer === "string" ? { ip: peer } : peer;
      for (const bytes of [bytesDown, bytesUp]) {
        if (!Number.isSafeInteger(bytes) || bytes < 0) throw new RangeError(`bytes must be whole, not ${bytes}`);
      }
      if (device.ip === other.ip) throw new RangeError(`${device.ip} cannot exchange traffic with itself`);
      const near = hostOf(device);
      const far = hostOf(other);
      if (near) {
        near.in += bytesDown;
        near.out += bytesUp;
        if (bytesUp > 0) near.sentAt = now();
      }
      if (far) {
        far.in += bytesUp;
        far.out += bytesDown;
        if (bytesDown > 0) far.sentAt = now();
      }
      const packets = Math.ceil(bytesDown / PACKET_BYTES) + Math.ceil(bytesUp / PACKET_BYTES);
      totals.bytes += bytesDown + bytesUp;
      totals.packets += packets;
      totals.captured += packets;
      rings.add(bytesDown, bytesUp);
    },
    relay(ip, gatewayMac) {
      existing(ip).mac = gatewayMac;
    },
    setMac(ip, mac) {
      existing(ip).mac = mac;
    },
    setHostname(ip, hostname) {
      existing(ip).hostname = hostname;
    },
    evict(ips) {
      for (const ip of ips) hosts.delete(ip);
    },
    drop(packets) {
      totals.captured += packets;
      totals.dropped += packets;
    },
    restart({ import: imported } = {}) {
      zero();
      totals = { bytes: 0, packets: 0, captured: 0, dropped: 0 };
      for (const host of imported?.hosts ?? []) hosts.set(host.ip, { ...host });
    },
    sigusr1() {
      zero();
      totals = { ...totals, bytes: 0, packets: 0 };
    },
    exportState: () => ({ hosts: [...hosts.values()].map((host) => ({ ...host })) }),
    get hosts() {
      return hosts;
    },
    totals: () => ({ ...totals, uptimeSeconds: Math.max(0, Math.floor((monotonic() - startedAt) / 1_000)) }),
    epoch: () =>
      `${new Date(since).toISOString().slice(0, 19).replace("T", " ")} ${zoneName}${offset(utcOffsetMinutes)}`,
    rings: () => rings.all(),
    now,
  };
}

/** `+0530` */
function offset(minutes: number): string {
  const size = Math.abs(minutes);
  const two = (value: number) => String(value).padStart(2, "0");
  return `${minutes < 0 ? "-" : "+"}${two(Math.floor(size / 60))}${two(size % 60)}`;
}

/** The Ethernet address of a multicast or broadcast address; null for that of one host. */
function groupMac(ip: string): string | null {
  if (!isIPv4(ip)) return /^ff/i.test(ip) ? "33:33:00:00:00:01" : null;
  const bytes = ip.split(".").map(Number);
  const first = bytes[0] ?? 0;
  if (ip === "255.255.255.255") return "ff:ff:ff:ff:ff:ff";
  if (first < 224 || first > 239) return null;
  const low = [(bytes[1] ?? 0) & 0x7f, bytes[2] ?? 0, bytes[3] ?? 0];
  return ["01", "00", "5e", ...low.map((byte) => byte.toString(16).padStart(2, "0"))].join(":");
}

function placeholder(ip: string): string {
  if (groupMac(ip) !== null) return ip === "255.255.255.255" ? "(none)" : "(multicast)";
  return /^fe[89ab]/i.test(ip) ? "(link-local)" : "(none)";
}
