import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { setImmediate as immediate } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { createApp } from "./app.ts";
import type { HttpResponse } from "./exchange.ts";
import { ListenError, type ServeOptions, type Serving, serve } from "./serve.ts";
import { testDeps } from "./testing.ts";

const open: Serving[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((serving) => serving.close()));
});

async function started(more: Partial<ServeOptions> = {}): Promise<Serving> {
  const uses = [{ ip: "192.168.1.1", mac: "02:00:00:00:00:01" }];
  const serving = await serve({ app: createApp(await testDeps(uses)), port: 0, hostname: "127.0.0.1", ...more });
  open.push(serving);
  return serving;
}

/** The first port that Linux gives to anyone. */
function firstFreePort(): number {
  try {
    return Number(readFileSync("/proc/sys/net/ipv4/ip_unprivileged_port_start", "utf8"));
  } catch {
    return 0;
  }
}

/** Sends raw bytes and gives everything that came back until the connection was closed. */
function talk(port: number, ...lines: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = "";
    const socket = connect(port, "127.0.0.1", () => socket.write(lines.join("\r\n")));
    socket.on("data", (chunk) => {
      answer += chunk;
    });
    socket.on("close", () => resolve(answer));
    socket.on("error", (error: NodeJS.ErrnoException) =>
      error.code === "ECONNRESET" ? resolve(answer) : reject(error),
    );
  });
}

const END = ["Connection: close", "", ""];

test("the app answers on the port, and names no software", async () => {
  const { port, refusedPort } = await started();
  expect(refusedPort).toBeNull();
  const answer = await talk(port, "GET /json HTTP/1.1", "Host: 127.0.0.1", ...END);
  expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  expect(answer).toContain('["192.168.1.1","02:00:00:00:00:01"');
  expect(answer.toLowerCase()).not.toMatch(/\r\n(?:server|x-powered-by):/);
});

describe("requests that are none", () => {
  test("without a Host header HTTP/1.1 gets 400 in the envelope, and 1.0 its answer", async () => {
    const { port } = await started();
    const answer = await talk(port, "GET /json HTTP/1.1", ...END);
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toContain('"code":"bad-host"');
    expect(await talk(port, "GET http://127.0.0.1/json HTTP/1.1", ...END)).toMatch(/^HTTP\/1\.1 400 /);
    expect(await talk(port, "GET /json HTTP/1.0", "", "")).toMatch(/^HTTP\/1\.1 200 /);
  });

  test("a foreign name is refused, in the header and in the request line", async () => {
    const { port } = await started();
    expect(await talk(port, "GET /json HTTP/1.1", "Host: evil.example", ...END)).toMatch(/^HTTP\/1\.1 421 /);
    expect(await talk(port, "GET http://evil.example/json HTTP/1.1", "Host: pi", ...END)).toMatch(/^HTTP\/1\.1 421 /);
    expect(await talk(port, "GET /json HTTP/1.1", "Host: pi", "Host: evil.example", ...END)).toMatch(/^HTTP\/1\.1 4/);
  });

  test.each(["GET /json HTTP/9", "hello", "GET //evil.example/a b HTTP/1.1", "GET http://evil.example/a b HTTP/1.1"])(
    "%j is 400 in the envelope",
    async (line) => {
      const { port } = await started();
      const answer = await talk(port, line, "Host: pi", ...END);
      expect(answer).toMatch(/^HTTP\/1\.1 400 /);
      expect(answer).toContain('{"error":{"code":"bad-request"');
    },
  );

  test("headers above 16 kB are 431", async () => {
    const { port } = await started();
    const answer = await talk(port, "GET /json HTTP/1.1", "Host: pi", `X: ${"x".repeat(17_000)}`, ...END);
    expect(answer).toMatch(/^HTTP\/1\.1 431 /);
    expect(answer).toContain('"code":"headers-too-large"');
  });

  test.each([
    ["of which no more than its beginning comes", ["GET /json HTTP/1.1", "Host: pi"]],
    ["of which nothing comes", []],
  ])("a request %s is cut off by 408", async (_what, lines) => {
    const { port } = await started({
      limits: { headersTimeout: 50, requestTimeout: 50, connectionsCheckingInterval: 10 },
    });
    const answer = await talk(port, ...lines);
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    expect(answer).toContain('"code":"timeout"');
  });

  test("a connection on which nothing moves is closed, also while its response is waited for", async () => {
    const app = { handle: () => new Promise<HttpResponse>(() => {}) };
    const { port } = await started({ app, limits: { idleMs: 50 } });
    expect(await talk(port, "GET /never HTTP/1.1", "Host: pi", "", "")).toBe("");
  });

  test("a client that was cut off and does not close its side loses its connection all the same", async () => {
    const { port } = await started({
      limits: { headersTimeout: 50, requestTimeout: 50, connectionsCheckingInterval: 10 },
    });
    const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
    socket.on("error", () => {});
    socket.write("GET /json HTTP/1.1\r\n");
    socket.resume();
    await once(socket, "end");
    // Only a closed connection refuses what is sent on it.
    await vi.waitFor(() => {
      socket.write("X");
      expect(socket.destroyed).toBe(true);
    }, 30_000);
  });

  test.each([
    [308, ["GET /json?start=2021-04-01 00:00:00 HTTP/1.1", "Host: pi", ...END]],
    [400, ["hello", ...END]],
    [408, ["GET /json HTTP/1.1", "Host: pi"]],
    [431, ["GET /json HTTP/1.1", "Host: pi", `X: ${"x".repeat(17_000)}`, ...END]],
    [200, ["GET /json HTTP/1.1", "Host: pi", "Expect: something", ...END]],
  ])("a response with status %d carries the security headers", async (status, lines) => {
    const { port } = await started({
      limits: { headersTimeout: 50, requestTimeout: 50, connectionsCheckingInterval: 10 },
    });
    const answer = await talk(port, ...lines);
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    for (const header of [
      "content-security-policy: default-src 'none';",
      "x-content-type-options: nosniff",
      "x-frame-options: DENY",
      "referrer-policy: no-referrer",
      "cross-origin-resource-policy: same-origin",
    ]) {
      expect(answer).toContain(`\r\n${header}`);
    }
  });

  test("garbage behind a request is answered after that request", async () => {
    const asked = Promise.withResolvers<void>();
    const answer = Promise.withResolvers<HttpResponse>();
    const app = {
      handle: () => {
        asked.resolve();
        return answer.promise;
      },
    };
    const { port } = await started({ app });
    const conversation = talk(port, "GET /slow HTTP/1.1", "Host: pi", "", "garbage", "", "more garbage", "");
    await asked.promise;
    // Time enough for the refusal, were the first request not waited for.
    for (let turn = 0; turn < 20; turn += 1) await immediate();
    answer.resolve({ status: 200, headers: {}, body: "first" });
    expect(await conversation).toMatch(/^HTTP\/1\.1 200 OK\r\n.*\r\n\r\nfirstHTTP\/1\.1 400 .*"bad-request".*\}\}$/s);
  });

  test("a body without a declared length is cut at 64 kB", async () => {
    const { port } = await started();
    const chunk = `11000\r\n${"x".repeat(0x11000)}`;
    const answer = await talk(
      port,
      "POST /json/hostname HTTP/1.1",
      "Host: pi",
      "Content-Type: application/json",
      "Transfer-Encoding: chunked",
      "Connection: close",
      "",
      chunk,
      "0",
      "",
      "",
    );
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
  });
});

