import { describe, expect, test } from "vitest";
import { NOON, testAccess, testApp, testDeps } from "./testing.ts";

const PASSWORD = "correct horse battery staple";

async function houseWithPassword(basePath = "") {
  const deps = await testDeps([], { now: () => NOON, basePath });
  const log = { info: () => {}, warn: () => {} };
  const whole = deps.store as unknown as Parameters<typeof testAccess>[0];
  const access = testAccess(whole, () => NOON, { mode: "password", log });
  await access.setPassword({ next: PASSWORD, password: "", address: "127.0.0.1", name: "test", known: null }, null);
  const app = testApp({ ...deps, access });
  const submit = (password: string) =>
    app.request("/signin", {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded", origin: "http://localhost" },
      body: new URLSearchParams({ password, next: "/?range=7d" }).toString(),
    });
  return { app, submit };
}

const next = (page: string) => /name="next" value="([^"]*)"/.exec(page)?.[1];

describe("the sign-in page", () => {
  test("leads back to where it was asked for, and to no other host", async () => {
    const { app } = await houseWithPassword();
    const at = async (path: string) => next(await (await app.request(path)).text());
    expect(await at("/signin?next=/%3Fopen%3Dsettings")).toBe("/?open=settings");
    expect(await at("/?range=7d")).toBe("/?range=7d");
    for (const foreign of ["//evil.example", "/\\evil.example", "https://evil.example", "/signin", "/\r\nx", ""]) {
      expect(await at(`/signin?next=${encodeURIComponent(foreign)}`), foreign).toBe("/");
    }
  });

  test.each(["/stats", "/stats/"])("leads back to where it was asked for below BASE_PATH %s, too", async (basePath) => {
    const { app } = await houseWithPassword(basePath);
    const at = async (path: string) => next(await (await app.request(path)).text());
    expect(await at("/stats/?range=7d")).toBe("/?range=7d");
    expect(await at("/stats/")).toBe("/");
    expect(await at("/stats/history?start=2021-03-20")).toBe("/history?start=2021-03-20");
    expect(await at("/stats/signin?next=/%3Fopen%3Dsettings")).toBe("/?open=settings");
  });

  test("is one that password managers know", async () => {
    const { app } = await houseWithPassword();
    const page = await (await app.request("/signin")).text();
    expect(page).toMatch(/<input[^>]* autocomplete="username"[^>]* hidden>/);
    expect(page).toMatch(/<input[^>]* autocomplete="current-password"[^>]* autofocus>/);
    expect(page).not.toContain("<script");
  });

  test("tells of a wrong password beside the field, and after five how long to wait", async () => {
    const { submit } = await houseWithPassword();
    for (let tries = 0; tries < 5; tries++) {
      const page = await (await submit("not this one")).text();
      expect(page).toContain("This isn&#39;t the password.");
      expect(page).toContain('aria-describedby="wrong"');
      expect(page).not.toContain("not this one");
      expect(next(page)).toBe("/?range=7d");
    }
    const response = await submit(PASSWORD);
    expect(response.status).toBe(429);
    expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(await response.text()).toMatch(/Too many wrong passwords. Try again in (?:a second|\d+ seconds)\./);
  });
});
