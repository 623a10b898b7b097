import type { Page } from "@playwright/test";
import { openEverything } from "./lib/everything.ts";
import { home } from "./lib/home.ts";
import { expect, open, overhang, productFor, rows, settled, table, test } from "./lib/test.ts";

const product = productFor(home);
const DEVICE = "?device=d2:7e:19:00:00:03";

test.describe("the theme", () => {
  // The dashboard's own code is kept away once.
  test.use({ pardoned: /net::ERR_FAILED/ });
  test("follows the system, or what one chose, and the choice is kept without a flash", async ({ page }) => {
    const ground = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
    await page.emulateMedia({ colorScheme: "light" });
    await open(page, product());
    const light = await ground();
    await page.emulateMedia({ colorScheme: "dark" });
    const dark = await ground();
    expect(dark).not.toBe(light);
    await page.locator("summary").filter({ hasText: "Display" }).click();
    await page.getByText("Light", { exact: true }).click();
    expect(await ground()).toBe(light);
    // Already while the page is being read, before the dashboard's own code has run.
    await page.route("**/assets/*.js", (route) => route.abort());
    const broken = page.waitForEvent("requestfailed");
    await page.reload({ waitUntil: "commit" });
    await broken;
    await expect.poll(() => page.evaluate(() => document.documentElement.dataset.theme)).toBe("light");
  });
});

test("by keyboard alone one finds a device, renames it, and comes back", async ({ page }) => {
  await open(page, product());
  await page.keyboard.press("Tab");
  await expect(page.getByRole("link", { name: "Skip to content" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.locator("#main")).toBeFocused();
  await page.keyboard.press("/");
  await page.keyboard.type("office");
  await expect(rows(page)).toHaveCount(1);
  await tabTo(page, "Rename Office");
  await page.keyboard.press("Enter");
  await page.keyboard.type("Study");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("button", { name: "Rename Study" })).toBeFocused();
  await page.keyboard.press("Shift+Tab");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: "Study" })).toBeVisible();
  await tabTo(page, "All devices");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("searchbox")).toHaveValue("office");
});

test("every stop of the Tab key can be seen, and has a name", async ({ page }) => {
  await open(page, product());
  const stops: string[] = [];
  for (let stop = 0; stop < 150; stop++) {
    await page.keyboard.press("Tab");
    const found = await page.evaluate(() => {
      const element = document.activeElement;
      if (!element || element === document.body) return null;
      const target = element.matches("input[type=radio]") ? (element.closest("label") ?? element) : element;
      const { outlineStyle, outlineWidth, opacity } = getComputedStyle(target);
      const box = target.getBoundingClientRect();
      const seen = outlineStyle !== "none" && Number.parseFloat(outlineWidth) >= 2 && Number(opacity) > 0;
      return {
        what: element.outerHTML.slice(0, 120),
        seen: seen || element.matches("rect"),
        inside: box.bottom > 0 && box.top < innerHeight && box.width > 0,
      };
    });
    if (found === null) break;
    expect(found, found.what).toMatchObject({ seen: true, inside: true });
    stops.push(found.what);
  }
  expect(stops.length).toBeGreaterThan(40);
});

/** Presses Tab until what has this name has the focus. */
async function tabTo(page: Page, name: string): Promise<void> {
  for (let presses = 0; presses < 60; presses++) {
    await page.keyboard.press("Tab");
    const is = await page.evaluate(
      (wanted) =>
        (document.activeElement?.getAttribute("aria-label") ?? document.activeElement?.textContent)?.includes(wanted),
      name,
    );
    if (is) return;
  }
  throw new Error(`Tab never came to ${name}`);
}

test("on a phone every state of the page fits 360 pixels @phone", async ({ page }) => {
  await page.setViewportSize({ width: 360, height: 740 });
  await open(page, product(), "?range=7d&remote=yes");
  expect(await overhang(page)).toBe(0);
  await openEverything(page);
  expect(await overhang(page)).toBe(0);
  await page.locator("summary").filter({ hasText: "Display" }).click();
  expect(await overhang(page)).toBe(0);
  for (const address of [
    "?view=day&range=30d",
    DEVICE,
    "?range=custom",
    "?range=custom&from=2034-06-01&to=2035-06-15",
  ]) {
    await page.goto(product().url + address);
    await settled(page);
    expect(await overhang(page), address).toBe(0);
  }
});

