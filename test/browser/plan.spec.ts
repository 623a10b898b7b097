import type { Page } from "@playwright/test";
import { expectNoViolation } from "./lib/axe.ts";
import { home } from "./lib/home.ts";
import type { Product } from "./lib/product.ts";
import { expect, LOST_CONNECTION, open, overhang, productFor, settled, test, withProduct } from "./lib/test.ts";

const product = productFor(home);

const panel = (page: Page) => page.getByRole("region", { name: "Data plan" });
const dialog = (page: Page) => page.getByRole("dialog", { name: "Data plan" });

async function setPlan(to: Product, plan: object | null): Promise<void> {
  const response = await fetch(new URL("api/v1/plan", to.url), {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ plan }),
  });
  expect(response.status).toBe(200);
}

const MONTHLY = { cycle: { unit: "month", count: 1, from: "2035-01-01" }, allowance: 300e9 };

async function openDialog(page: Page): Promise<void> {
  await page.locator("summary").filter({ hasText: "Display" }).click();
  await page.getByRole("button", { name: "Data plan…" }).click();
  await expect(dialog(page)).toBeVisible();
}

test.afterEach(async () => setPlan(product(), null));

test("without a plan nothing is said of one; once it is set, it says in a glance how it stands, and can be undone", async ({
  page,
}) => {
  await open(page, product());
  await expect(panel(page)).toHaveCount(0);
  await expect(page.getByRole("link", { name: "This cycle" })).toHaveCount(0);
  await openDialog(page);
  await expect(dialog(page)).toContainText(/Current cycle: 1\W+30 Jun 2035\. The next begins on 1 Jul 2035\./);
  await dialog(page).getByLabel("Allowance").fill("300");
  await dialog(page).getByLabel("Name").fill("Fibre 300");
  await dialog(page).getByRole("button", { name: "Save" }).click();

  // 15 days of 13.0 GB: what IPFilter leaves out counts as well.
  await expect(panel(page).getByRole("heading")).toHaveText("Fibre 300");
  await expect(panel(page)).toContainText(/195\.2\sGB of 300\.0\sGB used \(65%\)/);
  await expect(panel(page)).toContainText("16 days left");
  await expect(panel(page)).toContainText(
    /(?:Will almost certainly|Likely to) go over: 3\d\d\.\d\sGB to \d{3}\.\d\sGB by 30 Jun/,
  );
  await expect(panel(page).getByRole("img")).toHaveAccessibleName(
    /^65% of the allowance used, 48% of the cycle over, forecast/,
  );

  await expect(panel(page)).toContainText("Plan saved.");
  await panel(page).getByRole("button", { name: "Undo" }).click();
  await expect(panel(page)).toHaveCount(0);
});

test("a device is left out by keyboard, the card says so, and figures fall by what it used", async ({ page }) => {
  await setPlan(product(), MONTHLY);
  await open(page, product());
  await expect(panel(page)).toContainText(/195\.2\sGB of 300\.0\sGB used/);
  await panel(page).getByRole("button", { name: "Edit" }).click();
  await dialog(page).getByText("Not counted: nobody").focus();
  await page.keyboard.press("Enter");
  const first = dialog(page).getByRole("group", { name: "Devices of the last year" }).getByRole("checkbox").first();
  await first.focus();
  await page.keyboard.press("Space");
  await expect(first).toBeChecked();
  await expect(dialog(page).getByText("Not counted: 1")).toBeVisible();
  expect(await overhang(page)).toBe(0);
  await dialog(page).getByRole("button", { name: "Save" }).click();
  await expect(panel(page)).toContainText(/Not counted: .+\./);
  await expect(panel(page)).not.toContainText(/195\.2\sGB of/);
});

test("the plan says that it counts IPv6, which the figures below leave out", async ({ page }) => {
  await setPlan(product(), MONTHLY);
  await open(page, product(), "?range=cycle");
  await expect(panel(page)).toContainText("Includes IPv6, which the figures below leave out.");
});

