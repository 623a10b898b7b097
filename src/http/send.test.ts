import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setImmediate as immediate } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { IncomingMessage } from "../builtin.ts";
import { createApp } from "./app.ts";
import type { HttpResponse } from "./exchange.ts";
import type { Incoming } from "./read-request.ts";
import { type Serving, serve } from "./serve.ts";
import { testDeps, type Use } from "./testing.ts";

setFlagsFromString("--expose-gc");
const collectGarbage: () => void = runInNewContext("gc");

const open: Serving[] = [];
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await Promise.all(open.splice(0).map((serving) => serving.close()));
});

async function served(answer: (incoming: Incoming) => HttpResponse | Promise<HttpResponse>) {
  const failures: unknown[] = [];
  const serving = await serve({
    app: { handle: async (incoming) => answer(incoming) },
    port: 0,
    hostname: "127.0.0.1",
    onError: (error) => failures.push(error),
  });
  open.push(serving);
  return { port: serving.port, failures };
}

function request(port: number, ...lines: string[]): Socket {
  const socket = connect(port, "127.0.0.1", () => socket.write(lines.join("\r\n")));
  sockets.push(socket);
  return socket;
}

/** Everything that comes until the connection is closed. */
async function whole(socket: Socket): Promise<string> {
  let text = "";
  socket.on("data", (chunk) => {
    text += chunk;
  });
  await once(socket, "close");
  return text;
}

const GET = ["GET / HTTP/1.1", "Host: pi", "", ""];
const CLOSE = ["Connection: close", "", ""];

const stream = (body: AsyncIterable<Uint8Array>): HttpResponse => ({ status: 200, headers: {}, body });

describe("an answer in chunks", () => {
  const PIECE = Buffer.alloc(65_536, "x");
  const PIECES = 2_000;

  test("is made as fast as its client takes it, and no faster", async () => {
    let made = 0;
    async function* chunks() {
      for (; made < PIECES; made += 1) {
        await immediate();
        yield PIECE;
      }
    }
    const { port } = await served(() => stream(chunks()));
    const slow = request(port, "GET / HTTP/1.1", "Host: pi", ...CLOSE);
    await once(slow, "data");
    slow.pause();
    // Time enough to make them all, were nobody waited for: the server lives in this process.
    for (let turn = 0; turn < 3 * PIECES; turn += 1) await immediate();
    // What the kernel keeps for a client: some megabytes, of the 131 that there are.
    expect(made).toBeLessThan(PIECES / 2);
    let bytes = 0;
    slow.on("data", (chunk) => {
      bytes += chunk.length;
    });
    slow.resume();
    await once(slow, "close");
    expect(made).toBe(PIECES);
    expect(bytes).toBeGreaterThan((PIECES - 2) * PIECE.length);
  });

  test("may use one memory for all of its chunks", async () => {
    const memory = Buffer.alloc(20_000);
    async function* chunks() {
      for (let n = 0; n < 1_000; n += 1) yield memory.fill(97 + (n % 26));
    }
    const { port } = await served(() => stream(chunks()));
    const slow = request(port, "GET / HTTP/1.0", ...CLOSE);
    await once(slow, "readable");
    // The kernel is full by then, and what comes after waits in the server.
    for (let turn = 0; turn < 1_000; turn += 1) await immediate();
    const [, body = ""] = (await whole(slow)).split("\r\n\r\n");
    const expected = Array.from({ length: 1_000 }, (_, n) => String.fromCharCode(97 + (n % 26)).repeat(20_000));
    expect(body === expected.join("")).toBe(true);
  });

  test("is made no further once its client is gone", async () => {
    let over = () => {};
    const ended = new Promise<void>((resolve) => {
      over = resolve;
    });
    async function* chunks() {
      try {
        for (let n = 0; n < PIECES; n += 1) {
          await immediate();
          yield PIECE;
        }
        failures.push("all of it was made");
      } finally {
        over();
      }
    }
    const { port, failures } = await served(() => stream(chunks()));
    const client = request(port, ...GET);
    await once(client, "data");
    client.destroy();
    await ended;
    expect(failures).toEqual([]);
  });

  /** Chunks that never come. */
  function endless() {
    let end = () => {};
    let asked = () => {};
    let returned = () => {};
    const over: IteratorResult<Uint8Array> = { done: true, value: undefined };
    const iterator: AsyncIterableIterator<Uint8Array> = {
      [Symbol.asyncIterator]: () => iterator,
      next() {
        asked();
        return new Promise((resolve) => {
          end = () => resolve(over);
        });
      },
      async return() {
        end();
        returned();
        return over;
      },
    };
    return {
      iterator,
      wasAsked: new Promise<void>((resolve) => {
        asked = resolve;
      }),
      wasReturned: new Promise<void>((resolve) => {
        returned = resolve;
      }),
    };
  }

  test("ends for a client that goes away while the next chunk is waited for, which may never come", async () => {
    const { iterator, wasAsked, wasReturned } = endless();
    const { port } = await served(() => stream(iterator));
    const client = request(port, ...GET);
    await wasAsked;
    client.destroy();
    await wasReturned;
  });

  test("ends for that client also when it was asked for behind another, which is not answered yet", async () => {
    const { iterator, wasAsked, wasReturned } = endless();
    const { port } = await served(({ url }) => (url === "/" ? stream(iterator) : new Promise(() => {})));
    const client = request(port, "GET /slow HTTP/1.1", "Host: pi", "", GET.join("\r\n"));
    await wasAsked;
    client.destroy();
    await wasReturned;
  });

  test("ends for that client also when it was gone before the answer began", async () => {
    const { iterator, wasReturned } = endless();
    const { port } = await served(async (incoming) => {
      const { socket } = incoming as IncomingMessage;
      socket.destroy();
      await once(socket, "close");
      return stream(iterator);
    });
    request(port, ...GET);
    await wasReturned;
  });

  test("is kept by nothing once it is sent, while its connection stays open", async () => {
    const sent: WeakRef<AsyncGenerator>[] = [];
    const { port } = await served(() => {
      const body = (async function* () {
        for (let n = 0; n < 3; n += 1) yield PIECE;
      })();
      sent.push(new WeakRef(body));
      return stream(body);
    });
    const client = request(port, ...GET);
    let text = "";
    client.on("data", (chunk) => {
      text += chunk;
    });
    await vi.waitFor(() => expect(text).toMatch(/\r\n0\r\n\r\n$/), { timeout: 30_000 });
    await vi.waitFor(
      () => {
        collectGarbage();
        expect(sent.map((body) => body.deref())).toEqual([undefined]);
      },
      { timeout: 30_000 },
    );
    expect(client.destroyed).toBe(false);
  });

  test("that fails is cut, so that nobody takes it for whole, and the log is told", async () => {
    const failure = new Error("the disk is gone");
    async function* chunks() {
      yield Buffer.from("first");
      throw failure;
    }
    const { port, failures } = await served(() => stream(chunks()));
    expect(await whole(request(port, ...GET))).not.toContain("\r\n0\r\n");
    expect(failures).toEqual([failure]);
  });
});

