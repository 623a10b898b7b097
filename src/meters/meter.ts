import type { HostRow, SeriesBucket, Totals } from "../accounting/types.ts";

/** What one visit to a meter saw: all of one run of it, or it is no snapshot. */
export interface Snapshot {
  /** When the host table was there in full (ms UTC). */
  readonly at: number;
  /** An opaque name of the run that the counters belong to. */
  readonly epoch: string;
  /** The meter's totals just before and just after the host table: the truth lies between. */
  readonly before: Totals;
  readonly after: Totals;
  readonly hosts: readonly HostRow[];
  /** The version of the program that counts, e.g. `3.0.719`. */
  readonly version: string;
  /** The interface that it counts on. */
  readonly interface: string;
}

/** Anything that counts, by cumulative counters per address: what the collector reads. */
export interface Meter {
  /** Where it is read, without user and password: another one may be another meter. */
  readonly url: string;
  /** @throws MeterError, or the reason of the signal. Nothing of a reading that failed is handed out. */
  read(signal?: AbortSignal): Promise<Snapshot>;
  /**
   * The meter's own time series as finest-first buckets that do not overlap; empty where it keeps none.
   * @throws MeterError, or the reason of the signal.
   */
  series(signal?: AbortSignal): Promise<SeriesBucket[]>;
}

/** Why a meter could not be read. `hint` is one sentence for a person: what to do about it. */
export abstract class MeterError extends Error {
  /** Stable: logs and tests go by it. */
  abstract readonly code: string;
  abstract readonly hint: string;
  /** Nothing answered at all; false when something answered that is no reading. */
  abstract readonly isGone: boolean;
}
