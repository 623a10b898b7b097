import type { Clock } from "../collector/clock.ts";
import type { Log } from "../log/log.ts";
import type { Store } from "../store/store.ts";
import { connectBroker } from "./broker.ts";
import { type AlertEvent, householdId } from "./discovery.ts";
import type { Figures } from "./figures.ts";
import { type Publisher, startPublisher } from "./publisher.ts";

/** What a person chose on the settings page. */
export interface MqttChoice {
  /** The broker, with its password; null for none. */
  readonly url: string | null;
  /** Devices with entities of their own: all, or those with these keys. */
  readonly devices: "all" | readonly string[];
  readonly owners: boolean;
}

/** What is left out, or undefined, stays as it is. */
export type MqttChange = { readonly [Key in keyof MqttChoice]?: MqttChoice[Key] | undefined };

export interface MqttStatus {
  readonly choice: MqttChoice;
  /** The broker that is in use, or would be: the setting's, else the page's. */
  readonly url: string | null;
  /** MQTT_URL names the broker: the page can't name another. */
  readonly bySetting: boolean;
  readonly connected: boolean;
  /** Why there is no connection; null while there is one, or nothing is tried yet. */
  readonly why: string | null;
  /** How many devices Home Assistant was told of, the household's own included. */
  readonly published: number;
}

export interface MqttServiceDeps {
  readonly store: Pick<Store, "recall" | "remember">;
  readonly setting: { readonly url: string | null; readonly trusted: readonly string[] | undefined };
  readonly figures: () => Promise<Figures>;
  readonly version: string;
  readonly clock: Pick<Clock, "mono" | "sleep">;
  /** From 0 up to 1. */
  readonly random: () => number;
  readonly log: Pick<Log, "info" | "warn">;
}

/** Publishes to a broker, if one is named. Nothing of it is loaded before. */
export interface MqttService {
  start(): Promise<void>;
  status(): MqttStatus;
  /** Keeps a choice, durable at once, and goes by it. @throws StoreError */
  choose(change: MqttChange): Promise<void>;
  /**
   * Connects to a broker once.
   * @returns why that failed, in words; null when it worked
   */
  test(url: string): Promise<string | null>;
  /** A reading was settled. */
  announce(): void;
  /** An alert came about. Home Assistant hears of it only while the broker is connected. */
  tell(alert: AlertEvent): void;
  stop(): Promise<void>;
}

/** Name under which the store remembers it. */
const MEMORY = "mqtt";
interface Kept extends MqttChoice {
  readonly instance: string;
}
const NOTHING_CHOSEN: MqttChoice = { url: null, devices: [], owners: true };
const TEST_MS = 20_000;

export function createMqttService(deps: MqttServiceDeps): MqttService {
  const { store, setting, figures, version, clock, random, log } = deps;
  let kept: Kept = { ...NOTHING_CHOSEN, instance: "" };
  let publisher: Publisher | null = null;
  let connection = { connected: false, why: null as string | null, devices: 0 };
  let last: Promise<unknown> = Promise.resolve();

  const url = () => setting.url ?? kept.url;

  /** One at a time: two changes must not start two publishers. */
  function inTurn<Result>(task: () => Promise<Result>): Promise<Result> {
    const turn = last.then(task);
    last = turn.catch(() => undefined);
    return turn;
  }

  async function open(): Promise<void> {
    const address = url();
    if (address === null || publisher !== null) return;
    connection = { connected: false, why: null, devices: 0 };
    const { instance, devices, owners } = kept;
    publisher = await startPublisher(
      { instance, version, url: address, trusted: setting.trusted, devices, owners },
      {
        figures,
        clock,
        random,
        onState(state) {
          if (state.connected && !connection.connected)
            log.info(`Publishing to the MQTT broker at ${hostOf(address)}.`);
          if (!state.connected && (connection.connected || connection.why !== state.why)) {
            log.warn(`The MQTT broker at ${hostOf(address)} can't be used: ${state.why}. It is tried again.`);
          }
          connection = state;
        },
        onError: (error) =>
          log.warn(`Publishing to the MQTT broker failed: ${error instanceof Error ? error.message : String(error)}`),
      },
    );
  }

  async function close(options: { forget: boolean }): Promise<void> {
    await publisher?.stop(options);
    publisher = null;
    connection = { connected: false, why: null, devices: 0 };
  }

  return {
    start: () =>
      inTurn(async () => {
        const found = await store.recall<Kept>(MEMORY);
        kept = found ?? { ...NOTHING_CHOSEN, instance: newInstance(random) };
        if (url() === null) return;
        if (found === null) await store.remember(MEMORY, kept);
        await open();
      }),
    status: () => ({
      choice: { url: kept.url, devices: kept.devices, owners: kept.owners },
      url: url(),
      bySetting: setting.url !== null,
      connected: connection.connected,
      why: connection.why,
      published: connection.devices,
    }),
    choose: (change) =>
      inTurn(async () => {
        const before = url();
        const { url: broker, devices, owners } = change;
        const next: Kept = {
          instance: kept.instance,
          url: broker === undefined ? kept.url : broker,
          devices: devices ?? kept.devices,
          owners: owners ?? kept.owners,
        };
        await store.remember(MEMORY, next);
        kept = next;
        if (url() === before) {
          publisher?.change(kept);
          return;
        }
        // The old broker must not go on telling Home Assistant of us.
        await close({ forget: true });
        await open();
      }),
    async test(address) {
      const over = new AbortController();
      const worked = new Promise<string | null>((resolve) => {
        connectBroker({
          url: address,
          clientId: `${householdId(kept.instance)}_test`,
          trusted: setting.trusted,
          will: null,
          subscribeTo: ["homeassistant/status"],
          retry: null,
          onConnect: () => resolve(null),
          onLost: resolve,
          onMessage: () => {},
        }).then(
          (broker) => over.signal.addEventListener("abort", () => void broker.end(), { once: true }),
          (error: Error) => resolve(error.message),
        );
      });
      const tooLong = clock.sleep(TEST_MS, over.signal).then(() => "no answer");
      const why = await Promise.race([worked, tooLong]);
      over.abort();
      return why;
    },
    announce: () => publisher?.announce(),
    tell: (alert) => publisher?.tell(alert),
    stop: () => inTurn(() => close({ forget: false })),
  };
}

/** Of the installation, so that two of them on one broker stay apart. */
function newInstance(random: () => number): string {
  return Math.floor(random() * 0x100000000)
    .toString(16)
    .padStart(8, "0");
}

/** What of an address may be shown. */
function hostOf(url: string): string {
  return new URL(url).host;
}
