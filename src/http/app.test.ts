import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { StoreError } from "../store/store.ts";
import type { AppDeps } from "./app.ts";
import { ERROR_STATUS } from "./errors.ts";
import { testApp, testDeps } from "./testing.ts";

const PAGES = ["/", "/history", "/table", "/table/history"];
const DATA = ["/json", "/json/history", "/json/lansegments", "/healthz", "/metrics"];
const API = [
  "access",
  "access/audit",
  "access/links",
  "access/sessions",
  "access/tokens",
  "alerts",
  "alerts/atom",
  "alerts/ics",
  "days",
  "devices/:key",
  "devices/:key/removal",
  "events",
  "household",
  "mqtt",
  "name-sources",
  "openapi.json",
  "plan",
  "plan/check",
  "plans",
  "proposals",
  "settings",
  "status",
  "unusual",
  "usage",
  "usage/changes",
  "usage/csv",
].map((path) => `/api/v1/${path}`);

const app = testApp(await testDeps());

/** Every path that answers to a method, as the app itself lists them. */
const routes = (method: string) =>
  [...new Set(app.routes.filter((route) => route.method === method).map((route) => route.path))].sort();

test("these are all the routes: a new one belongs into the lists of this test", () => {
  expect(routes("GET")).toEqual([...PAGES, ...DATA, ...API, "/signin", "/view/:key"].sort());
  expect(routes("POST")).toEqual([
    "/api/v1/access/links",
    "/api/v1/access/links/:key/revoke",
    "/api/v1/access/sessions/:key/end",
    "/api/v1/access/sessions/end-others",
    "/api/v1/access/sign-in",
    "/api/v1/access/sign-out",
    "/api/v1/access/tokens",
    "/api/v1/access/tokens/:key/revoke",
    "/api/v1/alerts/test",
    "/api/v1/household/changes",
    "/api/v1/household/changes/:key/undo",
    "/api/v1/plan/what-if",
    "/json/hostname",
    "/signin",
  ]);
  expect(routes("PUT")).toEqual([
    "/api/v1/access/password",
    "/api/v1/alerts",
    "/api/v1/alerts/snooze",
    "/api/v1/devices/:key/name",
    "/api/v1/ipv6",
    "/api/v1/mqtt",
    "/api/v1/mqtt/test",
    "/api/v1/name-sources",
    "/api/v1/plan",
  ]);
  expect(routes("DELETE").concat(routes("PATCH"))).toEqual([]);
});

describe.each([...PAGES, ...DATA])("%s", (path) => {
  test("answers GET and HEAD, with and without a slash at the end", async () => {
    for (const slash of ["", "/"]) {
      const url = path === "/" ? "/" : path + slash;
      expect((await app.request(url)).status).toBe(200);
      const head = await app.request(url, { method: "HEAD" });
      expect(head.status).toBe(200);
      expect(await head.text()).toBe("");
    }
  });

  test("refuses every other method by 405, naming those that do", async () => {
    for (const method of ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"]) {
      const response = await app.request(path, { method });
      expect(response.status, method).toBe(405);
      expect(response.headers.get("allow")).toBe("GET, HEAD");
    }
  });

  test("carries the security headers, also on errors, and names no software", async () => {
    for (const response of [await app.request(path), await app.request(path, { method: "DELETE" })]) {
      const headers = response.headers;
      expect(headers.get("content-security-policy")).toMatch(/^default-src 'none'; .*frame-ancestors 'none'$/);
      expect(headers.get("content-security-policy")).not.toContain("unsafe");
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("referrer-policy")).toBe("no-referrer");
      expect(headers.get("cross-origin-resource-policy")).toBe("same-origin");
      expect(headers.has("server") || headers.has("x-powered-by")).toBe(false);
    }
  });
});

const questions = Object.keys((await testDeps()).store);

describe("a failing store", () => {
  const fail = async (error: Error) => {
    const reject = () => Promise.reject(error);
    const seen: [unknown, string][] = [];
    const store = Object.fromEntries(questions.map((question) => [question, reject])) as unknown as AppDeps["store"];
    return {
      seen,
      app: testApp(await testDeps([], { store, onError: (failure, path) => seen.push([failure, path]) })),
    };
  };

  test.each(["/", "/history", "/table", "/table/history"])("is a readable page at %s", async (path) => {
    const error = new StoreError("corrupt", "database disk image is malformed", "Restore the backup.");
    const failing = await fail(error);
    const response = await failing.app.request(path);
    expect(response.status).toBe(503);
    expect(response.headers.get("content-type")).toMatch(/^text\/html/);
    expect(await response.text()).toContain("Restore the backup.");
    expect(failing.seen).toEqual([[error, path]]);
  });

  test.each(["/json", "/json/history"])("is the envelope at %s", async (path) => {
    const { app: failing } = await fail(new StoreError("busy", "locked", "Wait."));
    const response = await failing.request(path);
    expect(response.status).toBe(503);
    expect(await response.json()).toEqual({
      error: { code: "store", message: "The data can't be read from the database.", hint: "Wait." },
    });
  });

  test("that nobody foresaw tells the log everything and the client nothing", async () => {
    const error = new Error("secret path /data");
    const failing = await fail(error);
    const response = await failing.app.request("/json");
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain("secret");
    expect(failing.seen).toEqual([[error, "/json"]]);
  });
});

