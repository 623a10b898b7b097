import type { Browser, Page } from "@playwright/test";
import type { NewToken, NewViewLink, Sessions } from "../../src/shared/access-api.ts";
import { expectNoViolation } from "./lib/axe.ts";
import { home } from "./lib/home.ts";
import { sendAs, signIn, withPassword } from "./lib/password.ts";
import { expect, names, open, overhang, productFor, rows, setClock, settled, test, withProduct } from "./lib/test.ts";

const PASSWORD = "seven wet umbrellas";
const OTHER = "eight dry umbrellas";
const LAPTOP = "3c:22:fb:00:00:02";
const PHONE = "d2:7e:19:00:00:03";

/** What a browser writes of answers that refuse something, which is what is tested here. */
const REFUSED = /the server responded with a status of (?:401|403|429)/;

const locked = (more: Record<string, string> = {}) => ({
  ...home,
  env: { AUTH: "password", ...more },
  prepare: withPassword(PASSWORD),
});

const section = (page: Page) => page.getByRole("region", { name: "Sign-in" });
const said = (page: Page) => page.locator(".shell-toast");
const url = (base: string, path: string) => new URL(path, base).href;

/** Signs in and waits for the dashboard at an address. */
async function enter(page: Page, base: string, address = "", password = PASSWORD): Promise<void> {
  await page.goto(url(base, address));
  await signIn(page, password);
  await settled(page);
}

/** Somebody else: with a browser of his own, that remembers nothing. */
async function stranger(browser: Browser, aheadMs: number): Promise<Page> {
  const context = await browser.newContext({ serviceWorkers: "block", locale: "en-GB" });
  const page = await context.newPage();
  await setClock(page, aheadMs);
  return page;
}

test.use({ pardoned: REFUSED });

