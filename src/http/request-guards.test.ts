import { describe, expect, test } from "vitest";
import { testApp, testDeps, type Use } from "./testing.ts";

const USES: Use[] = [{ ip: "192.168.1.1", mac: "02:00:00:00:00:01" }];
const RENAME = JSON.stringify({ mac: "02:00:00:00:00:01", hostname: "x" });
const JSON_TYPE = { "Content-Type": "application/json" };

const hostApp = testApp(await testDeps([], { allowedHosts: ["stats.example.org"] }));

describe("Host", () => {
  const app = hostApp;

  test.each(["/", "/json", "/table", "/healthz", "/nothing"])(
    "%s under a foreign name is refused, with the hint",
    async (path) => {
      const response = await app.request(path, { headers: { Host: "evil.example:777" } });
      expect(response.status).toBe(421);
      expect(await response.text()).toContain("add it to ALLOWED_HOSTS: ALLOWED_HOSTS=evil.example");
    },
  );

  test("names that are ours, by nature or by ALLOWED_HOSTS, are answered", async () => {
    for (const Host of ["192.168.1.5:777", "[fd00::1]:777", "pi.lan", "stats.example.org"]) {
      expect((await app.request("/json", { headers: { Host } })).status, Host).toBe(200);
    }
  });

  test("a whole address in the request line does not get round the header, nor the header round the address", async () => {
    expect((await app.request("http://pi.lan/json", { headers: { Host: "evil.example" } })).status).toBe(421);
    expect((await app.request("http://evil.example/json", { headers: { Host: "pi.lan" } })).status).toBe(421);
  });

  test("what is no host is 400, and so are two of them", async () => {
    const one = await app.request("/json", { headers: { Host: "pi.lan, evil.example" } });
    expect(one.status).toBe(400);
    expect(await one.json()).toMatchObject({ error: { code: "bad-request" } });
    const rawHeaders = ["Host", "pi.lan", "hOST", "evil.example"];
    const two = await app.request("/json", {}, { headers: { host: "pi.lan" }, rawHeaders });
    expect(two.status).toBe(400);
    expect(await two.json()).toMatchObject({ error: { code: "bad-host" } });
  });

  test("HTTP/1.1 must have it, and 1.0 need not", async () => {
    const over = (httpVersion: string) => app.request("/json", {}, { httpVersion, headers: {}, rawHeaders: [] });
    expect((await over("1.1")).status).toBe(400);
    expect((await over("1.0")).status).toBe(200);
  });
});

describe("writes", () => {
  const post = async (headers: Record<string, string>) =>
    testApp(await testDeps(USES)).request("http://pi.lan:777/json/hostname", {
      method: "POST",
      body: RENAME,
      headers: { Host: "pi.lan:777", ...headers },
    });

  test.each([
    ["a program without a browser", {}],
    ["our page", { "Sec-Fetch-Site": "same-origin", Origin: "http://pi.lan:777" }],
    ["our page where browsers send no Sec-Fetch-Site (plain http)", { Origin: "http://pi.lan:777" }],
    [
      "our page behind a proxy that ends TLS and changes the Host",
      { "Sec-Fetch-Site": "same-origin", Origin: "https://stats.example.org" },
    ],
    ["the user", { "Sec-Fetch-Site": "none" }],
  ])("from %s are taken", async (_who, headers) => {
    expect((await post({ ...JSON_TYPE, ...headers })).status).toBe(200);
  });

  test.each([
    { Origin: "http://evil.example" },
    { Origin: "http://pi.lan" },
    { Origin: "http://pi.lan:7777" },
    { Origin: "null" },
    { Origin: "http://pi.lan:777.evil.example" },
    { "Sec-Fetch-Site": "cross-site" },
    { "Sec-Fetch-Site": "same-site" },
    { "Sec-Fetch-Site": "cross-site", Origin: "http://pi.lan:777" },
    { "Sec-Fetch-Site": "" },
  ])("with %j are refused", async (headers) => {
    const response = await post({ ...JSON_TYPE, ...headers } as Record<string, string>);
    expect(response.status).toBe(403);
    expect(await response.json()).toMatchObject({ error: { code: "foreign-origin" } });
  });

  test("our own origin behind a proxy that ends TLS and keeps the Host is taken", async () => {
    const app = testApp(await testDeps(USES, { allowedHosts: ["stats.example.org"] }));
    const response = await app.request("http://stats.example.org/json/hostname", {
      method: "POST",
      body: RENAME,
      headers: { ...JSON_TYPE, Host: "stats.example.org:443", Origin: "https://stats.example.org" },
    });
    expect(response.status).toBe(200);
  });

  test.each([
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/jsonp",
    "",
  ])("a body called %j is 415: any page can send that without asking", async (type) => {
    const response = await post({ "Content-Type": type });
    expect(response.status).toBe(415);
    expect(await response.json()).toMatchObject({ error: { code: "wrong-type" } });
  });

  test("a JSON type may carry a charset", async () => {
    expect((await post({ "Content-Type": "Application/JSON; charset=utf-8" })).status).toBe(200);
  });
});

