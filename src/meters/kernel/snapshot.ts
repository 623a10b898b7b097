import { isGroupMac } from "../../accounting/address.ts";
import type { HolderRow, HostRow, Totals, Traffic } from "../../accounting/types.ts";
import { type Counted, type Generation, keyOf, type Sides } from "./listing.ts";

/** What a generation counted, consistently: every byte that a host sent is one that another received. */
export interface Figures {
  readonly hosts: readonly HostRow[];
  readonly totals: Omit<Totals, "uptimeSeconds">;
}

/**
 * The figures of a generation, from two listings of it, one after the other. Counters go on while they are listed, the
 * senders' before the receivers'; so what the senders of the second listing have sent lies between what the receivers of
 * the first and of the second one have got. That much is handed out: to the receivers between what they had and have. The
 * rest is in the next reading. A frame is counted in one kind of traffic, so that each balances for itself.
 */
export function figuresOf(first: Generation, second: Generation): Figures {
  const [internet, lan] = [kindOf("internet", first, second), kindOf("lan", first, second)];
  const packets = internet.packets + lan.packets + second.unlisted.packets;
  const bytes = internet.bytes + lan.bytes + second.unlisted.bytes;
  return {
    hosts: [...internet.hosts, ...lan.hosts],
    totals: { bytes, packets, captured: packets, dropped: 0 },
  };
}

function kindOf(traffic: Traffic, { [traffic]: first }: Generation, { [traffic]: second }: Generation) {
  const sent = later(first.sent, second.sent);
  const received = balanced(first.received, later(first.received, second.received), sumOf(sent.values()).bytes);
  const { bytes, packets } = sumOf(sent.values());
  // Where a set was full, a frame may stand on one side only.
  return { hosts: hostsOf(traffic, sent, received), packets, bytes: Math.max(bytes, sumOf(received.values()).bytes) };
}

/** How many addresses at a MAC a generation has seen, in the kind of traffic in which it has seen more. */
export function sizeOf({ internet, lan }: Generation): number {
  const most = ({ sent, received }: Sides) => Math.max(sent.size, received.size);
  return Math.max(most(internet), most(lan));
}

type Table = ReadonlyMap<string, Counted>;

/** Nothing is let go while a generation lasts: what the second listing lacks, it overlooked. */
function later(first: Table, second: Table): Table {
  return new Map([...first, ...second]);
}

function sumOf(counted: Iterable<Counted>): { bytes: number; packets: number } {
  let [bytes, packets] = [0, 0];
  for (const one of counted) {
    bytes += one.bytes;
    packets += one.packets;
  }
  return { bytes, packets };
}

/** Counters between those of two listings that add up to a sum, as far as there is room. */
function balanced(first: Table, second: Table, sum: number): Table {
  let room = sum - sumOf(first.values()).bytes;
  const between = new Map<string, Counted>();
  for (const [key, counted] of second) {
    const had = first.get(key)?.bytes ?? 0;
    const more = Math.max(0, Math.min(room, counted.bytes - had));
    room -= more;
    between.set(key, { ...counted, bytes: had + more });
  }
  return between;
}

/** What an address had at one MAC. */
interface Holding extends HolderRow {
  readonly sentSeconds: number | null;
  readonly receivedSeconds: number | null;
}

function hostsOf(traffic: Traffic, sent: Table, received: Table): HostRow[] {
  const byIp = new Map<string, Holding[]>();
  const add = (mac: string, ip: string) => {
    const key = keyOf(mac, ip);
    const [out, down] = [sent.get(key), received.get(key)];
    const holdings = byIp.get(ip) ?? [];
    if (holdings.length === 0) byIp.set(ip, holdings);
    holdings.push({
      mac,
      in: down?.bytes ?? 0,
      out: out?.bytes ?? 0,
      sentSeconds: out?.idleSeconds ?? null,
      receivedSeconds: down?.idleSeconds ?? null,
    });
  };
  for (const { mac, ip } of sent.values()) add(mac, ip);
  for (const [key, { mac, ip }] of received) if (!sent.has(key)) add(mac, ip);
  return [...byIp].map(([ip, holdings]) => hostOf(ip, traffic, holdings));
}

function hostOf(ip: string, traffic: Traffic, holdings: readonly Holding[]): HostRow {
  const byTime = holdings.length === 1 ? holdings : holdings.toSorted(byHolder);
  const sum = (side: "in" | "out") => byTime.reduce((total, holding) => total + holding[side], 0);
  const seen = byTime.flatMap(({ sentSeconds }) => (sentSeconds === null ? [] : [sentSeconds]));
  const row = {
    ip,
    traffic,
    mac: byTime[0]?.mac ?? null,
    hostname: null,
    in: sum("in"),
    out: sum("out"),
    lastSeenSeconds: seen.length === 0 ? null : Math.min(...seen),
  };
  if (byTime.length === 1) return row;
  return { ...row, holders: byTime.map(({ mac, in: down, out }) => ({ mac, in: down, out })) };
}

/** Who holds an address comes first: who sent from it last; where nobody did, who was sent to last. Never a group. */
function byHolder(a: Holding, b: Holding): number {
  const never = Number.POSITIVE_INFINITY;
  return (
    Number(isGroupMac(a.mac)) - Number(isGroupMac(b.mac)) ||
    compare(a.sentSeconds ?? never, b.sentSeconds ?? never) ||
    compare(a.receivedSeconds ?? never, b.receivedSeconds ?? never) ||
    compare(b.out, a.out)
  );
}

function compare(a: number, b: number): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
