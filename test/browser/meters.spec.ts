import type { Page } from "@playwright/test";
import { createFakeDarkstat } from "../../src/meters/darkstat/simulated/index.ts";
import { expectNoViolation } from "./lib/axe.ts";
import { MB, VIDEO } from "./lib/home.ts";
import { type Product, ROUTER, START } from "./lib/product.ts";
import { expect, open, overhang, rowOf, rows, test, withProduct } from "./lib/test.ts";

const PHONE = "04:5d:4b:00:00:01";

/** Two meters, of which the second is a view or not; the phone used 10 MB on one, and 3 MB on the other with a TV. */
async function withMeters(page: Page, views: string, use: (product: Product) => Promise<void>): Promise<void> {
  const offset = START - Date.now();
  const meters = ["home", "guest"].map((name) => ({
    name,
    darkstat: createFakeDarkstat({
      now: () => Date.now() + offset,
      routerMac: ROUTER,
      hostsMax: 10_000,
      interface: `br-${name}`,
    }),
  }));
  const urls = await Promise.all(meters.map(async ({ name, darkstat }) => `${name}=${await darkstat.start()}`));
  try {
    await withProduct(page, { env: { DARKSTAT_URL: urls.join("|"), METER_VIEWS: views } }, async (product) => {
      await expect
        .poll(async () => (await product.json<{ meters: { readAt: number | null }[] }>("api/v1/status")).meters)
        .toMatchObject([{ readAt: expect.any(Number) }, { readAt: expect.any(Number) }]);
      meters[0]?.darkstat.traffic(
        { ip: "192.168.1.20", mac: PHONE, hostname: "phone.home.example" },
        VIDEO,
        10 * MB,
        0,
      );
      meters[1]?.darkstat.traffic({ ip: "192.168.2.20", mac: PHONE, hostname: "phone.home.example" }, VIDEO, 3 * MB, 0);
      const tv = { ip: "192.168.2.21", mac: "04:5d:4b:00:00:02", hostname: "tv.home.example" };
      meters[1]?.darkstat.traffic(tv, VIDEO, MB, 0);
      await use(product);
    });
  } finally {
    for (const { darkstat } of meters) await darkstat.stop();
  }
}

const total = (page: Page) => page.locator(".shell-total-total .shell-value");

test("of several meters one can be looked at alone, and the page says that it is @both", async ({ page }) => {
  await withMeters(page, "", async (product) => {
    await open(page, product);
    await expect(total(page)).toHaveText(/^14(\.0)?\sMB$/);
    await expect(page.locator("#health")).toContainText("home: darkstat");
    await expect(page.locator("#health")).toContainText("guest: darkstat");
    await page.locator("summary").filter({ hasText: "Display" }).click();
    await page.getByRole("radio", { name: "guest" }).check();
    await expect(page).toHaveURL(/[?&]source=guest/);
    await expect(total(page)).toHaveText(/^4(\.0)?\sMB$/);
    await page.keyboard.press("Escape");
    const bar = page.getByRole("region", { name: "Meter" });
    await expect(bar).toContainText("Showing the meter guest");
    await expect(rows(page)).toHaveCount(2);
    expect(await overhang(page)).toBe(0);
    await bar.getByRole("button", { name: "Show all" }).click();
    await expect(bar).toBeHidden();
    await expect(total(page)).toHaveText(/^14(\.0)?\sMB$/);
  });
});

test("devices are put together by meter and by network, and a meter's name leads to what it counted", async ({
  page,
}) => {
  await withMeters(page, "", async (product) => {
    await open(page, product);
    await page.getByLabel("Group by").selectOption("Meters");
    await expect(page.getByRole("heading", { name: "Usage by meter" })).toBeVisible();
    await expect(rowOf(page, "home")).toContainText(/10(\.0)?\sMB/);
    await expect(rowOf(page, "guest")).toContainText(/4(\.0)?\sMB/);
    await rowOf(page, "guest").getByRole("link", { name: "guest" }).click();
    await expect(page).toHaveURL(/[?&]source=guest/);
    await expect(total(page)).toHaveText(/^4(\.0)?\sMB$/);

    await open(page, product, "?by=network");
    await expect(page.getByText("A device that was in several networks counts in the one")).toBeVisible();
    await expect(rows(page)).toHaveCount(2);
    expect(await overhang(page)).toBe(0);
  });
});

test("a view is shown alone, and not added to the others", async ({ page }) => {
  await withMeters(page, "guest", async (product) => {
    await open(page, product);
    await expect(total(page)).toHaveText(/^10(\.0)?\sMB$/);
    await expect(rowOf(page, "tv.home.example")).toHaveCount(0);
    await open(page, product, "?source=guest");
    await expect(total(page)).toHaveText(/^4(\.0)?\sMB$/);
    await expect(page.getByRole("region", { name: "Meter" })).toContainText("It is a view: not added to the others.");
    await expect(rowOf(page, "tv.home.example")).toHaveCount(1);
  });
});

for (const theme of ["light", "dark"] as const) {
  test.describe(`in the ${theme} theme`, () => {
    test.use({ colorScheme: theme });

    test("axe finds no violation in the choice of a meter, nor in the bar above a view @both", async ({ page }) => {
      await withMeters(page, "guest", async (product) => {
        await open(page, product, "?source=guest");
        await expect(rowOf(page, "tv.home.example")).toHaveCount(1);
        await expectNoViolation(page);
        await page.locator("summary").filter({ hasText: "Display" }).click();
        await expect(page.getByRole("radio", { name: "guest (view)" })).toBeChecked();
        expect(await overhang(page)).toBe(0);
        await expectNoViolation(page);
      });
    });
  });
}
