import type { AlertKind } from "../shared/alerts-api.ts";
import type { Alert } from "./evaluate.ts";

/** What is to be told, and what has become of it at each channel. Plain data, kept over restarts. */
export interface QueuedMessage {
  /** The same in every attempt. */
  readonly id: string;
  readonly at: number;
  readonly rule: AlertKind;
  readonly level: Alert["level"];
  readonly title: string;
  readonly text: string;
  /** Listed, and sent nowhere. */
  readonly snoozed: boolean;
  /** Held back until then; null where it wasn't. */
  readonly heldUntil: number | null;
  readonly deliveries: readonly Delivery[];
}

export interface Delivery {
  readonly channel: string;
  readonly state: "waiting" | "sent" | "dead";
  /** When it was sent or given up. */
  readonly at: number | null;
  readonly answer: string | null;
  /** The digest that it is sent in: an id of its own. */
  readonly digest: string | null;
}

/** How a channel is doing. */
export interface ChannelState {
  readonly failures: number;
  /** Not before then. */
  readonly nextAt: number;
  readonly answer: string | null;
}

export interface Queue {
  /** The earliest first. */
  readonly messages: readonly QueuedMessage[];
  readonly channels: Readonly<Record<string, ChannelState>>;
}

export const EMPTY_QUEUE: Queue = { messages: [], channels: {} };

/** What one attempt is of: a message, or several in a digest. */
export interface Work {
  readonly channel: string;
  /** Of the message, or of the digest. */
  readonly id: string;
  readonly messages: readonly QueuedMessage[];
}

/** After the n-th failure in a row, ms: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md */
const RETRIES_MS = [5_000, 300_000, 1_800_000, 7_200_000, 18_000_000, 36_000_000, 50_400_000, 72_000_000, 86_400_000];
/** People wait for the others: they are tried each hour at least. */
const LONGEST_MS = 3_600_000;
/** A message that could not be sent for so long is given up: the whole of that table. */
const GIVEN_UP_MS = 273_905_000;
/** More that wait for one channel are sent as one. */
const SINGLY = 5;
const HISTORY = 200;
/** Even for a channel that is down for days, no more wait. */
const WAITING_AT_MOST = 500;

/** Adds a message for channels. */
export function enqueue(queue: Queue, message: Omit<QueuedMessage, "deliveries">, channels: readonly string[]): Queue {
  const deliveries = (message.snoozed ? [] : channels).map(
    (channel): Delivery => ({ channel, state: "waiting", at: null, answer: null, digest: null }),
  );
  return trimmed({ ...queue, messages: [...queue.messages, { ...message, deliveries }] });
}

/** The latest stay, and all that wait; of too many that wait, the oldest are given up. */
function trimmed(queue: Queue): Queue {
  let excess = queue.messages.filter(isWaiting).length - WAITING_AT_MOST;
  const messages = queue.messages.map((message) => {
    if (!isWaiting(message) || excess-- <= 0) return message;
    const giveUp = (delivery: Delivery): Delivery =>
      delivery.state === "waiting" ? { ...delivery, state: "dead", answer: "too many messages wait" } : delivery;
    return { ...message, deliveries: message.deliveries.map(giveUp) };
  });
  const first = messages.length - HISTORY;
  return { ...queue, messages: messages.filter((message, index) => index >= first || isWaiting(message)) };
}

function isWaiting({ deliveries }: QueuedMessage): boolean {
  return deliveries.some(({ state }) => state === "waiting");
}

/**
 * What a channel is to be sent now, in order; null where nothing is. Of many that wait a digest is made, which has to be
 * kept before it is sent: an attempt that nobody knows the outcome of must be the same when it is made again.
 * @param newId for a digest
 */
export function workFor(
  queue: Queue,
  channel: string,
  now: number,
  newId: () => string,
): { queue: Queue; work: Work } | null {
  if (now < (queue.channels[channel]?.nextAt ?? 0)) return null;
  const due = queue.messages.filter((message) => waitsFor(message, channel) && (message.heldUntil ?? 0) <= now);
  const [head] = due;
  if (head === undefined) return null;
  const begun = deliveryOf(head, channel)?.digest ?? null;
  if (begun !== null) {
    const messages = due.filter((message) => deliveryOf(message, channel)?.digest === begun);
    return { queue, work: { channel, id: begun, messages } };
  }
  if (due.length <= SINGLY) return { queue, work: { channel, id: head.id, messages: [head] } };
  const digest = newId();
  const next = changed(queue, channel, due, (delivery) => ({ ...delivery, digest }));
  return { queue: next, work: { channel, id: digest, messages: due } };
}

