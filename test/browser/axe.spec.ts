import { expectNoViolation } from "./lib/axe.ts";
import { openEverything } from "./lib/everything.ts";
import { home } from "./lib/home.ts";
import { expect, open, productFor, rows, settled, test, withProduct } from "./lib/test.ts";

const product = productFor(home);
const DEVICE = "?device=d2:7e:19:00:00:03";

// Hundreds of cells and bars are looked at one by one: on a busy machine that takes minutes.
test.describe.configure({ timeout: 300_000 });

for (const theme of ["light", "dark"] as const) {
  test.describe(`in the ${theme} theme`, () => {
    test.use({ colorScheme: theme });

    test("axe finds no violation on the dashboard, with everything open @both", async ({ page }) => {
      await open(page, product(), "?range=7d&remote=yes");
      await openEverything(page);
      await expectNoViolation(page);
      await page.keyboard.press("Escape");
      await page.locator("summary").filter({ hasText: "Display" }).click();
      await expectNoViolation(page);
    });

    test("axe finds no violation on a device's page, nor in the view by day @both", async ({ page }) => {
      await open(page, product(), DEVICE);
      await page.getByRole("region", { name: "Download and upload by hour" }).getByText("Show as a table").click();
      await page.getByRole("button", { name: /^Rename/ }).click();
      await expectNoViolation(page);
      await page.goto(`${product().url}?view=day&range=7d`);
      await settled(page);
      await expect(rows(page)).not.toHaveCount(0);
      await expectNoViolation(page);
    });

    test("axe finds no violation where there is nothing yet, or something is wrong @both", async ({ page }) => {
      await withProduct(page, { env: { IdleSeconds: "3600" } }, async (empty) => {
        await open(page, empty);
        await expectNoViolation(page);
      });
      await withProduct(page, { env: { DARKSTAT_URL: "http://127.0.0.1:9/" } }, async (alone) => {
        await open(page, alone);
        await expect(page.getByRole("region", { name: "Notices" })).toContainText("reach");
        await expectNoViolation(page);
      });
    });
  });
}
