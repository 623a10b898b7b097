/** The clocks of the machine, and waiting by them. `main.ts` hands in the real ones; tests turn theirs by hand. */
export interface Clock {
  /** Wall clock, ms UTC. It may be set at any time. */
  now(): number;
  /** Monotonic clock in ms, from any beginning. */
  mono(): number;
  /** Resolves after `ms` of monotonic time, or at once when the signal is aborted. Never rejects. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}