test("on a phone twelve devices take no more than four screens, and no figure is without its name @phone", async ({
  page,
}) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await open(page, product());
  const height = await page.evaluate(() => document.documentElement.scrollHeight);
  const [first, second] = await rows(page).evaluateAll((all) => all.map((row) => row.getBoundingClientRect().top));
  const perDevice = (second ?? 0) - (first ?? 0);
  expect(height + (12 - (await rows(page).count())) * perDevice).toBeLessThan(4 * 844);
  // The names of the devices are there once: in their list.
  await expect(page.locator(".chart-legend")).toBeHidden();
  await expect(page.locator(".chart-ranks")).toBeHidden();
  const names = await rows(page)
    .first()
    .evaluate((row) =>
      [...row.children]
        .filter((cell) => cell instanceof HTMLElement && cell.checkVisibility() && !cell.matches(".devices-name"))
        .map((cell) => getComputedStyle(cell, "::before").content.split(" / ")[0]),
    );
  expect(names).toEqual(['"Download"', '"Upload"', '"Total"', '"Share"', '"Change"']);
});

test("what a finger hits is at least 44 pixels high, or stands apart @phone", async ({ page }) => {
  await open(page, product(), "?range=custom");
  const small = await page.evaluate(() => {
    const found: string[] = [];
    for (const element of document.querySelectorAll<HTMLElement>(
      "button, a.button, select, input, summary, nav a, label:has(input)",
    )) {
      const target = element.matches("input[type=radio], input[type=checkbox]")
        ? (element.closest("label") ?? element)
        : element;
      const box = target.getBoundingClientRect();
      if (box.width === 0 || element.closest("[hidden]")) continue;
      const around = Number.parseFloat(getComputedStyle(target, "::after").inset || "0") || 0;
      if (box.height - 2 * Math.min(0, around) < 43.5)
        found.push(`${Math.round(box.height)} ${target.outerHTML.slice(0, 100)}`);
    }
    return found;
  });
  expect(small).toEqual([]);
});

test("on a phone the table is cards, sorted by one small choice @phone", async ({ page }) => {
  await open(page, product());
  await expect(rows(page)).toHaveCount(8);
  await expect(table(page).getByRole("columnheader").getByRole("button")).toHaveCount(0);
  await page.getByRole("combobox", { name: "Sort by" }).selectOption({ label: "Upload" });
  await expect(rows(page).first()).toContainText("nas.home.example");
  await page.getByRole("button", { name: /^Order: / }).click();
  await expect(rows(page).last()).toContainText("nas.home.example");
  await expect(page).toHaveURL(/sort=upload&dir=asc/);
});

test("with a finger the first tap on a bar shows its figures, the second picks it @phone", async ({ page }) => {
  await open(page, product(), "?range=7d");
  const bar = page.locator(".chart-trend rect[data-mark]").nth(2);
  await bar.tap();
  await expect(page.locator(".chart-tip")).toContainText("11 Jun 2035");
  await expect(page.locator(".chart-tip")).toContainText("Tap again to show hours");
  await bar.tap();
  await settled(page);
  await expect(page.locator("main h1")).toHaveText("Monday, 11 June 2035");
});

test("who wants no motion gets none", async ({ page }) => {
  await page.emulateMedia({ reducedMotion: "reduce" });
  await open(page, product());
  const moving = await page.evaluate(
    () =>
      [...document.querySelectorAll("*")].filter((element) => {
        const { transitionDuration, animationDuration } = getComputedStyle(element);
        return [transitionDuration, animationDuration].some((text) =>
          text.split(",").some((one) => Number.parseFloat(one) > 0),
        );
      }).length,
  );
  expect(moving).toBe(0);
});

test("on a wall of 4K nothing is lost, and lines stay readable", async ({ page }) => {
  await page.setViewportSize({ width: 3840, height: 2160 });
  await open(page, product());
  expect(await overhang(page)).toBe(0);
  const width = await page.locator("main").evaluate((main) => main.getBoundingClientRect().width);
  expect(width).toBeLessThan(2000);
  await page.setViewportSize({ width: 2560, height: 1440 });
  const chart = await page.locator(".chart-trend svg.chart-svg").boundingBox();
  expect(chart?.height).toBeGreaterThan(400);
});