test("an old query with a bare space in its dates is led to the encoded address", async () => {
  const { port } = await started();
  const path = "/json/history?start=2021-04-01 00:00:00&end=2021-04-01 00:00:00";
  const answer = await talk(port, `GET ${path} HTTP/1.1`, "Host: pi", ...END);
  expect(answer).toMatch(/^HTTP\/1\.1 308 /);
  const location = /\r\nlocation: (.*)\r\n/.exec(answer)?.[1] ?? "";
  expect(location).toBe(path.replaceAll(" ", "%20"));
  const rows = (await (await fetch(`http://127.0.0.1:${port}${location}`)).json()) as { data: unknown[][] };
  expect(rows.data.map(([ip]) => ip)).toEqual(["192.168.1.1"]);
});

describe("the port", () => {
  const busy = createServer();
  beforeAll(() => once(busy.listen(0, "127.0.0.1"), "listening"));
  afterAll(() => {
    busy.close();
  });

  test("that is taken is an error which says so, and no reason to go elsewhere", async () => {
    const { port } = busy.address() as AddressInfo;
    const attempt = serve({ app: createApp(await testDeps()), port, hostname: "127.0.0.1", fallbackPort: 0 });
    await expect(attempt).rejects.toThrow(ListenError);
    await expect(attempt).rejects.toMatchObject({
      code: "in-use",
      message: `Another program already listens on port ${port}.`,
      hint: expect.stringContaining("SERVER_PORT"),
    });
  });

  // Root may open any port, so the attempt is made by a process of nobody.
  test.skipIf(firstFreePort() <= 777)("that is refused is left for the fallback, and without one is an error", () => {
    const script = `
      import { serve, ListenError } from ${JSON.stringify(new URL("./serve.ts", import.meta.url).href)};
      const options = { app: { handle: async () => ({ status: 204, headers: {}, body: null }) }, port: 777, hostname: "127.0.0.1" };
      const serving = await serve({ ...options, fallbackPort: 0 });
      const error = await serve(options).catch((error) => error);
      await serving.close();
      process.stdout.write(JSON.stringify([serving.port > 1023, serving.refusedPort, error instanceof ListenError, error.code, error.hint]));`;
    const root = process.getuid?.() === 0;
    const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", script], {
      ...(root ? { uid: 65_534, gid: 65_534 } : {}),
      encoding: "utf8",
    });
    expect(stderr).toBe("");
    expect(JSON.parse(stdout)).toEqual([true, 777, true, "refused", expect.stringContaining("SERVER_PORT")]);
  });

  test("of an address that isn't ours is an error which says so", async () => {
    await expect(serve({ app: createApp(await testDeps()), port: 0, hostname: "192.0.2.1" })).rejects.toMatchObject({
      code: "no-address",
    });
  });
});

test("close lets an answer under way end, takes no new one, and does not wait for idle connections", async () => {
  let answer: (given: HttpResponse) => void = () => {};
  let asked: () => void = () => {};
  const reached = new Promise<void>((resolve) => {
    asked = resolve;
  });
  const app = {
    handle: () => {
      asked();
      return new Promise<HttpResponse>((resolve) => {
        answer = resolve;
      });
    },
  };
  const serving = await serve({ app, port: 0, hostname: "127.0.0.1" });
  const idle = connect(serving.port, "127.0.0.1");
  const idleOpen = once(idle, "connect");
  const idleClosed = new Promise((resolve) => idle.on("close", resolve));
  const slow = fetch(`http://127.0.0.1:${serving.port}/slow`);
  await reached;
  await idleOpen;
  const closed = serving.close();
  await expect(fetch(`http://127.0.0.1:${serving.port}/slow`)).rejects.toThrow();
  // Were it cut at the end of the grace period only, the slow answer would be cut with it.
  await idleClosed;
  answer({ status: 200, headers: {}, body: "done" });
  expect(await (await slow).text()).toBe("done");
  await closed;
});
