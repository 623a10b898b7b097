import { computed, type ReadonlySignal, signal } from "@preact/signals";
import type { Plan, PlanReport, PlansReport } from "../wire.ts";
import { steady } from "./steady.ts";

/** The line's plan and what was used of it, as the server said last; null before its first answer. */
export const planReport = signal<PlanReport | null>(null);

/** All plans as they stand; null before the first answer. */
export const plansReport = signal<PlansReport | null>(null);

/** The plans of meters, owners and devices. */
export const otherPlans: ReadonlySignal<PlansReport["plans"]> = computed(() =>
  (plansReport.value?.plans ?? []).filter(({ of }) => of !== LINE),
);

/** Whose the line's plan is, as the API writes it. */
export const LINE = "line";

/** The cycles of the plan; null where there is none. The same object while they are the same. */
export const cycleRule: ReadonlySignal<Plan["cycle"] | null> = steady<Plan["cycle"] | null>((previous) => {
  const next = planReport.value?.plan?.cycle ?? null;
  return previous !== undefined && JSON.stringify(previous) === JSON.stringify(next) ? previous : next;
});