/** When a channel has work next, ms UTC; null while nothing waits for it. */
export function nextAt(queue: Queue, channel: string): number | null {
  const held = queue.messages.filter((message) => waitsFor(message, channel)).map(({ heldUntil }) => heldUntil ?? 0);
  if (held.length === 0) return null;
  return Math.max(queue.channels[channel]?.nextAt ?? 0, Math.min(...held));
}

/**
 * What became of an attempt.
 * @param isWebhook is retried by the table of Standard Webhooks as it stands
 * @param random 0 to below 1: attempts of many are not all made at once
 */
export function settleWork(
  queue: Queue,
  { channel, messages }: Work,
  outcome: {
    readonly ok: boolean;
    readonly answer: string;
    readonly isFinal: boolean;
    readonly isGone: boolean;
    readonly retryAfterMs: number | null;
  },
  { now, isWebhook, random }: { readonly now: number; readonly isWebhook: boolean; readonly random: number },
): Queue {
  const { ok, answer } = outcome;
  const isDead = (message: QueuedMessage) =>
    !ok && (outcome.isFinal || outcome.isGone || now - Math.max(message.at, message.heldUntil ?? 0) >= GIVEN_UP_MS);
  const failures = ok || outcome.isFinal ? 0 : (queue.channels[channel]?.failures ?? 0) + 1;
  const table = RETRIES_MS[Math.min(failures, RETRIES_MS.length) - 1] ?? 0;
  const wait = Math.max(isWebhook ? table : Math.min(table, LONGEST_MS), outcome.retryAfterMs ?? 0);
  const state: ChannelState = {
    failures,
    nextAt: failures === 0 ? 0 : now + Math.round(wait * (1 + random / 10)),
    answer,
  };
  const byId = new Map(messages.map((message) => [message.id, message]));
  const done = changed(queue, channel, messages, (delivery, message) => {
    if (ok) return { ...delivery, state: "sent", at: now, answer };
    return isDead(byId.get(message.id) ?? message)
      ? { ...delivery, state: "dead", at: now, answer }
      : { ...delivery, answer };
  });
  return trimmed({ ...done, channels: { ...done.channels, [channel]: state } });
}

/** Forgets what waits for channels that are no more, and begins anew with those that were changed. */
export function keepChannels(queue: Queue, known: readonly string[], changedOnes: readonly string[]): Queue {
  const messages = queue.messages.map((message) => ({
    ...message,
    deliveries: message.deliveries.map(
      (delivery): Delivery =>
        delivery.state === "waiting" && !known.includes(delivery.channel)
          ? { ...delivery, state: "dead", answer: "the channel was removed" }
          : delivery,
    ),
  }));
  const kept = Object.entries(queue.channels).filter(([id]) => known.includes(id) && !changedOnes.includes(id));
  return { messages, channels: Object.fromEntries(kept) };
}

/** Many messages as one. @param timeText an instant for a person, e.g. `2026-11-26 14:02` */
export function digestOf(
  messages: readonly QueuedMessage[],
  timeText: (at: number) => string,
): Pick<QueuedMessage, "title" | "text"> {
  return {
    title: `${messages.length} messages since ${timeText(messages[0]?.at ?? 0)}`,
    text: messages.map(({ at, title }) => `${timeText(at)} ${title}`).join("\n"),
  };
}

function waitsFor(message: QueuedMessage, channel: string): boolean {
  return deliveryOf(message, channel)?.state === "waiting";
}

function deliveryOf({ deliveries }: QueuedMessage, channel: string): Delivery | undefined {
  return deliveries.find((delivery) => delivery.channel === channel);
}

function changed(
  queue: Queue,
  channel: string,
  messages: readonly QueuedMessage[],
  change: (delivery: Delivery, message: QueuedMessage) => Delivery,
): Queue {
  const ids = new Set(messages.map(({ id }) => id));
  return {
    ...queue,
    messages: queue.messages.map((message) =>
      ids.has(message.id)
        ? {
            ...message,
            deliveries: message.deliveries.map((delivery) =>
              delivery.channel === channel && delivery.state === "waiting" ? change(delivery, message) : delivery,
            ),
          }
        : message,
    ),
  };
}
