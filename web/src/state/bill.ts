import { effect, signal } from "@preact/signals";
import { ApiFailure, getJson } from "../api.ts";
import { failureText } from "../texts/failures.ts";
import { planText } from "../texts/plan.ts";
import type { BillCheck } from "../wire.ts";
import { planReport } from "./plan-report.ts";
import { openView, query } from "./url.ts";

/** A provider's figure beside ours, as the address asks for it; null until it is there. */
export const billCheck = signal<BillCheck | null>(null);
export const billFailure = signal<ApiFailure | null>(null);

/** What the bill check keeps in the address: the first day of the cycle, and the provider's bytes. */
export const BILL_KEYS = { cycle: "cycle", bytes: "bill" } as const;

/** Asks whenever the address asks for something else, or the plan is another, while the bill check is open. */
export function startBill(): void {
  let asked: AbortController | null = null;
  effect(() => {
    const isOpen = openView.value === "bill";
    const report = planReport.value;
    const [cycle, bytes] = [query.value.get(BILL_KEYS.cycle), query.value.get(BILL_KEYS.bytes)];
    if (!isOpen || report === null) return;
    asked?.abort();
    if (report.plan === null) {
      billFailure.value = new ApiFailure("no-plan", planText.billNoPlan, null);
      return;
    }
    asked = new AbortController();
    void ask({ cycle, bytes }, asked.signal);
  });
}

async function ask(question: Readonly<Record<string, string | null>>, signal: AbortSignal): Promise<void> {
  try {
    billCheck.value = await getJson<BillCheck>("api/v1/plan/check", question, signal);
    billFailure.value = null;
  } catch (error) {
    if (signal.aborted) return;
    billFailure.value =
      error instanceof ApiFailure ? error : new ApiFailure("unknown", failureText.unreachable.message, null);
  }
}
