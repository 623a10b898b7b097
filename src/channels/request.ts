import type { Channel, Level, MailChannel, Message } from "./channel.ts";

/** An HTTP request that a service understands. */
export interface ServiceRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

type HttpChannel = Exclude<Channel, MailChannel>;

/** How urgent each service holds a message for. */
const PRIORITIES: Readonly<Record<Level, { ntfy: number; gotify: number; pushover: number; tag: string }>> = {
  info: { ntfy: 3, gotify: 4, pushover: 0, tag: "bar_chart" },
  warning: { ntfy: 4, gotify: 6, pushover: 0, tag: "warning" },
  problem: { ntfy: 4, gotify: 8, pushover: 1, tag: "rotating_light" },
  over: { ntfy: 2, gotify: 2, pushover: -1, tag: "white_check_mark" },
};

/**
 * What is sent to a channel, in one request for each chat.
 * @param now when it is sent, ms UTC: what a signature is of
 * @param sign HMAC-SHA256 of a text with a key, in base64
 */
export function requestsOf(
  channel: HttpChannel,
  message: Message,
  now: number,
  sign: (key: Buffer, text: string) => string,
): ServiceRequest[] {
  const { title, text, level } = message;
  const json = (url: string, body: object, headers: Record<string, string> = {}): ServiceRequest => ({
    url,
    headers: { "content-type": "application/json", "idempotency-key": message.id, ...headers },
    body: JSON.stringify(body),
  });
  switch (channel.service) {
    case "ntfy": {
      // https://docs.ntfy.sh/publish/#publish-as-json
      const { ntfy: priority, tag } = PRIORITIES[level];
      const { base, topic, authorization } = channel;
      const headers = authorization === null ? {} : { authorization };
      return [
        json(
          `${base}/`,
          { topic, title: clip(title, 250), message: clip(text, 3_500), priority, tags: [tag] },
          headers,
        ),
      ];
    }
    case "gotify": {
      // https://gotify.net/docs/pushmsg
      const { base, token } = channel;
      const body = { title, message: clip(text, 10_000), priority: PRIORITIES[level].gotify };
      return [json(`${base}/message`, body, { "x-gotify-key": token })];
    }
    case "telegram": {
      // https://core.telegram.org/bots/api#sendmessage; without parse_mode, names are plain text.
      const { base, token, chats } = channel;
      const body = { text: clip(`${title}\n${text}`, 4_096), link_preview_options: { is_disabled: true } };
      return chats.map((chat_id) => json(`${base}/bot${token}/sendMessage`, { chat_id, ...body }));
    }
    case "discord": {
      // https://discord.com/developers/docs/resources/webhook#execute-webhook
      const { base, id, token } = channel;
      const content = clip(`**${escapeMarkdown(title)}**\n${escapeMarkdown(text)}`, 2_000);
      return [json(`${base}/api/webhooks/${id}/${token}?wait=true`, { content, allowed_mentions: { parse: [] } })];
    }
    case "slack": {
      // https://api.slack.com/messaging/webhooks, https://api.slack.com/reference/surfaces/formatting#escaping
      const body = { text: clip(`*${escapeSlack(title)}*\n${escapeSlack(text)}`, 3_000) };
      return [json(`${channel.base}/services/${channel.path}`, body)];
    }
    case "pushover": {
      // https://pushover.net/api
      const { base, user, token } = channel;
      const form = new URLSearchParams({
        token,
        user,
        title: clip(title, 250),
        message: clip(text, 1_024),
        priority: String(PRIORITIES[level].pushover),
        timestamp: String(Math.floor(message.at / 1000)),
      });
      const headers = { "content-type": "application/x-www-form-urlencoded" };
      return [{ url: `${base}/1/messages.json`, headers, body: form.toString() }];
    }
    case "webhook":
      return [webhookRequest(channel, message, now, sign)];
  }
}

/** https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md */
function webhookRequest(
  { url, secret }: Extract<Channel, { service: "webhook" }>,
  { id, at, rule, level, title, text }: Message,
  now: number,
  sign: (key: Buffer, text: string) => string,
): ServiceRequest {
  const body = JSON.stringify({
    type: `alert.${rule.replaceAll("-", "_")}`,
    timestamp: new Date(at).toISOString(),
    data: { level, title, text },
  });
  const timestamp = String(Math.floor(now / 1000));
  const headers = { "content-type": "application/json", "webhook-id": id, "webhook-timestamp": timestamp };
  if (secret === null) return { url, headers, body };
  const signature = sign(Buffer.from(secret.slice("whsec_".length), "base64"), `${id}.${timestamp}.${body}`);
  return { url, headers: { ...headers, "webhook-signature": `v1,${signature}` }, body };
}

/** What the other side said. */
export interface Verdict {
  readonly ok: boolean;
  /** In words, without secrets. */
  readonly answer: string;
  /** It will not take this message, however often it is sent. */
  readonly isFinal: boolean;
  /** It wants no message any more (HTTP 410). */
  readonly isGone: boolean;
  /** How long it wants to be left alone, ms; null where it doesn't say. */
  readonly retryAfterMs: number | null;
}

const FINAL: ReadonlySet<number> = new Set([400, 413, 422]);

/** What an HTTP answer means. Telegram, Pushover and Slack say it in the body as well. @param body its beginning */
export function verdictOf(
  service: HttpChannel["service"],
  { status, body, retryAfter }: { status: number; body: string; retryAfter: string | null },
  now: number,
): Verdict {
  const said = jsonOf(body);
  const isAccepted = service === "telegram" ? said.ok === true : service === "pushover" ? said.status === 1 : true;
  const ok = status >= 200 && status < 300 && isAccepted;
  const parameters = typeof said.parameters === "object" && said.parameters !== null ? said.parameters : {};
  // Seconds: of Telegram, of Discord, and of HTTP.
  const seconds = [
    (parameters as { retry_after?: unknown }).retry_after,
    said.retry_after,
    secondsOf(retryAfter, now),
  ].find((value) => typeof value === "number" && value >= 0);
  return {
    ok,
    answer: `HTTP ${status}${body.trim() === "" ? "" : `: ${body}`}`,
    isFinal: FINAL.has(status),
    isGone: status === 410,
    retryAfterMs: ok || typeof seconds !== "number" ? null : seconds * 1000,
  };
}

function secondsOf(retryAfter: string | null, now: number): number | null {
  if (retryAfter === null) return null;
  if (/^\d{1,7}$/.test(retryAfter)) return Number(retryAfter);
  const at = Date.parse(retryAfter);
  return Number.isNaN(at) ? null : Math.max(0, (at - now) / 1000);
}

function jsonOf(body: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** At most so many characters, and no half of one. */
function clip(text: string, length: number): string {
  if (text.length <= length) return text;
  return `${text.slice(0, length - 1).replace(/[\ud800-\udbff]$/, "")}…`;
}

function escapeMarkdown(text: string): string {
  return text.replace(/[\\*_~`|>#[\]()]/g, "\\$&");
}

function escapeSlack(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
