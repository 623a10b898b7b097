/**
 * Where messages go, as a person writes it: one URL for each channel, in the syntax of Apprise and shoutrrr where they
 * have one. Pure: it names hosts and keeps secrets apart, and sends nothing.
 */

/** A message to a person. */
export interface Message {
  /** The same at each attempt: who gets it twice can tell. Letters, digits and `_`. */
  readonly id: string;
  /** When it was told, ms UTC. */
  readonly at: number;
  /** What kind of thing it tells of, e.g. `plan`. */
  readonly rule: string;
  /** `over`: what was told of has ended. */
  readonly level: Level;
  readonly title: string;
  readonly text: string;
}

export type Level = "info" | "warning" | "problem" | "over";

/** A channel, read from its URL. */
export type Channel =
  | { readonly service: "ntfy"; readonly base: string; readonly topic: string; readonly authorization: string | null }
  | { readonly service: "gotify"; readonly base: string; readonly token: string }
  | { readonly service: "telegram"; readonly base: string; readonly token: string; readonly chats: readonly string[] }
  | { readonly service: "discord"; readonly base: string; readonly id: string; readonly token: string }
  | { readonly service: "slack"; readonly base: string; readonly path: string }
  | { readonly service: "pushover"; readonly base: string; readonly user: string; readonly token: string }
  | { readonly service: "webhook"; readonly url: string; readonly secret: string | null }
  | MailChannel;

export interface MailChannel {
  readonly service: "mail";
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte; else by STARTTLS, which `demands` makes a condition. */
  readonly tls: boolean;
  readonly demandsTls: boolean;
  readonly user: string | null;
  readonly password: string | null;
  readonly from: string;
  readonly to: readonly string[];
}

/** Why a URL is no channel, in words for the person who wrote it. None of its secrets is in them. */
export class ChannelError extends Error {
  override readonly name = "ChannelError";
  /** One sentence with an example. */
  readonly hint: string;
  constructor(message: string, hint: string) {
    super(message);
    this.hint = hint;
  }
}

const HOSTS = {
  ntfy: "https://ntfy.sh",
  telegram: "https://api.telegram.org",
  discord: "https://discord.com",
  slack: "https://hooks.slack.com",
  pushover: "https://api.pushover.net",
} as const;

/** What each service's URL looks like: the list that a wrong one is answered with. */
export const EXAMPLES = {
  ntfy: "ntfys://ntfy.example.com/topic",
  gotify: "gotifys://gotify.example.com/TOKEN",
  telegram: "tgram://123456789:TOKEN/CHAT_ID",
  discord: "discord://WEBHOOK_ID/WEBHOOK_TOKEN",
  slack: "slack://T00000000/B00000000/XXXXXXXX",
  pushover: "pover://USER_KEY@APP_TOKEN",
  webhook: "https://example.com/hook#whsec_SECRET",
  mail: "mailtos://user:password@smtp.example.com?to=me@example.com",
} as const;

const LONGEST_URL = 2_000;

/**
 * Reads a channel's URL.
 * @throws ChannelError
 */
