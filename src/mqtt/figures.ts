import type { Bytes, Day } from "../accounting/types.ts";

/** What of a household is published: amounts in bytes, instants in ms UTC. */
export interface Figures {
  /** The local day that `today` is about. */
  readonly day: Day;
  /** All reported devices together. */
  readonly household: Used;
  readonly activeDevices: number;
  readonly plan: PlanFigures | null;
  readonly owners: readonly OwnerFigures[];
  readonly devices: readonly DeviceFigures[];
  /** What is wrong now, a sentence each. */
  readonly problems: readonly string[];
}

export interface Used {
  /** Since local midnight. */
  readonly today: Bytes;
  /** Since measuring began, what is no longer kept included. */
  readonly total: Bytes;
}

/** What an owner's devices of today have used today: before a hand-over they were somebody else's. */
export interface OwnerFigures {
  readonly id: number;
  readonly name: string;
  readonly today: Bytes;
  readonly plan: PlanFigures | null;
}

export interface DeviceFigures extends Used {
  /** Its MAC, or an address where none is known. */
  readonly key: string;
  /** Untrusted: it may come from the network. */
  readonly name: string;
  readonly vendor: string | null;
  readonly lastSeenAt: number | null;
  /** Out of sight for people: published where it was chosen by itself only. */
  readonly folded: boolean;
  readonly plan: PlanFigures | null;
}

export interface PlanFigures {
  /** The first day of the running cycle. */
  readonly cycle: Day;
  readonly used: number;
  readonly allowance: number | null;
  /** What the cycle is expected to come to; null with under a week of history. */
  readonly expected: number | null;
  /** Days of the cycle that are left, today included. */
  readonly daysLeft: number;
}
