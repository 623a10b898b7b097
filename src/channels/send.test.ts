import { spawn } from "node:child_process";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { SMTPServer } from "smtp-server";
import { Webhook } from "standardwebhooks";
import { afterEach, describe, expect, test } from "vitest";
import type { Message } from "./channel.ts";
import { createSend } from "./send.ts";
import { type Received, type Receiver, type Reply, startReceiver } from "./testing.ts";

const file = fileURLToPath(new URL("child.ts", import.meta.url));
const send = createSend({ file, version: "12.0.0", env: process.env });
const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const MESSAGE: Message = {
  id: "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W",
  at: Date.UTC(2026, 10, 26, 12),
  rule: "new-device",
  level: "warning",
  title: "TV <b> & *co* @everyone",
  text: "<!channel> downloaded 41 GB [now](http://x).",
};

let receiver: Receiver | null = null;
afterEach(async () => {
  await receiver?.close();
  receiver = null;
});

async function listen(reply?: () => Reply | null): Promise<Receiver> {
  receiver = await startReceiver(reply);
  return receiver;
}

/** The only request that came, with its body as JSON. */
function only({ received }: Receiver) {
  expect(received).toHaveLength(1);
  const one = received[0] as Received;
  return { ...one, json: JSON.parse(one.body) as Record<string, unknown> };
}

