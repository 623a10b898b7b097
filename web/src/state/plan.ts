import { batch, computed, effect, type ReadonlySignal, signal } from "@preact/signals";
import { getJson, putJson } from "../api.ts";
import { failureText } from "../texts/failures.ts";
import { planText } from "../texts/plan.ts";
import type { Plan, PlanReport, PlansReport } from "../wire.ts";
import { household } from "./household.ts";
import { readings } from "./live.ts";
import { LINE, otherPlans, planReport, plansReport } from "./plan-report.ts";
import { hadPlan, planCards } from "./preferences.ts";
import { sayDone, sayFailed } from "./toast.ts";
import { today } from "./today.ts";
import { openDevice, openView, selection, source } from "./url.ts";

/** Whose plan the dialog sets, as the API writes it; null while it is closed. */
export const editedPlan = signal<string | null>(null);
/** The line's plan before the last change from this page: what undoing goes back to. Null where nothing was changed. */
export const planBefore = signal<{ readonly plan: Plan | null } | null>(null);
/** How many finished cycles are shown. */
export const pastShown = signal<"12" | "all">("12");

/** Whose figures are looked at, as plans name it: a device's, an owner's, a meter's, or the line's. */
export const shownSubject: ReadonlySignal<string> = computed(() => {
  const { owner } = selection.value;
  if (openDevice.value !== null) return `device:${openDevice.value}`;
  if (owner !== null && owner !== "none") return `owner:${owner}`;
  return source.value === null ? LINE : `meter:${source.value}`;
});
/** The plan of {@link shownSubject}; null where that is the line, and until it is read. */
export const subjectReport = signal<PlanReport | null>(null);

/** Readings come every few seconds, and a cycle is long. */
const REFRESH_AFTER_MS = 60_000;

let askedAt = 0;

/** Reads the plans, and again with readings and days that come. @returns when the first answer is there, or won't come */
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
  let shown = LINE;
  effect(() => {
    if (openView.value !== null || shown === shownSubject.value) return;
    shown = shownSubject.value;
    subjectReport.value = null;
    void refreshSubject();
  });
  let people = household.peek();
  effect(() => {
    const isChanged = people !== null && people !== household.value;
    people = household.value;
    // Whose a device is decides what an owner used, for the past too.
    if (isChanged && otherPlans.peek().length > 0) void refreshPlan();
  });
  return first;
}

/** Reads the plans again. What is seen stays where that fails: the frame says that there is no connection. */
export async function refreshPlan(): Promise<void> {
  askedAt = Date.now();
  try {
    const [report, plans] = await Promise.all([
      getJson<PlanReport>("api/v1/plan", { past: pastShown.peek() }),
      getJson<PlansReport>("api/v1/plans"),
      refreshSubject(),
    ]);
    // Together, so that what is below moves once.
    batch(() => {
      hear(report);
      hearAll(plans);
    });
  } catch {
    // See above.
  }
}

async function refreshSubject(): Promise<void> {
  const of = shownSubject.peek();
  if (of === LINE) return;
  try {
    const report = await getJson<PlanReport>("api/v1/plan", { of, past: pastShown.peek() });
    if (of === shownSubject.peek()) subjectReport.value = report;
  } catch {
    // It may be of a device or an owner that is no more: the page says so.
  }
}

/** Shows every finished cycle there is. */
export function showAllCycles(): void {
  pastShown.value = "all";
  void refreshPlan();
}

/** Sets a plan, or with null takes it away. The way back is offered. @throws ApiFailure */
export async function savePlan(of: string, plan: Plan | null): Promise<void> {
  if (of === LINE) {
    const before = planReport.peek()?.plan ?? null;
    hear(await putJson<PlanReport>("api/v1/plan", { plan }, { past: pastShown.peek() }));
    planBefore.value = { plan: before };
    return;
  }
  const before = otherPlans.peek().find((one) => one.of === of)?.plan ?? null;
  const { name } = await putJson<PlanReport>("api/v1/plan", { plan }, { of, past: "0" });
  const said = plan === null ? planText.removedOf(name ?? "") : planText.savedOf(name ?? "");
  sayDone(said, async () => {
    try {
      await putJson<PlanReport>("api/v1/plan", { plan: before }, { of, past: "0" });
      sayDone(planText.undone);
      await refreshPlan();
    } catch (error) {
      sayFailed(error, failureText.notSaved);
    }
  });
  await refreshPlan();
}

function hear(report: PlanReport): void {
  planReport.value = report;
  hadPlan.value = report.plan !== null;
}

function hearAll(report: PlansReport): void {
  plansReport.value = report;
  planCards.value = otherPlans.peek().length;
}
