import { spawnSync } from "node:child_process";
import { chmod, copyFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import mqtt, { type MqttClient } from "mqtt";
import { type Running, start } from "../lib/commands.ts";
import { freePort } from "../lib/free-port.ts";

/** Debian keeps it out of an ordinary user's path. */
const MOSQUITTO = "/usr/sbin/mosquitto";
export const isThere = spawnSync(MOSQUITTO, ["-h"]).error === undefined;

const TLS = fileURLToPath(new URL("../../src/meters/darkstat/fixtures/tls/", import.meta.url));
/** The authority that the broker's certificate is from. */
export const AUTHORITY = join(TLS, "authority.pem");
export const USER = { name: "whitestat", password: "s3cret/@" };

/** A real Mosquitto with a password, with and without TLS. */
export interface Mosquitto {
  /** Without the user. */
  readonly host: string;
  readonly url: string;
  readonly tlsUrl: string;
  stop(): Promise<void>;
  /** As before, at the same ports. @param options.forget without what it retained */
  start(options?: { readonly forget: boolean }): Promise<void>;
}

export async function startMosquitto(folder: string): Promise<Mosquitto> {
  const [port, tlsPort] = [await freePort(), await freePort()];
  const passwords = join(folder, "passwords");
  const made = spawnSync("mosquitto_passwd", ["-b", "-c", passwords, USER.name, USER.password], { encoding: "utf8" });
  if (made.status !== 0) throw new Error(`mosquitto_passwd: ${made.stderr}`);
  for (const name of ["issued.pem", "issued.key"]) await copyFile(join(TLS, name), join(folder, name));
  // As root it goes on as a user of its own, who must be able to read and write there.
  for (const path of [passwords, join(folder, "issued.key"), join(folder, "issued.pem")]) await chmod(path, 0o644);
  await chmod(folder, 0o777);
  const config = join(folder, "mosquitto.conf");
  const lines = (persistence: string) => [
    `listener ${port} 127.0.0.1`,
    `listener ${tlsPort} 127.0.0.1`,
    `certfile ${join(folder, "issued.pem")}`,
    `keyfile ${join(folder, "issued.key")}`,
    "allow_anonymous false",
    `password_file ${passwords}`,
    `persistence ${persistence}`,
    `persistence_location ${folder}/`,
    "",
  ];
  let running: Running | null = null;
  const host = `127.0.0.1:${port}`;
  const login = `${USER.name}:${encodeURIComponent(USER.password)}`;
  const broker: Mosquitto = {
    host,
    url: `mqtt://${login}@${host}`,
    tlsUrl: `mqtts://${login}@127.0.0.1:${tlsPort}`,
    async start(options = { forget: false }) {
      await writeFile(config, lines(options.forget ? "false" : "true").join("\n"));
      running = start(MOSQUITTO, ["-c", config]);
      await running.says(/ running/);
    },
    async stop() {
      await running?.end("SIGTERM");
    },
  };
  await broker.start();
  return broker;
}

/** Somebody else at the broker, who hears everything. */
export interface Listener {
  /** What the broker retains or has passed on last, by topic; without what was taken back. */
  readonly messages: ReadonlyMap<string, string>;
  /** Every message in the order of its coming. */
  readonly log: readonly { readonly topic: string; readonly payload: string }[];
  publish(topic: string, payload: string, options?: { readonly retain: boolean }): Promise<void>;
  end(): Promise<void>;
}

export async function listenAt(url: string): Promise<Listener> {
  const client: MqttClient = await mqtt.connectAsync(url, { reconnectPeriod: 100 });
  const messages = new Map<string, string>();
  const log: { topic: string; payload: string }[] = [];
  client.on("message", (topic, payload) => {
    log.push({ topic, payload: payload.toString() });
    if (payload.length === 0) messages.delete(topic);
    else messages.set(topic, payload.toString());
  });
  await client.subscribeAsync("#", { qos: 1 });
  return {
    messages,
    log,
    async publish(topic, payload, { retain } = { retain: false }) {
      await client.publishAsync(topic, payload, { qos: 1, retain });
    },
    end: () => client.endAsync(),
  };
}
