/** The state of one device of Home Assistant: a flat JSON object. */
export type State = Readonly<Record<string, string | number | null | readonly string[]>>;

/** What a value belongs to, by the field that says which period it is. */
const PERIODS: Readonly<Record<string, readonly string[]>> = {
  day: ["download_today", "upload_today"],
  cycle: ["plan_used"],
};

/**
 * A value that began anew counts from zero for Home Assistant, so it must not fall while its day or cycle lasts: it would be added twice.
 * Two devices that are split, or a day that is removed, make it fall; then the greater one stands until it is
 * reached again, or the period is over. Our own pages and totals have the right one at once.
 * @param before what was published last, by us or by a run before this one; undefined for nothing
 */
export function hold(before: State | undefined, next: State): State {
  if (before === undefined) return next;
  const held: Record<string, State[string]> = { ...next };
  for (const [period, fields] of Object.entries(PERIODS)) {
    if (next[period] === undefined || before[period] !== next[period]) continue;
    for (const field of fields) {
      const [was, is] = [before[field], next[field]];
      if (typeof was === "number" && typeof is === "number" && was > is) held[field] = was;
    }
  }
  return held;
}
