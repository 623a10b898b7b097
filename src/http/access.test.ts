import { afterEach, describe, expect, test, vi } from "vitest";
import { API_PATH } from "./api/api.ts";
import type { AppDeps } from "./app.ts";
import { NOON, testAccess, testApp, testDeps } from "./testing.ts";

afterEach(() => vi.useRealTimers());

const PASSWORD = "correct horse battery staple";
const DAY = 86_400_000;

/** An app that asks for a password, with a clock that stands still. */
async function house(mode: "password" | "read-only" | "proxy" | "open" = "password", more: Partial<AppDeps> = {}) {
  let at = NOON;
  const lines: string[] = [];
  const deps = await testDeps([{ ip: "192.168.1.5", mac: "02:1a:2b:00:00:05" }], { ...more, now: () => at });
  const whole = deps.store as unknown as Parameters<typeof testAccess>[0];
  const make = () =>
    testAccess(whole, () => at, { mode, log: { info: (line) => lines.push(line), warn: (line) => lines.push(line) } });
  const access = make();
  await access.setPassword({ next: PASSWORD, password: "", address: "127.0.0.1", name: "test", known: null }, null);
  const app = testApp({ ...deps, access });
  const api = (path: string, body: unknown, cookie = "", headers: Record<string, string> = {}, from = "127.0.0.1") =>
    app.request(
      `${API_PATH}${path}`,
      {
        method: path.endsWith("/password") ? "PUT" : "POST",
        headers: { "content-type": "application/json", cookie, ...headers },
        body: JSON.stringify(body),
      },
      { socket: { remoteAddress: from, destroyed: false } } as object,
    );
  const get = (path: string, cookie = "", headers: Record<string, string> = {}) =>
    app.request(path, { headers: { cookie, ...headers } });
  const signIn = async (headers: Record<string, string> = {}) =>
    cookiesOf(await api("/access/sign-in", { password: PASSWORD }, "", headers));
  return {
    deps,
    access,
    app,
    api,
    get,
    signIn,
    lines,
    pass: (ms: number) => {
      at += ms;
    },
    make,
  };
}

/** What a browser would send back. */
function cookiesOf(response: Response): string {
  return response.headers
    .getSetCookie()
    .map((cookie) => cookie.split(";")[0])
    .join("; ");
}

const codeOf = async (response: Response) => ((await response.json()) as { error: { code: string } }).error.code;

describe("signing in", () => {
  test("takes the password, sets cookies that no script sees, and lets in", async () => {
    const { api, get } = await house();
    expect((await get("/json")).status).toBe(401);
    const response = await api("/access/sign-in", { password: PASSWORD });
    expect(response.status).toBe(200);
    for (const cookie of response.headers.getSetCookie()) {
      expect(cookie).toMatch(
        /^whitestat-[0-9a-f]{12}(-known)?=[\w-]{43}; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Lax$/,
      );
    }
    expect(response.headers.getSetCookie()).toHaveLength(2);
    const cookie = cookiesOf(response);
    expect((await get("/json", cookie)).status).toBe(200);
    expect(await (await get(`${API_PATH}/access`, cookie)).json()).toEqual({
      mode: "password",
      signedIn: true,
      as: { kind: "person", name: "Unknown browser", expiresAt: NOON + 90 * DAY },
      owner: null,
      mayRead: true,
      mayWrite: true,
      mayManage: true,
      hasPassword: true,
    });
  });

  test("refuses a wrong password, and whatever is no password", async () => {
    const { api } = await house();
    const wrong = await api("/access/sign-in", { password: "correct horse battery stable" });
    expect([wrong.status, await codeOf(wrong)]).toEqual([401, "wrong-password"]);
    expect(wrong.headers.getSetCookie()).toEqual([]);
    for (const body of [{}, { password: 1 }, { password: "x", more: 1 }, [], "x", null]) {
      const bad = await api("/access/sign-in", body);
      expect([bad.status, await codeOf(bad)]).toEqual([400, "bad-access"]);
    }
  });
});
