import type { Page } from "@playwright/test";
import type { ApiStatus } from "../../src/shared/api.ts";
import { home, MB, thousand, VIDEO } from "./lib/home.ts";
import {
  expect,
  LOST_CONNECTION,
  names,
  open,
  productFor,
  rowOf,
  rows,
  test,
  textOf,
  withProduct,
} from "./lib/test.ts";

const product = productFor(home);
const PI = { ip: "192.168.1.2", mac: "b8:27:eb:00:00:07" };
const PI_NAME = "Raspberry Pi Foundation 00:07";
const total = (page: Page) => page.locator(".shell-total-download .shell-value");

/** Lets a device use something, and waits until the page shows it: the next reading, and no reload. */
async function use(page: Page, device: { ip: string; mac: string }, bytes: number): Promise<void> {
  const before = await textOf(total(page));
  product().darkstat.traffic(device, VIDEO, bytes, 0);
  await expect(total(page)).not.toHaveText(before);
}

test("figures move by themselves: totals, charts, table, health line", async ({ page }) => {
  await open(page, product());
  await page.evaluate(() => Object.assign(window, { mark: "not reloaded" }));
  const cell = rowOf(page, "Office").locator(".devices-download");
  const before = await textOf(cell);
  await use(page, { ip: "192.168.1.30", mac: "a4:bb:6d:00:00:05" }, 2_000 * MB);
  await expect(cell).not.toHaveText(before);
  await expect(page.locator(".shell-live")).toContainText("Live");
  await expect(page.locator(".shell-live")).toContainText(/\d+ ?s(?:ec)? ago/);
  expect(await page.evaluate(() => "mark" in window)).toBe(true);
});

test("with a reading comes what changed, compressed, and not everything again", async ({ page }) => {
  await withProduct(page, thousand, async (own) => {
    const answers: { url: string; encoding: string | undefined; text: string }[] = [];
    page.on("requestfinished", async (request) => {
      if (!request.url().includes("usage/changes")) return;
      const response = await request.response();
      // Of one that the page gave up since, for a newer one, nothing is kept.
      const text = (await response?.text().catch(() => null)) ?? null;
      if (response === null || text === null) return;
      answers.push({ url: request.url(), encoding: response.headers()["content-encoding"], text });
    });
    await open(page, own);
    const whole = () => answers.find(({ url }) => !url.includes("since="));
    await expect.poll(() => whole()?.encoding).toBe("gzip");
    own.darkstat.traffic({ ip: "10.0.0.1", mac: "02:1a:00:00:00:00" }, VIDEO, 7 * MB, 0);
    const change = () => answers.find(({ text }) => text.includes('"patch"') && text.includes('"devices"'));
    await expect.poll(() => change()?.text.length).toBeGreaterThan(0);
    expect(change()?.text.length).toBeLessThan((whole()?.text.length ?? 0) / 10);
  });
});

test.describe("with all places for event streams taken", () => {
  test.use({ pardoned: /status of 503/ });

  test("the page asks for the status instead, and stays live", async ({ page }) => {
    // Another page's connections take all the places of this address.
    const taken = await Promise.all(
      Array.from({ length: 16 }, () => fetch(`${product().url}api/v1/events`, { signal: AbortSignal.timeout(60_000) })),
    );
    expect(taken.map(({ status }) => status)).toEqual(taken.map(() => 200));
    const refused = page.waitForResponse((response) => response.url().endsWith("/api/v1/events"));
    await open(page, product());
    expect((await refused).status()).toBe(503);
    await use(page, PI, 2_000 * MB);
    await use(page, PI, 2_000 * MB);
    await expect(page.locator(".shell-live")).toContainText("Live");
    await Promise.all(taken.map(({ body }) => body?.cancel()));
  });
});

test("nothing flickers: what is on the page stays the same element, and no row is made anew", async ({ page }) => {
  await open(page, product());
  await page.evaluate(() => {
    const made: string[] = [];
    Object.assign(window, { made });
    new MutationObserver((records) => {
      for (const { addedNodes } of records) {
        for (const node of addedNodes) if (node instanceof Element) made.push(node.outerHTML.slice(0, 80));
      }
    }).observe(document.querySelector(".devices-table tbody") ?? document.body, { childList: true, subtree: true });
  });
  await use(page, { ip: "192.168.1.20", mac: "04:5d:4b:00:00:01" }, 1_000 * MB);
  await use(page, { ip: "192.168.1.20", mac: "04:5d:4b:00:00:01" }, 1_000 * MB);
  expect(await page.evaluate(() => (window as unknown as { made: string[] }).made)).toEqual([]);
});

test("while one types into the search box, figures move and focus, caret and text stay", async ({ page }) => {
  await open(page, product());
  const search = page.getByRole("searchbox");
  await search.pressSequentially("hone");
  for (let letter = 0; letter < 4; letter++) await page.keyboard.press("ArrowLeft");
  await expect(rows(page)).toHaveCount(1);
  // The figures are those of what is searched for.
  await use(page, { ip: "192.168.1.22", mac: "d2:7e:19:00:00:03" }, 2_000 * MB);
  await expect(search).toBeFocused();
  await page.keyboard.type("p");
  await expect(search).toHaveValue("phone");
  await expect(rows(page)).toHaveCount(1);
});

