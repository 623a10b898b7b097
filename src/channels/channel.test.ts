import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ChannelError, EXAMPLES, labelOf, readChannel, secretsOf } from "./channel.ts";

const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

describe("a URL is read as Apprise and shoutrrr mean it", () => {
  test.each([
    ["ntfy://alerts", { base: "https://ntfy.sh", topic: "alerts", authorization: null }],
    ["ntfy://ntfy.sh/alerts", { base: "https://ntfy.sh", topic: "alerts" }],
    ["ntfys://ntfy.example:8443/sub/alerts", { base: "https://ntfy.example:8443/sub", topic: "alerts" }],
    ["ntfy://192.168.1.5:8080/alerts", { base: "http://192.168.1.5:8080", topic: "alerts" }],
    ["ntfys://tk_abc@ntfy.example/alerts", { authorization: "Bearer tk_abc" }],
    ["ntfys://:tk_abc@ntfy.example/alerts", { authorization: "Bearer tk_abc" }],
    ["ntfys://me:p%40ss@ntfy.example/alerts", { authorization: `Basic ${btoa("me:p@ss")}` }],
    ["gotify://gotify.lan/AbC.d-e", { service: "gotify", base: "http://gotify.lan", token: "AbC.d-e" }],
    ["gotifys://gotify.lan:9443/path/AbC", { base: "https://gotify.lan:9443/path", token: "AbC" }],
    ["tgram://123:AAb-C_d/-100/@channel", { service: "telegram", token: "123:AAb-C_d", chats: ["-100", "@channel"] }],
    ["telegram://123:AAb-C_d@telegram?chats=@a,-5", { token: "123:AAb-C_d", chats: ["@a", "-5"] }],
    ["tgram://123:AAb/7?api=http://127.0.0.1:8081/", { base: "http://127.0.0.1:8081" }],
    ["discord://11/AbC_d", { service: "discord", id: "11", token: "AbC_d" }],
    ["discord://AbC_d@11", { service: "discord", id: "11", token: "AbC_d" }],
    ["https://discord.com/api/webhooks/11/AbC_d", { service: "discord", id: "11", token: "AbC_d" }],
    ["slack://T1A/B2B/xYz", { service: "slack", path: "T1A/B2B/xYz" }],
    ["slack://hook:T1A-B2B-xYz@webhook", { service: "slack", path: "T1A/B2B/xYz" }],
    ["https://hooks.slack.com/services/T1A/B2B/xYz", { service: "slack", path: "T1A/B2B/xYz" }],
    ["pover://uSer@toKen", { service: "pushover", user: "uSer", token: "toKen" }],
    ["pushover://shoutrrr:toKen@uSer/?devices=x", { service: "pushover", user: "uSer", token: "toKen" }],
    ["https://example.com/Hook?a=B", { service: "webhook", url: "https://example.com/Hook?a=B", secret: null }],
    [`http://192.168.1.9:3000/x#${SECRET}`, { service: "webhook", url: "http://192.168.1.9:3000/x", secret: SECRET }],
    [
      "mailtos://me:p%40ss@example.com?to=you@example.org,she@example.org",
      {
        host: "example.com",
        port: 587,
        tls: false,
        demandsTls: true,
        user: "me",
        password: "p@ss",
        from: "me@example.com",
        to: ["you@example.org", "she@example.org"],
      },
    ],
    [
      "mailto://example.com:465?smtp=mx.example.com&from=a@example.com",
      { host: "mx.example.com", port: 465, tls: true, user: null, from: "a@example.com", to: ["a@example.com"] },
    ],
    [
      "smtp://me:pw@mx.example.com:2525/?from=a@example.com&to=b@example.com",
      { service: "mail", host: "mx.example.com", port: 2525, demandsTls: false },
    ],
  ])("%s", (url, expected) => {
    expect(readChannel(url)).toMatchObject(expected);
  });
});

test.each(Object.entries(EXAMPLES))("the example of %s is one", (service, example) => {
  const written = example.replace("TOKEN/CHAT_ID", "AAb/5").replace("WEBHOOK_ID", "11").replace("whsec_SECRET", SECRET);
  expect(readChannel(written).service).toBe(service);
});

describe("what is no channel is answered with what is allowed, and with no secret", () => {
  test.each([
    ["", /no URL/, /Allowed: .*ntfys:/],
    ["ftp://s3cret@host/x", /"ftp:\/\/" is no channel/, /Allowed:/],
    ["__proto__://s3cret", /no URL|no channel/, /Allowed:/],
    ["ntfy://", /no valid URL/, /ntfys:/],
    ["ntfy://host/a topic s3cret", /topic/, /ntfys:/],
    ["gotify://host", /token/, /gotifys:/],
    ["tgram://s3cret/5", /number, a colon/, /tgram:/],
    ["tgram://123:s3cret", /chat is missing/, /tgram:/],
    ["tgram://123:s3cret/a b", /@name/, /tgram:/],
    ["tgram://123:s3cret/5?api=file:///etc/passwd", /http or https/, /Allowed/],
    ["discord://s3cret", /id or the token/, /discord:/],
    ["slack://s3cret/B", /three tokens/, /slack:/],
    ["pover://s3cret", /key of the user/, /pover:/],
    ["https://example.com/#s3cret", /whsec_/, /https:/],
    ["https://example.com/#whsec_s3cret", /24 to 64 bytes/, /https:/],
    ["mailto://me:s3cret@example.com?to=nobody", /address of mail/, /mailtos:/],
    ["mailto://example.com", /missing/, /mailtos:/],
    [`ntfy://host/${"a".repeat(2_000)}`, /at most/, /Allowed/],
  ])("%s", (url, message, hint) => {
    let error: unknown;
    try {
      readChannel(url);
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(ChannelError);
    expect((error as ChannelError).message).toMatch(message);
    expect((error as ChannelError).hint).toMatch(hint);
    expect(`${(error as ChannelError).message} ${(error as ChannelError).hint}`).not.toContain("s3cret");
  });
});

test("any text is a channel or an answer, and no label holds a secret", () => {
  const schemes = fc.constantFrom("ntfy", "ntfys", "gotify", "tgram", "discord", "slack", "pover", "https", "mailto");
  const texts = fc.oneof(
    fc.string(),
    fc.tuple(schemes, fc.string({ unit: "binary" })).map(([scheme, rest]) => `${scheme}://${rest}`),
    fc.tuple(schemes, fc.webUrl({ withQueryParameters: true })).map(([scheme, url]) => url.replace(/^https?/, scheme)),
  );
  fc.assert(
    fc.property(texts, (text) => {
      try {
        const channel = readChannel(text);
        for (const secret of secretsOf(channel)) {
          if (secret.length > 3) expect(labelOf(channel)).not.toContain(secret);
        }
      } catch (error) {
        expect(error).toBeInstanceOf(ChannelError);
      }
    }),
    { numRuns: 2_000 },
  );
});
