/**
 * The words of the accounting core. Everything is plain data; every amount is a whole number of bytes,
 * every instant is milliseconds since 1970 in UTC, every day is a local calendar day in the configured zone.
 */

/** A local calendar day, `YYYY-MM-DD`. Sorts as text. */
export type Day = string;

/** Bytes in both directions, seen from the host: `in` is download, `out` is upload. */
export interface Bytes {
  readonly in: number;
  readonly out: number;
}

/** Everything charged, against what the meter counted. Bytes, unless said otherwise. */
export interface Balance {
  readonly devices: Bytes;
  /** Of devices at addresses that IPFilter leaves out. */
  readonly hidden: Bytes;
  readonly routers: Bytes;
  readonly remote: Bytes;
  readonly group: Bytes;
  readonly unattributed: Bytes;
  /** Of hosts that the meter does not list (darkstat's `--local-only`). */
  readonly unlisted: Bytes;
  /** What a person took out of all other answers. */
  readonly removed: Bytes;
  /** What the meter counted, every packet once: equal to the sum of the others, in each direction, when the books balance. */
  readonly counted: number;
  /** Packets. */
  readonly captured: number;
  readonly dropped: number;
  /** What the interface carried by its own counters, and what the meter counted of that: see `Counted`. */
  readonly carried: number;
  readonly compared: number;
}

/** With whom: the other end lies on the LAN as well (multicast and broadcast do), or it doesn't. */
export type Traffic = "internet" | "lan";

/** Whose counters: an address, in each kind of traffic for itself where the meter tells them apart. */
export interface Counter {
  readonly ip: string;
  /** Absent where the meter can't tell. */
  readonly traffic?: Traffic | undefined;
}

/** The key of a counter among others: the IP alone where the meter can't tell kinds of traffic apart. */
export function keyOf({ ip, traffic }: Counter): string {
  return traffic === undefined ? ip : `${ip} ${traffic}`;
}

/** What {@link keyOf} made a key of. */
export function counterOf(key: string): Counter {
  const [ip = "", traffic] = key.split(" ") as [string?, Traffic?];
  return traffic === undefined ? { ip } : { ip, traffic };
}

/** What an address carried at one MAC. */
export interface HolderRow extends Bytes {
  /** As it was on the wire, normalised. */
  readonly mac: string;
}

/**
 * One row of the meter's host table. `ip` is IPv4 or IPv6 as darkstat prints it. An address has one row, or one for each kind
 * of its traffic: a byte is counted in one of them.
 */
export interface HostRow extends Bytes, Counter {
  /** The MAC of the frame seen last, normalised (lower case, two digits, `:`); null where darkstat has no MAC column. */
  readonly mac: string | null;
  /** Reverse DNS name; null while unresolved and for darkstat's placeholders such as `(none)`. Untrusted text. */
  readonly hostname: string | null;
  /** Seconds since the host last *sent*; null when it never did, or darkstat does not say. */
  readonly lastSeenSeconds: number | null;
  /**
   * Of a meter that counts by MAC as well, where several MACs showed the address in this run: the counters of each, which add
   * up to those of the row.
   */
  readonly holders?: readonly HolderRow[];
}

/** darkstat's own totals, from its front page. */
export interface Totals {
  /** `tb`: bytes that darkstat counted since its start, in any direction. */
  readonly bytes: number;
  /** `tp`, `pc`, `pd`: packets counted, captured by the kernel, and those of the captured that were dropped. */
  readonly packets: number;
  readonly captured: number;
  readonly dropped: number;
  /** Whole seconds since darkstat started, by its own monotonic clock. */
  readonly uptimeSeconds: number;
}

/**
 * What the interfaces that a meter counts on carried, by their own counters: the truth to hold its figures against. Both sides
 * are compared without the headers that one of them may not see.
 */
export interface Carried {
  /** Names the life of these counters: with another one they began anew. */
  readonly life: string;
  /** Cumulative, both ways, less what is left out of each of their packets. */
  readonly bytes: number;
  /** What is left out of each of the meter's packets, where the interface may merge or divide them. */
  readonly headerBytes: number;
}

/** One bucket of darkstat's time series: how much passed between two instants. Used as a weight only. */
export interface SeriesBucket {
  readonly from: number;
  readonly to: number;
  readonly bytes: number;
}

/** Everything one poll of darkstat saw, complete and consistent: a reading that was cut short never gets here. */
export interface Reading {
  /** Name of the darkstat that was read. */
  readonly source: string;
  /** The address that was read: another one may be another darkstat. */
  readonly meter: string;
  /** Wall clock at which the host table was read. */
  readonly at: number;
  /** Milliseconds by a monotonic clock since the previous settled reading of this process; null for the first one. */
  readonly elapsedMs: number | null;
  /** darkstat's "since" text, an opaque name of the run that its counters belong to. */
  readonly epoch: string;
  /** The run that this one continues, if the meter itself began anew and knows that nothing need be said of it. */
  readonly continues?: string | undefined;
  /** The totals read before and after the host table: the truth lies between. */
  readonly before: Totals;
  readonly after: Totals;
  readonly hosts: readonly HostRow[];
  /** As it was just after `after`; absent where the meter is elsewhere, or the interface is gone. */
  readonly carried?: Carried | undefined;
  /** darkstat's series as finest-first buckets that do not overlap; empty when they were not asked for. */
  readonly series: readonly SeriesBucket[];
}

