import * as z from "zod/mini";
import { count } from "./api.ts";

/** The shapes of `api/v1/mqtt`: what is told to a broker, for Home Assistant. */

const devices = z
  .union([z.literal("all"), z.array(z.string().check(z.minLength(1), z.maxLength(64))).check(z.maxLength(1_000))])
  .check(z.describe("Devices with entities of their own: all, or those with these keys, 1,000 at most"));
const owners = z.boolean().check(z.describe("Whether owners have entities of their own"));
const brokerUrl = z.string().check(z.maxLength(2_000));

export const mqttSchema = z.object({
  url: z
    .nullable(z.string())
    .check(z.describe("The broker, with *** for its password; null: nothing is published anywhere")),
  bySetting: z.boolean().check(z.describe("MQTT_URL names the broker: it can't be changed here")),
  connected: z.boolean(),
  why: z
    .nullable(z.string())
    .check(z.describe("Why there is no connection; null while there is one, or none is tried")),
  published: count.check(z.describe("Devices that Home Assistant was told of, the household's own among them")),
  devices,
  owners,
});
export type Mqtt = z.infer<typeof mqttSchema>;

/** What is left out stays as it is. */
export const mqttInputSchema = z.strictObject({
  url: z
    .optional(z.nullable(brokerUrl))
    .check(
      z.describe(
        "mqtt://user:password@host:1883, or mqtts:// for TLS; null takes everything back. *** is the password that is known",
      ),
    ),
  devices: z.optional(devices),
  owners: z.optional(owners),
});

export const mqttTestInputSchema = z.strictObject({ url: brokerUrl });

export const mqttTestSchema = z.object({
  ok: z.boolean(),
  why: z.nullable(z.string()).check(z.describe("What the other side said; null when it worked")),
});
export type MqttTest = z.infer<typeof mqttTestSchema>;
