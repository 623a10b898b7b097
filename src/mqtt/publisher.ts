import type { Clock } from "../collector/clock.ts";
import { type Broker, connectBroker } from "./broker.ts";
import {
  type AlertEvent,
  alertText,
  type DiscoveryOptions,
  discoveryOf,
  householdId,
  ownIdOf,
  type Published,
  topicsOf,
} from "./discovery.ts";
import type { Figures } from "./figures.ts";
import { hold, type State } from "./hold.ts";

/** Home Assistant says there when it has started, and knows nothing that was not retained. */
const STATUS_OF_HOME_ASSISTANT = "homeassistant/status";
const DISCOVERY_PREFIX = "homeassistant";
/** So often at most is published. */
const EVERY_MS = 60_000;
/** After a start of Home Assistant everybody publishes: not all at once. */
const AFTER_START_MS = [1_000, 10_000] as const;
const RETRY = { firstMs: 2_000, mostMs: 300_000 };
/** Longer than this no broker takes for what it retains. */
const RETAINED_MS = 10_000;

export interface PublisherOptions extends Omit<DiscoveryOptions, "instance"> {
  /** Of the installation: the same over restarts. */
  readonly instance: string;
  readonly url: string;
  readonly trusted?: readonly string[] | undefined;
}

export interface PublisherDeps {
  readonly figures: () => Promise<Figures>;
  readonly clock: Pick<Clock, "mono" | "sleep">;
  /** From 0 up to 1. */
  readonly random: () => number;
  /** Told when the connection comes and goes; `why` is null while it stands. */
  readonly onState: (state: PublisherState) => void;
  readonly onError: (error: unknown) => void;
}

export interface PublisherState {
  readonly connected: boolean;
  /** Why there is no connection, in a few words; null before the first attempt has ended. */
  readonly why: string | null;
  /** Devices that Home Assistant was told of. */
  readonly devices: number;
}

/** Tells a broker what a household uses, in the way that Home Assistant finds by itself. */
export interface Publisher {
  /** A reading was settled: publishes what has changed, unless it did so within the last minute. */
  announce(): void;
  /** Tells of an alert at once; while there is no connection, of none. */
  tell(alert: AlertEvent): void;
  /** Publishes what the options say from now on. */
  change(options: Pick<PublisherOptions, "devices" | "owners">): void;
  /** @param forget also takes back all that the broker retains of us: Home Assistant removes the entities */
  stop(options: { readonly forget: boolean }): Promise<void>;
}

