import type { IClientOptions } from "mqtt";

/** A connection to an MQTT broker that comes back by itself. */
export interface Broker {
  /** Resolves when the broker has it. Rejects when the connection is ended before. */
  publish(topic: string, payload: string, options: { readonly retain: boolean }): Promise<void>;
  /** Says goodbye. */
  end(): Promise<void>;
}

export interface BrokerOptions {
  /** `mqtt://` or `mqtts://`, with user and password where the broker asks for them. */
  readonly url: string;
  readonly clientId: string;
  /** Certificates in PEM that an mqtts address is checked against; without them the public authorities. */
  readonly trusted?: readonly string[] | undefined;
  /** What the broker says of us when we are gone; null for nothing. */
  readonly will: { readonly topic: string; readonly payload: string } | null;
  /** What we want to hear of. */
  readonly subscribeTo: readonly string[];
  /** Waits longer after each failure; null: one attempt, and no other. */
  readonly retry: { readonly firstMs: number; readonly mostMs: number } | null;
  /** Connected, and subscribed: at first, and after each loss. */
  readonly onConnect: () => void;
  readonly onLost: (why: string) => void;
  readonly onMessage: (topic: string, payload: Buffer, retained: boolean) => void;
}

const CONNECT_TIMEOUT_MS = 15_000;

/** Connects by the client library, which is loaded here, for it takes 5 MB. */
export async function connectBroker(options: BrokerOptions): Promise<Broker> {
  const { url, clientId, trusted, will, subscribeTo, retry } = options;
  const { default: mqtt } = await import("mqtt");
  const { protocol, hostname, port, username, password } = new URL(url);
  const settings: IClientOptions = {
    // In parts: what the library reads addresses with makes Node print a warning.
    protocol: protocol === "mqtts:" ? "mqtts" : "mqtt",
    host: hostname.replace(/^\[(.*)\]$/, "$1"),
    ...(port === "" ? {} : { port: Number(port) }),
    ...(username === "" ? {} : { username: decodeURIComponent(username) }),
    ...(password === "" ? {} : { password: decodeURIComponent(password) }),
    // A table of all numbers as bytes would take 7 MB.
    writeCache: false,
    protocolVersion: 4,
    clientId,
    clean: true,
    keepalive: 60,
    connectTimeout: CONNECT_TIMEOUT_MS,
    reconnectPeriod: retry?.firstMs ?? 0,
    resubscribe: false,
    queueQoSZero: false,
    ...(trusted === undefined ? {} : { ca: trusted.join("\n") }),
    ...(will === null ? {} : { will: { ...will, payload: Buffer.from(will.payload), qos: 1, retain: true } }),
  };
  const client = mqtt.connect(settings);
  let why: string | null = null;
  client.on("connect", () => {
    if (retry !== null) client.options.reconnectPeriod = retry.firstMs;
    why = null;
    client.subscribe([...subscribeTo], { qos: 1 }, (error) => {
      if (error) options.onLost(explain(error));
      else options.onConnect();
    });
  });
  client.on("error", (error) => {
    why = explain(error);
  });
  client.on("close", () => {
    if (retry !== null) {
      client.options.reconnectPeriod = Math.min(retry.mostMs, (client.options.reconnectPeriod ?? retry.firstMs) * 2);
    }
    options.onLost(why ?? "the broker closed the connection");
  });
  client.on("message", (topic, payload, packet) => options.onMessage(topic, payload, packet.retain));
  return {
    async publish(topic, payload, { retain }) {
      await client.publishAsync(topic, payload, { qos: 1, retain });
    },
    async end() {
      await client.endAsync(!client.connected);
    },
  };
}

/** The broker's reasons by their number in MQTT 3.1.1, 3.2.2.3, in words that say what to do. */
const REFUSALS: Readonly<Record<number, string>> = {
  1: "the broker doesn't speak MQTT 3.1.1",
  2: "the broker doesn't accept our client id",
  3: "the broker isn't available",
  4: "the user or the password is wrong",
  5: "the broker doesn't let this user in",
};

/** What went wrong, without anything of the address, which may hold a password. */
function explain(error: Error & { code?: unknown }): string {
  const { code } = error;
  if (typeof code === "number") return REFUSALS[code] ?? `the broker refused the connection (${code})`;
  switch (code) {
    case "ECONNREFUSED":
      return "connection refused: no broker listens there";
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return "the host name is unknown";
    case "DEPTH_ZERO_SELF_SIGNED_CERT":
    case "SELF_SIGNED_CERT_IN_CHAIN":
    case "UNABLE_TO_VERIFY_LEAF_SIGNATURE":
    case "UNABLE_TO_GET_ISSUER_CERT_LOCALLY":
      return "the broker's certificate isn't trusted: name it, or that of its authority, in MQTT_CA";
    case "ERR_TLS_CERT_ALTNAME_INVALID":
      return "the broker's certificate is for another host name";
    default:
      return error.message === "connack timeout" ? "no answer" : error.message;
  }
}
