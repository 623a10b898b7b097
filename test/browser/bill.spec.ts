import { readFile } from "node:fs/promises";
import type { Page } from "@playwright/test";
import { expectNoViolation } from "./lib/axe.ts";
import { home } from "./lib/home.ts";
import { expect, open, overhang, productFor, test } from "./lib/test.ts";

const product = productFor(home);
const MONTHLY = { cycle: { unit: "month", count: 1, from: "2035-01-01" }, allowance: 300e9 };
const PRICED = { ...MONTHLY, overPrice: { perGb: 2, currency: "EUR" } };

async function setPlan(plan: object | null): Promise<void> {
  const response = await fetch(new URL("api/v1/plan", product().url), {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ plan }),
  });
  expect(response.status).toBe(200);
}

test.afterEach(async () => setPlan(null));

const causes = (page: Page) => page.locator(".bill-causes tbody tr");
const days = (page: Page) => page.locator(".bill-days tbody tr");

test("a bill is entered, and what explains it stands first; the address brings it back", async ({ page, context }) => {
  // May: 31 days of 13.0 GB.
  await setPlan(MONTHLY);
  await open(page, product());
  await page.getByRole("link", { name: "Check a bill…" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Bill check");
  await expect(days(page)).toHaveCount(31);
  await page.getByLabel("Provider says, in GB").fill("391.1");
  await page.keyboard.press("Enter");
  await expect(page.locator(".bill-result")).toContainText(/Provider391\.1\sGBWhiteStat403\.5\sGBDifference−12\.4\sGB/);
  // What IPFilter leaves out is 0.4 GB a day.
  await expect(causes(page).first()).toContainText(/^Excluded addresses \(IPv6\).*−12\.4\sGB.*(?:99|100)%/);
  await expect(page.locator(".bill-result")).toContainText("Most likely: Excluded addresses (IPv6).");
  await expect(page.locator(".bill-days tfoot")).toContainText(/403\.5\sGB.*391\.1\sGB/);

  const other = await context.newPage();
  await open(other, product(), new URL(page.url()).search);
  await expect(other.locator(".bill-result")).toContainText(/391\.1\sGB/);
  await expect(other.getByLabel("Provider says, in GB")).toHaveValue("391.1");
  await page.goBack();
  await expect(page.locator(".bill-result")).toHaveCount(0);
  await page.getByRole("link", { name: "Back to the figures" }).click();
  await expect(page.locator(".shell-range h1")).toHaveText("Friday, 15 June 2035");
  expect(new URL(page.url()).search).toBe("");
});

test("another cycle is chosen; what is no figure is said at its field", async ({ page }) => {
  await setPlan(MONTHLY);
  await open(page, product(), "?open=bill");
  await page.getByLabel("Cycle").selectOption("2035-06-01");
  await expect(days(page)).toHaveCount(15);
  await page.getByLabel("Provider says, in GB").fill("-3");
  await page.getByRole("button", { name: "Compare" }).click();
  await expect(page.getByRole("alert")).toHaveText("Enter a number, e.g. 250.5.");
  await page.getByLabel("Provider says, in GB").fill("195.2");
  await page.getByRole("button", { name: "Compare" }).click();
  await expect(page.locator(".bill-result")).toContainText("The two agree within 1%.");
});

test("without a plan the bill check says where to set one", async ({ page }) => {
  await open(page, product(), "?open=bill");
  await expect(page.getByRole("alert")).toHaveText("Set a data plan first: Display, Data plan….");
});

test("the days are saved as CSV, and add up to both figures", async ({ page }) => {
  await setPlan(MONTHLY);
  await open(page, product(), "?open=bill&cycle=2035-05-01&bill=400000000000");
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Export CSV" }).click(),
  ]);
  expect(download.suggestedFilename()).toBe("whitestat-bill-2035-05-01-to-2035-05-31.csv");
  const lines = (await readFile(await download.path(), "utf8")).replace("\uFEFF", "").trim().split("\r\n");
  const cells = lines.slice(1).map((line) => line.split(","));
  expect(cells).toHaveLength(32);
  const sum = (column: number) => cells.slice(0, -1).reduce((all, row) => all + Number(row[column]), 0);
  expect(cells.at(-1)?.[6]).toBe("400000000000");
  expect(sum(6)).toBe(400e9);
  expect(sum(4)).toBe(Number(cells.at(-1)?.[4]));
});

