/** How long to wait for the server. Pure. */

/**
 * Milliseconds before the next try after so many failures: one second, doubled up to thirty, spread by half so that
 * the pages of a household don't all come back in the same moment.
 * @param random from 0 to 1
 */
export function backoffMs(failures: number, random: number): number {
  const longest = Math.min(30_000, 1000 * 2 ** Math.min(failures - 1, 10));
  return Math.round(longest * (0.75 + random / 2));
}

/** Whether nothing was heard for longer than a reading takes to come. */
export function isSilent(heardAt: number, now: number, intervalMs: number): boolean {
  return now - heardAt > intervalMs * 1.5 + 5000;
}
