import { type ReadonlySignal, signal } from "@preact/signals";
import type { Plan, PlanReport } from "../wire.ts";
import { steady } from "./steady.ts";

/** The plan and what was used of it, as the server said last; null before its first answer. */
export const planReport = signal<PlanReport | null>(null);

/** The cycles of the plan; null where there is none. The same object while they are the same. */
export const cycleRule: ReadonlySignal<Plan["cycle"] | null> = steady<Plan["cycle"] | null>((previous) => {
  const next = planReport.value?.plan?.cycle ?? null;
  return previous !== undefined && JSON.stringify(previous) === JSON.stringify(next) ? previous : next;
});
