import { readFileSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { createServer, type Server } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { createDarkstatClient } from "./client.ts";
import { decodePage } from "./decode.ts";
import { createFakeDarkstat, type FakeDarkstatOptions, type FaultKind } from "./simulated/index.ts";

const NOW = 1_700_000_000_000;
const open: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.stop();
});

async function household(
  options: Partial<FakeDarkstatOptions> = {},
  limits: { timeoutMs?: number; maxBytes?: number; mostHosts?: number } = {},
) {
  const clock = { now: NOW };
  const fake = createFakeDarkstat({ now: () => clock.now, ...options });
  open.push(fake);
  const url = await fake.start();
  fake.traffic({ ip: "192.168.1.10", mac: "02:00:00:00:00:10", hostname: "tablet" }, "198.51.100.1", 50_000, 3_000);
  const client = createDarkstatClient({ url, now: () => clock.now, ...limits });
  return { clock, fake, url, client };
}

/** A server that speaks whatever it is told to. */
async function raw(onConnection: Parameters<typeof createServer>[1]): Promise<string> {
  const server: Server = createServer(onConnection);
  open.push({ stop: () => new Promise((resolve) => server.close(() => resolve())) });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return `http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}/`;
}

test("a longer list of hosts than is read is refused before any of them is, by whatever parser", async () => {
  const { client, fake } = await household({}, { mostHosts: 2 });
  expect((await client.read()).hosts).toHaveLength(2);
  fake.traffic({ ip: "192.168.1.11", mac: "02:00:00:00:00:11", hostname: "phone" }, "198.51.100.2", 1_000, 100);
  const refusal = { code: "too-large", message: expect.stringContaining("lists 4 hosts; at most 2 are read") };
  await expect(client.read()).rejects.toMatchObject({
    ...refusal,
    hint: expect.stringContaining("DARKSTAT_MAX_HOSTS"),
  });
  fake.traffic({ ip: "192.168.1.12", mac: "02:00:00:00:00:12", hostname: "<b>" }, "198.51.100.2", 1_000, 100);
  await expect(client.read()).rejects.toMatchObject({ code: "too-large" });
});

test.each([{ mostHosts: 10 }, {}])(
  "a page of more bytes than the hosts of %j can take is refused while it arrives",
  async (limit) => {
    const url = await raw((socket) => {
      socket.on("error", () => {});
      socket.once("data", (request) => {
        socket.write("HTTP/1.1 200 OK\r\n\r\n");
        const isTable = request.toString().includes("hosts/");
        if (!isTable)
          return void socket.end(readFileSync(new URL("fixtures/3.0.719-default/index.html", import.meta.url)));
        const more = () => {
          while (!socket.destroyed && socket.write("x".repeat(65_536)));
        };
        socket.on("drain", more);
        more();
      });
    });
    const client = createDarkstatClient({ url, ...limit, now: () => 0 });
    await expect(client.read()).rejects.toMatchObject({ code: "too-large" });
  },
);

