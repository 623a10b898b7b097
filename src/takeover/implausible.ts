/** The fastest line of a home, for a whole day, in one direction: 1 Gbit/s × 86,400 s. */
export const MOST_BYTES_A_DAY = 125_000_000 * 86_400;
/** A day is out of proportion when it is this many times the device's usual day, and this many times all but 5 % of days. */
const TIMES_OWN_MEDIAN = 20;
const TIMES_USUAL = 20;
/** Below this nobody minds. */
const LEAST_BYTES = 10_000_000_000;
/** With fewer days there is no usual one. */
const LEAST_DAYS = 7;

/** The usual days of a household, for {@link isImplausible}. */
export interface Usual {
  /** Median of a device's day, in bytes of both directions; null when it has too few days to tell. */
  medianOf(device: string): number | null;
  /** 95 % of all device-days are at most this. */
  readonly most: number;
}

/** Gathers what is usual from the days of each device (bytes of both directions). Sorts the lists in place. */
export function usualDays(days: ReadonlyMap<string, number[]>): Usual {
  const medians = new Map<string, number>();
  const all = new Float64Array([...days.values()].reduce((count, list) => count + list.length, 0));
  let at = 0;
  for (const [device, list] of days) {
    all.set(list, at);
    at += list.length;
    list.sort((a, b) => a - b);
    if (list.length >= LEAST_DAYS) medians.set(device, list[Math.floor(list.length / 2)] ?? 0);
  }
  all.sort();
  return {
    medianOf: (device) => medians.get(device) ?? null,
    most: all[Math.max(0, Math.ceil(all.length * 0.95) - 1)] ?? 0,
  };
}

/**
 * Whether a day of an old version can't be true: more than any line carries, or out of all proportion both to the device
 * and to the household. (The original charged a device with a whole counter when an address changed hands or darkstat
 * resumed from an old file.) See docs/decisions/0007-takeover.md.
 */
export function isImplausible(device: string, bytesIn: number, bytesOut: number, usual: Usual): boolean {
  if (bytesIn > MOST_BYTES_A_DAY || bytesOut > MOST_BYTES_A_DAY) return true;
  const total = bytesIn + bytesOut;
  const median = usual.medianOf(device);
  if (median === null || total < LEAST_BYTES) return false;
  return total > TIMES_OWN_MEDIAN * median && total > TIMES_USUAL * usual.most;
}
