import type { Reading } from "./types.ts";

/** What contradicts itself in a reading. */
export type RejectionReason =
  /** The host table is empty though the meter counted. */
  | "empty-table"
  /** The host table is older than the totals: it shows nothing new, though they grew or hosts are gone from it. */
  | "stale-table"
  /** The totals grew by more than the hosts, and nobody was forgotten. */
  | "short-table"
  /** The hosts grew by more than the totals. */
  | "hosts-ahead"
  /** The same run, but its uptime or its total ran backwards. */
  | "went-back"
  /** Another run at the same address that is older than our last reading. */
  | "older-run";

const MESSAGES: Readonly<Record<RejectionReason, string>> = {
  "empty-table": "The meter's host table is empty, though it has counted traffic",
  "stale-table": "The meter's host table shows nothing new, though its totals do",
  "short-table": "The meter's hosts grew by less than its total",
  "hosts-ahead": "The meter's hosts grew by more than its total",
  "went-back": "The meter's uptime or total went backwards, though it wasn't restarted",
  "older-run": "The meter was replaced by one that has been running for longer than since the last reading",
};

/**
 * Thrown for a reading that contradicts itself or the books. Nothing is charged and the books stay as they are: counters are
 * cumulative, so the next good reading has its bytes as well.
 */
export class RejectedReading extends Error {
  override readonly name = "RejectedReading";
  readonly reason: RejectionReason;
  /** One sentence: what to do if it goes on. */
  readonly hint =
    "If this goes on: DARKSTAT_URL must lead to one darkstat, and a proxy before it must not cache. With the kernel's counters, please report it.";

  constructor(reason: RejectionReason) {
    super(MESSAGES[reason]);
    this.reason = reason;
  }
}

/** Readings that were rejected since the last settled one. A reading that agrees with the last of them proves it right. */
export interface Doubt {
  /** The last one. */
  readonly reading: Reading;
  /** Milliseconds by the monotonic clock since the first one. */
  readonly lastedMs: number;
}
