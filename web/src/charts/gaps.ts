/** Which part of a bar's time has no figures, and why. Pure. */
import { unmeasuredWithin } from "../state/measured.ts";
import type { Usage } from "../wire.ts";

export interface Gap {
  /** `unmeasured`: the meter was not read. `absent`: the device was not there yet. */
  readonly kind: "unmeasured" | "absent";
  /** Of the bar's time, 0 to 1. */
  readonly from: number;
  readonly to: number;
  /** ms UTC. */
  readonly fromTime: number;
  readonly toTime: number;
}

type Bucket = Usage["buckets"][number];

/** The part of a bucket that was not measured. */
export function gapsOf(usage: Pick<Usage, "unmeasured">, { from, to }: Bucket): Gap[] {
  return unmeasuredWithin(usage, { from, to }).map((span) => ({
    kind: "unmeasured",
    from: (span.from - from) / (to - from),
    to: (span.to - from) / (to - from),
    fromTime: span.from,
    toTime: span.to,
  }));
}

/** The gaps of a bucket for one device: what was before its first day is no silence either. */
export function deviceGapsOf(
  usage: Pick<Usage, "unmeasured" | "group">,
  bucket: Bucket,
  nextDay: string | null,
  firstDay: string,
): Gap[] {
  const isBefore = nextDay === null || usage.group === "hour" ? bucket.day < firstDay : nextDay <= firstDay;
  if (!isBefore) return gapsOf(usage, bucket);
  return [{ kind: "absent", from: 0, to: 1, fromTime: bucket.from, toTime: bucket.to }];
}

/** Whether a bar's time is yet to come: nothing is known of it, which is not nothing used. */
export function isAhead({ now }: Pick<Usage, "now">, { from }: Bucket): boolean {
  return from > now;
}

/** Whether nothing at all of the bar's time was measured. */
export function isWhole(gaps: readonly Gap[]): boolean {
  return gaps.length === 1 && gaps[0]?.from === 0 && gaps[0].to === 1;
}
