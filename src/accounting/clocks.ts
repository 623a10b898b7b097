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

/** While we run, a clock that leaps ahead by more is in doubt, too; by less, this machine may have slept. */
const LEAP_MS = 30 * 86_400_000;

/**
 * By how much (ms) the wall clock and darkstat's uptime disagree on the time since the books were settled, where that is a
 * reason to wait until the clock is set; null when it isn't, or nothing is known. Across our own restart more than two
 * minutes are, for a machine without a clock chip starts with an old date. While we run, a leap by more than a month is.
 */
export function clockDoubtMs(books: Books | null, reading: Reading): number | null {
  if (books === null || books.epoch === "" || reading.meter !== books.meter) return null;
  const wallMs = reading.at - books.at;
  const uptimeMs = reading.before.uptimeSeconds * 1000;
  const sinceBooksMs = uptimeMs - books.uptimeSeconds * 1000;
  const isSameRun = reading.epoch === books.epoch && sinceBooksMs >= 0;
  // A run that continues that of the books began before they were settled, and nobody knows how long.
  if (reading.continues !== undefined && reading.continues === books.epoch) return null;
  const doubtMs = isSameRun ? wallMs - sinceBooksMs : Math.min(0, wallMs - uptimeMs);
  const isDoubted = reading.elapsedMs === null ? Math.abs(doubtMs) > CLOCK_JUMP_MS : doubtMs > LEAP_MS;
  return isDoubted ? doubtMs : null;
}