export async function startPublisher(given: PublisherOptions, deps: PublisherDeps): Promise<Publisher> {
  const { figures, clock, random, onState, onError } = deps;
  const { instance } = given;
  const topics = topicsOf(instance);
  let options = given;
  const ended = new AbortController();

  /** What the broker holds of us, by the id of the device: what was sent, or retained from a run before. */
  const configs = new Map<string, string>();
  const states = new Map<string, string>();
  /** What Home Assistant saw last: within a period nothing falls below it. */
  const marks = new Map<string, State>();
  let ready = false;
  let publishedAt = Number.NEGATIVE_INFINITY;
  let echoed = () => {};
  let working: Promise<void> = Promise.resolve();

  /** One after the other. What fails is tried with the next reading. */
  function inTurn(work: () => Promise<void>): Promise<void> {
    working = working.then(work).catch((error: unknown) => {
      if (!ended.signal.aborted) onError(error);
    });
    return working;
  }

  const broker: Broker = await connectBroker({
    url: given.url,
    clientId: householdId(instance),
    trusted: given.trusted,
    will: { topic: topics.availability, payload: "offline" },
    subscribeTo: [topics.configs(DISCOVERY_PREFIX), topics.states, topics.echo, STATUS_OF_HOME_ASSISTANT],
    retry: RETRY,
    onConnect: () => void inTurn(begin),
    onLost(why) {
      if (ended.signal.aborted) return;
      ready = false;
      echoed();
      // What the broker still has when it is back, it tells.
      configs.clear();
      states.clear();
      onState({ connected: false, why, devices: 0 });
    },
    onMessage: take,
  });

  function take(topic: string, payload: Buffer, retained: boolean): void {
    if (topic === topics.echo) {
      echoed();
      return;
    }
    if (topic === STATUS_OF_HOME_ASSISTANT) {
      if (!retained && payload.toString() === "online") void inTurn(repeat);
      return;
    }
    // What comes while we publish is our own word.
    if (ready || !retained || payload.length === 0) return;
    const id = ownIdOf(topic, DISCOVERY_PREFIX, instance);
    if (id !== null) configs.set(id, payload.toString());
    const about = topic.split("/")[2] ?? "";
    const state = topic === topics.state(about) ? stateIn(payload.toString()) : null;
    if (state === null) return;
    states.set(about, payload.toString());
    if (!marks.has(about)) marks.set(about, state);
  }

  /** After each connect: what the broker retains of a run before is known first, so that leftovers go and nothing falls. */
  async function begin(): Promise<void> {
    const echo = new Promise<void>((resolve) => {
      echoed = resolve;
    });
    await broker.publish(topics.echo, "", { retain: false });
    const timeUp = new AbortController();
    await Promise.race([echo, clock.sleep(RETAINED_MS, AbortSignal.any([ended.signal, timeUp.signal]))]);
    timeUp.abort();
    ready = true;
    await publishAll();
    await broker.publish(topics.availability, "online", { retain: true });
    onState({ connected: true, why: null, devices: configs.size });
  }

  async function repeat(): Promise<void> {
    const [least, most] = AFTER_START_MS;
    await clock.sleep(least + random() * (most - least), ended.signal);
    configs.clear();
    await publishAll(true);
    await broker.publish(topics.availability, "online", { retain: true });
  }

  /** @param again also what has not changed */
  async function publishAll(again = false): Promise<void> {
    if (!ready || ended.signal.aborted) return;
    publishedAt = clock.mono();
    const wanted = new Map(discoveryOf(await figures(), options).map((one) => [one.id, one]));
    for (const id of [...new Set([...configs.keys(), ...states.keys()])]) if (!wanted.has(id)) await remove(id);
    for (const one of wanted.values()) await publishOne(one, again);
  }

  async function publishOne({ id, config, state }: Published, again: boolean): Promise<void> {
    const text = JSON.stringify(config);
    const before = configs.get(id);
    if (before !== text) {
      const leaving = withoutLeaving(before, config);
      if (leaving !== null) await broker.publish(topics.config(DISCOVERY_PREFIX, id), leaving, { retain: true });
      await broker.publish(topics.config(DISCOVERY_PREFIX, id), text, { retain: true });
      configs.set(id, text);
    }
    const held = hold(marks.get(id), state);
    marks.set(id, held);
    const stateText = JSON.stringify(held);
    if (!again && states.get(id) === stateText) return;
    await broker.publish(topics.state(id), stateText, { retain: true });
    states.set(id, stateText);
  }

  /** An empty message takes a retained one back: Home Assistant then removes the device. */
  async function remove(id: string): Promise<void> {
    await broker.publish(topics.config(DISCOVERY_PREFIX, id), "", { retain: true });
    await broker.publish(topics.state(id), "", { retain: true });
    configs.delete(id);
    states.delete(id);
    marks.delete(id);
  }

  return {
    announce() {
      if (!ready || clock.mono() < publishedAt + EVERY_MS) return;
      publishedAt = clock.mono();
      void inTurn(() => publishAll());
    },
    tell(alert) {
      if (ready) void inTurn(() => broker.publish(topics.alert, alertText(alert), { retain: false }));
    },
    change(change) {
      options = { ...options, ...change };
      void inTurn(async () => {
        await publishAll();
        if (ready) onState({ connected: true, why: null, devices: configs.size });
      });
    },
    async stop({ forget }) {
      const isReady = ready;
      if (isReady) {
        await inTurn(async () => {
          if (forget) for (const id of [...configs.keys()]) await remove(id);
          await broker.publish(topics.availability, forget ? "" : "offline", { retain: true });
        });
      }
      ready = false;
      ended.abort();
      await broker.end();
    },
  };
}

/** A state that the broker retained; null when it is none of ours. */
function stateIn(text: string): State | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as State) : null;
  } catch {
    return null;
  }
}

/**
 * The new discovery message with entities that are there no more named by their platform alone, which is how Home Assistant
 * is told to remove them; null when all are still there.
 */
function withoutLeaving(before: string | undefined, config: object): string | null {
  const components = componentsOf(config);
  const gone = Object.entries(componentsOf(stateIn(before ?? ""))).filter(([name]) => !Object.hasOwn(components, name));
  if (gone.length === 0) return null;
  const leaving = gone.map(([name, { platform }]) => [name, { platform }]);
  return JSON.stringify({ ...config, components: { ...components, ...Object.fromEntries(leaving) } });
}

function componentsOf(config: object | null): Record<string, { platform?: unknown }> {
  const components = (config as { components?: unknown } | null)?.components;
  return typeof components === "object" && components !== null ? (components as Record<string, object>) : {};
}
