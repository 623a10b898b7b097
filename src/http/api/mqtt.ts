import type { MqttService } from "../../mqtt/service.ts";
import type { Mqtt, MqttTest } from "../../shared/mqtt-api.ts";
import { HttpProblem } from "../errors.ts";

export interface MqttDeps {
  readonly mqtt: Pick<MqttService, "status" | "choose" | "test"> & {
    /** Reads an address as MQTT_URL is read. @throws Error whose message says what is wrong with it, without any of it */
    readonly readUrl: (text: string) => string | null;
  };
}

export const MQTT_EXAMPLE =
  'Send for example {"url": "mqtt://whitestat:secret@192.168.1.5:1883", "devices": "all", "owners": true}';
const TEST_EXAMPLE = 'Send for example {"url": "mqtt://whitestat:secret@192.168.1.5:1883"}';
/** Stands for a password that is known here and shown nowhere. */
const HIDDEN = "***";

/** What is published, and whether that works: the response to `api/v1/mqtt`. */
export function mqttOf({ mqtt }: MqttDeps): Mqtt {
  const { choice, url, bySetting, connected, why, published } = mqtt.status();
  return {
    url: url === null ? null : withHiddenPassword(url),
    bySetting,
    connected,
    why,
    published,
    devices: choice.devices === "all" ? "all" : [...choice.devices],
    owners: choice.owners,
  };
}

/** Goes by what a request asks for. @throws HttpProblem `bad-mqtt`, `own-mqtt` */
export async function changeMqtt(deps: MqttDeps, value: unknown): Promise<void> {
  const { mqttInputSchema } = await import("../../shared/mqtt-api.ts");
  const { success, data, error } = mqttInputSchema.safeParse(value);
  if (!success) throw badMqtt(error.issues[0]?.path, MQTT_EXAMPLE);
  const { url, ...rest } = data;
  if (url === undefined) return deps.mqtt.choose(rest);
  if (deps.mqtt.status().bySetting) {
    throw new HttpProblem(
      "own-mqtt",
      "MQTT_URL names the broker, in the settings file or the environment.",
      "Change it there and start WhiteStat again, or remove it to choose a broker here.",
    );
  }
  await deps.mqtt.choose({ ...rest, url: url === null ? null : addressIn(deps, url) });
}

/** Tries a broker once. @throws HttpProblem `bad-mqtt` */
export async function testMqtt(deps: MqttDeps, value: unknown): Promise<MqttTest> {
  const { mqttTestInputSchema } = await import("../../shared/mqtt-api.ts");
  const { success, data, error } = mqttTestInputSchema.safeParse(value);
  if (!success) throw badMqtt(error.issues[0]?.path, TEST_EXAMPLE);
  const url = addressIn(deps, data.url);
  if (url === null) throw new HttpProblem("bad-mqtt", "url is empty.", TEST_EXAMPLE);
  const why = await deps.mqtt.test(url);
  return { ok: why === null, why };
}

function addressIn({ mqtt }: MqttDeps, text: string): string | null {
  let url: string | null;
  try {
    url = mqtt.readUrl(text);
  } catch (cause) {
    throw new HttpProblem("bad-mqtt", `url ${cause instanceof Error ? cause.message : "is wrong"}.`, TEST_EXAMPLE, {
      cause,
    });
  }
  const known = mqtt.status().url;
  // The page shows no password, and sends back what it shows.
  return url !== null && known !== null && url === withHiddenPassword(known) ? known : url;
}

function withHiddenPassword(text: string): string {
  const url = new URL(text);
  if (url.password !== "") url.password = HIDDEN;
  return url.href;
}

function badMqtt(path: readonly PropertyKey[] | undefined, example: string): HttpProblem {
  const [field] = path ?? [];
  const what =
    field === undefined
      ? "The body has a field that is unknown, or isn't an object."
      : `${String(field)} is not allowed.`;
  return new HttpProblem("bad-mqtt", what, example);
}
