import { expect, test } from "vitest";
import { parsePrefix } from "../accounting/address.ts";
import { codeOf, house, testDeps } from "./testing.ts";

const PROXY = "10.0.0.1";

async function behindProxy(authHeader = "remote-user") {
  const trustedProxies = [parsePrefix("10.0.0.0/8")].filter((one) => one !== null);
  return house("proxy", { deps: { ...(await testDeps()), trustedProxies, authHeader } });
}

test("AUTH=proxy believes who is named by a proxy that is trusted, and nobody else", async () => {
  const { get } = await behindProxy();
  const anna = { "remote-user": "anna" };
  expect((await get("/json", "", anna, PROXY)).status).toBe(200);
  expect(await (await get("/api/v1/access", "", anna, PROXY)).json()).toMatchObject({
    mode: "proxy",
    signedIn: true,
    as: { kind: "proxy", name: "anna", expiresAt: null },
    mayManage: true,
    hasPassword: null,
  });
  const response = await get("/json", "", anna, "192.168.1.66");
  expect([response.status, await codeOf(response)]).toEqual([401, "sign-in-needed"]);
  // Who says that a trusted proxy is before him has none at the other end of the connection.
  expect((await get("/json", "", { ...anna, "x-forwarded-for": PROXY }, "192.168.1.66")).status).toBe(401);
});

test("Home Assistant's ingress is no such proxy: it passes on what a client calls himself", async () => {
  const ingressProxies = [parsePrefix("172.30.32.2")].filter((one) => one !== null);
  const { get } = await house("proxy", { deps: { ...(await testDeps()), ingressProxies } });
  const headers = { "remote-user": "anna", "x-ingress-path": "/api/hassio_ingress/abc" };
  expect((await get("/json", "", headers, "172.30.32.2")).status).toBe(401);
});

test.each(["", " ", "anna, ben", "\u200b"])("a proxy that names %j names nobody", async (user) => {
  const { app } = await behindProxy();
  const more = {
    socket: { remoteAddress: PROXY, destroyed: false },
    rawHeaders: ["Host", "localhost", "Remote-User", user],
  };
  expect((await app.request("/json", {}, more as object)).status).toBe(401);
});

test("a header that comes twice names nobody: one of the two may be the client's", async () => {
  const { app } = await behindProxy();
  const rawHeaders = ["Host", "localhost", "Remote-User", "admin", "Remote-User", "anna"];
  const more = { socket: { remoteAddress: PROXY, destroyed: false }, rawHeaders };
  expect((await app.request("/json", {}, more as object)).status).toBe(401);
});

test("what other proxies send is read by the header that is set", async () => {
  const { get } = await behindProxy("tailscale-user-login");
  expect((await get("/json", "", { "tailscale-user-login": "anna@example.com" }, PROXY)).status).toBe(200);
  expect((await get("/json", "", { "remote-user": "anna" }, PROXY)).status).toBe(401);
});

test("the password signs nobody in, and can't be set", async () => {
  const { send, get } = await behindProxy();
  const anna = { "remote-user": "anna" };
  expect((await send("/access/sign-in", { password: "x" }, "", {}, PROXY)).status).toBe(409);
  expect((await send("/access/password", { password: "long enough" }, "", anna, PROXY)).status).toBe(409);
  expect(await (await get("/signin", "", {}, PROXY)).text()).toContain("the proxy that signs people in");
});

test("cookies are for HTTPS alone where a trusted proxy was asked by it", async () => {
  const trustedProxies = [parsePrefix("10.0.0.0/8")].filter((one) => one !== null);
  const { send } = await house("password", { deps: { ...(await testDeps()), trustedProxies } });
  const cookies = async (proto: string, address: string) =>
    (
      await send(
        "/access/sign-in",
        { password: "correct horse battery staple" },
        "",
        { "x-forwarded-proto": proto },
        address,
      )
    ).headers
      .getSetCookie()
      .map((cookie) => cookie.endsWith("; Secure"));
  expect(await cookies("https", PROXY)).toEqual([true, true]);
  expect(await cookies("http", PROXY)).toEqual([false, false]);
  expect(await cookies("https", "192.168.1.66")).toEqual([false, false]);
});