describe("a good reading", () => {
  test.each([
    { version: "3.0.719" },
    { version: "3.0.721" },
    { version: "3.0.721", base: "/some/where/", columns: { mac: false, lastSeen: false } },
  ] as const)("%j", async (options) => {
    const { client, fake } = await household(options);
    const snapshot = await client.read();
    const mac = !("columns" in options);
    expect(snapshot).toMatchObject({
      at: NOW,
      epoch: fake.epoch(),
      interface: "br0",
      before: { bytes: 53_000, uptimeSeconds: 0 },
      after: { bytes: 53_000 },
      columns: { mac, lastSeen: mac },
    });
    expect(snapshot.version.startsWith(options.version)).toBe(true);
    expect(snapshot.hosts).toEqual([
      {
        ip: "192.168.1.10",
        mac: mac ? "02:00:00:00:00:10" : null,
        hostname: "tablet",
        in: 50_000,
        out: 3_000,
        lastSeenSeconds: mac ? 0 : null,
      },
      {
        ip: "198.51.100.1",
        mac: mac ? "02:00:00:00:00:fe" : null,
        hostname: null,
        in: 3_000,
        out: 50_000,
        lastSeenSeconds: mac ? 0 : null,
      },
    ]);
  });

  test("the totals around the host table enclose it while traffic goes on", async () => {
    const { client, fake } = await household();
    fake.onRequest(() => fake.traffic({ ip: "192.168.1.10" }, "198.51.100.1", 1_000, 0));
    const { before, after, hosts } = await client.read();
    const received = hosts.reduce((sum, host) => sum + host.in, 0);
    expect(before.bytes).toBeLessThan(received);
    expect(received).toBeLessThan(after.bytes);
  });

  test("the reading is dated by the host table, not by the page after it", async () => {
    const { client, fake, clock } = await household();
    fake.onRequest(() => {
      clock.now += 1_000;
    });
    expect((await client.read()).at).toBe(NOW + 2_000);
  });

  test("the series add up to what passed", async () => {
    const { client } = await household();
    const buckets = await client.series();
    expect(buckets.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(53_000);
    expect(buckets.at(-1)?.to).toBe(NOW);
  });

  test("two readings at the same time do not mix", async () => {
    const { client } = await household();
    const [one, other] = await Promise.all([client.read(), client.read()]);
    expect(one.hosts).toHaveLength(2);
    expect(other).toEqual(one);
  });

  test("every request has a connection of its own, asks for no gzip and carries the password", async () => {
    const seen: string[] = [];
    const server = createHttpServer((request, response) => {
      const { authorization, connection } = request.headers;
      seen.push(`${request.url} ${request.headers["accept-encoding"]} ${authorization} ${connection}`);
      response.statusCode = 404;
      response.end();
    });
    open.push({ stop: () => new Promise((resolve) => server.close(() => resolve())) });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    const client = createDarkstatClient({ url: `http://me:secret@127.0.0.1:${port}/stats`, now: () => 0 });
    await expect(client.read()).rejects.toThrow(/^http:\/\/127\.0\.0\.1:\d+\/stats\/ answered with HTTP status 404/);
    expect(seen).toEqual([`/stats/ identity Basic ${Buffer.from("me:secret").toString("base64")} close`]);
  });
});

describe("a reading that is disturbed", () => {
  test.each([
    ["cut", "cut"],
    ["cut-quietly", "cut"],
    ["reset-mid-read", "cut"],
    ["empty", "cut"],
    ["garbled", "garbled"],
    ["error-line", "refused-query"],
    ["status500", "http-status"],
    ["hang", "timeout"],
    ["drip", "timeout"],
    ["huge", "too-large"],
    ["refuse", "unreachable"],
    ["lost-response", "unreachable"],
  ] as [FaultKind, string][])("%s is rejected as %s, and the next one is good", async (kind, code) => {
    const { client, fake } = await household({}, { timeoutMs: 400, maxBytes: 500_000 });
    fake.fault(kind);
    await expect(client.read()).rejects.toMatchObject({
      name: "DarkstatError",
      code,
      hint: expect.stringMatching(/\.$/),
    });
    fake.clearFaults();
    await expect(client.read()).resolves.toMatchObject({ before: { bytes: 53_000 } });
  });

  test.each(["cut", "reset-mid-read", "refuse", "lost-response"] as FaultKind[])(
    "%s once is mended by asking again",
    async (kind) => {
      const { client, fake } = await household();
      fake.fault(kind, { times: 1 });
      await expect(client.read()).resolves.toMatchObject({ hosts: [{ in: 50_000 }, { in: 3_000 }] });
    },
  );

  test("a host table that is cut without its announced length telling is rejected", async () => {
    const { client, fake } = await household();
    fake.fault("cut-quietly", { path: "hosts" });
    await expect(client.read()).rejects.toMatchObject({ code: "cut", message: expect.stringMatching(/host table/) });
  });

  test("a restart in the middle of a reading makes it be read again", async () => {
    const { client, fake, clock } = await household();
    let requests = 0;
    fake.onRequest((path) => {
      requests += 1;
      if (requests !== 2) return;
      expect(path).toBe("/hosts/");
      clock.now += 5_000;
      fake.restart();
      fake.traffic({ ip: "192.168.1.10" }, "198.51.100.1", 10, 0);
    });
    const snapshot = await client.read();
    expect(snapshot).toMatchObject({ epoch: fake.epoch(), before: { bytes: 10 }, at: NOW + 5_000 });
    expect(requests).toBe(6);
  });

  test("a restart within the same second is noticed by the total that fell", async () => {
    const { client, fake } = await household();
    let requests = 0;
    fake.onRequest(() => {
      requests += 1;
      if (requests === 3) fake.restart();
    });
    expect((await client.read()).hosts).toEqual([]);
  });

  test("a darkstat that restarts again and again cannot be read", async () => {
    const { client, fake, clock } = await household();
    fake.onRequest(() => {
      clock.now += 5_000;
      fake.restart();
    });
    await expect(client.read()).rejects.toMatchObject({ code: "restarted" });
  });

  test("nobody listening is told as such", async () => {
    const { client, fake } = await household();
    await fake.stop();
    await expect(client.read()).rejects.toThrow(/Can't reach darkstat at \S+ \(connection refused\)/);
  });

  test("another protocol on that port is no darkstat", async () => {
    const url = await raw((socket) => {
      socket.on("error", () => {});
      socket.resume();
      socket.end("SSH-2.0-OpenSSH_9.2\r\n");
    });
    await expect(createDarkstatClient({ url, now: () => 0 }).read()).rejects.toMatchObject({ code: "garbled" });
  });

  test("an announced size beyond the limit is refused without waiting for it", async () => {
    const url = await raw((socket) => {
      socket.on("error", () => {});
      socket.resume();
      socket.write("HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n");
    });
    await expect(createDarkstatClient({ url, now: () => 0 }).read()).rejects.toMatchObject({ code: "too-large" });
  });

  test("a reading that is called off ends with the reason given", async () => {
    const { client, fake } = await household();
    fake.fault("hang");
    const controller = new AbortController();
    fake.onRequest(() => setImmediate(() => controller.abort(new Error("enough"))));
    await expect(client.read(controller.signal)).rejects.toThrow("enough");
    await expect(client.read(AbortSignal.abort(new Error("before")))).rejects.toThrow("before");
  });
});

describe("a redirect", () => {
  async function redirecting(location: string): Promise<string> {
    const server = createHttpServer((_, response) => response.writeHead(302, { location }).end());
    open.push({ stop: () => new Promise((resolve) => server.close(() => resolve())) });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(server.address() as { port: number }).port}/`;
  }

  test.each([
    ["https://darkstat.lan/stats/", "redirects to https://darkstat.lan/stats/"],
    ["/stats/", /redirects to http:\/\/127\.0\.0\.1:\d+\/stats\/$/],
    ["http://anna:geheim@other/", "redirects to http://other/"],
    ["http://[", 'redirects to "http://["'],
    [`http://x/${"y".repeat(5_000)}`, /redirects to http:\/\/x\/y{100,200}…$/],
  ] as const)("to %j is refused with its target", async (location, message) => {
    const client = createDarkstatClient({ url: await redirecting(location), now: () => 0 });
    await expect(client.read()).rejects.toThrow(message);
    await expect(client.read()).rejects.toMatchObject({
      code: "http-status",
      hint: expect.stringContaining("set DARKSTAT_URL"),
    });
  });
});

