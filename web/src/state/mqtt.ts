import { signal } from "@preact/signals";
import { ApiFailure, getJson, putJson } from "../api.ts";
import { failureText } from "../texts/failures.ts";
import { mqttText } from "../texts/mqtt.ts";
import type { Mqtt, MqttTest } from "../wire.ts";
import { reasonOf, sayDone, sayFailed } from "./toast.ts";

/** What is told to a broker; null until it is read. */
export const mqtt = signal<Mqtt | null>(null);

/** A broker is there within a moment, or isn't. */
const LOOK_MS = 500;
const LOOKS = 10;

export async function refreshMqtt(): Promise<void> {
  try {
    mqtt.value = await getJson<Mqtt>("api/v1/mqtt");
  } catch (error) {
    if (!(error instanceof ApiFailure)) throw error;
  }
}

/**
 * Names a broker, and waits a moment for it.
 * @returns why it wasn't saved; null where it was
 */
export async function nameBroker(url: string): Promise<string | null> {
  try {
    mqtt.value = await putJson<Mqtt>("api/v1/mqtt", { url });
  } catch (error) {
    return reasonOf(error, failureText.notSaved);
  }
  sayDone(mqttText.saved);
  await watch();
  return null;
}

/** The broker and Home Assistant forget us. */
export async function removeBroker(): Promise<void> {
  try {
    mqtt.value = await putJson<Mqtt>("api/v1/mqtt", { url: null });
    sayDone(mqttText.removed);
  } catch (error) {
    sayFailed(error, failureText.notSaved);
  }
}

/** @returns what the broker said, for a person */
export async function tryBroker(url: string): Promise<{ readonly ok: boolean; readonly text: string }> {
  try {
    const { ok, why } = await putJson<MqttTest>("api/v1/mqtt/test", { url });
    return { ok, text: ok ? mqttText.works : mqttText.fails(why ?? "") };
  } catch (error) {
    return { ok: false, text: reasonOf(error, failureText.notSaved) };
  }
}

/** Chooses the devices with entities of their own, and offers the way back. */
export async function publishDevices(devices: Mqtt["devices"]): Promise<void> {
  const before = mqtt.peek()?.devices ?? [];
  try {
    mqtt.value = await putJson<Mqtt>("api/v1/mqtt", { devices });
  } catch (error) {
    sayFailed(error, failureText.notSaved);
    return;
  }
  sayDone(mqttText.devicesSaved, () => publishDevices(before));
  // How many there are is known when the broker has them.
  await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  await refreshMqtt();
}

/** Reads again until the broker has answered, or enough was waited. */
async function watch(): Promise<void> {
  for (let look = 0; look < LOOKS && !hasAnswered(); look++) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    await refreshMqtt();
  }
}

function hasAnswered(): boolean {
  const known = mqtt.peek();
  return known === null || known.url === null || known.connected || known.why !== null;
}
