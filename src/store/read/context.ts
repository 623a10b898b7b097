import type { Engine } from "../engine/engine.ts";
import type { OpenHour } from "../open-hour.ts";

/** What a question is answered from: rows of what is over, and the open hour. */
export interface Context {
  readonly engine: Engine;
  /** Of the same sources and traffic. */
  readonly open: OpenHour;
  /** A condition on `endpoint.source` and `balance_day.source`: those that are asked for, or all but views. */
  readonly ofSources: string;
  /** The same with one on `endpoint.traffic`: the kinds that are asked for. */
  readonly ofEndpoints: string;
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