describe("over TLS", () => {
  const pem = (name: string) => readFileSync(new URL(`fixtures/tls/${name}`, import.meta.url), "utf8");

  /** A server that has nothing to say, with a certificate. */
  async function secure(certificate: string, host = "127.0.0.1"): Promise<string> {
    const server = createHttpsServer(
      { cert: pem(`${certificate}.pem`), key: pem(`${certificate}.key`) },
      (_, response) => void response.writeHead(404).end(),
    );
    open.push({ stop: () => new Promise((resolve) => server.close(() => resolve())) });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return `https://${host}:${(server.address() as { port: number }).port}/`;
  }
  const reading = (url: string, ...trusted: string[]) =>
    createDarkstatClient({ url, now: () => 0, ...(trusted.length === 0 ? {} : { trusted: trusted.map(pem) }) }).read();

  test("a self-signed certificate is refused, and DARKSTAT_CA named", async () => {
    await expect(reading(await secure("self-signed"))).rejects.toMatchObject({
      code: "unreachable",
      message: expect.stringMatching(/^Can't read https:\/\/127\.0\.0\.1:\d+\/: its certificate is self-signed$/),
      hint: expect.stringContaining("DARKSTAT_CA=/etc/ssl/darkstat.pem"),
    });
  });

  test("a self-signed certificate that is trusted is right under any name", async () => {
    await expect(reading(await secure("self-signed"), "self-signed.pem")).rejects.toThrow("HTTP status 404");
  });

  test("a trusted authority vouches for the name that it signed, and for no other", async () => {
    await expect(reading(await secure("issued"), "self-signed.pem", "authority.pem")).rejects.toThrow(
      "HTTP status 404",
    );
    await expect(reading(await secure("issued", "localhost"), "authority.pem")).rejects.toThrow(
      "its certificate is for another name",
    );
    await expect(reading(await secure("issued"))).rejects.toThrow("isn't signed by a trusted authority");
  });

  test("another certificate than the trusted one is refused", async () => {
    await expect(reading(await secure("self-signed"), "issued.pem")).rejects.toThrow("self-signed");
  });

  test("https to what speaks http is told as such", async () => {
    const url = await raw((socket) => {
      socket.on("error", () => {});
      socket.once("data", () => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
    });
    await expect(reading(url.replace("http:", "https:"))).rejects.toMatchObject({
      message: expect.stringContaining("no HTTPS is spoken there"),
      hint: expect.stringContaining("http://"),
    });
  });
});

test("names in UTF-8 and in Latin-1 are both read, in one page", () => {
  const page = Buffer.concat([Buffer.from("küche\n", "utf8"), Buffer.from("büro\nplain\n", "latin1")]);
  expect(decodePage(page)).toBe("küche\nbüro\nplain\n");
});