describe("every error is one of the list, in one envelope", () => {
  const envelope = { error: { code: expect.any(String), message: expect.stringMatching(/\.$/) } };
  const cases: [string, RequestInit][] = [
    ["/nothing", {}],
    ["/nothing", { method: "POST" }],
    ["/json/nothing", {}],
    ["/json/hostname", {}],
    ["/json/hostname", { method: "POST" }],
    ["/json/hostname", { method: "POST", body: "{}", headers: { "Content-Type": "application/json" } }],
    ["/json/hostname", { method: "DELETE", headers: { Origin: "http://evil.example" } }],
    ["/json/history?start=x", {}],
    ["/json", { headers: { Host: "evil.example" } }],
    ["/json", { headers: { Host: "@" } }],
    ["/json", { method: "POST" }],
    ["/healthz", { method: "POST" }],
    ["/api/v1/nothing", { headers: { Accept: "text/html" } }],
    ["/api/v1/usage?from=x", {}],
    ["/api/v1/usage?form=2021-01-01", {}],
    ["/api/v1/usage?group=year", {}],
    ["/api/v1/usage?from=2020-01-01&group=hour", {}],
    ["/api/v1/days?from=2001-01-01", {}],
    ["/api/v1/devices/02:00:00:00:00:99", {}],
    ["/api/v1/devices/02:00:00:00:00:99/name", { method: "PUT" }],
    [
      "/api/v1/devices/02:00:00:00:00:99/name",
      { method: "PUT", body: '{"name": "x"}', headers: { "Content-Type": "application/json" } },
    ],
    ["/api/v1/status", { method: "DELETE" }],
  ];
  test.each(cases)("%s %j", async (path, init) => {
    const response = await app.request(path, init);
    const body = (await response.json()) as { error: { code: keyof typeof ERROR_STATUS } };
    expect(body).toMatchObject(envelope);
    expect(response.status).toBe(ERROR_STATUS[body.error.code]);
    expect(response.headers.get("cache-control")).toBe("no-store");
  });

  test("shown as a page where a browser looks", async () => {
    const response = await app.request("/nothing", { headers: { Accept: "text/html,*/*" } });
    expect(response.status).toBe(404);
    expect(await response.text()).toContain("<h1>Page not found</h1>");
  });

  test("with the way to the dashboard, wherever that is mounted; of another host it knows none", async () => {
    const accept = { Accept: "text/html" };
    const home = '<a href="/whitestat/">Open the dashboard</a>';
    const mounted = testApp(await testDeps([], { basePath: "/whitestat" }));
    for (const path of ["/whitestat/nothing", "/nothing", "/whitestat/table/history?start=x"]) {
      expect(await (await mounted.request(path, { headers: accept })).text(), path).toContain(home);
    }
    const foreign = await mounted.request("/whitestat/table", { headers: { ...accept, Host: "evil.example" } });
    expect(foreign.status).toBe(421);
    expect(await foreign.text()).not.toContain("<a ");
  });
});

test("the style of a page is the one its policy names", async () => {
  for (const path of ["/", "/nothing"]) {
    const response = await app.request(path, { headers: { Accept: "text/html" } });
    const style = /<style>(.*)<\/style>/s.exec(await response.text())?.[1] ?? "";
    const hash = createHash("sha256").update(style).digest("base64");
    expect(style.length).toBeGreaterThan(100);
    expect(response.headers.get("content-security-policy")).toContain(`style-src 'sha256-${hash}'`);
  }
});

const mounted = testApp(await testDeps([], { basePath: "/whitestat/" }));

describe("under BASE_PATH", () => {
  test("everything answers below it, and nothing beside it", async () => {
    for (const path of [...PAGES, ...DATA]) {
      expect((await mounted.request(`/whitestat${path}`)).status, path).toBe(200);
      expect((await mounted.request(path)).status, path).toBe(404);
    }
    expect(await (await mounted.request("/json")).json()).toMatchObject({
      error: { hint: expect.stringContaining("/whitestat/") },
    });
  });

  test("its bare name leads to it, with the query", async () => {
    const response = await mounted.request("/whitestat?x=1");
    expect(response.status).toBe(308);
    expect(response.headers.get("location")).toBe("/whitestat/?x=1");
    expect((await mounted.request("/whitestatx")).status).toBe(404);
  });

  test("errors look as they do without it", async () => {
    expect((await mounted.request("/whitestat/table/history?start=x")).headers.get("content-type")).toMatch(
      /^text\/html/,
    );
    const json = await mounted.request("/whitestat/json/history?start=x", { headers: { Accept: "text/html" } });
    expect(await json.json()).toMatchObject({ error: { code: "bad-date" } });
    const root = await mounted.request("/whitestat/", { method: "DELETE" });
    expect(root.status).toBe(405);
    expect(root.headers.get("content-type")).toMatch(/^text\/html/);
  });

  test.each(["whitestat", "/white stat", "/a/../b", "//a", "https://x/"])("%j is refused", async (basePath) => {
    const deps = await testDeps([], { basePath });
    expect(() => testApp(deps)).toThrow(/BASE_PATH: .* for example \/whitestat/);
  });
});