test.describe("with a password", () => {
  const product = productFor(locked());

  test("a stranger gets the sign-in page, is told of a wrong password, and comes where he wanted to", async ({
    page,
  }) => {
    await setClock(page, product().aheadMs());
    await page.goto(url(product().url, "?range=7d"));
    await expect(page.getByLabel("Password")).toBeFocused();
    await page.keyboard.type("not this one");
    await page.keyboard.press("Enter");
    const field = page.getByLabel("Password");
    await expect(page.getByRole("alert")).toContainText("This isn't the password.");
    await expect(field).toHaveAccessibleDescription(/This isn't the password/);
    await expect(field).toBeFocused();
    await page.keyboard.type(PASSWORD);
    await page.keyboard.press("Enter");
    await settled(page);
    expect(page.url()).toBe(`${product().url}?range=7d`);
    await expect(rows(page).first()).toBeVisible();
  });

  test("who signs out sees the sign-in page again, and so does the way back", async ({ page }) => {
    await enter(page, product().url);
    await page.locator("summary").filter({ hasText: "Display" }).press("Enter");
    await page.getByRole("button", { name: "Sign out" }).press("Enter");
    await expect(page.getByLabel("Password")).toBeVisible();
    await page.goBack();
    await expect(page.getByLabel("Password")).toBeVisible();
    await page.reload();
    await expect(page.getByLabel("Password")).toBeVisible();
  });

  test("a token made here works elsewhere, is shown once, and stops when it is revoked", async ({ page }) => {
    await enter(page, product().url, "?open=settings");
    await section(page).getByRole("button", { name: "New token" }).press("Enter");
    await page.keyboard.type("Excel");
    await page.keyboard.press("Enter");
    const made = section(page).getByRole("textbox", { name: "Token for Excel" });
    await expect(made).toBeFocused();
    await expect(made).toHaveAccessibleDescription(/never shown again/);
    const token = await made.inputValue();
    const ask = (method: string, path: string) =>
      fetch(url(product().url, path), {
        method,
        headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
        ...(method === "GET" ? {} : { body: '{"included":true}' }),
      });
    expect((await ask("GET", "json")).status).toBe(200);
    expect((await ask("PUT", "api/v1/ipv6")).status).toBe(403);
    await section(page).getByRole("button", { name: "Copy" }).click();
    await expect(section(page).getByRole("button", { name: "Copied" })).toBeVisible();
    await section(page).getByRole("button", { name: "Close" }).click();
    await expect(section(page).getByRole("button", { name: "New token" })).toBeFocused();
    await expect(page.locator("body")).not.toContainText(token);

    const line = section(page).getByRole("listitem").filter({ hasText: "Excel" });
    await line.getByRole("button", { name: "Revoke the token Excel" }).press("Enter");
    // Enter once more does no harm.
    await expect(line.getByRole("button", { name: "Keep" })).toBeFocused();
    await page.keyboard.press("Enter");
    expect((await ask("GET", "json")).status).toBe(200);
    await line.getByRole("button", { name: "Revoke the token Excel" }).click();
    await line.getByRole("button", { name: "Revoke the token Excel" }).click();
    await expect(said(page)).toContainText("The token Excel is revoked.");
    await expect(line).toHaveCount(0);
    await expect(section(page).getByRole("heading", { name: "Tokens" })).toBeFocused();
    expect((await ask("GET", "json")).status).toBe(401);
    await section(page)
      .getByText(/^Last changes: \d+$/)
      .click();
    await expect(section(page).getByRole("listitem").filter({ hasText: "Revoked the token Excel" })).toBeVisible();
  });

  test("a view link of one owner shows a stranger only the owner's devices, and asks for nothing else", async ({
    page,
    browser,
  }) => {
    await enter(page, product().url);
    const at = url(product().url, "api/v1/household/changes");
    const { owners } = await sendAs<{ owners: number[] }>(page, at, {
      steps: [{ do: "add-owner", name: "Anna", colour: 3 }],
    });
    const [anna = 0] = owners;
    await sendAs(page, at, { steps: [{ do: "hand-over", devices: [LAPTOP, PHONE], owner: anna, from: null }] });

    await page.goto(url(product().url, "?open=settings"));
    await section(page).getByRole("button", { name: "New view link" }).click();
    await page.getByLabel("Who or what it is for").fill("Anna’s tablet");
    await page.getByLabel("Shows").selectOption({ label: "Only the devices of Anna" });
    await page.getByLabel("Ends").selectOption({ label: "In a week" });
    await section(page).getByRole("button", { name: "Make" }).click();
    const link = await section(page)
      .getByRole("textbox", { name: /^View link for/ })
      .inputValue();
    expect(link).toContain(`${product().url}view/wsv_`);
    await section(page).getByRole("button", { name: "Close" }).click();
    const line = section(page).getByRole("listitem").filter({ hasText: "Anna’s tablet" });
    await expect(line).toContainText(/Only the devices of Anna, until 22 Jun(?:e)? 2035/);

    const other = await stranger(browser, product().aheadMs());
    const refused: string[] = [];
    other.on("response", (response) => {
      if (response.status() >= 400) refused.push(`${response.status()} ${response.url()}`);
    });
    await other.goto(link);
    await settled(other);
    await expect(other).toHaveTitle(/^Anna: /);
    await expect(other.getByRole("region", { name: "Whose devices" })).toHaveText(/Showing the devices of Anna/);
    expect((await names(other)).sort()).toEqual(["Anna’s laptop", "Ben’s phone"]);
    await expect(other.getByRole("link", { name: "Settings" })).toHaveCount(0);
    await expect(other.getByRole("button", { name: /^Rename/ })).toHaveCount(0);
    for (const address of ["?range=7d", "?view=day&range=7d", "?open=settings", "?open=bill", `?device=${LAPTOP}`]) {
      await other.goto(url(product().url, address));
      await settled(other);
    }
    await expect(other.getByRole("heading", { name: "This view doesn't show that" })).toBeVisible();
    await other.getByRole("link", { name: "Back to the figures" }).click();
    await settled(other);
    await expect(rows(other)).toHaveCount(2);
    expect(refused).toEqual([]);

    await line.getByRole("button", { name: /^Revoke/ }).click();
    await line.getByRole("button", { name: /^Revoke/ }).click();
    await expect(said(page)).toContainText("is revoked");
    await expect(other.getByLabel("Password")).toBeVisible();
    await other.context().close();
  });

  test("a view link of everybody shows everything, and lets nothing be changed", async ({ page, browser }) => {
    await enter(page, product().url);
    const { path } = await sendAs<NewViewLink>(page, url(product().url, "api/v1/access/links"), {
      name: "Kitchen",
      owner: null,
      expiresAt: null,
    });
    const other = await stranger(browser, product().aheadMs());
    await other.goto(url(product().url, path));
    await settled(other);
    expect((await names(other)).length).toBeGreaterThan(2);
    await expect(other.getByRole("button", { name: /^Rename/ })).toHaveCount(0);
    await expect(other.getByRole("link", { name: "Settings" })).toHaveCount(0);
    await other.goto(url(product().url, `?device=${LAPTOP}`));
    await settled(other);
    await expect(other.getByRole("heading", { level: 1, name: "Anna’s laptop" })).toBeVisible();
    await expect(other.getByRole("region", { name: "About this device" })).toHaveCount(0);
    await other.locator("summary").filter({ hasText: "Display" }).click();
    await expect(other.getByText("View link: Kitchen")).toBeVisible();
    await other.getByRole("button", { name: "Leave this view" }).click();
    await expect(other.getByLabel("Password")).toBeVisible();
    await other.context().close();
  });

  test("a session that is ended elsewhere leads to the sign-in page, and back to what was looked at", async ({
    page,
    browser,
  }) => {
    const other = await stranger(browser, product().aheadMs());
    await enter(other, product().url, "?range=7d");
    await setClock(page, product().aheadMs());
    await enter(page, product().url, "?open=settings");
    const others = section(page).getByRole("listitem").filter({ hasText: "signed in" });
    await expect(others.filter({ hasText: "This browser" })).toHaveCount(1);
    const before = await others.count();
    const line = others.filter({ hasNotText: "This browser" }).first();
    await line.getByRole("button", { name: /^End the session/ }).click();
    await line.getByRole("button", { name: /^End the session/ }).click();
    await expect(others).toHaveCount(before - 1);
    await expect(other.getByLabel("Password")).toBeVisible();
    await signIn(other, PASSWORD);
    await settled(other);
    expect(other.url()).toBe(`${product().url}?range=7d`);
    await other.context().close();
  });

  test("what somebody is typing stays when the session ends, and goes on once he has signed in", async ({ page }) => {
    await setClock(page, product().aheadMs());
    await enter(page, product().url);
    await page.getByRole("button", { name: "Rename Office" }).click();
    await page.keyboard.type("Study");
    await page.context().clearCookies({ name: /^whitestat-[^-]*$/ });
    await page.keyboard.press("Enter");
    await expect(page.locator(".shell-out").filter({ hasText: "You aren't signed in any more." })).toBeVisible();
    await expect(page.getByRole("textbox", { name: "Name of Office" })).toHaveValue("Study");
    const streams: string[] = [];
    page.on("request", (request) => {
      if (request.url().includes("/api/")) streams.push(request.url());
    });
    const tab = page.waitForEvent("popup");
    await page.getByRole("link", { name: "Sign in (new tab)" }).click();
    const popup = await tab;
    expect(streams.filter((one) => one.includes("events")).length).toBeLessThan(3);
    await signIn(popup, PASSWORD);
    await settled(popup);
    await popup.close();
    await page.evaluate(() => dispatchEvent(new Event("focus")));
    await expect(page.getByText("You aren't signed in any more.")).toHaveCount(0);
    await page.getByRole("textbox", { name: "Name of Office" }).press("Enter");
    await expect(page.getByRole("button", { name: "Rename Study" })).toBeVisible();
  });
});

test("the password is set in the page before it is asked for, and the page says what that does", async ({ page }) => {
  await withProduct(page, { ...home }, async (own) => {
    await open(page, own, "?open=settings");
    await expect(section(page)).toContainText("Everybody on your network who opens this page");
    await expect(section(page)).toContainText("No password is set.");
    await expect(section(page).getByRole("button", { name: "New token" })).toHaveCount(0);
    await section(page).getByRole("button", { name: "Set a password" }).press("Enter");
    await page.keyboard.type(PASSWORD);
    await page.keyboard.press("Enter");
    await expect(said(page)).toContainText("The password is set.");
    await expect(section(page)).toContainText("It is asked for once AUTH is");
    await expect(section(page).getByRole("button", { name: "Change the password" })).toBeFocused();
    await section(page)
      .getByText(/^Last changes: \d+$/)
      .click();
    await expect(section(page).getByRole("listitem").filter({ hasText: "Set the password" })).toContainText(
      "Somebody at",
    );
  });
});

test("the password is changed with the one until now, which ends all other sessions", async ({ page, browser }) => {
  await withProduct(page, locked(), async (own) => {
    const other = await stranger(browser, own.aheadMs());
    await enter(other, own.url);
    await setClock(page, own.aheadMs());
    await enter(page, own.url, "?open=settings");
    await section(page).getByRole("button", { name: "Change the password" }).click();
    await page.getByLabel("Current password").fill("not this one");
    await page.getByLabel("New password").fill(OTHER);
    await section(page).getByRole("button", { name: "Save" }).click();
    await expect(section(page).getByRole("alert")).toContainText("This isn't the password.");
    await page.getByLabel("Current password").fill(PASSWORD);
    await section(page).getByRole("button", { name: "Save" }).click();
    await expect(said(page)).toContainText("All other sessions have ended.");
    await expect(other.getByLabel("Password")).toBeVisible();
    await signIn(other, PASSWORD);
    await expect(other.getByRole("alert")).toContainText("This isn't the password.");
    await signIn(other, OTHER);
    await settled(other);
    await other.context().close();
    // This one goes on.
    await page.reload();
    await expect(section(page)).toBeVisible();
    const { sessions } = (await (await page.request.get(url(own.url, "api/v1/access/sessions"))).json()) as Sessions;
    expect(sessions.length).toBe(2);
  });
});

test("read only, a stranger sees everything, is offered no change, and signs in to make one", async ({ page }) => {
  await withProduct(page, { ...locked(), env: { AUTH: "read-only" } }, async (own) => {
    await open(page, own, "?range=7d");
    await expect(page.getByRole("button", { name: /^Rename/ })).toHaveCount(0);
    await expect(page.getByRole("link", { name: "Settings" })).toHaveCount(0);
    await page.locator("summary").filter({ hasText: "Display" }).click();
    await expect(page.getByRole("button", { name: "Data plan…" })).toHaveCount(0);
    await page.keyboard.press("Escape");
    await open(page, own, "?open=settings");
    await expect(page.getByRole("heading", { name: "Sign in to see this" })).toBeVisible();
    await page.getByRole("main").getByRole("link", { name: "Sign in" }).press("Enter");
    await signIn(page, PASSWORD);
    await expect(page.getByRole("heading", { level: 1, name: "Settings" })).toBeVisible();
    await expect(section(page)).toContainText("Changes need the password.");
    await page.getByRole("link", { name: "Back to the figures" }).click();
    await expect(page.getByRole("button", { name: "Rename Office" })).toBeVisible();
  });
});

test.describe("behind a proxy that signs people in", () => {
  test.use({ extraHTTPHeaders: { "Remote-User": "anna" } });
  test("the page says who it is, and has no password to set", async ({ page }) => {
    const env = { AUTH: "proxy", AUTH_HEADER: "Remote-User", TRUSTED_PROXIES: "127.0.0.1" };
    await withProduct(page, { ...home, env }, async (own) => {
      await open(page, own, "?open=settings");
      await expect(section(page)).toContainText("A reverse proxy signs people in.");
      await expect(section(page).getByRole("button", { name: /password/ })).toHaveCount(0);
      await expect(section(page).getByRole("button", { name: "New token" })).toBeVisible();
      await page.locator("summary").filter({ hasText: "Display" }).click();
      await expect(page.getByText("Signed in: anna")).toBeVisible();
      await expect(page.getByRole("button", { name: "Sign out" })).toHaveCount(0);
    });
  });
});

for (const theme of ["light", "dark"] as const) {
  test.describe(`in the ${theme} theme`, () => {
    const product = productFor(locked());
    test.use({ colorScheme: theme });

    test("axe finds no violation on the sign-in page, and nothing is too wide @both", async ({ page }) => {
      await setClock(page, product().aheadMs());
      await page.goto(url(product().url, "?open=settings"));
      await expectNoViolation(page);
      await signIn(page, "not this one");
      await expect(page.getByRole("alert")).toBeVisible();
      await expectNoViolation(page);
      expect(await overhang(page)).toBe(0);
    });

    test("axe finds no violation in the section with all of it open, and nothing is too wide @both", async ({
      page,
    }) => {
      await setClock(page, product().aheadMs());
      await enter(page, product().url);
      const at = (path: string) => url(product().url, `api/v1/access/${path}`);
      await sendAs<NewToken>(page, at("tokens"), { name: "Home Assistant of the whole house", scope: "read" });
      await sendAs(page, at("links"), { name: "Kitchen", owner: null, expiresAt: null });
      await sendAs(page, at("sign-in"), { password: PASSWORD, name: "<b>Firefox</b> on Linux" });
      await page.goto(url(product().url, "?open=settings"));
      await section(page).getByRole("button", { name: "Change the password" }).click();
      await section(page).getByRole("button", { name: "New view link" }).click();
      await section(page).getByRole("button", { name: "New token" }).click();
      await section(page).getByLabel("What it is for", { exact: true }).fill("Excel");
      await section(page).getByRole("button", { name: "Make" }).first().click();
      await expect(section(page).getByRole("textbox", { name: "Token for Excel" })).toBeVisible();
      await section(page)
        .getByRole("button", { name: /^Revoke the token Home/ })
        .first()
        .click();
      await section(page)
        .getByText(/^Last changes: \d+$/)
        .click();
      await expectNoViolation(page, ".access-part");
      expect(await overhang(page)).toBe(0);
      await page.setViewportSize({ width: 360, height: 800 });
      await expect.poll(() => overhang(page)).toBe(0);
    });
  });
}
