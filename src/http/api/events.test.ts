import { once } from "node:events";
import { connect } from "node:net";
import { expect, test, vi } from "vitest";
import { readingEventSchema, statusSchema } from "../../shared/api.ts";
import { createApp } from "../app.ts";
import { serve } from "../serve.ts";
import { NOON, STATUS, testApp, testDeps } from "../testing.ts";
import { createEvents } from "./events.ts";
import { createLiveUpdates } from "./live-updates.ts";

/** Reads a stream up to and with a text. */
function readerOf(stream: AsyncIterable<Uint8Array>) {
  const reader = stream[Symbol.asyncIterator]();
  const decoder = new TextDecoder();
  let text = "";
  return {
    async until(wanted: string): Promise<string> {
      while (!text.includes(wanted)) {
        const { done, value } = await reader.next();
        if (done) throw new Error(`the stream ended after ${JSON.stringify(text)}`);
        text += decoder.decode(value, { stream: true });
      }
      return text;
    },
    async rest(): Promise<string> {
      for (;;) {
        const { done, value } = await reader.next();
        if (done) return text;
        text += decoder.decode(value, { stream: true });
      }
    },
    leave: () => reader.return?.(),
  };
}

/** What streams are made from that tell nothing. */
const silent = { dataAt: async () => "", statusData: async () => "" };

test("a problem that begins or ends reaches an open page at once, as the status that shows it", async () => {
  const live = createLiveUpdates();
  const problem = { code: "store", since: NOON, message: "The disk is full.", hint: "Make room." } as const;
  const app = testApp(await testDeps([], { live, status: () => ({ ...STATUS, problems: [problem] }) }));
  const response = await app.request("/api/v1/events");
  const page = readerOf(response.body as AsyncIterable<Uint8Array>);
  await page.until("retry: 3000\n\n");
  live.announceProblems();
  const text = await page.until("}\n\n");
  const [, data = ""] = /event: status\ndata: (.*)\n\n/.exec(text) ?? [];
  expect(statusSchema.parse(JSON.parse(data)).problems).toEqual([problem]);
  live.close();
});

test("a reading reaches an open page over a real connection, and closing does not wait for the page", async () => {
  const live = createLiveUpdates();
  const serving = await serve({ app: createApp(await testDeps([], { live })), port: 0, hostname: "127.0.0.1" });
  const response = await fetch(`http://127.0.0.1:${serving.port}/api/v1/events`);
  expect(response.headers.get("content-type")).toBe("text/event-stream");
  expect(response.headers.get("cache-control")).toBe("no-store");
  const page = readerOf(response.body as AsyncIterable<Uint8Array>);
  await page.until("retry: 3000\n\n");
  live.announce(NOON);
  const text = await page.until("}\n\n");
  const [, data = ""] = /event: reading\ndata: (.*)\n\n/.exec(text) ?? [];
  expect(readingEventSchema.parse(JSON.parse(data))).toMatchObject({
    at: NOON,
    status: { now: NOON, zone: "Europe/Berlin" },
  });

  live.close();
  await page.rest();
  await serving.close();
});

test("a page that goes away makes room for another", async () => {
  const live = createLiveUpdates();
  const open = createEvents({ live, ...silent, dataAt: async () => "{}" });
  const pages = Array.from({ length: 64 }, (_, n) => readerOf(open(`192.168.1.${n % 4}`)));
  expect(() => open("192.168.1.9")).toThrow("Too many pages are listening");
  await pages[7]?.leave();
  const another = readerOf(open("192.168.1.9"));
  live.announce(1);
  await another.until("data: {}");
  live.close();
});

test("one address does not get all places", async () => {
  const live = createLiveUpdates();
  const open = createEvents({ live, ...silent, dataAt: async () => "{}" });
  for (let n = 0; n < 16; n += 1) open("192.168.1.5");
  expect(() => open("192.168.1.5")).toThrow("16 from one address");
  const other = readerOf(open("192.168.1.6"));
  live.announce(1);
  await other.until("data: {}");
  live.close();
});

test("a page whose connection is cut makes room for another", async () => {
  const live = createLiveUpdates();
  const serving = await serve({ app: createApp(await testDeps([], { live })), port: 0, hostname: "127.0.0.1" });
  const open = async () => {
    const socket = connect(serving.port, "127.0.0.1");
    socket.write("GET /api/v1/events HTTP/1.1\r\nHost: pi\r\n\r\n");
    const head = String((await once(socket, "data"))[0]);
    return { socket, head, status: Number(head.slice(9, 12)) };
  };
  const pages = await Promise.all(Array.from({ length: 16 }, open));
  expect(pages.map(({ status }) => status)).toEqual(pages.map(() => 200));
  const refused = await open();
  expect(refused.status).toBe(503);
  expect(refused.head).toMatch(/\r\nretry-after: \d+\r\n/);
  for (const { socket } of pages.slice(0, 5)) socket.destroy();
  await vi.waitFor(async () => expect((await open()).status).toBe(200), { timeout: 30_000 });
  live.close();
  await serving.close();
});

test("a head request takes no place", async () => {
  const live = createLiveUpdates();
  const app = testApp(await testDeps([], { live }));
  for (let count = 0; count < 100; count += 1) {
    expect((await app.request("/api/v1/events", { method: "HEAD" })).status).toBe(200);
  }
  live.close();
});

test("what is told is made once, however many listen", async () => {
  const live = createLiveUpdates();
  let asked = 0;
  const open = createEvents({
    live,
    ...silent,
    dataAt: async () => {
      asked += 1;
      return "{}";
    },
  });
  const pages = [readerOf(open("192.168.1.5")), readerOf(open("192.168.1.5"))];
  live.announce(1);
  await Promise.all(pages.map((page) => page.until("data: {}")));
  expect(asked).toBe(1);
  live.close();
});

test("a page that takes nothing is let go, and gets what it had room for", async () => {
  const live = createLiveUpdates();
  const open = createEvents({ live, ...silent, dataAt: async (at) => `${at}` });
  const slow = readerOf(open("192.168.1.5"));
  const quick = readerOf(open("192.168.1.5"));
  for (let at = 1; at <= 20; at += 1) {
    live.announce(at);
    await quick.until(`data: ${at}\n`);
  }
  const text = await slow.rest();
  expect(text).toContain("data: 1\n");
  expect(text).not.toContain("data: 20\n");
  live.close();
});

test("a ping keeps a quiet stream open", async () => {
  const live = createLiveUpdates();
  const page = readerOf(createEvents({ live, ...silent, pingMs: 5 })("192.168.1.5"));
  await page.until(": ping\n\n");
  live.close();
  await page.rest();
});

test("figures that can't be read are left out, and the next are told", async () => {
  const live = createLiveUpdates();
  let fails = true;
  const open = createEvents({
    live,
    ...silent,
    dataAt: async (at) => (fails ? Promise.reject(new Error("no")) : `${at}`),
  });
  const page = readerOf(open("192.168.1.5"));
  live.announce(1);
  fails = false;
  live.announce(2);
  expect(await page.until("data: 2")).not.toContain("data: 1");
  live.close();
});

test("whoever comes after the end is sent away at once", async () => {
  const live = createLiveUpdates();
  live.close();
  await readerOf(createEvents({ live, ...silent })("192.168.1.5")).rest();
});
