import type { FakeDarkstat } from "../../src/meters/darkstat/simulated/index.ts";
import { expectNoViolation } from "./lib/axe.ts";
import { home } from "./lib/home.ts";
import { expect, open, overhang, productFor, test, withProduct } from "./lib/test.ts";

const TV = { ip: "192.168.1.20", mac: "04:5d:4b:00:00:99" };
const UPDATES = { ip: "198.51.100.44", mac: "02:00:00:00:00:fe", hostname: "updates.example.net" };
const GB = 1_000_000_000;

const product = productFor(home);

test("where nothing is unusual, nothing is said of it", async ({ page }) => {
  await open(page, product());
  expect(await product().json("api/v1/unusual")).toMatchObject({ unusual: [] });
  await expect(page.getByRole("region", { name: "Unusual today" })).toHaveCount(0);
});

test("an unusual night stands above the figures, leads to its device, and fits a phone", async ({ page }) => {
  const scenario = {
    names: [[TV.mac, "TV <script>"]] as const,
    past: {
      days: 30,
      live: (darkstat: FakeDarkstat, { hour, daysAgo }: { hour: number; daysAgo: number }) => {
        if (hour === 20) darkstat.traffic(TV, UPDATES, GB / 5, GB / 100);
        if (daysAgo === 0 && hour >= 2 && hour < 6) darkstat.traffic(TV, UPDATES, 10 * GB, GB / 100);
      },
    },
  };
  await withProduct(page, scenario, async (own) => {
    await page.setViewportSize({ width: 390, height: 844 });
    await open(page, own);
    const told = page.getByRole("region", { name: "Unusual today" });
    await expect(told).toHaveText(/^TV <script> downloaded 40\.0\sGB between 02:00 and 06:00; usually 0\sB\.$/);
    expect(await overhang(page)).toBe(0);
    await expectNoViolation(page, '[aria-label="Unusual today"]');
    await told.getByRole("link").click();
    await expect(page.getByRole("heading", { level: 1 })).toContainText("TV <script>");
  });
});