/** What we know of one address of a source: where its counters stood, and what it showed. */
export interface Baseline extends Bytes {
  /** The MAC that the address showed last, after IP_MAC rewrites; null where none is known. */
  readonly mac: string | null;
  /** When the host last sent, as far as it was known at that reading (ms UTC); null if never, or not known. */
  readonly seenAt: number | null;
}

/** The state between two readings of one source. Committed together with the charges that it follows from. */
export interface Books {
  /** The darkstat these books belong to. */
  readonly source: string;
  /** The address at which it was read; empty in books that were made without a reading. */
  readonly meter: string;
  /** darkstat's run at the last settled reading; empty in books that were made without a reading. */
  readonly epoch: string;
  /** Wall clock of the last settled reading. */
  readonly at: number;
  readonly uptimeSeconds: number;
  /**
   * darkstat's total bytes at the moment of the last host table: never more than the truth, exact while the table accounts
   * for every byte.
   */
  readonly counted: number;
  /** Packets at the last reading. */
  readonly captured: number;
  readonly dropped: number;
  /** Hosts that this run of darkstat was seen to forget: gone from its table, or back below their counters. */
  readonly forgotHosts: number;
  /** Bytes of this run that no listed host accounts for: of forgotten hosts, or of those that `--local-only` leaves out. */
  readonly unlistedBytes: number;
  /** By {@link keyOf}. An address that vanished has none: if it returns, it starts from nothing. */
  readonly baselines: ReadonlyMap<string, Baseline>;
  /** By {@link keyOf}, what each MAC stood at, of the addresses that several MACs showed in this run; absent where there are none. */
  readonly holders?: Readonly<Record<string, readonly HolderRow[]>>;
  /** What the interfaces had carried at the last settled reading, and the meter's totals then; absent where that isn't known. */
  readonly carried?: Pick<Carried, "life" | "bytes"> & Pick<Totals, "packets"> & { readonly counted: number };
}

/**
 * Bytes of one endpoint (an address at a MAC) in one hour of one local day. All that a user ever reads is a sum of these.
 * Who the endpoint *is* (a device, a router, a host on the internet, a multicast group) is no part of a charge: `view.ts`
 * decides that whenever somebody asks, so that a better answer holds for the past, too.
 */
export interface Charge extends Bytes, Counter {
  /** The MAC that the address showed, after IP_MAC rewrites; null where none is known. */
  readonly mac: string | null;
  readonly day: Day;
  /** Index of the clock hour within the local day, 0 to 24. */
  readonly hour: number;
  /** The hour of these bytes, or even their day, is an estimate: the span between the readings crossed an edge. */
  readonly reconstructed: "no" | "hour" | "day";
}

/** A change of what is known about an address, for the store. A null name takes nothing back: it says "nothing new". */
export interface AddressFact extends Baseline, Counter {
  readonly hostname: string | null;
}

/** Something a person should know of. `code` is stable, `detail` has the figures. */
export interface Note {
  readonly at: number;
  readonly code: NoteCode;
  readonly detail: Readonly<Record<string, string | number>>;
}

export type NoteCode =
  | "first-reading"
  | "meter-restarted"
  | "other-meter"
  | "clean-import"
  | "stale-import"
  | "darkstat-forgot"
  | "clock-jump"
  | "gap-reconstructed"
  | "router-found"
  | "seen-twice"
  | "books-violated"
  | "not-counted"
  | "taken-over"
  | "imported";

/**
 * What the meter itself counted on a day, whoever it belongs to: the other side of the balance. In each direction,
 * charges + unattributed + unlisted = bytes.
 */
export interface Counted {
  readonly day: Day;
  /** Bytes by the meter's total, never derived from charges. */
  readonly bytes: number;
  readonly captured: number;
  readonly dropped: number;
  /** What was counted, but can be charged to no endpoint. */
  readonly unattributed: Bytes;
  /** What was counted for hosts that the meter doesn't list at all (`--local-only`). */
  readonly unlisted: Bytes;
  /**
   * While the interface's own counters were known: what it carried, and what the meter counted of that, both without headers.
   * Either may be a little more than the other, for they are not read at the same instant.
   */
  readonly carried: number;
  readonly compared: number;
}

/** The outcome of one reading. Its parts belong together: all are committed, or none. */
export interface Settlement {
  readonly books: Books;
  readonly charges: readonly Charge[];
  /** Addresses of which anything changed. */
  readonly addresses: readonly AddressFact[];
  /** Whose baseline is to be forgotten, by {@link keyOf}. */
  readonly forgotten: readonly string[];
  readonly counted: readonly Counted[];
  readonly notes: readonly Note[];
}
