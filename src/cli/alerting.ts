import { setImmediate } from "node:timers/promises";
import type { Calendar } from "../accounting/calendar.ts";
import { type Alert, evaluate, NOTHING_TOLD, type Told } from "../alerts/evaluate.ts";
import {
  digestOf,
  EMPTY_QUEUE,
  enqueue,
  keepChannels,
  nextAt,
  type Queue,
  type QueuedMessage,
  settleWork,
  type Work,
  workFor,
} from "../alerts/queue.ts";
import { type QuietHours, quietUntil } from "../alerts/quiet.ts";
import { labelOf, type Message, readChannel } from "../channels/channel.ts";
import type { Send } from "../channels/send.ts";
import type { Clock } from "../collector/clock.ts";
import type { Alerts } from "../http/api/alerts.ts";
import type { Log } from "../log/log.ts";
import type { StateLog } from "../log/state-log.ts";
import type { AlertKind, AlertRules, AlertRulesInput, AlertsReport } from "../shared/alerts-api.ts";
import { alertText } from "../shared/days-in-text.ts";
import { type Store, StoreError } from "../store/store.ts";
import type { AlertFacts } from "./alert-facts.ts";

/** A channel as it is kept. Its URL holds secrets: it leaves the store for the program that sends, and nowhere else. */
interface KeptChannel {
  readonly id: string;
  readonly name: string | null;
  readonly url: string;
  readonly enabled: boolean;
  /** Which kinds go there; null for all. */
  readonly kinds?: readonly AlertKind[] | null;
}

/** What people set. */
interface AlertSettings {
  readonly rules: AlertRules;
  readonly quiet: QuietHours | null;
  readonly channels: readonly KeptChannel[];
  readonly snoozed: readonly { readonly rule: AlertKind | null; readonly until: number }[];
}

/** What was told, and what is on its way: one document, so that neither is ever without the other. */
export interface AlertState {
  readonly told: Told;
  readonly queue: Queue;
}

/** Names under which the store keeps them. */
export const SETTINGS_MEMORY = "alert-settings";
export const STATE_MEMORY = "alerts";

/** What the store remembers, over what is so by default. */
const settingsOf = (kept: AlertSettings | null): AlertSettings => ({ ...DEFAULTS, ...kept });

/** What people set, without channels. @throws StoreError */
export async function keptAlertRules(store: Pick<Store, "recall">): Promise<AlertRulesInput> {
  const { rules, quiet } = settingsOf(await store.recall(SETTINGS_MEMORY));
  return { rules, quiet };
}

/** Sets that, where nobody looks at the rules at the same time. Channels stay. @throws StoreError */
export async function keepAlertRules(
  store: Pick<Store, "recall" | "remember">,
  { rules, quiet }: AlertRulesInput,
): Promise<void> {
  const before = settingsOf(await store.recall(SETTINGS_MEMORY));
  await store.remember(SETTINGS_MEMORY, { ...before, rules, quiet });
}

const DEFAULTS: AlertSettings = {
  rules: {
    plan: { percents: [80, 100], forecast: true },
    usage: [],
    newDevice: { privateMacs: true },
    unusual: true,
    silent: { minutes: 30 },
    missed: { percent: 5 },
    books: true,
    store: true,
  },
  quiet: null,
  channels: [],
  snoozed: [],
};

/** While nothing happens, rules are looked at so often: a meter that is silent says nothing by itself. */
const LOOK_MS = 30_000;
/** At the end, what is on its way is waited for so long. */
const LAST_MS = 5_000;

export interface AlertingDeps {
  readonly store: Pick<Store, "recall" | "remember">;
  readonly calendar: Calendar;
  readonly clock: Clock;
  readonly facts: AlertFacts;
  readonly send: Send;
  /** Told of each alert as it comes about, quiet hours or not, but for a snoozed one. */
  readonly onAlert?: (alert: Pick<Alert, "level" | "title" | "text">) => void;
  /** So many random bytes, in hex. */
  readonly randomHex: (bytes: number) => string;
  /** 0 to below 1. */
  readonly random: () => number;
  readonly log: Pick<Log, "info" | "error">;
  readonly stateLog: StateLog;
}

export interface Alerting extends Alerts {
  /** Looks at the rules and sends, until the signal is aborted. Never rejects. */
  run(signal: AbortSignal): Promise<void>;
  /** Looks at the rules soon: a reading was settled. */
  lookSoon(): void;
}

/**
 * The one owner of what is told: it looks at the rules, keeps what is to be sent before it is sent, and sends it, to each
 * channel one after the other.
 */