test("the cycle is a range: by a link, in the address, and a step further", async ({ page, context }) => {
  await setPlan(product(), { ...MONTHLY, cycle: { unit: "month", count: 1, from: "2035-01-10" } });
  await open(page, product());
  await page.getByRole("link", { name: "This cycle" }).click();
  await settled(page);
  const heading = page.locator(".shell-range h1");
  await expect(heading).toHaveText(/^10\W+15 Jun 2035$/);
  expect(page.url()).toBe(`${product().url}?range=cycle`);
  await page.getByRole("link", { name: /^Earlier/ }).click();
  await settled(page);
  await expect(heading).toHaveText(/^10 May\W+9 Jun 2035$/);
  expect(page.url()).toBe(`${product().url}?range=last-cycle`);
  await page.getByRole("link", { name: /^Earlier/ }).click();
  await settled(page);
  await expect(heading).toHaveText(/^10 Apr\W+9 May 2035$/);
  await page.getByRole("link", { name: /^Later/ }).click();
  await settled(page);
  await expect(page.getByRole("link", { name: "Last cycle" })).toHaveAttribute("aria-current", "true");

  const other = await context.newPage();
  await open(other, product(), "?range=last-cycle");
  await expect(other.locator(".shell-range h1")).toHaveText(/^10 May\W+9 Jun 2035$/);
});

test("an address of a cycle shows today where there is no plan", async ({ page }) => {
  await open(page, product(), "?range=cycle");
  await expect(page.locator(".shell-range h1")).toHaveText("Friday, 15 June 2035");
});

test("another billing day cuts the past cycles anew, and each opens as a range", async ({ page }) => {
  await setPlan(product(), { ...MONTHLY, overPrice: { perGb: 2, currency: "EUR" } });
  await open(page, product());
  await panel(page).getByText("Past cycles").click();
  const past = panel(page).getByRole("row");
  // May was used whole: 31 days of 13.0 GB.
  await expect(past.nth(1)).toContainText(/1\W+31 May 2035.*403\.5\sGB.*134%.*103\.5\sGB.*€206\.9\d/);
  await expect(past.last()).toContainText(/Measured from 1 Apr 2035 only|1\W+30 Apr 2035/);

  await panel(page).getByRole("button", { name: "Edit" }).click();
  await dialog(page).getByLabel("Billing day").fill("31");
  await expect(dialog(page)).toContainText(/31 May\W+29 Jun 2035.*Shorter months begin on their last day/);
  await page.keyboard.press("Enter");
  await expect(dialog(page)).toHaveCount(0);
  await expect(past.nth(1)).toContainText(/30 Apr\W+30 May 2035/);
  await past.nth(1).getByRole("link").click();
  await settled(page);
  await expect(page.locator(".shell-range h1")).toHaveText(/^30 Apr\W+30 May 2035$/);
});

