import type { Carried, HostRow, Note, SeriesBucket, Totals } from "../accounting/types.ts";

/** What one visit to a meter saw: all of one run of it, or it is no snapshot. */
export interface Snapshot {
  /** When the host table was there in full (ms UTC). */
  readonly at: number;
  /** An opaque name of the run that the counters belong to. */
  readonly epoch: string;
  /** The run that this one continues, see `Reading`. */
  readonly continues?: string | undefined;
  /** The meter's totals just before and just after the host table: the truth lies between. */
  readonly before: Totals;
  readonly after: Totals;
  readonly hosts: readonly HostRow[];
  /** The program that counts, and its version, e.g. `darkstat` and `3.0.719`. */
  readonly program: string;
  readonly version: string;
  /** The interface that it counts on. */
  readonly interface: string;
  /** What those interfaces had carried by then, by their own counters; absent where the meter is elsewhere. */
  readonly carried?: Carried | undefined;
  /** What the meter itself has to tell of this reading. */
  readonly notes?: readonly Omit<Note, "at">[];
}

/** Where the books stand when a meter is read. */
export interface Standing {
  readonly epoch: string;
  /** The meter's total of that run, as far as it is settled. */
  readonly counted: number;
  /** When that was (ms UTC). */
  readonly at: number;
}

/** Anything that counts, by cumulative counters per address: what the collector reads. */
export interface Meter {
  /** Where it is read, without user and password: another one may be another meter. */
  readonly url: string;
  /**
   * @param standing where the books of this meter stand, if there are any: what a run that ended has left unread comes first
   * @throws MeterError, or the reason of the signal. Nothing of a reading that failed is handed out.
   */
  read(signal?: AbortSignal, standing?: Standing | null): Promise<Snapshot>;
  /**
   * The meter's own time series as finest-first buckets that do not overlap; empty where it keeps none.
   * @throws MeterError, or the reason of the signal.
   */
  series(signal?: AbortSignal): Promise<SeriesBucket[]>;
  /** Told of which run the books are that are safely on the disk: what was kept of earlier runs can go. Never rejects. */
  saved?(epoch: string): Promise<void>;
}

/** Why a meter could not be read. `hint` is one sentence for a person: what to do about it. */
export abstract class MeterError extends Error {
  /** Stable: logs and tests go by it. */
  abstract readonly code: string;
  abstract readonly hint: string;
  /** Nothing answered at all; false when something answered that is no reading. */
  abstract readonly isGone: boolean;
}
