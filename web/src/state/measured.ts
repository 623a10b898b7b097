import type { Usage } from "../wire.ts";

/** Whether anything of a range was measured: else its figures are not nothing, but unknown. */
export function isMeasured({ totals, buckets, unmeasured, now }: Usage): boolean {
  if (totals.download + totals.upload > 0) return true;
  const from = buckets[0]?.from ?? now;
  const to = Math.min(buckets.at(-1)?.to ?? now, now);
  return from < to && !unmeasured.some((span) => span.from <= from && to <= span.to);
}

/** The part of a stretch of time that was not measured, as stretches within it. */
export function unmeasuredWithin(
  { unmeasured }: Pick<Usage, "unmeasured">,
  { from, to }: { from: number; to: number },
): { from: number; to: number }[] {
  return unmeasured
    .map((span) => ({ from: Math.max(span.from, from), to: Math.min(span.to, to) }))
    .filter((span) => span.from < span.to);
}

/** Whether figures are of an owner, a meter or a kind of traffic alone: then what is known of all says nothing of them. */
export function isPart({ owner, source, traffic }: Pick<Usage, "owner" | "source" | "traffic">): boolean {
  return owner !== null || source !== null || traffic !== "all";
}