describe("each service gets what its documentation asks for", () => {
  test("ntfy: JSON at the server's root, with the topic in it, and the token as Bearer", async () => {
    const { host } = await listen(() => ({ body: '{"id":"abc","event":"message"}' }));
    const verdict = await send(`ntfy://tk_s3cret@${host}/alerts`, MESSAGE);
    expect(verdict).toMatchObject({ ok: true, answer: 'HTTP 200: {"id":"abc","event":"message"}' });
    const { path, headers, json } = only(receiver as Receiver);
    expect([path, headers.authorization]).toEqual(["/", "Bearer tk_s3cret"]);
    expect(json).toEqual({
      topic: "alerts",
      title: MESSAGE.title,
      message: MESSAGE.text,
      priority: 4,
      tags: ["warning"],
    });
  });

  test("Gotify: /message with the application's token in its own header", async () => {
    const { host } = await listen(() => ({ body: '{"id":25}' }));
    expect(await send(`gotify://${host}/sub/AbC`, MESSAGE)).toMatchObject({ ok: true });
    const { path, headers, json } = only(receiver as Receiver);
    expect([path, headers["x-gotify-key"]]).toEqual(["/sub/message", "AbC"]);
    expect(json).toEqual({ title: MESSAGE.title, message: MESSAGE.text, priority: 6 });
  });

  test("Telegram: sendMessage of the bot to each chat, as plain text", async () => {
    const { url } = await listen(() => ({ body: '{"ok":true,"result":{"message_id":7}}' }));
    expect(await send(`tgram://123:AAb/-100/@me?api=${url}`, MESSAGE)).toMatchObject({ ok: true });
    const { received } = receiver as Receiver;
    expect(received.map(({ path }) => path)).toEqual(["/bot123:AAb/sendMessage", "/bot123:AAb/sendMessage"]);
    expect(received.map(({ body }) => JSON.parse(body))).toEqual(
      ["-100", "@me"].map((chat_id) => ({
        chat_id,
        text: `${MESSAGE.title}\n${MESSAGE.text}`,
        link_preview_options: { is_disabled: true },
      })),
    );
  });

  test("Discord: the webhook, waited for, with markdown escaped and nobody called", async () => {
    const { url } = await listen(() => ({ body: '{"id":"1"}' }));
    expect(await send(`discord://11/AbC?api=${url}`, MESSAGE)).toMatchObject({ ok: true });
    const { path, json } = only(receiver as Receiver);
    expect(path).toBe("/api/webhooks/11/AbC?wait=true");
    expect(json.allowed_mentions).toEqual({ parse: [] });
    expect(json.content).toBe(
      "**TV <b\\> & \\*co\\* @everyone**\n<!channel\\> downloaded 41 GB \\[now\\]\\(http://x\\).",
    );
  });

  test("Slack: the incoming webhook, with its three characters escaped", async () => {
    const { url } = await listen(() => ({ body: "ok" }));
    expect(await send(`slack://T1/B2/xYz?api=${url}`, MESSAGE)).toMatchObject({ ok: true, answer: "HTTP 200: ok" });
    const { path, json } = only(receiver as Receiver);
    expect(path).toBe("/services/T1/B2/xYz");
    expect(json).toEqual({
      text: "*TV &lt;b&gt; &amp; *co* @everyone*\n&lt;!channel&gt; downloaded 41 GB [now](http://x).",
    });
  });

  test("Pushover: a form with token and user, within its limits", async () => {
    const { url } = await listen(() => ({ body: '{"status":1,"request":"r"}' }));
    const long = { ...MESSAGE, title: "t".repeat(300), text: "😀".repeat(600) };
    expect(await send(`pover://uSer@toKen?api=${url}`, long)).toMatchObject({ ok: true });
    const [one] = (receiver as Receiver).received;
    expect(one?.headers["content-type"]).toBe("application/x-www-form-urlencoded");
    const form = Object.fromEntries(new URLSearchParams(one?.body));
    expect(form).toMatchObject({ token: "toKen", user: "uSer", priority: "0", timestamp: "1795694400" });
    expect(form.title).toHaveLength(250);
    expect(form.message?.length).toBeLessThanOrEqual(1024);
    expect(form.message?.isWellFormed()).toBe(true);
  });

  test("a webhook: signed so that the library of Standard Webhooks verifies it, and only with its secret", async () => {
    const { url } = await listen(() => ({ status: 204 }));
    expect(await send(`${url}/hook?a=1#${SECRET}`, MESSAGE)).toMatchObject({ ok: true, answer: "HTTP 204" });
    const { path, headers, body } = only(receiver as Receiver);
    expect(path).toBe("/hook?a=1");
    const verified = new Webhook(SECRET).verify(body, headers as Record<string, string>);
    expect(verified).toEqual({
      type: "alert.new_device",
      timestamp: "2026-11-26T12:00:00.000Z",
      data: { level: "warning", title: MESSAGE.title, text: MESSAGE.text },
    });
    expect(headers["webhook-id"]).toBe(MESSAGE.id);
    const other = new Webhook("whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    expect(() => other.verify(body, headers as Record<string, string>)).toThrow();
  });

  test("mail: one message to all receivers, under the same Message-ID at each attempt", async () => {
    const mails: { from: unknown; to: unknown; raw: string; user: unknown }[] = [];
    const server = new SMTPServer({
      authOptional: false,
      allowInsecureAuth: true,
      disabledCommands: ["STARTTLS"],
      onAuth: ({ username, password }, _, done) =>
        password === "p@ss" ? done(null, { user: username }) : done(new Error(`bad password ${password}`)),
      onData(stream, { envelope, user }, done) {
        void text(stream).then((raw) => {
          mails.push({
            from: envelope.mailFrom ? envelope.mailFrom.address : null,
            to: envelope.rcptTo.map(({ address }) => address),
            raw,
            user,
          });
          done();
        });
      },
    });
    server.listen(0, "127.0.0.1");
    await once(server.server, "listening");
    const { port } = server.server.address() as AddressInfo;
    const url = (password: string) =>
      `smtp://me:${password}@127.0.0.1:${port}?from=stat@example.com&to=a@example.org,b@example.org`;
    try {
      const hostile = { ...MESSAGE, title: "Ends\r\nBcc: evil@example.net" };
      expect(await send(url("p%40ss"), hostile)).toMatchObject({ ok: true, answer: expect.stringMatching(/^250 /) });
      expect(await send(url("p%40ss"), hostile)).toMatchObject({ ok: true });
      expect(mails).toHaveLength(2);
      for (const { from, to, raw, user } of mails) {
        expect([from, to, user]).toEqual(["stat@example.com", ["a@example.org", "b@example.org"], "me"]);
        expect(raw).toContain(`Message-ID: <${MESSAGE.id}@example.com>`);
        expect(raw).toMatch(/^Subject: Ends Bcc: evil@example\.net\r$/m);
        expect(raw).toMatch(/^Auto-Submitted: auto-generated\r$/m);
        expect(raw).not.toMatch(/^Bcc:/m);
      }
      const refused = await send(url("wr0ng"), MESSAGE);
      expect(refused).toMatchObject({ ok: false, isFinal: false });
      expect(refused.answer).toMatch(/bad password \*\*\*/);
    } finally {
      await new Promise<void>((resolve) => server.close(resolve));
    }
  });
});

describe("what the other side says is told, without secrets, and understood", () => {
  test.each<[string, Reply, object]>([
    ["a refused payload is final", { status: 400, body: "invalid_payload" }, { isFinal: true, isGone: false }],
    ["an error of the server is not", { status: 500, body: "sorry" }, { isFinal: false, answer: "HTTP 500: sorry" }],
    ["gone is gone", { status: 410 }, { isGone: true }],
    ["how long to wait", { status: 429, headers: { "retry-after": "30" } }, { retryAfterMs: 30_000 }],
    ["Discord's way to say it", { status: 429, body: '{"retry_after":1.5}' }, { retryAfterMs: 1_500 }],
    ["Telegram's", { status: 429, body: '{"parameters":{"retry_after":7}}' }, { retryAfterMs: 7_000 }],
    [
      "a redirect is not followed",
      { status: 302, headers: { location: "http://169.254.169.254/" } },
      { ok: false, answer: "HTTP 302" },
    ],
    [
      "an echoed secret, and control characters",
      { status: 403, body: 'no "s3cr3t-t0ken"\u001b[31m\r\nfor you' },
      { answer: 'HTTP 403: no "***" [31m for you' },
    ],
    ["a flood is cut", { status: 500, body: "x".repeat(1_000_000) }, { answer: expect.stringMatching(/^.{299}…$/) }],
  ])("%s", async (_, reply, expected) => {
    const { host } = await listen(() => reply);
    expect(await send(`gotify://${host}/s3cr3t-t0ken`, MESSAGE)).toMatchObject({ ok: false, ...expected });
    expect((receiver as Receiver).received).toHaveLength(1);
  });

  test("link-local addresses, where clouds keep secrets, are not asked", async () => {
    for (const host of ["169.254.169.254", "[fe80::1]", "[::ffff:169.254.169.254]"]) {
      expect(await send(`http://${host}/latest`, MESSAGE)).toMatchObject({
        ok: false,
        answer: "link-local addresses are not sent to",
      });
    }
  });

  test("of many that are to be sent, two are on their way at a time, and all arrive", async () => {
    let [open, most] = [0, 0];
    const server = await startReceiver(
      () => ({}),
      0,
      async () => {
        open += 1;
        most = Math.max(most, open);
        await new Promise((resolve) => setTimeout(resolve, 50));
        open -= 1;
      },
    );
    receiver = server;
    const all = await Promise.all(Array.from({ length: 6 }, () => send(`gotify://${server.host}/x`, MESSAGE)));
    expect(all.every(({ ok }) => ok)).toBe(true);
    expect(server.received).toHaveLength(6);
    expect(most).toBeLessThanOrEqual(2);
  });

  test("where whoever asked is gone before it is sent, nothing is", async () => {
    const { host, received } = await listen();
    const child = spawn(process.execPath, [file], { stdio: ["pipe", "ignore", "inherit"] });
    child.stdin.end(`${JSON.stringify({ url: `gotify://${host}/x`, message: MESSAGE, version: "12" })}\n`);
    expect(await once(child, "exit")).toEqual([1, null]);
    expect(received).toEqual([]);
  });

  test("Telegram and Pushover may say no with a 200", async () => {
    const { url } = await listen(() => ({ body: '{"ok":false,"status":0,"description":"chat not found"}' }));
    expect(await send(`tgram://123:AAb/5?api=${url}`, MESSAGE)).toMatchObject({ ok: false });
    expect(await send(`pover://uSer@toKen?api=${url}`, MESSAGE)).toMatchObject({ ok: false });
  });

  test("nobody there, and a connection that ends without an answer", async () => {
    const gone = await startReceiver();
    await gone.close();
    expect(await send(`gotify://${gone.host}/AbC`, MESSAGE)).toMatchObject({ ok: false, answer: "connection refused" });
    const { host } = await listen(() => null);
    expect(await send(`gotify://${host}/AbC`, MESSAGE)).toMatchObject({
      ok: false,
      answer: "the connection was closed without an answer",
    });
  });
});
