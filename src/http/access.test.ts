import { describe, expect, test } from "vitest";
import { ALL, FREE_TRIES } from "../access/guesses.ts";
import { codeOf, cookiesOf, house, NOON, PASSWORD, testAccess, testApp, testDeps } from "./testing.ts";

const DAY = 86_400_000;
const FIREFOX = { "user-agent": "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0" };
const PHONE = "02:1a:2b:00:00:05";

/** A house whose clock goes as it is told. */
async function clocked(mode: Parameters<typeof house>[0] = "password") {
  let at = NOON;
  const now = () => at;
  const deps = await testDeps([{ ip: "192.168.1.5", mac: PHONE }], { now });
  const home = await house(mode, { deps, now });
  return {
    ...home,
    now,
    pass(ms: number) {
      at += ms;
    },
  };
}

describe("signing in", () => {
  test("takes the password, sets cookies that no script sees, and lets in", async () => {
    const { send, get } = await clocked();
    expect((await get("/json")).status).toBe(401);
    const response = await send("/access/sign-in", { password: PASSWORD }, "", FIREFOX);
    expect(response.status).toBe(200);
    expect(response.headers.getSetCookie()).toHaveLength(2);
    for (const cookie of response.headers.getSetCookie()) {
      expect(cookie).toMatch(/^whitestat-\w{12}(-known)?=[\w-]{43}; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Lax$/);
    }
    const cookie = cookiesOf(response);
    expect((await get("/json", cookie)).status).toBe(200);
    expect(await (await get("/api/v1/access", cookie)).json()).toEqual({
      mode: "password",
      signedIn: true,
      as: { kind: "person", name: "Firefox on Windows", expiresAt: NOON + 90 * DAY },
      owner: null,
      mayRead: true,
      mayWrite: true,
      mayManage: true,
      hasPassword: true,
    });
  });

  test("refuses a wrong password, and whatever is no password", async () => {
    const { send } = await clocked();
    const wrong = await send("/access/sign-in", { password: "correct horse battery stable" });
    expect([wrong.status, await codeOf(wrong), wrong.headers.getSetCookie()]).toEqual([401, "wrong-password", []]);
    for (const body of [{}, { password: 1 }, { password: "x", more: 1 }, [], "x", null]) {
      const bad = await send("/access/sign-in", body);
      expect([bad.status, await codeOf(bad)]).toEqual([400, "bad-access"]);
    }
  });

  test("works by the page without script, and leads to what was asked for and nowhere else", async () => {
    const { app, get } = await clocked();
    const page = await get("/history?start=2021-03-01&end=2021-03-31", "", { accept: "text/html" });
    expect(page.status).toBe(401);
    expect(page.headers.get("content-security-policy")).toContain("form-action 'self'");
    expect(page.headers.get("referrer-policy")).toBe("same-origin");
    const text = await page.text();
    expect(text).toContain('name="next" value="/history?start=2021-03-01&amp;end=2021-03-31"');
    expect(text).not.toContain("<script");
    const submit = (fields: Record<string, string>, headers = {}) =>
      app.request("/signin", {
        method: "POST",
        headers: { "content-type": "application/x-www-form-urlencoded", ...headers },
        body: new URLSearchParams(fields).toString(),
      });
    const wrong = await submit({ password: "wrong wrong", next: "/history" });
    expect(wrong.status).toBe(401);
    expect(await wrong.text()).toMatch(/role="alert"[^>]*>This isn&#39;t the password\.[\s\S]*value="\/history"/);
    const right = await submit({ password: PASSWORD, next: "/history?start=2021-03-01" });
    expect([right.status, right.headers.get("location")]).toEqual([303, "/history?start=2021-03-01"]);
    expect((await get("/history", cookiesOf(right))).status).toBe(200);
    for (const next of [
      "//evil.example",
      "/\\evil.example",
      "https://evil.example",
      "",
      "/\t/evil.example",
      "/signin",
    ]) {
      expect((await submit({ password: PASSWORD, next })).headers.get("location")).toBe("/");
    }
    // A page of another site must not sign somebody in, nor guess by his browser.
    expect((await submit({ password: PASSWORD }, { origin: "http://evil.example" })).status).toBe(403);
    expect((await submit({ password: PASSWORD }, { "sec-fetch-site": "cross-site" })).status).toBe(403);
    expect((await submit({ password: PASSWORD }, { origin: "http://localhost" })).status).toBe(303);
  });

  test("isn't possible before a password is set, and the page says how that is done", async () => {
    const deps = await testDeps();
    const access = testAccess(deps.store as never, () => NOON, { mode: "password" });
    const app = testApp({ ...deps, access });
    const page = await (await app.request("/", { headers: { accept: "text/html" } })).text();
    expect(page).toContain("whitestat password");
    expect(page).not.toContain("<form");
    const init = { method: "POST", headers: { "content-type": "application/json" }, body: '{"password":"anything"}' };
    const response = await app.request("/api/v1/access/sign-in", init);
    expect([response.status, await codeOf(response)]).toEqual([409, "no-password"]);
    const claim = await app.request("/api/v1/access/password", { ...init, method: "PUT" });
    expect(claim.status).toBe(401);
  });

  test("is off while AUTH is open; a password can be set for later, and is asked for then", async () => {
    const { send, get } = await clocked("open");
    expect((await send("/access/sign-in", { password: PASSWORD })).status).toBe(409);
    expect((await get("/signin")).headers.get("location")).toBe("/");
    expect(await codeOf(await send("/access/password", { password: "another one" }))).toBe("wrong-password");
    expect((await send("/access/password", { password: "another one", current: PASSWORD })).status).toBe(200);
  });
});

describe("guessing", () => {
  const guess = (home: Awaited<ReturnType<typeof clocked>>, address: string, cookie = "", password = "wrong wrong") =>
    home.send("/access/sign-in", { password }, cookie, {}, address);

  test("costs an address longer and longer waits, told in the log once, and right is right afterwards", async () => {
    const home = await clocked();
    for (let n = 0; n < FREE_TRIES; n += 1) expect((await guess(home, "192.168.1.66")).status).toBe(401);
    const slow = await guess(home, "192.168.1.66", "", PASSWORD);
    expect([slow.status, await codeOf(slow), slow.headers.get("retry-after")]).toEqual([429, "slow-down", "1"]);
    expect(home.lines).toEqual([expect.stringContaining("5 wrong passwords in a row from 192.168.1.66")]);
    home.pass(1_000);
    expect((await guess(home, "192.168.1.66")).status).toBe(401);
    expect((await guess(home, "192.168.1.66")).headers.get("retry-after")).toBe("2");
    // Another address has nothing to do with it.
    expect((await guess(home, "192.168.1.67", "", PASSWORD)).status).toBe(200);
    home.pass(2_000);
    expect((await guess(home, "192.168.1.66", "", PASSWORD)).status).toBe(200);
    expect((await guess(home, "192.168.1.66")).status).toBe(401);
  });

  test("from many addresses is slowed in sum; who was here before still gets in, and who comes for the first time", async () => {
    const home = await clocked();
    const before = await home.signIn({}, "192.168.1.20");
    home.pass(60_000);
    let tried = 0;
    for (let n = 0; n < 100; n += 1) if ((await guess(home, `10.0.0.${n}`)).status === 401) tried += 1;
    expect(tried).toBeLessThanOrEqual(ALL.burst + 3);
    expect((await guess(home, "10.0.0.99")).status).toBe(429);
    expect((await guess(home, "10.0.0.99", before, PASSWORD)).status).toBe(200);
    expect((await home.get("/json", before)).status).toBe(200);
    home.pass(10_000);
    for (let n = 0; n < 100; n += 1) await guess(home, `10.0.0.${n}`);
    expect((await guess(home, "192.168.1.21", "", PASSWORD)).status).toBe(200);
  }, 60_000);

  test("of the current password by who is signed in is slowed as well", async () => {
    const home = await clocked();
    const person = await home.signIn();
    const change = () => home.send("/access/password", { password: "another one", current: "wrong wrong" }, person);
    for (let n = 0; n < FREE_TRIES; n += 1) expect((await change()).status).toBe(401);
    expect((await change()).status).toBe(429);
  });
});

describe("a session", () => {
  test("lasts over restarts, ninety days from its last use, and writes no more than once a day", async () => {
    const { signIn, get, pass, now, deps, passwords } = await clocked();
    const person = await signIn();
    let writes = 0;
    const memory = {
      recall: (name: string) => (deps.store as never as typeof memory).recall(name),
      async remember(name: string, value: unknown) {
        writes += 1;
        await (deps.store as never as typeof memory).remember(name, value);
      },
    } as { recall<T>(name: string): Promise<T | null>; remember(name: string, value: unknown): Promise<void> };
    const again = testAccess(memory, now, { mode: "password", passwords });
    const app = testApp({ ...deps, access: again });
    const ask = async () => (await app.request("/json", { headers: { cookie: person } })).status;
    expect(await ask()).toBe(200);
    for (let day = 0; day < 100; day += 1) {
      pass(DAY / 2);
      expect(await ask()).toBe(200);
      await again.keep();
    }
    expect(writes).toBeLessThanOrEqual(51);
    pass(90 * DAY - 1);
    expect(await ask()).toBe(200);
    pass(90 * DAY);
    expect(await ask()).toBe(401);
    expect((await get("/json", person)).status).toBe(401);
  });

  test("is listed, and ended from elsewhere with its stream", async () => {
    const { signIn, get, send } = await clocked();
    const [one, other] = [await signIn(FIREFOX, "192.168.1.20"), await signIn({}, "192.168.1.21")];
    const stream = (await get("/api/v1/events", other)).body?.getReader();
    await stream?.read();
    const { sessions } = (await (await get("/api/v1/access/sessions", one, {}, "192.168.1.20")).json()) as {
      sessions: { id: string; name: string; address: string; current: boolean }[];
    };
    expect(sessions.map(({ name, current }) => [name, current]).sort()).toEqual([
      ["Firefox on Windows", true],
      ["Unknown browser", false],
    ]);
    const id = sessions.find(({ current }) => !current)?.id;
    expect((await send(`/access/sessions/${id}/end`, {}, one)).status).toBe(200);
    expect((await stream?.read())?.done).toBe(true);
    expect((await get("/json", other)).status).toBe(401);
    expect((await send(`/access/sessions/${id}/end`, {}, one)).status).toBe(404);
    expect((await get("/json", one)).status).toBe(200);
    expect((await send("/access/sessions/end-others", {}, one)).status).toBe(200);
    expect((await get("/json", one)).status).toBe(200);
  });

  test("ends by signing out, which also leaves a view link", async () => {
    const { signIn, get, send } = await clocked();
    const person = await signIn();
    const out = await send("/access/sign-out", {}, person);
    expect(out.headers.getSetCookie().map((cookie) => /Max-Age=0;/.test(cookie))).toEqual([true, true]);
    expect((await get("/json", person)).status).toBe(401);
  });

  test("ends with the password, but that of who changes it goes on under another secret", async () => {
    const { signIn, get, send } = await clocked();
    const [one, other] = [await signIn(), await signIn()];
    const changed = await send("/access/password", { password: "another one", current: PASSWORD }, one);
    expect(changed.status).toBe(200);
    expect((await get("/json", other)).status).toBe(401);
    expect((await get("/json", one)).status).toBe(401);
    expect((await get("/json", cookiesOf(changed))).status).toBe(200);
    for (const password of ["short", "x".repeat(201)]) {
      const response = await send("/access/password", { password, current: "another one" }, cookiesOf(changed));
      expect([response.status, await codeOf(response)]).toEqual([400, "bad-access"]);
    }
  });

  test("a secret of another kind is none: neither token nor link is a cookie, nor a cookie a token", async () => {
    const { signIn, get, token, link } = await clocked();
    const person = await signIn();
    const name = person.split("=")[0];
    const secret = person.split(/[=;]/)[1] ?? "";
    const made = [await token(person, "write"), (await link(person, null)).replace("view/", "")];
    for (const one of made) expect((await get("/json", `${name}=${one}`)).status).toBe(401);
    expect((await get("/json", "", { authorization: `Bearer ${secret}` })).status).toBe(401);
    expect((await get("/json", "", { authorization: `Bearer ${made[1]}` })).status).toBe(401);
    expect((await get(`/view/${secret}`)).status).toBe(404);
    expect((await get("/json", `${name}-view=${secret}`)).status).toBe(401);
  });
});

describe("the audit list", () => {
  test("tells who changed what, and keeps nothing that was refused", async () => {
    const { signIn, send, get, token } = await clocked();
    const person = await signIn(FIREFOX, "192.168.1.20");
    const write = await token(person, "write");
    await send(`/devices/${PHONE}/name`, { name: "Phone" }, "", { authorization: `Bearer ${write}` });
    await send("/devices/02:00:00:00:00:99/name", { name: "Nobody" }, person);
    await send(`/devices/${PHONE}/name`, { name: "Stranger" });
    const { entries } = (await (await get("/api/v1/access/audit", person)).json()) as { entries: object[] };
    expect(entries).toEqual([
      { at: NOON, by: { kind: "token", name: "Program write" }, what: `Named the device ${PHONE}` },
      { at: NOON, by: { kind: "person", name: "Firefox on Windows" }, what: "Made the token Program write (write)" },
      { at: NOON, by: { kind: "person", name: "Firefox on Windows" }, what: "Signed in from 192.168.1.20" },
    ]);
  });

  test("names the address while AUTH is open, and lasts over restarts", async () => {
    const { send, deps, now, access } = await clocked("open");
    await send(`/devices/${PHONE}/name`, { name: "Phone" }, "", {}, "192.168.1.30");
    await access.keep();
    const again = testAccess(deps.store as never, now);
    expect(await again.audit.list()).toEqual([
      { at: NOON, by: { kind: "anybody", name: "192.168.1.30" }, what: `Named the device ${PHONE}` },
    ]);
  });
});
