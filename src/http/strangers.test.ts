import { describe, expect, test } from "vitest";
import { API_PATH } from "./api/api.ts";
import type { Asset, Assets } from "./assets.ts";
import { createGate } from "./gate.ts";
import { readRequest } from "./read-request.ts";
import { RULES, ruleOf } from "./rules.ts";
import { house, testDeps } from "./testing.ts";

const asset = (path: string): [string, Asset] => [
  path,
  {
    contentType: "text/html",
    etag: `"${path}"`,
    immutable: false,
    isDashboard: true,
    body: Buffer.from(`SHELL ${path}`),
    br: null,
    gzip: null,
  },
];
const assets: Assets = new Map(["index.html", "assets/app-3fe2a1b9.js", "service-worker.js"].map(asset));

/** What must never be in an answer to a stranger. */
const CANARIES = ["SHELL", "canary", "02:ca:fe", "192.168.1.5", "12.0.0", "eth0", "Europe", "darkstat", "Excel"];
const USES = [{ ip: "192.168.1.5", mac: "02:ca:fe:00:00:05", hostname: "canary" }];
const MODES = ["password", "proxy"] as const;

const pathOf = (path: string) => path.replace(":key", "02:ca:fe:00:00:05");

test("each route has a rule, and each rule a route", async () => {
  const { app } = await house("open", { deps: await testDeps(USES) });
  const routes = new Set(app.routes.map(({ method, path }) => `${method} ${path}`));
  expect([...routes].filter((route) => !Object.hasOwn(RULES, route))).toEqual([]);
  expect(Object.keys(RULES).filter((rule) => !routes.has(rule))).toEqual([]);
});

test.each(["open", "password"] as const)("a route without a rule answers nobody while AUTH is %s", async (mode) => {
  const { access } = await house(mode);
  const gate = createGate({ access, authHeader: "remote-user", base: "", isPage: () => false, now: () => 0 });
  const handle = gate.guard(ruleOf("GET", "/json/everything"), () => ({ status: 200, headers: {}, body: "all" }));
  const request = readRequest(
    { url: "/json/everything", headers: {}, rawHeaders: [], socket: {}, httpVersion: "1.1" } as never,
    { trustedProxies: [], ingressProxies: [] },
  );
  await expect(handle(request)).rejects.toMatchObject({ code: "not-allowed" });
});

describe.each(MODES)("AUTH=%s: a stranger gets nothing but the sign-in page and ok", (mode) => {
  test.each(["", "/stats"])('on every route, under the base "%s"', async (basePath) => {
    const { app } = await house(mode, { deps: { ...(await testDeps(USES)), basePath, assets } });
    expect(app.routes.length).toBeGreaterThan(50);
    for (const { method, path } of app.routes) {
      const name = `${method} ${path}`;
      const place = path.slice(basePath.length) || "/";
      for (const accept of ["application/json", "text/html"]) {
        const isForm = place === "/signin";
        const response = await app.request(pathOf(path), {
          method,
          headers: { accept, "content-type": isForm ? "application/x-www-form-urlencoded" : "application/json" },
          ...(method === "GET" ? {} : { body: isForm ? "password=x" : '{"password":"x"}' }),
        });
        const text = await response.text();
        for (const canary of CANARIES) expect(`${name}: ${text}`).not.toContain(canary);
        if (place === "/healthz") expect(text).toBe('{"status":"ok"}');
        else if (response.status === 308) expect([text, response.headers.get("location")]).toEqual(["", "/stats/"]);
        else if (place === `${API_PATH}/access`) {
          const nobody = { signedIn: false, as: null, owner: null, hasPassword: null };
          const may = { mayRead: false, mayWrite: false, mayManage: false };
          expect(JSON.parse(text)).toEqual({ mode, ...nobody, ...may });
        } else if (text.startsWith("<!doctype html>")) {
          const isPlain = mode === "proxy" || place === "/view/:key";
          expect([name, text]).toEqual([
            name,
            expect.stringMatching(isPlain ? /<h1>/ : /<h1>WhiteStat[\s\S]*type="password"/),
          ]);
          expect([200, 401, 404, 409]).toContain(response.status);
        } else if (place === `${API_PATH}/access/sign-out`) expect(text).toBe('{"signedIn":false}');
        else {
          const { error } = JSON.parse(text);
          expect([name, response.status, error.code]).toEqual(
            place === "/view/:key"
              ? [name, 404, "not-found"]
              : [
                  name,
                  expect.any(Number),
                  expect.stringMatching(/^(sign-in-needed|wrong-password|slow-down|sign-in-off)$/),
                ],
          );
        }
      }
    }
  });

  test("not even what there is and what there isn't", async () => {
    const { app } = await house(mode);
    const [there, not] = await Promise.all(["/api/v1/usage", "/api/v1/nothing"].map((path) => app.request(path)));
    expect([there?.status, not?.status]).toEqual([401, 401]);
    expect(await there?.json()).toEqual(await not?.json());
  });

  test("and by no other method, nor by HEAD", async () => {
    const { app } = await house(mode, { deps: await testDeps(USES) });
    for (const path of ["/json", "/api/v1/usage", "/metrics"]) {
      const head = await app.request(path, { method: "HEAD" });
      expect([head.status, await head.text(), head.headers.get("etag")]).toEqual([401, "", null]);
    }
  });

  test("an answer that was kept is no reason to say that it is still the same", async () => {
    const { app, signIn, get } = await house("password", { deps: await testDeps(USES) });
    const etag = (await get("/json", await signIn())).headers.get("etag") ?? "";
    expect(etag).not.toBe("");
    expect((await app.request("/json", { headers: { "if-none-match": etag } })).status).toBe(401);
  });
});

test("AUTH=read-only: a stranger reads, and changes nothing", async () => {
  const { app } = await house("read-only", { deps: await testDeps(USES) });
  for (const { method, path } of app.routes) {
    const { need } = ruleOf(method, path) ?? { need: "none" };
    if (need === "public" || path.endsWith("/events")) continue;
    const response = await app.request(pathOf(path), {
      method,
      headers: { "content-type": "application/json" },
      ...(method === "GET" ? {} : { body: "{}" }),
    });
    const isOpen = need === "read" || need === "view" || need === "shell";
    const expected = isOpen ? expect.not.stringMatching(/^(401|403)$/) : "401";
    expect([`${method} ${path}`, `${response.status}`]).toEqual([`${method} ${path}`, expected]);
  }
});

test("AUTH=open: whoever asks reads and changes, as ever", async () => {
  const { app, access } = await house("open", { deps: await testDeps(USES) });
  for (const { method, path } of app.routes) {
    if (path.endsWith("/events") || path.includes("/access") || path === "/signin") continue;
    const response = await app.request(pathOf(path), {
      method,
      headers: { "content-type": "application/json" },
      ...(method === "GET" ? {} : { body: "{}" }),
    });
    expect([`${method} ${path}`, [401, 403].includes(response.status)]).toEqual([`${method} ${path}`, false]);
  }
  expect(access.mode).toBe("open");
});