export function readChannel(text: string): Channel {
  const trimmed = text.trim();
  if (trimmed.length > LONGEST_URL) throw wrong(`A channel's URL has at most ${LONGEST_URL} characters.`);
  const scheme = /^([a-z][a-z+]*):\/\//i.exec(trimmed)?.[1]?.toLowerCase();
  const read = scheme === undefined || !Object.hasOwn(READERS, scheme) ? undefined : READERS[scheme];
  if (scheme === undefined || read === undefined) {
    throw wrong(
      scheme === undefined
        ? "That is no URL of a channel."
        : `"${scheme.slice(0, 20)}://" is no channel that is known.`,
    );
  }
  // The parser of URLs knows hosts and ports of http only, and a bot's token is neither.
  const url = URL.parse(
    trimmed.replace(read.isOpaque ? /^[^?#]*/ : /^[^:]*/, read.isOpaque ? "http://opaque/" : "http"),
  );
  if (url === null || url.hostname === "") throw wrong("That is no valid URL.", read.service);
  return read.read(url, scheme, trimmed);
}

type Service = keyof typeof EXAMPLES;
interface Reader {
  readonly service: Service;
  /** What stands before the query is no host: read from the text. */
  readonly isOpaque?: true;
  read(url: URL, scheme: string, text: string): Channel;
}

const READERS: Readonly<Record<string, Reader>> = {
  ntfy: { service: "ntfy", read: readNtfy },
  ntfys: { service: "ntfy", read: readNtfy },
  gotify: { service: "gotify", read: readGotify },
  gotifys: { service: "gotify", read: readGotify },
  tgram: { service: "telegram", isOpaque: true, read: readTelegram },
  telegram: { service: "telegram", isOpaque: true, read: readTelegram },
  discord: { service: "discord", isOpaque: true, read: readDiscord },
  slack: { service: "slack", isOpaque: true, read: readSlack },
  pover: { service: "pushover", isOpaque: true, read: readPushover },
  pushover: { service: "pushover", isOpaque: true, read: readPushover },
  http: { service: "webhook", read: readWebhook },
  https: { service: "webhook", read: readWebhook },
  mailto: { service: "mail", read: readMail },
  mailtos: { service: "mail", read: readMail },
  smtp: { service: "mail", read: readMail },
};

/** `ntfy://topic` is at ntfy.sh; a user may be `user:password`, an access token, or shoutrrr's `:token`. */
function readNtfy(url: URL, scheme: string): Channel {
  const parts = partsOf(url);
  const topic = parts.pop() ?? url.hostname;
  const isPublic = topic === url.hostname || url.hostname === "ntfy.sh";
  if (!/^[-_A-Za-z0-9]{1,64}$/.test(topic)) {
    throw wrong("A topic of ntfy has up to 64 letters, digits, - and _.", "ntfy");
  }
  const user = decoded(url.username);
  const password = decoded(url.password);
  const token = password === "" && user !== "" ? user : user === "" ? password : "";
  return {
    service: "ntfy",
    base: isPublic ? HOSTS.ntfy : baseOf(url, scheme === "ntfys", parts),
    topic,
    authorization: token !== "" ? `Bearer ${token}` : user === "" ? null : basic(user, password),
  };
}

function readGotify(url: URL, scheme: string): Channel {
  const parts = partsOf(url);
  const token = parts.pop();
  if (token === undefined) throw wrong("The token of the application is missing.", "gotify");
  return { service: "gotify", base: baseOf(url, scheme === "gotifys", parts), token };
}

/** Apprise has the bot's token as the host, with its colon; shoutrrr has it as the user, and the chats as a parameter. */
function readTelegram(url: URL, _: string, text: string): Channel {
  const [, token, rest = ""] = /^[^:]*:\/\/(?:bot)?(\d+:[-\w]+)(?:@telegram)?\/?([^?#]*)/i.exec(text) ?? [];
  const chats = [...rest.split("/"), ...(url.searchParams.get("chats") ?? "").split(",")].map(decoded).filter(Boolean);
  if (token === undefined) throw wrong("The token of a bot is a number, a colon and letters.", "telegram");
  if (chats.length === 0) throw wrong("The chat is missing.", "telegram");
  if (!chats.every((chat) => /^(?:-?\d+|@\w+)$/.test(chat))) {
    throw wrong("A chat is a number, or the @name of a public channel.", "telegram");
  }
  return { service: "telegram", base: apiOf(url, HOSTS.telegram), token, chats };
}

/** Apprise's `discord://ID/TOKEN`, shoutrrr's `discord://TOKEN@ID`. */
function readDiscord(url: URL, _: string, text: string): Channel {
  // As it was written: the host of a URL is in lower case.
  const [, user, host, token] = /^[^:]*:\/\/(?:([-\w]+)@)?(\d+)(?:\/([-\w]+))?/.exec(text) ?? [];
  const found = user ?? token;
  if (host === undefined || found === undefined)
    throw wrong("The id or the token of the webhook is missing.", "discord");
  return { service: "discord", base: apiOf(url, HOSTS.discord), id: host, token: found };
}

/** Apprise's `slack://T…/B…/X…`, shoutrrr's `slack://hook:T…-B…-X…@webhook`. */
function readSlack(url: URL, _: string, text: string): Channel {
  const [, ...tokens] =
    /^[^:]*:\/\/hook:(\w+)-(\w+)-(\w+)@/.exec(text) ?? /^[^:]*:\/\/(?:\w+@)?(\w+)\/(\w+)\/(\w+)/.exec(text) ?? [];
  if (tokens.length !== 3) throw wrong("The three tokens of the incoming webhook are missing.", "slack");
  return { service: "slack", base: apiOf(url, HOSTS.slack), path: tokens.join("/") };
}

/** Apprise's `pover://USER@TOKEN`, shoutrrr's `pushover://shoutrrr:TOKEN@USER`. */
function readPushover(url: URL, scheme: string, text: string): Channel {
  const [, first, password, second] = /^[^:]*:\/\/(\w+)(?::(\w+))?@(\w+)/.exec(text) ?? [];
  if (first === undefined || second === undefined)
    throw wrong("The key of the user or the token is missing.", "pushover");
  const [user, token] = scheme === "pushover" && password !== undefined ? [second, password] : [first, second];
  return { service: "pushover", base: apiOf(url, HOSTS.pushover), user, token };
}

/** The secret is the fragment, which is never sent. The addresses that Discord and Slack show are known for theirs. */
function readWebhook(url: URL, scheme: string, text: string): Channel {
  const own = new URL(text);
  const [, id, token] = /^\/api\/webhooks\/(\d+)\/([-\w]+)/.exec(own.pathname) ?? [];
  if (/^(?:\w+\.)?discord(?:app)?\.com$/.test(own.hostname) && id !== undefined && token !== undefined) {
    return { service: "discord", base: HOSTS.discord, id, token };
  }
  if (own.hostname === "hooks.slack.com" && own.pathname.startsWith("/services/")) {
    return { service: "slack", base: HOSTS.slack, path: own.pathname.slice("/services/".length) };
  }
  const secret = decoded(url.hash.slice(1));
  if (secret !== "" && !isSecret(secret)) {
    throw wrong(
      "The secret of a webhook is whsec_ and 24 to 64 bytes in base64, as Standard Webhooks has it.",
      "webhook",
    );
  }
  own.hash = "";
  own.protocol = scheme;
  return { service: "webhook", url: own.href, secret: secret === "" ? null : secret };
}

function isSecret(secret: string): boolean {
  const [, base64] = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(secret) ?? [];
  if (base64 === undefined) return false;
  const bytes = Math.floor((base64.replace(/=+$/, "").length * 3) / 4);
  return bytes >= 24 && bytes <= 64;
}

/** Apprise's `mailto(s)://user:password@host?to=…`, shoutrrr's `smtp://user:password@host:port/?from=…&to=…`. */
function readMail(url: URL, scheme: string): Channel {
  const { searchParams: query } = url;
  const user = decoded(url.username);
  const port = url.port === "" ? { mailto: 25, mailtos: 587, smtp: 25 }[scheme] : Number(url.port);
  const mode = query.get("mode") ?? "";
  const domain = url.hostname;
  const own = user.includes("@") ? user : user === "" ? "" : `${user}@${domain}`;
  const from = query.get("from") ?? query.get("fromaddress") ?? own;
  const to = (query.get("to") ?? query.get("toaddresses") ?? from).split(",").map((one) => one.trim());
  for (const address of [from, ...to]) {
    if (!/^[^\s@<>"(),:;]{1,64}@[^\s@<>"(),:;]{1,255}$/.test(address)) {
      throw wrong("A sender or a receiver is missing, or is no address of mail.", "mail");
    }
  }
  const tls = mode === "ssl" || port === 465;
  return {
    service: "mail",
    host: query.get("smtp") ?? domain.replace(/^\[|\]$/g, ""),
    port: port ?? 25,
    tls,
    demandsTls: !tls && (scheme === "mailtos" || mode === "starttls"),
    user: user === "" ? null : user,
    password: url.password === "" ? null : decoded(url.password),
    from,
    to,
  };
}

/** The texts of a channel that nobody may read in a log, an answer or an export. */
export function secretsOf(channel: Channel): string[] {
  switch (channel.service) {
    case "ntfy": {
      const { authorization, topic } = channel;
      // At a public server the topic is all that one must know.
      return [topic, ...(authorization === null ? [] : [authorization.split(" ")[1] ?? ""])];
    }
    case "gotify":
    case "discord":
      return [channel.token];
    case "telegram":
      return [channel.token];
    case "slack":
      return [channel.path, ...channel.path.split("/").slice(2)];
    case "pushover":
      return [channel.user, channel.token];
    case "webhook": {
      const { username, password, pathname, search } = new URL(channel.url);
      const texts = [channel.secret ?? "", decoded(username), decoded(password), `${pathname}${search}`];
      return texts.filter((text) => text.length > 1);
    }
    case "mail":
      return channel.password === null ? [] : [channel.password];
  }
}

/** What a channel is shown as: its service and where it leads, without any secret. */
export function labelOf(channel: Channel): string {
  switch (channel.service) {
    case "ntfy":
      return `ntfy, ${hostOf(channel.base)}`;
    case "gotify":
      return `Gotify, ${hostOf(channel.base)}`;
    case "telegram":
      return `Telegram, ${channel.chats.join(", ")}`;
    case "discord":
      return "Discord";
    case "slack":
      return "Slack";
    case "pushover":
      return "Pushover";
    case "webhook":
      return `Webhook, ${hostOf(channel.url)}${channel.secret === null ? ", not signed" : ""}`;
    case "mail":
      return `Mail to ${channel.to.join(", ")} by ${channel.host}`;
  }
}

function hostOf(url: string): string {
  return new URL(url).host;
}

/** The address of the service, or of another server that speaks its protocol: `?api=http://localhost:8081`. */
function apiOf(url: URL, host: string): string {
  const own = url.searchParams.get("api");
  if (own === null) return host;
  const parsed = URL.parse(own);
  if (parsed === null || !/^https?:$/.test(parsed.protocol)) {
    throw wrong("api is the http or https address of a server that speaks the service's protocol.");
  }
  return parsed.href.replace(/\/$/, "");
}

function baseOf(url: URL, tls: boolean, path: readonly string[]): string {
  const prefix = path.length === 0 ? "" : `/${path.map(encodeURIComponent).join("/")}`;
  return `${tls ? "https" : "http"}://${url.host}${prefix}`;
}

function partsOf({ pathname }: URL): string[] {
  return pathname.split("/").filter(Boolean).map(decoded);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function basic(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
}

function wrong(message: string, service?: Service): ChannelError {
  const hint =
    service === undefined
      ? `Allowed: ${Object.values(EXAMPLES).join(", ")}.`
      : `Write it for example as ${EXAMPLES[service]}.`;
  return new ChannelError(message, hint);
}