test("the provider's figure takes the place of what was measured, and is forgotten again", async ({ page }) => {
  await setPlan(product(), MONTHLY);
  await open(page, product());
  await panel(page).getByRole("button", { name: "Edit" }).click();
  await dialog(page)
    .getByLabel(/^Provider says/)
    .fill("250.5");
  await dialog(page).getByRole("button", { name: "Save" }).click();
  await expect(panel(page)).toContainText(/250\.5\sGB of 300\.0\sGB used/);
  await expect(panel(page)).toContainText(/Includes your provider's figure of 15 Jun 2035.*: 250\.5\sGB\./);
  await panel(page).getByRole("button", { name: "Edit" }).click();
  await dialog(page)
    .getByRole("button", { name: /^Forget 250\.5/ })
    .click();
  await dialog(page).getByRole("button", { name: "Save" }).click();
  await expect(panel(page)).toContainText(/195\.2\sGB of 300\.0\sGB used/);
});

test("free hours are taken off, on the weekdays chosen", async ({ page }) => {
  await setPlan(product(), MONTHLY);
  await open(page, product());
  await panel(page).getByRole("button", { name: "Edit" }).click();
  await dialog(page).getByRole("button", { name: "Add free hours" }).click();
  // The household is busy at eight in the morning and at eight in the evening; today until now.
  await dialog(page).getByRole("combobox", { name: "From" }).selectOption("8");
  await dialog(page).getByRole("combobox", { name: "To" }).selectOption("9");
  for (const day of ["Mon", "Tue", "Wed", "Thu", "Fri"])
    await dialog(page).getByRole("checkbox", { name: day }).uncheck();
  await dialog(page).getByRole("button", { name: "Save" }).click();
  await expect(dialog(page).getByRole("alert")).toHaveText("Choose at least one weekday for each of the free hours.");
  await dialog(page).getByRole("checkbox", { name: "Sat" }).check();
  await dialog(page).getByRole("checkbox", { name: "Sun" }).check();
  await dialog(page).getByRole("button", { name: "Save" }).click();
  // Four mornings of 6.5 GB: 2, 3, 9 and 10 June.
  await expect(panel(page)).toContainText(/169\.2\sGB of 300\.0\sGB used/);
  await expect(panel(page)).toContainText(/26\.0\sGB more in free hours\./);
});

test("what can't be is said at its field, and nothing typed is lost; Escape leaves, back to where one was", async ({
  page,
}) => {
  await open(page, product());
  await openDialog(page);
  await dialog(page).getByLabel("Allowance").fill("500");
  await dialog(page).getByLabel("Billing day").fill("32");
  await page.keyboard.press("Enter");
  await expect(dialog(page).getByRole("alert")).toHaveText("The billing day is a whole number from 1 to 31.");
  await expect(dialog(page).getByLabel("Billing day")).toBeFocused();
  await expect(dialog(page).getByLabel("Allowance")).toHaveValue("500");
  await page.keyboard.press("Escape");
  await expect(dialog(page)).toHaveCount(0);
  await expect(page.locator("summary").filter({ hasText: "Display" })).toBeFocused();
  await expect(panel(page)).toHaveCount(0);
});

test.describe("without a connection", () => {
  test.use({ pardoned: LOST_CONNECTION });

  test("a plan that can't be saved stays in the dialog, and can be sent again", async ({ page }) => {
    await open(page, product());
    await openDialog(page);
    await dialog(page).getByLabel("Allowance").fill("500");
    await page.route("**/api/v1/plan*", (route) => route.abort("connectionrefused"));
    await dialog(page).getByRole("button", { name: "Save" }).click();
    await expect(dialog(page).getByRole("alert")).toContainText("Can't reach WhiteStat.");
    await page.unroute("**/api/v1/plan*");
    await dialog(page).getByRole("button", { name: "Save" }).click();
    await expect(panel(page)).toContainText(/of 500\.0\sGB used/);
  });
});

test("removing the plan takes everything of it from the page, and is undone", async ({ page }) => {
  await setPlan(product(), MONTHLY);
  await open(page, product());
  await panel(page).getByRole("button", { name: "Edit" }).click();
  await dialog(page).getByRole("button", { name: "Remove plan" }).click();
  await expect(panel(page)).toHaveCount(0);
  await expect(page.getByRole("link", { name: "This cycle" })).toHaveCount(0);
  await expect(page.getByText("Plan removed.")).toBeVisible();
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(panel(page)).toContainText(/of 300\.0\sGB used/);
});

test("in a new household there is a cycle, and what it can't tell yet is said", async ({ page }) => {
  await withProduct(page, {}, async (own) => {
    await setPlan(own, MONTHLY);
    await open(page, own);
    await expect(panel(page)).toContainText(/0\sB of 300\.0\sGB used \(0%\)/);
    await expect(panel(page)).toContainText("A forecast needs three days of data.");
    await panel(page).getByText("Past cycles").click();
    await expect(panel(page)).toContainText("The first cycle isn't over yet.");
  });
});

test("at midnight the cycle goes on to the next, on an open page", async ({ page }) => {
  await withProduct(page, home, async (own) => {
    await setPlan(own, { ...MONTHLY, cycle: { unit: "day", count: 7, from: "2035-06-09" } });
    await open(page, own);
    await expect(panel(page)).toContainText("Last day");
    await own.pass(11.6 * 3_600_000);
    await expect(panel(page)).toContainText("7 days left");
    await expect(panel(page)).toContainText(/16\W+22 Jun 2035/);
  });
});

for (const theme of ["light", "dark"] as const) {
  test.describe(`in the ${theme} theme, on a phone`, () => {
    test.use({ colorScheme: theme, viewport: { width: 390, height: 844 } });

    test("axe finds no violation in the panel and its dialog, and nothing is wider than the screen", async ({
      page,
    }) => {
      test.setTimeout(300_000);
      await setPlan(product(), { ...MONTHLY, overPrice: { perGb: 2, currency: "EUR" } });
      await open(page, product(), "?range=cycle");
      await panel(page).getByText("Past cycles").click();
      expect(await overhang(page)).toBe(0);
      await expectNoViolation(page, ".plan");
      await panel(page).getByRole("button", { name: "Edit" }).click();
      await dialog(page).getByRole("button", { name: "Add free hours" }).click();
      expect(await overhang(page)).toBe(0);
      await expectNoViolation(page, ".plan-dialog");
    });
  });
}

test("it prints with what is open, and without what is to be pressed", async ({ page }) => {
  await setPlan(product(), MONTHLY);
  await open(page, product());
  await panel(page).getByText("Past cycles").click();
  await page.setViewportSize({ width: 703, height: 1000 });
  await page.emulateMedia({ media: "print" });
  await expect(panel(page).getByRole("button")).toHaveCount(0);
  await expect(panel(page).getByRole("table")).toBeVisible();
  expect(await overhang(page)).toBe(0);
});

test("an owner has a plan of her own: smaller below the line's, whole above her figures, and taken back", async ({
  page,
}) => {
  const send = (path: string, method: string, body: object) =>
    fetch(new URL(path, product().url), {
      method,
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  const made = await send("api/v1/household/changes", "POST", {
    steps: [{ do: "add-owner", name: "Kids", colour: 2 }],
  });
  const { change, owners } = (await made.json()) as { change: { id: number }; owners: number[] };
  const { devices } = (await (await fetch(new URL("api/v1/household", product().url))).json()) as {
    devices: { key: string }[];
  };
  const keys = devices.slice(0, 2).map(({ key }) => key);
  const step = { do: "hand-over", devices: keys, owner: owners[0], from: null };
  const handed = (await (await send("api/v1/household/changes", "POST", { steps: [step] })).json()) as {
    change: { id: number };
  };
  await setPlan(product(), MONTHLY);
  await open(page, product());
  await openDialog(page);
  await dialog(page).getByLabel("For").selectOption({ label: "Kids" });
  await expect(dialog(page)).toContainText(/Current cycle: 11\W+17 Jun 2035/);
  // Nobody pays for what was agreed on at home.
  await expect(dialog(page).getByLabel("Price per unit over")).toHaveCount(0);
  await dialog(page).getByLabel("Allowance").fill("50");
  await dialog(page).getByRole("button", { name: "Save" }).click();

  const card = page.getByRole("article", { name: "Data plan of Kids" });
  await expect(card).toContainText(/of 50\.0\sGB used/);
  await expect(card).toContainText("3 days left");
  await expect(panel(page)).toContainText(/of 300\.0\sGB used/);
  await card.getByRole("link", { name: "Kids" }).click();
  const own = page.getByRole("region", { name: "Data plan of Kids" });
  await expect(own).toContainText(/of 50\.0\sGB used/);
  await expect(own.getByText("Past cycles")).toBeVisible();
  await expect(page.getByRole("region", { name: "Data plan", exact: true })).toHaveCount(0);
  await page.goBack();
  await expect(card).toBeVisible();
  await expectNoViolation(page, ".plan-cards");
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(card).toHaveCount(0);
  for (const { id } of [handed.change, change]) await send(`api/v1/household/changes/${id}/undo`, "POST", {});
});
