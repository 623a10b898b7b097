import { type Alert, NOTHING_TOLD } from "../alerts/evaluate.ts";
import { EMPTY_QUEUE, type QueuedMessage } from "../alerts/queue.ts";
import type { Store } from "../store/store.ts";
import { type AlertState, SETTINGS_MEMORY, STATE_MEMORY } from "./alerting.ts";

const HOUR_MS = 3_600_000;
const CHANNEL = "demo";

/** What the demo was told lately: hours ago, and what. */
const STORY: readonly (readonly [hoursAgo: number, alert: Alert])[] = [
  [
    191,
    {
      rule: "new-device",
      level: "info",
      title: "New device: Guest phone",
      text: "Guest phone (5e:04:8f:21:00:0d): never seen before.",
    },
  ],
  [
    170,
    {
      rule: "plan",
      level: "warning",
      title: "Data plan: 50% used",
      text: "Half of the allowance is used, with 15 days left.",
    },
  ],
  [
    75,
    {
      rule: "silent",
      level: "problem",
      title: "No reading for 30 minutes",
      text: "Can't reach darkstat at http://192.168.1.5:667/ (connection refused).",
    },
  ],
  [73, { rule: "silent", level: "over", title: "Readings are back", text: "The meter is read again." }],
];

/** Fills in what alerts the demo's household had, and a channel that is off: the demo sends nothing. */
export async function fillAlerts(store: Pick<Store, "remember">, now: number): Promise<void> {
  const messages = STORY.map(([hoursAgo, alert], index): QueuedMessage => {
    const at = now - hoursAgo * HOUR_MS;
    const deliveries = [{ channel: CHANNEL, state: "sent", at: at + 2_000, answer: "HTTP 200", digest: null } as const];
    return { id: `msg_demo${index}`, at, ...alert, snoozed: false, heldUntil: null, deliveries };
  });
  const state: AlertState = { told: NOTHING_TOLD, queue: { ...EMPTY_QUEUE, messages } };
  await store.remember(STATE_MEMORY, state);
  const channel = { id: CHANNEL, name: "Phone", url: "ntfys://ntfy.example.com/household", enabled: false };
  await store.remember(SETTINGS_MEMORY, { channels: [channel] });
}
