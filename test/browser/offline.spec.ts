import { home } from "./lib/home.ts";
import { expect, LOST_CONNECTION, open, productFor, test } from "./lib/test.ts";

const product = productFor(home);

test.use({ serviceWorkers: "allow", pardoned: LOST_CONNECTION });

test("once opened, the dashboard opens without the server: its own files are kept, and no figures are", async ({
  page,
}) => {
  await open(page, product());
  await page.evaluate(() => navigator.serviceWorker.ready);
  const kept = await page.evaluate(async () => {
    const names = await caches.keys();
    const requests = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
    return requests.flat().map(({ url }) => new URL(url).pathname);
  });
  expect(kept).toContain("/");
  expect(kept.filter((path) => /api|json|table/.test(path))).toEqual([]);

  await product().end();
  try {
    await page.goto(`${product().url}?range=7d`);
    await expect(page.getByRole("region", { name: "Notices" })).toContainText("No connection to WhiteStat");
    await expect(page.getByRole("link", { name: "7 days" })).toHaveAttribute("aria-current", "true");
    await expect(page.locator("main")).not.toContainText("GB");
    // The part that was never asked for is there as well.
    await page.goto(`${product().url}?device=04:5d:4b:00:00:01`);
    await expect(page.locator(".shell-brand")).toBeVisible();
  } finally {
    await product().start();
  }
  await page.goto(product().url);
  await expect(page.locator(".shell-total-total .shell-value")).toHaveText(/^12\.6\sGB$/);
});
