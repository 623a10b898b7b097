import { type Baseline, type Bytes, type HostRow, keyOf } from "./types.ts";

/** What a host table shows beyond the baselines. */
export interface Growth {
  /** All counters of the table. */
  readonly sum: Bytes;
  /** What known hosts have on top of their baselines; of those that fell below them, the whole counters. */
  readonly known: Bytes;
  /** The counters of hosts without a baseline. */
  readonly fresh: Bytes;
  /** How many known hosts have a counter below their baseline, and how many are not listed. */
  readonly fell: number;
  readonly vanished: number;
  /** Whether any counter lies above its baseline. */
  readonly showsNew: boolean;
}

/** Compares a host table with the baselines. */
export function growthOf(baselines: ReadonlyMap<string, Baseline> | undefined, hosts: readonly HostRow[]): Growth {
  const sum = { in: 0, out: 0 };
  const known = { in: 0, out: 0 };
  const fresh = { in: 0, out: 0 };
  let [listed, fell, showsNew] = [0, 0, false];
  for (const host of hosts) {
    sum.in += host.in;
    sum.out += host.out;
    const baseline = baselines?.get(keyOf(host));
    if (baseline === undefined) {
      fresh.in += host.in;
      fresh.out += host.out;
      showsNew ||= host.in > 0 || host.out > 0;
      continue;
    }
    listed++;
    showsNew ||= host.in > baseline.in || host.out > baseline.out;
    const below = isBelow(host, baseline);
    if (below) fell++;
    known.in += host.in - (below ? 0 : baseline.in);
    known.out += host.out - (below ? 0 : baseline.out);
  }
  return { sum, known, fresh, fell, vanished: (baselines?.size ?? 0) - listed, showsNew };
}

/**
 * Whether either counter is below the baseline: then the host was forgotten, and both counters began anew. Decided for the
 * host, not for each direction.
 */
export function isBelow(host: Bytes, baseline: Bytes): boolean {
  return host.in < baseline.in || host.out < baseline.out;
}

/** The sum in each direction. */
export function plus(a: Bytes, b: Bytes): Bytes {
  return { in: a.in + b.in, out: a.out + b.out };
}

/** The larger of the two directions. */
export function larger({ in: down, out: up }: Bytes): number {
  return Math.max(down, up);
}
