import { describe, expect, test } from "vitest";
import { parsePrefix } from "../accounting/address.ts";
import { NOON, testAccess, testApp, testDeps } from "./testing.ts";

const MAC = "02:00:00:00:00:01";
const SUPERVISOR = "172.30.32.2";
const TOKEN = "/api/hassio_ingress/kX3_-9sT";
/** A name that nobody allowed: Home Assistant's own, as its cloud gives it. */
const NAME = "abcdef.ui.nabu.casa";

const networks = (text: string) => [parsePrefix(text)].filter((prefix) => prefix !== null);
const appOf = async (basePath = "") =>
  testApp(await testDeps([{ ip: "192.168.1.1", mac: MAC }], { ingressProxies: networks(SUPERVISOR), basePath }));
const app = await appOf();

/** As the Supervisor asks: what the browser and Home Assistant say is passed on. */
const ask = (path: string, headers: Record<string, string> = {}, from = SUPERVISOR, init: RequestInit = {}) =>
  app.request(
    path,
    { ...init, headers: { Host: NAME, "X-Forwarded-Host": NAME, "X-Ingress-Path": TOKEN, ...headers } },
    { socket: { remoteAddress: from, destroyed: false } },
  );

describe("by Home Assistant's ingress", () => {
  test("it is answered under Home Assistant's own name, and may be framed by it alone", async () => {
    const { status, headers } = await ask("/");
    expect(status).toBe(200);
    expect(headers.get("x-frame-options")).toBe("SAMEORIGIN");
    expect(headers.get("content-security-policy")).toMatch(/frame-ancestors 'self'$/);
    const missing = await ask("/nothing");
    expect(missing.status).toBe(404);
    expect(missing.headers.get("x-frame-options")).toBe("SAMEORIGIN");
  });

  test("links lead below the path that was cut off", async () => {
    expect(await (await ask("/")).text()).toContain(`href="${TOKEN}/json"`);
    const failed = await (await ask("/nothing", { Accept: "text/html" })).text();
    expect(failed).toContain(`<a href="${TOKEN}/">Open the dashboard</a>`);
    expect(await (await ask("/api/v1/openapi.json")).json()).toMatchObject({ servers: [{ url: `${TOKEN}/api/v1` }] });
    // And of others where they were.
    const own = await app.request("/api/v1/openapi.json");
    expect(await own.json()).toMatchObject({ servers: [{ url: "/api/v1" }] });
  });

  test("BASE_PATH comes behind it", async () => {
    const based = await appOf("/whitestat");
    const response = await based.request(
      "/whitestat?range=7d",
      { headers: { Host: NAME, "X-Ingress-Path": `${TOKEN}/` } },
      { socket: { remoteAddress: SUPERVISOR, destroyed: false } },
    );
    expect(response.headers.get("location")).toBe(`${TOKEN}/whitestat/?range=7d`);
  });

  test("its own pages may write, and pages of others may not", async () => {
    const rename = (origin: string) =>
      ask("/json/hostname", { "Content-Type": "application/json", Origin: origin }, SUPERVISOR, {
        method: "POST",
        body: JSON.stringify({ mac: MAC, hostname: "Anna" }),
      });
    expect((await rename(`https://${NAME}`)).status).toBe(200);
    expect((await rename("https://evil.example")).status).toBe(403);
  });

  test("what isn't a host is refused all the same", async () => {
    expect((await ask("/json", { Host: "a b" })).status).toBe(400);
  });
});

describe("with a sign-in of our own", () => {
  const PASSWORD = "correct horse battery staple";
  /** As `ask`, where AUTH says who may come in. */
  async function house(mode: "password" | "proxy") {
    const deps = await testDeps([], { ingressProxies: networks(SUPERVISOR), authHeader: "x-remote-user-name" });
    const log = { info: () => {}, warn: () => {} };
    const whole = deps.store as unknown as Parameters<typeof testAccess>[0];
    const access = testAccess(whole, () => NOON, { mode, log });
    await access.setPassword({ next: PASSWORD, password: "", address: SUPERVISOR, name: "test", known: null }, null);
    const own = testApp({ ...deps, access });
    return (path: string, headers: Record<string, string> = {}, init: RequestInit = {}, from = SUPERVISOR) =>
      own.request(
        path,
        { ...init, headers: { Host: NAME, "X-Ingress-Path": TOKEN, ...headers } },
        { socket: { remoteAddress: from, destroyed: false } },
      );
  }

  test("its form, its way back and its cookies are below the path", async () => {
    const signingIn = await house("password");
    const form = await signingIn("/history?start=2021-04-01", { Accept: "text/html" });
    expect(form.status).toBe(401);
    expect(form.headers.get("content-security-policy")).toMatch(/frame-ancestors 'self'$/);
    expect(await form.text()).toContain(`action="${TOKEN}/signin"`);
    const done = await signingIn(
      "/signin",
      { "Content-Type": "application/x-www-form-urlencoded", Origin: `https://${NAME}` },
      { method: "POST", body: `${new URLSearchParams({ password: PASSWORD, next: "/history?start=2021-04-01" })}` },
    );
    expect(done.headers.get("location")).toBe(`${TOKEN}/history?start=2021-04-01`);
    for (const cookie of done.headers.getSetCookie()) expect(cookie).toContain(`; Path=${TOKEN};`);
  });

  test("who it is, is not for a header to say that Home Assistant may have been sent itself", async () => {
    const named = await house("proxy");
    const user = { "X-Remote-User-Name": "anna" };
    expect(await (await named("/api/v1/access", user)).json()).toMatchObject({ as: null, mayRead: false });
    expect((await named("/json", user)).status).toBe(401);
    const past = { ...user, Host: "pi.lan" };
    expect((await named("/json", past, {}, "192.168.1.66")).status).toBe(401);
  });
});

describe("nothing of it is believed", () => {
  test("of whoever isn't named, whatever he says", async () => {
    for (const from of ["192.168.1.66", "172.30.32.3", "127.0.0.1"]) {
      expect((await ask("/json", {}, from)).status, from).toBe(421);
      const local = await ask("/", { Host: "pi.lan", "X-Forwarded-Host": "pi.lan" }, from);
      expect(local.headers.get("x-frame-options"), from).toBe("DENY");
      expect(await local.text()).not.toContain(TOKEN);
    }
  });

  test("of what a browser itself wrote, and Home Assistant passed on", async () => {
    const headers = {
      "Content-Type": "application/json",
      Origin: "https://evil.example",
      Forwarded: "host=evil.example",
    };
    const init = { method: "POST", body: JSON.stringify({ mac: MAC, hostname: "Anna" }) };
    expect((await ask("/json/hostname", headers, SUPERVISOR, init)).status).toBe(403);
  });

  test("where the Supervisor asks for itself, or says a path that leads elsewhere", async () => {
    for (const path of [
      "",
      "/",
      "//evil.example",
      "/a/../..",
      "https://evil.example/",
      '/x" onclick="',
      "/.",
      "/a b",
    ]) {
      expect((await ask("/json", { "X-Ingress-Path": path })).status, path).toBe(421);
    }
  });

  test("without the setting", async () => {
    const plain = testApp(await testDeps());
    const response = await plain.request(
      "/",
      { headers: { "X-Ingress-Path": TOKEN } },
      { socket: { remoteAddress: SUPERVISOR, destroyed: false } },
    );
    expect(response.headers.get("x-frame-options")).toBe("DENY");
    expect(response.headers.get("content-security-policy")).toMatch(/frame-ancestors 'none'$/);
  });
});
