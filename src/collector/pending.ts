import type { Snapshot } from "../darkstat/client.ts";

/** A snapshot, and when it was taken by the monotonic clock: all that is known while the wall clock can't be trusted. */
export interface TimedSnapshot {
  readonly snapshot: Snapshot;
  readonly mono: number;
}

/** Snapshots that wait for a date. */
export interface Held {
  add(timed: TimedSnapshot): void;
  /** Hands out all of them, the oldest first, and forgets them. */
  take(): TimedSnapshot[];
}

const MOST = 64;

/**
 * Keeps snapshots until the clock is right. Counters are cumulative, so when there are too many every second one can go:
 * what is lost is not bytes, but the exact hour of some.
 */
export function createHeld(): Held {
  let held: TimedSnapshot[] = [];
  return {
    add(timed) {
      held.push(timed);
      if (held.length > MOST) held = held.filter((_, index) => index % 2 === 0);
    },
    take() {
      const all = held;
      held = [];
      return all;
    },
  };
}
