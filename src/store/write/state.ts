import type { Books, Counter, Day } from "../../accounting/types.ts";
import type { Role } from "../../accounting/view.ts";
import type { Counts, KnownInterface } from "../open-hour.ts";
import type { TrafficKind } from "../store.ts";

/**
 * What the ledger holds in memory: the dictionaries that a reading needs, each source's books, and the open clock hour.
 * Only write/ledger.ts and the modules that it calls change any of it.
 */

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export interface InterfaceState extends Mutable<KnownInterface> {
  readonly id: number;
  readonly mac: string;
  /** Whether its row is as it stands here. */
  isStored: boolean;
}

export interface EndpointState {
  readonly id: number;
  readonly source: SourceState;
  readonly interface: InterfaceState;
  readonly address: AddressState;
  /** Id of the interface, no router's, that held the address before this one; 0 for none. */
  readonly heldBy: number;
  readonly traffic: TrafficKind;
  role: Role;
  device: number | null;
  reported: boolean;
  firstDay: Day | null;
  lastDay: Day | null;
  /** Bytes of the open hour, and when it last sent (s UTC). */
  in: number;
  out: number;
  lastSeen: number | null;
  /** The meter's counters when it was charged last. */
  counterIn: number;
  counterOut: number;
  isStored: boolean;
}

/** An address as one source knows it. The host name is the same in all of them. */
export interface AddressState {
  readonly id: number;
  readonly ip: string;
  hostname: string | null;
  /** Its endpoints, and the one that it is now in each kind of traffic (null once its baseline there is forgotten). */
  readonly endpoints: EndpointState[];
  readonly current: Record<TrafficKind, EndpointState | null>;
}

/** The other side of the balance, growing. */
export type MutableCounts = Mutable<Counts>;

export interface SourceState {
  readonly id: number;
  readonly name: string;
  readonly kind: string;
  readonly firstAt: number;
  books: Books;
  /** The open clock hour, which only moves forward; null before the first charge. */
  hour: { readonly day: Day; readonly hour: number } | null;
  counts: MutableCounts;
  /** Endpoints with news since the hour began: bytes, or other counters. */
  readonly open: Set<EndpointState>;
  /** Ids of endpoints whose baseline is forgotten, though a row may have it. */
  readonly voided: Set<number>;
  readonly addresses: Map<string, AddressState>;
  /** Whether its row differs from this: in what a checkpoint must keep, or merely in the instant of a reading without news. */
  unwritten: "nothing" | "instant" | "news";
  writtenAt: number;
  isStored: boolean;
}

/** Of an address that has moved on, or is forgotten: what its counters were is no baseline. */
export function isNotCurrent(endpoint: EndpointState): boolean {
  return endpoint.address.current[endpoint.traffic] !== endpoint;
}

export function nobody(): AddressState["current"] {
  return { internet: null, lan: null, unknown: null };
}

/** What an address is now, in each kind of traffic in which it is anything. */
export function currentOf({ current: { internet, lan, unknown } }: AddressState): EndpointState[] {
  return [internet, lan, unknown].filter((one) => one !== null);
}

/** The counter of an endpoint. */
export function counterIn(ip: string, traffic: TrafficKind): Counter {
  return traffic === "unknown" ? { ip } : { ip, traffic };
}

/** The kind of traffic that a counter is of. */
export function kindOf({ traffic }: Pick<Counter, "traffic">): TrafficKind {
  return traffic ?? "unknown";
}

export function noCounts(): MutableCounts {
  return {
    counted: 0,
    captured: 0,
    dropped: 0,
    unattributedIn: 0,
    unattributedOut: 0,
    unlistedIn: 0,
    unlistedOut: 0,
    carried: 0,
    compared: 0,
  };
}

export function addCounts(to: MutableCounts, more: Counts): void {
  for (const name of Object.keys(to) as (keyof Counts)[]) to[name] += more[name];
}
