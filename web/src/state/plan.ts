import { effect, signal } from "@preact/signals";
import { getJson, putJson } from "../api.ts";
import type { Plan, PlanReport } from "../wire.ts";
import { readings } from "./live.ts";
import { planReport } from "./plan-report.ts";
import { hadPlan } from "./preferences.ts";
import { today } from "./today.ts";

/** Whether the dialog that sets the plan is open. */
export const planIsEdited = signal(false);
/** The plan before the last change from this page: what undoing goes back to. Null where nothing was changed. */
export const planBefore = signal<{ readonly plan: Plan | null } | null>(null);
/** How many finished cycles are shown. */
export const pastShown = signal<"12" | "all">("12");

/** Readings come every few seconds, and a cycle is long. */
const REFRESH_AFTER_MS = 60_000;

let askedAt = 0;

/** Reads the plan, and again with readings and days that come. @returns when the first answer is there, or won't come */
export function startPlan(): Promise<void> {
  const first = refreshPlan();
  let day = today.peek();
  effect(() => {
    const isNewDay = day !== today.value;
    day = today.value;
    // Looked at for being told of each.
    const isDue = readings.value > 0 && Date.now() - askedAt >= REFRESH_AFTER_MS;
    if (isNewDay || isDue) void refreshPlan();
  });
  return first;
}

/** Reads the plan again. What is seen stays where that fails: the frame says that there is no connection. */
export async function refreshPlan(): Promise<void> {
  askedAt = Date.now();
  try {
    hear(await getJson<PlanReport>("api/v1/plan", { past: pastShown.peek() }));
  } catch {
    // See above.
  }
}

/** Shows every finished cycle there is. */
export function showAllCycles(): void {
  pastShown.value = "all";
  void refreshPlan();
}

/** Sets the plan, or with null takes it away. @throws ApiFailure */
export async function savePlan(plan: Plan | null): Promise<void> {
  const before = planReport.peek()?.plan ?? null;
  hear(await putJson<PlanReport>("api/v1/plan", { plan }, { past: pastShown.peek() }));
  planBefore.value = { plan: before };
}

function hear(report: PlanReport): void {
  planReport.value = report;
  hadPlan.value = report.plan !== null;
}