describe("reads", () => {
  /** Asks with headers that a browser adds. Gives the status and how often the store was asked. */
  async function read(path: string, headers: Record<string, string>, more: Parameters<typeof testDeps>[1] = {}) {
    const deps = await testDeps(USES, more);
    let asked = 0;
    const store = new Proxy(deps.store, {
      get(target, question) {
        asked += 1;
        return Reflect.get(target, question);
      },
    });
    const app = testApp({ ...deps, store });
    asked = 0;
    const { status } = await app.request(path, { headers: { Host: "pi.lan:777", ...headers } });
    return { status, asked };
  }

  test.each([
    ["a picture", { "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image" }],
    ["a frame", { "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe" }],
    ["a script of another port", { "Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "cors", Origin: "http://pi.lan" }],
    ["a script where browsers send no Sec-Fetch-Site", { Origin: "http://evil.example" }],
    ["a sandboxed page", { Origin: "null" }],
  ])("by %s of another site are refused before any work", async (_what, headers) => {
    for (const path of ["/json/history?start=2001-01-01", "/api/v1/usage", "/api/v1/events", "/healthz", "/"]) {
      expect(await read(path, headers as Record<string, string>), path).toEqual({ status: 403, asked: 0 });
    }
  });

  test.each([
    ["a link", { "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document" }],
    ["our page", { "Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors" }],
    ["a typed address", { "Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document" }],
    ["our page behind a proxy that ends TLS", { Origin: "https://pi.lan:777" }],
    ["a spreadsheet", {}],
  ])("by %s are answered", async (_what, headers) => {
    expect((await read("/json", headers as Record<string, string>)).status).toBe(200);
  });

  test("by a page of a named origin are answered", async () => {
    const headers = { "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors", Origin: "https://home.example.org" };
    expect((await read("/json", headers, { corsOrigins: ["https://home.example.org"] })).status).toBe(200);
    expect((await read("/json", headers, { corsOrigins: ["https://other.example.org"] })).status).toBe(403);
  });
});

describe("CORS", () => {
  test("is not there unless an origin is named", async () => {
    const response = await testApp(await testDeps()).request("/json", { headers: { Origin: "http://evil.example" } });
    expect([...response.headers.keys()].filter((name) => name.startsWith("access-control"))).toEqual([]);
    const preflight = await testApp(await testDeps()).request("/json", { method: "OPTIONS" });
    expect(preflight.status).toBe(405);
  });

  test("lets the named origin read, no other, and nobody write", async () => {
    const app = testApp(await testDeps(USES, { corsOrigins: ["https://home.example.org/"] }));
    const request = (Origin: string, method: string, path = "/json") =>
      app.request(path, { method, headers: { Origin, ...JSON_TYPE }, ...(method === "POST" ? { body: RENAME } : {}) });
    const named = await request("https://home.example.org", "GET");
    expect(named.headers.get("access-control-allow-origin")).toBe("https://home.example.org");
    expect(named.headers.get("vary")).toContain("Origin");
    expect((await request("https://evil.example", "GET")).headers.has("access-control-allow-origin")).toBe(false);
    expect((await request("https://home.example.org", "OPTIONS")).headers.get("access-control-allow-methods")).toBe(
      "GET,HEAD",
    );
    expect((await request("https://home.example.org", "POST", "/json/hostname")).status).toBe(403);
  });

  test.each(["*", "home.example.org", "https://home.example.org/path", "file:///x", "null"])(
    "%j is refused as an origin",
    async (origin) => {
      const deps = await testDeps([], { corsOrigins: [origin] });
      expect(() => testApp(deps)).toThrow(/CORS_ORIGINS: .* for example https:/);
    },
  );
});
