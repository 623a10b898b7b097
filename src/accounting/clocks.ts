import type { Books, Reading } from "./types.ts";

/** A wall clock that disagrees with the monotonic ones by more than this was set, not slow. */
export const CLOCK_JUMP_MS = 120_000;

/**
 * How long ago the books were settled, as far as clocks can tell: by our monotonic clock, or by the wall clock where that
 * says more, for a monotonic clock stands still while the machine sleeps.
 */
export function bestElapsedMs(books: Books, reading: Reading): number {
  return Math.max(reading.elapsedMs ?? 0, reading.at - books.at, 0);
}

/**
 * By how much (ms) the wall clock and darkstat's uptime disagree on the time since the books were settled, across our own
 * restart and by more than two minutes; null when they agree, or nothing is known. A machine without a clock chip starts
 * with an old date: a reading that is in doubt should wait until the clock is set.
 */
export function clockDoubtMs(books: Books | null, reading: Reading): number | null {
  if (books === null || books.epoch === "" || reading.elapsedMs !== null || reading.meter !== books.meter) return null;
  const wallMs = reading.at - books.at;
  const uptimeMs = reading.before.uptimeSeconds * 1000;
  const sinceBooksMs = uptimeMs - books.uptimeSeconds * 1000;
  const isSameRun = reading.epoch === books.epoch && sinceBooksMs >= 0;
  const doubtMs = isSameRun ? wallMs - sinceBooksMs : Math.min(0, wallMs - uptimeMs);
  return Math.abs(doubtMs) > CLOCK_JUMP_MS ? doubtMs : null;
}
