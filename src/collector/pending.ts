import type { Snapshot } from "../meters/meter.ts";

/** A snapshot, and when it was taken by the monotonic clock: all that is known while the wall clock can't be trusted. */
export interface TimedSnapshot {
  readonly snapshot: Snapshot;
  readonly mono: number;
}

/** Snapshots that wait for a date. */
export interface PendingSnapshots {
  add(timed: TimedSnapshot): void;
  /** Hands out all of them, the oldest first, and forgets them. */
  take(): TimedSnapshot[];
}

const MOST = 64;

/**
 * Keeps snapshots until the clock is right. Counters are cumulative, so when there are too many every second one can go:
 * what is lost is not bytes, but the exact hour of some.
 */
export function createPendingSnapshots(): PendingSnapshots {
  let pending: TimedSnapshot[] = [];
  return {
    add(timed) {
      pending.push(timed);
      if (pending.length > MOST) pending = pending.filter((_, index) => index % 2 === 0);
    },
    take() {
      const all = pending;
      pending = [];
      return all;
    },
  };
}