test("while a name is being typed, figures move and the name stays, where it is", async ({ page }) => {
  await open(page, product());
  await rowOf(page, "Doorbell").hover();
  await page.getByRole("button", { name: "Rename Doorbell" }).click();
  const input = page.getByRole("textbox", { name: "Name of Doorbell" });
  await input.press("End");
  await page.keyboard.type(" camra");
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("ArrowLeft");
  const order = await names(page);
  // The smallest becomes the biggest: without the editor it would move to the top.
  await use(page, { ip: "192.168.1.61", mac: "5e:04:8f:00:00:08" }, 20_000 * MB);
  await expect(input).toBeFocused();
  await page.keyboard.type("e");
  await expect(input).toHaveValue("Doorbell camera");
  expect(await names(page)).toEqual(order);
  await input.press("Escape");
});

test("while the focus is in the table, rows keep their places; then they are sorted again", async ({ page }) => {
  await open(page, product());
  const order = await names(page);
  await rowOf(page, PI_NAME).getByRole("link").focus();
  await use(page, PI, 60_000 * MB);
  await expect(rowOf(page, PI_NAME).locator(".devices-download")).toHaveText(/6\d\.\d\sGB/);
  expect(await names(page)).toEqual(order);
  await expect(rowOf(page, PI_NAME).getByRole("link")).toBeFocused();
  await page.getByRole("searchbox").focus();
  await expect.poll(async () => (await names(page))[0]).toBe(PI_NAME);
});

test("the scroll, the order that one chose and an open tip stay", async ({ page }) => {
  await page.setViewportSize({ width: 1280, height: 500 });
  await open(page, product(), "?sort=name");
  const order = await names(page);
  const mark = rowOf(page, "Anna’s laptop").getByRole("button", { name: /more address/ });
  await mark.scrollIntoViewIfNeeded();
  await mark.hover();
  await expect(page.locator(".devices-tip")).toBeVisible();
  const scrolled = await page.evaluate(() => scrollY);
  await use(page, PI, 2_000 * MB);
  await use(page, PI, 2_000 * MB);
  expect(await page.evaluate(() => scrollY)).toBe(scrolled);
  expect(await names(page)).toEqual(order);
  await expect(page.locator(".devices-tip")).toBeVisible();
});

test("an open tip of the chart stays, with the new figures in it", async ({ page }) => {
  await open(page, product());
  const now = page.locator(".chart-trend rect[data-mark]").nth(12);
  await now.focus();
  const tip = page.locator(".chart-tip");
  await expect(tip).toContainText("so far");
  const before = await textOf(tip);
  await use(page, PI, 2_000 * MB);
  await expect(tip).not.toHaveText(before);
  await expect(now).toBeFocused();
});

test("a page of a device moves as well", async ({ page }) => {
  await open(page, product(), "?device=b8:27:eb:00:00:07");
  const sums = page.locator(".device-head");
  await expect(sums).toContainText("GB");
  const before = await textOf(sums);
  product().darkstat.traffic(PI, VIDEO, 5_000 * MB, 0);
  await expect(sums).not.toHaveText(before);
});

test("a range without today stands still", async ({ page }) => {
  await open(page, product(), "?range=yesterday");
  const asked: string[] = [];
  page.on("request", (request) => asked.push(new URL(request.url()).pathname));
  product().darkstat.traffic(PI, VIDEO, 5 * MB, 0);
  const readAt = async () => (await product().json<ApiStatus>("api/v1/status")).meter.readAt ?? 0;
  const before = await readAt();
  await expect.poll(readAt).toBeGreaterThan(before + 1500);
  expect(asked.filter((path) => path.endsWith("usage"))).toEqual([]);
});

test.describe("when the connection goes", () => {
  test.use({ pardoned: LOST_CONNECTION });

  test("the page says so, keeps what it shows, and goes on by itself when WhiteStat is back", async ({ page }) => {
    await open(page, product());
    const shown = await textOf(total(page));
    await product().end();
    const notices = page.getByRole("region", { name: "Notices" });
    await expect(notices).toContainText(/No connection to WhiteStat since \d\d:\d\d/, { timeout: 20_000 });
    await expect(page.locator(".shell-live")).toHaveText(/Not connected/);
    await expect(total(page)).toHaveText(shown);
    await product().start();
    // Unless the page has found out by itself in the meantime, and the notice is gone.
    await notices
      .getByRole("button", { name: "Try again" })
      .click({ timeout: 5_000 })
      .catch(() => {});
    await expect(notices).toBeHidden();
    await use(page, PI, 2_000 * MB);
  });

  test("another range then shows no figures of the one before, and nothing calls itself live", async ({ page }) => {
    await open(page, product());
    await product().end();
    try {
      await page.getByRole("link", { name: "Yesterday" }).click();
      await expect(page.locator("main h1")).toHaveText("Thursday, 14 June 2035");
      await expect(page.locator("main")).toContainText("Figures for Thursday, 14 June 2035 can't be shown");
      // What is unusual is said of today, whatever range is shown.
      const figures = page.locator('main > :not([aria-label="Unusual today"])');
      await expect.poll(async () => (await figures.allTextContents()).join()).not.toContain("GB");
      // At once, and not when the stream has been away for a while.
      await expect(page.locator(".shell-live")).toHaveText("Not connected", { timeout: 3000 });
      await expect(page.getByRole("region", { name: "Notices" })).toContainText("No connection to WhiteStat");
      // What was shown is there again under its own heading.
      await page.goBack();
      await expect(page.locator("main")).toContainText("Friday, 15 June 2035");
    } finally {
      await product().start();
    }
    // Unless the page has found out by itself in the meantime, and the button is gone.
    await page
      .getByRole("button", { name: "Try again" })
      .click({ timeout: 5_000 })
      .catch(() => {});
    await expect(total(page)).toHaveText(/GB$/);
  });

  test("it connects again without anybody's doing", async ({ page }) => {
    await open(page, product());
    await product().end();
    await product().start();
    await use(page, PI, 2_000 * MB);
  });
});