describe("a body", () => {
  const USES: Use[] = [{ ip: "192.168.1.1", mac: "02:00:00:00:00:01" }];
  const HEAD = ["POST /json/hostname HTTP/1.1", "Host: pi", "Content-Type: application/json"];

  test("may come in chunks", async () => {
    const app = createApp(await testDeps(USES));
    const { port } = await served(app.handle);
    const chunks = ['{"mac": "02:00:00:00:00:01", "na', 'me": "new"', "}", ""];
    const body = chunks.flatMap((chunk) => [chunk.length.toString(16), chunk]);
    const answer = await whole(
      request(port, ...HEAD, "Transfer-Encoding: chunked", "Connection: close", "", ...body, ""),
    );
    expect(answer).toContain('{"mac":"02:00:00:00:00:01","hostname":"new"}');
  });

  test("that nobody reads is taken in, and the next request answered", async () => {
    const app = createApp(await testDeps(USES));
    const { port } = await served(app.handle);
    const size = 200_000;
    const answers = await whole(
      request(
        port,
        ...HEAD,
        `Content-Length: ${size}`,
        "",
        `${"x".repeat(size)}GET /json/lansegments HTTP/1.1`,
        "Host: pi",
        ...CLOSE,
      ),
    );
    expect(answers).toMatch(/^HTTP\/1\.1 413 .*HTTP\/1\.1 200 OK/s);
  });

  test.each(["/json/hostname", "/nothing"])("that never ends is not waited for at %s", async (path) => {
    const app = createApp(await testDeps(USES));
    const { port } = await served(app.handle);
    const head = [`POST ${path} HTTP/1.1`, "Host: pi", "Content-Type: application/json", "Content-Length: 70000"];
    expect(await whole(request(port, ...head, "", "{"))).toMatch(/^HTTP\/1\.1 4(?:04|13) .*\}\}$/s);
  });

  test("that breaks off is nobody's failure", async () => {
    const logged: unknown[] = [];
    const app = createApp(await testDeps(USES, { onError: (error) => logged.push(error) }));
    let settled = (_answer: HttpResponse) => {};
    const answered = new Promise<HttpResponse>((resolve) => {
      settled = resolve;
    });
    let client: Socket | null = null;
    const { port, failures } = await served((incoming) => {
      incoming.once("data", () => client?.destroy());
      const answer = app.handle(incoming);
      answer.then(settled);
      return answer;
    });
    client = request(port, ...HEAD, "Content-Length: 50", "", "{");
    expect(await answered).toMatchObject({ status: 400 });
    expect([...logged, ...failures]).toEqual([]);
  });
});