test("the same past costs what it would have under another plan, and its cycles are saved as CSV", async ({ page }) => {
  await setPlan(PRICED);
  await open(page, product());
  await page.getByRole("link", { name: "Compare plans…" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Compare plans");
  await page.getByLabel("Allowance").fill("1000");
  await page.getByLabel("Price per cycle", { exact: true }).fill("60");
  await page.getByLabel("Your plan's price").fill("30");
  await page.getByRole("button", { name: "Compare" }).click();
  const result = page.locator(".bill-result");
  await expect(result).toContainText(/The other plan would have cost €\d+\.\d\d less per month\./);
  await expect(result).toContainText(/Over its allowance in (\d+) of \1 finished cycles/);
  await expect(result).toContainText(/Over its allowance in 0 of \d+ finished cycles/);
  // May: 103.5 GB over at 2 EUR, and the fee.
  const own = page.locator("section").filter({ has: page.getByRole("heading", { name: "Your plan" }) });
  await expect(own.getByRole("row").filter({ hasText: "31 May" })).toContainText(/403\.5\sGB.*103\.5\sGB.*€236\.9\d/);
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Export CSV" }).click(),
  ]);
  const text = await readFile(await download.path(), "utf8");
  expect(text).toMatch(/Your plan,2035-05-01,2035-05-31,\d+,0,\d+,236\.9\d+,EUR,/);
  expect(text).toMatch(/The other plan,2035-05-01,2035-05-31,\d+,0,0,60\.000000,EUR,/);
});

test("where a plan has no price, no currency is asked for and no cost is claimed; a fee alone has the one that is typed", async ({
  page,
}) => {
  await setPlan(MONTHLY);
  await open(page, product(), "?open=what-if");
  await expect(page.getByLabel("Allowance")).toHaveValue("300");
  await expect(page.getByLabel("Currency")).toHaveCount(0);
  await page.getByRole("button", { name: "Compare" }).click();
  const result = page.locator(".bill-result");
  await expect(result.getByRole("status")).toHaveText("To compare costs, enter a price for both plans.");
  await expect(page.locator("main")).not.toContainText("€");
  await page.getByLabel("Price per cycle", { exact: true }).fill("25");
  await page.getByLabel("Your plan's price").fill("30");
  await page.getByLabel("Currency").fill("£");
  await page.getByRole("button", { name: "Compare" }).click();
  await expect(page.getByLabel("Currency")).toBeFocused();
  await page.getByLabel("Currency").fill("gbp");
  await page.getByRole("button", { name: "Compare" }).click();
  await expect(result.getByRole("status")).toHaveText(/The other plan would have cost £\d+\.\d\d less per month\./);
});

for (const theme of ["light", "dark"] as const) {
  test.describe(`in the ${theme} theme, on a phone`, () => {
    test.use({ colorScheme: theme, viewport: { width: 390, height: 844 } });

    test("axe finds no violation, and nothing is wider than the screen", async ({ page }) => {
      test.setTimeout(300_000);
      await setPlan(PRICED);
      await open(page, product(), "?open=bill&cycle=2035-05-01&bill=390500000000");
      await expect(days(page)).toHaveCount(31);
      expect(await overhang(page)).toBe(0);
      await expectNoViolation(page, "main");
      await open(page, product(), "?open=what-if");
      await page.getByRole("button", { name: "Add free hours" }).click();
      await page.getByRole("button", { name: "Compare" }).click();
      await expect(page.locator(".bill-result")).toBeVisible();
      expect(await overhang(page)).toBe(0);
      await expectNoViolation(page, "main");
    });
  });
}

test("both print whole on paper, with the cycle, and without what is to be pressed", async ({ page }) => {
  await setPlan(PRICED);
  await open(page, product(), "?open=bill&cycle=2035-05-01&bill=390500000000");
  await expect(days(page)).toHaveCount(31);
  await page.setViewportSize({ width: 703, height: 1000 });
  await page.emulateMedia({ media: "print" });
  await expect(page.getByRole("heading", { name: /1\W+31 May 2035/ })).toBeVisible();
  await expect(page.locator("main").getByRole("button")).toHaveCount(0);
  await expect(page.locator("main input")).toBeHidden();
  expect(await overhang(page)).toBe(0);
});