export async function createAlerting(deps: AlertingDeps): Promise<Alerting> {
  const { store, calendar, clock, facts, send, log, stateLog } = deps;
  let settings = settingsOf(await recall(SETTINGS_MEMORY));
  let state: AlertState = { told: NOTHING_TOLD, queue: EMPTY_QUEUE, ...(await recall<AlertState>(STATE_MEMORY)) };
  let saving: Promise<unknown> = Promise.resolve();
  let isSaved = true;
  let isTesting = false;
  const busy = new Map<string, Promise<void>>();
  let wake = new AbortController();

  async function recall<T>(name: string): Promise<T | null> {
    // A store that can't be read now is a problem that others tell of.
    return store.recall<T>(name).catch(() => null);
  }

  /** Keeps the state. Where the store can't, it lives on in memory: a message about that must be sent all the same. */
  function save(): Promise<unknown> {
    isSaved = false;
    saving = saving.then(async () => {
      if (isSaved) return;
      isSaved = true;
      await store.remember(STATE_MEMORY, state).catch((error: unknown) => {
        isSaved = false;
        if (!(error instanceof StoreError)) throw error;
      });
    });
    return saving;
  }

  const newId = () => `msg_${deps.randomHex(12)}`;

  async function look(): Promise<void> {
    const { rules } = settings;
    const found = await facts.gather(rules);
    const { alerts, told } = evaluate(rules, found, state.told);
    let { queue } = state;
    for (const alert of alerts) queue = enqueue(queue, messageOf(alert, found.now), channelsFor(alert.rule));
    if (told !== state.told || queue !== state.queue) {
      state = { told, queue };
      await save();
    } else if (!isSaved) await save();
    for (const alert of alerts) {
      log.info(`Alert: ${alert.title}. ${alert.text}`);
      if (!isSnoozed(alert.rule, found.now)) deps.onAlert?.(alert);
    }
  }

  function isSnoozed(rule: AlertKind, now: number): boolean {
    return settings.snoozed.some((one) => (one.rule ?? rule) === rule && now < one.until);
  }

  function messageOf({ rule, level, title, text }: Alert, now: number): Omit<QueuedMessage, "deliveries"> {
    const snoozed = isSnoozed(rule, now);
    const heldUntil = snoozed ? null : quietUntil(settings.quiet, calendar, now);
    return { id: newId(), at: now, rule, level, title, text, snoozed, heldUntil };
  }

  function channelsFor(rule: AlertKind): string[] {
    const isMeant = ({ enabled, kinds = null }: KeptChannel) => enabled && (kinds === null || kinds.includes(rule));
    return settings.channels.filter(isMeant).map(({ id }) => id);
  }

  /** Sends what a channel waits for, one after the other, as long as it takes it. */
  async function deliver({ id: channel, url }: KeptChannel): Promise<void> {
    for (;;) {
      const next = workFor(state.queue, channel, clock.now(), newId);
      if (next === null) return;
      if (next.queue !== state.queue) {
        state = { ...state, queue: next.queue };
        await save();
      }
      const verdict = await send(url, toSend(next.work));
      const isWebhook = readChannel(url).service === "webhook";
      const at = { now: clock.now(), isWebhook, random: deps.random() };
      state = { ...state, queue: settleWork(state.queue, next.work, verdict, at) };
      await save();
      const label = labelOf(readChannel(url));
      stateLog.change(
        `channel ${channel}`,
        verdict.ok ? "well" : "wrong",
        verdict.ok ? `${label} takes messages.` : `${label} didn't take a message: ${verdict.answer}`,
        verdict.ok ? "info" : "warn",
      );
      if (!verdict.ok && !verdict.isFinal) return;
    }
  }

  function toSend({ id, messages }: Work): Message {
    const [first] = messages as readonly [QueuedMessage, ...QueuedMessage[]];
    if (messages.length === 1) return { ...pick(first), id };
    const timeText = (at: number) => calendar.localText(at).slice(0, 16);
    return { id, at: clock.now(), rule: "digest", level: "warning", ...digestOf(messages, timeText) };
  }

  function startDeliveries(): void {
    for (const channel of settings.channels) {
      if (!channel.enabled || busy.has(channel.id)) continue;
      const at = nextAt(state.queue, channel.id);
      if (at === null || at > clock.now()) continue;
      const done = deliver(channel)
        .catch((error: unknown) => log.error(`Sending failed unexpectedly: ${String(error)}`))
        .finally(() => {
          busy.delete(channel.id);
          wake.abort();
        });
      busy.set(channel.id, done);
    }
  }

  function pauseMs(): number {
    const times = settings.channels
      .filter(({ id, enabled }) => enabled && !busy.has(id))
      .flatMap(({ id }) => nextAt(state.queue, id) ?? []);
    return Math.min(LOOK_MS, ...times.map((at) => Math.max(0, at - clock.now())));
  }

  function report(): AlertsReport {
    const { rules, quiet, channels } = settings;
    const now = clock.now();
    return {
      now,
      zone: calendar.zone,
      rules,
      quiet,
      snoozed: settings.snoozed.filter(({ until }) => until > now),
      channels: channels.map(({ id, name, url, enabled, kinds = null }) => {
        const { failures = 0, answer = null } = state.queue.channels[id] ?? {};
        const waits = ({ deliveries }: QueuedMessage) =>
          deliveries.some((one) => one.channel === id && one.state === "waiting");
        const waiting = state.queue.messages.filter(waits).length;
        const label = labelOf(readChannel(url));
        return {
          id,
          name,
          label,
          enabled,
          kinds: kinds === null ? null : [...kinds],
          waiting,
          failures,
          nextAt: enabled ? nextAt(state.queue, id) : null,
          answer,
        };
      }),
      history: state.queue.messages.toReversed().map(({ deliveries, ...message }) => ({
        ...message,
        deliveries: deliveries.map(({ digest: _, ...delivery }) => delivery),
      })),
    };
  }

  async function saveSettings(next: AlertSettings): Promise<void> {
    await store.remember(SETTINGS_MEMORY, next);
    settings = next;
  }

  return {
    report,
    async set({ rules, quiet, channels }) {
      const before = new Map(settings.channels.map((channel) => [channel.id, channel]));
      const known = (id: string | undefined) => (id === undefined ? undefined : before.get(id));
      const kept = channels.map(({ id, name, url, enabled, kinds = known(id)?.kinds ?? null }): KeptChannel => {
        const found = url ?? known(id)?.url;
        if (found === undefined) throw new RangeError("a channel without a URL");
        readChannel(found);
        return { id: known(id)?.id ?? deps.randomHex(4), name, url: found, enabled, kinds };
      });
      await saveSettings({ ...settings, rules, quiet, channels: kept });
      const changed = kept
        .filter((one) => JSON.stringify(before.get(one.id)) !== JSON.stringify(one))
        .map(({ id }) => id);
      state = {
        ...state,
        queue: keepChannels(
          state.queue,
          kept.map(({ id }) => id),
          changed,
        ),
      };
      facts.askAll();
      await save();
      wake.abort();
    },
    async snooze(rule, until) {
      const now = clock.now();
      const others = settings.snoozed.filter((one) => one.rule !== rule && one.until > now);
      await saveSettings({ ...settings, snoozed: until === null ? others : [...others, { rule, until }] });
    },
    async test({ channel, url }) {
      const found = url ?? settings.channels.find(({ id }) => id === channel)?.url;
      if (found === undefined) return null;
      readChannel(found);
      const text = "If you can read this, alerts of WhiteStat arrive here.";
      const message = {
        id: newId(),
        at: clock.now(),
        rule: "test",
        level: "info",
        title: "WhiteStat test",
        text,
      } as const;
      if (isTesting) return "busy";
      isTesting = true;
      try {
        const { ok, answer } = await send(found, message);
        return { ok, answer };
      } finally {
        isTesting = false;
      }
    },
    knows: (id) => settings.channels.some((channel) => channel.id === id),
    lookSoon: () => wake.abort(),
    async run(signal) {
      while (!signal.aborted) {
        try {
          await look();
        } catch (error) {
          log.error(`Looking at the alert rules failed unexpectedly: ${stackOf(error)}`);
        }
        startDeliveries();
        // Whoever looks at the dashboard comes in between.
        await setImmediate();
        const waked = wake.signal.aborted;
        if (waked) wake = new AbortController();
        else await clock.sleep(pauseMs(), AbortSignal.any([signal, wake.signal]));
        if (wake.signal.aborted) wake = new AbortController();
      }
      // What is on its way arrives; what it became of is known then.
      const all = Promise.all(busy.values());
      const done = new AbortController();
      await Promise.race([all, clock.sleep(LAST_MS, done.signal)]);
      done.abort();
      await saving;
    },
  };
}

function pick({ at, rule, level, title, text }: QueuedMessage): Omit<Message, "id"> {
  return { at, rule, level, title, text: alertText({ rule, text }) };
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
