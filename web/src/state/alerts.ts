import { effect, signal } from "@preact/signals";
import { getJson, postJson, putJson } from "../api.ts";
import type { AlertsInput, AlertsReport, TestResult } from "../wire.ts";
import { mayWrite, seesAll } from "./access.ts";
import { readings } from "./live.ts";
import { openView } from "./url.ts";

/** Rules, channels and history; null until the page was opened. */
export const alerts = signal<AlertsReport | null>(null);

/** Reads them while the page is open, again with each reading: what was told since is seen. */
export function startAlerts(): void {
  effect(() => {
    // Looked at for being told of each.
    readings.value;
    if (openView.value === "alerts" && seesAll.value && mayWrite.value) void refreshAlerts();
  });
}

export async function refreshAlerts(): Promise<void> {
  try {
    alerts.value = await getJson<AlertsReport>("api/v1/alerts");
  } catch {
    // What is seen stays: the frame says that there is no connection.
  }
}

/** Sets some of it, and leaves the rest. @throws ApiFailure */
export async function saveAlerts(change: (now: AlertsInput) => AlertsInput): Promise<void> {
  const { rules, quiet, channels } = alerts.peek() ?? (await getJson<AlertsReport>("api/v1/alerts"));
  const now = { rules, quiet, channels: channels.map(({ id, name, enabled }) => ({ id, name, enabled })) };
  alerts.value = await putJson<AlertsReport>("api/v1/alerts", change(now));
}

/** @throws ApiFailure */
export async function snooze(rule: AlertsReport["snoozed"][number]["rule"], until: number | null): Promise<void> {
  alerts.value = await putJson<AlertsReport>("api/v1/alerts/snooze", { rule, until });
}

/** What the other side says to a test. @throws ApiFailure */
export async function testChannel(which: { channel: string } | { url: string }): Promise<TestResult> {
  return postJson<TestResult>("api/v1/alerts/test", which);
}
