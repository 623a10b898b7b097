import type { Page } from "@playwright/test";
import { expectNoViolation } from "./lib/axe.ts";
import { home } from "./lib/home.ts";
import { expect, open, overhang, productFor, settled, test, textOf, withProduct } from "./lib/test.ts";

const product = productFor(home);
const ipv6 = (page: Page) => page.getByRole("switch", { name: "Include IPv6" });
const said = (page: Page) => page.locator(".shell-toast");

test("the settings are a link away, by header, footer and address, and going back shows what was looked at", async ({
  page,
}) => {
  await open(page, product(), "?range=7d");
  await page.getByRole("banner").getByRole("link", { name: "Settings" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Settings");
  expect(page.url()).toBe(`${product().url}?range=7d&open=settings`);
  await expect(page).toHaveTitle("Settings · WhiteStat");
  await page.goBack();
  await settled(page);
  await expect(page.locator(".shell-range h1")).toHaveText(/^9\W+15 Jun(?:e)? 2035$/);

  await page.getByRole("contentinfo").getByRole("link", { name: "Settings" }).click();
  await page.getByRole("link", { name: "Back to the figures" }).click();
  await settled(page);
  expect(page.url()).toBe(`${product().url}?range=7d`);
});

test("from a device's page the settings are left for that device again", async ({ page }) => {
  await open(page, product(), "?device=04:5d:4b:00:00:01");
  await page.getByRole("banner").getByRole("link", { name: "Settings" }).press("Enter");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Settings");
  await page.getByRole("link", { name: "Back to the figures" }).press("Enter");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Living room TV");
});

test("IPv6 is switched on and off by keyboard, says so, and can be undone, also after a reload", async ({ page }) => {
  await open(page, product());
  const before = await textOf(page.locator(".shell-total-total .shell-value"));
  await open(page, product(), "?open=settings");
  await expect(ipv6(page)).not.toBeChecked();
  await ipv6(page).press("Space");
  await expect(said(page)).toContainText("IPv6 is included in all figures.");
  await expect(ipv6(page)).toBeChecked();
  await page.getByText(/^\d+ settings/).click();
  const filter = page.getByRole("row", { name: /^IPFilter/ });
  await expect(filter.getByRole("cell").first()).toHaveText(".*");

  await page.reload();
  await expect(ipv6(page)).toBeChecked();
  await ipv6(page).press("Space");
  await expect(said(page)).toContainText("IPv6 is excluded from all figures.");
  await said(page).getByRole("button", { name: "Undo" }).press("Enter");
  await expect(said(page)).toContainText("IPv6 is included in all figures.");
  await page.getByRole("link", { name: "Back to the figures" }).click();
  await settled(page);
  await expect(page.locator(".shell-total-total .shell-value")).not.toHaveText(before);

  await open(page, product(), "?open=settings");
  await ipv6(page).click();
  await expect(ipv6(page)).not.toBeChecked();
  await page.getByRole("button", { name: "Dismiss" }).click();
  await expect(said(page)).toHaveCount(0);
});

test("where WhiteStat is new, IPv6 is in all figures from the start", async ({ page }) => {
  await withProduct(page, {}, async (own) => {
    await open(page, own, "?open=settings");
    await expect(ipv6(page)).toBeChecked();
    await ipv6(page).click();
    await expect(said(page)).toContainText("IPv6 is excluded from all figures.");
    await page.goto("about:blank");
    await own.end();
    await own.start();
    await open(page, own, "?open=settings");
    await expect(ipv6(page)).not.toBeChecked();
  });
});

test("an IPFilter of somebody's own can't be switched, and the page says why", async ({ page }) => {
  await withProduct(page, { env: { IPFilter: "192\\.168\\." } }, async (own) => {
    await open(page, own, "?open=settings");
    await expect(ipv6(page)).toBeDisabled();
    await expect(ipv6(page)).toHaveAccessibleDescription(/pattern of your own.*settings file/);
  });
});

test("units that are chosen here are those of all figures", async ({ page }) => {
  await open(page, product(), "?open=settings");
  await page.getByRole("group", { name: "Units" }).getByText("MiB, GiB").click();
  await page.getByRole("link", { name: "Back to the figures" }).click();
  await settled(page);
  await expect(page.locator(".shell-total-total .shell-unit")).toHaveText(/GiB/);
});

test("what the process was started with is shown, with where it is changed", async ({ page }) => {
  await open(page, product(), "?open=settings");
  const section = page.getByRole("region", { name: "Process" });
  await expect(section).toContainText(`${product().dir}/WhiteStatConfig.json`);
  await section.getByText(/^\d+ settings, \d+ of them changed$/).click();
  const interval = section.getByRole("row", { name: /^IdleSeconds/ });
  await expect(interval.getByRole("cell")).toHaveText([
    "1",
    "file",
    "Seconds between two readings of the meter. Allowed: a whole number from 1 to 3600.",
  ]);
});

test("a list at the top goes to each section, stays in reach, and leaves no step to go back through @both", async ({
  page,
}) => {
  await open(page, product());
  await page.getByRole("banner").getByRole("link", { name: "Settings" }).click();
  const list = page.getByRole("navigation", { name: "Sections of this page" });
  const headings = page.getByRole("heading", { level: 2 });
  await expect(headings.filter({ hasText: "Process" })).toBeVisible();
  // What is on the page comes and goes: some sections are there only once their part of the API has answered.
  await expect(async () =>
    expect(await list.getByRole("link").allInnerTexts()).toEqual(await headings.allInnerTexts()),
  ).toPass();
  expect(await list.getByRole("link").count()).toBeGreaterThan(7);

  for (const name of ["Process", "Owners", "Recent changes"]) {
    await list.getByRole("link", { name }).press("Enter");
    const section = page.getByRole("region", { name, exact: true });
    await expect(section).toBeFocused();
    await expect(section.getByRole("heading", { level: 2 })).toBeInViewport({ ratio: 1 });
    await expect(list).toBeInViewport({ ratio: 1 });
    const [bar, heading] = [await list.boundingBox(), await section.getByRole("heading", { level: 2 }).boundingBox()];
    expect(heading?.y).toBeGreaterThanOrEqual((bar?.y ?? 0) + (bar?.height ?? 0));
  }
  expect(new URL(page.url()).hash).toBe("#section-recent-changes");
  await page.reload();
  await expect(page.getByRole("heading", { level: 2, name: "Recent changes" })).toBeInViewport();
  await page.goBack();
  await settled(page);
  expect(page.url()).toBe(product().url);
});

for (const theme of ["light", "dark"] as const) {
  test.describe(`in the ${theme} theme`, () => {
    test.use({ colorScheme: theme });
    test("axe finds no violation on the settings page, and nothing is wider than the screen @both", async ({
      page,
    }) => {
      await open(page, product(), "?open=settings");
      await ipv6(page).click();
      await expect(said(page)).toBeVisible();
      await page.getByText(/^\d+ settings/).click();
      await expect(page.getByRole("row", { name: /^IdleSeconds/ })).toBeVisible();
      // What stays in its place while the page scrolls covers half a button now and then; axe calls that a small one.
      await page.evaluate(() => scrollTo(0, 0));
      await expectNoViolation(page);
      const before = page.viewportSize() ?? { width: 1280, height: 900 };
      for (const width of [360, 768, 1280]) {
        await page.setViewportSize({ width, height: 800 });
        await expect.poll(() => overhang(page), { message: `at ${width} pixels` }).toBe(0);
      }
      await page.setViewportSize(before);
      await ipv6(page).click();
      await expect(ipv6(page)).not.toBeChecked();
    });
  });
}
