/** How the product is doing: what `/healthz`, the health line and `doctor` speak from. All instants are ms UTC. */
export interface Status {
  readonly version: string;
  /** When this process started. */
  readonly startedAt: number;
  /** Built-in household of `npm run demo`, never real data. */
  readonly demo: boolean;
  /** Of several meters the one that is worst off: it was read least lately. */
  readonly meter: MeterStatus;
  /** All of them, in the order of the settings. */
  readonly meters: readonly MeterStatus[];
  /** Whether figures are of IPv6 addresses, too. */
  readonly ipv6: Ipv6;
  /** What is wrong now, the most severe first; empty when all is well. */
  readonly problems: readonly Problem[];
}

/** Traffic at IPv6 addresses: in the figures, not in them (IPFilter's default), or as an IPFilter of somebody's own says. */
export type Ipv6 = "included" | "excluded" | "filtered";

/** What counts: a darkstat, or the kernel of this machine. */
export type MeterKind = "darkstat" | "kernel";

/** How a meter is doing. */
export interface MeterStatus {
  /** Null where it is the only one, and nobody named it. */
  readonly name: string | null;
  /** Whether it is shown by itself, and not added to the others. */
  readonly isView: boolean;
  readonly kind: MeterKind;
  /** Where it is read, without credentials; null while an embedded one is being started. */
  readonly url: string | null;
  readonly embedded: boolean;
  /** Why the kernel's counters are not used though METER allows it; null where they are, or need not be. */
  readonly whyNotKernel: string | null;
  /** As the meter names itself, e.g. darkstat `3.0.719`; null before the first answer. */
  readonly version: string | null;
  /** The interface that it counts on; null before the first answer. */
  readonly interface: string | null;
  /** When figures were last read and settled; null before the first reading. */
  readonly readAt: number | null;
  /** Pause between readings in ms: readings older than a few of these are stale. */
  readonly intervalMs: number;
  /** When the first figures of this source were read; null before that. */
  readonly measuringSince: number | null;
  /** What it counted of what its interface carried lately, by bytes, 0 to 1; null where the meter is elsewhere, or too little passed. */
  readonly seenShare: number | null;
  /** Packets missed of all packets since the meter started, 0 to 1; null before the first reading. */
  readonly missedShare: number | null;
}

export interface Problem {
  readonly code: ProblemCode;
  readonly since: number;
  /** Of which of several meters; the sentence names it as well. */
  readonly meter?: string | undefined;
  /** One sentence: what is wrong. */
  readonly message: string;
  /** One sentence: what to do. */
  readonly hint: string;
}

export type ProblemCode =
  | "meter-unreachable"
  | "meter-unreadable"
  | "darkstat-missing"
  | "capture-refused"
  | "store"
  | "database-restored"
  | "clock"
  | "many-new-devices"
  | "books"
  | "bytes-missed"
  | "packets-missed"
  | "several-interfaces"
  | "same-traffic"
  | "seen-twice"
  | "internet-side";
