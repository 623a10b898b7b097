import type { Engine } from "../engine/engine.ts";
import type { OpenHour } from "../open-hour.ts";

/** What a question is answered from: rows of what is over, and the open hour. */
export interface Context {
  readonly engine: Engine;
  readonly open: OpenHour;
}

/** What speaks for an endpoint being shown for a day that has several. */
interface Shown {
  readonly endpoint: number;
  readonly lastSeen: number | null;
  readonly in: number;
  readonly out: number;
}

/** Which of several endpoints a day shows: the one seen last, of those the one with most bytes, then the oldest. */
export function isShownBefore(one: Shown, shown: Shown | null): boolean {
  if (shown === null) return true;
  const later = (one.lastSeen ?? 0) - (shown.lastSeen ?? 0);
  const bigger = one.in + one.out - (shown.in + shown.out);
  return later > 0 || (later === 0 && (bigger > 0 || (bigger === 0 && one.endpoint < shown.endpoint)));
}

/** The later of two instants of which either may be unknown. */
export function laterOf(one: number | null, other: number | null): number | null {
  return one === null || other === null ? (one ?? other) : Math.max(one, other);
}

/** An instant of a row (s UTC) in ms. */
export function msOf(seconds: number | null): number | null {
  return seconds === null ? null : seconds * 1000;
}

/** Whether anything was counted in an open hour. */
export function hasCounts({ source: _, day: __, ...counts }: ReturnType<OpenHour["counts"]>[number]): boolean {
  return Object.values(counts).some((count) => count !== 0);
}
