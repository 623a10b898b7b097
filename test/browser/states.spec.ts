import type { Page } from "@playwright/test";
import { freePort } from "../lib/free-port.ts";
import { home, MB, thousand, VIDEO } from "./lib/home.ts";
import type { Scenario } from "./lib/product.ts";
import {
  columnTexts,
  expect,
  names,
  open,
  overhang,
  rowOf,
  rows,
  settled,
  table,
  test,
  textOf,
  withProduct,
} from "./lib/test.ts";

const notices = (page: Page) => page.getByRole("region", { name: "Notices" });

/** What holds of every state: nothing to scroll sideways to, on the smallest of phones and at a desk. */
async function expectToFit(page: Page): Promise<void> {
  const before = page.viewportSize() ?? { width: 1280, height: 900 };
  for (const width of [360, 768, 1280]) {
    await page.setViewportSize({ width, height: 800 });
    await expect.poll(() => overhang(page), { message: `at ${width} pixels` }).toBe(0);
  }
  await page.setViewportSize(before);
}

test("in the first minutes the page says since when it measures and when the first figures come", async ({ page }) => {
  await withProduct(page, { env: { IdleSeconds: "3600" } }, async (product) => {
    await open(page, product);
    await expect(notices(page)).toContainText(
      "Measuring since 12:30: the first figures come with the next reading, at 13:30.",
    );
    await expectToFit(page);
  });
});

test("the first figures come by themselves", async ({ page }) => {
  await withProduct(page, {}, async (product) => {
    await open(page, product);
    await expect(page.locator(".shell-total-total .shell-value")).toHaveText(/^0\sB$/);
    product.darkstat.traffic(
      { ip: "192.168.1.20", mac: "04:5d:4b:00:00:01", hostname: "tv.home.example" },
      VIDEO,
      12 * MB,
      MB,
    );
    await expect(rowOf(page, "tv.home.example")).toHaveCount(1);
    await expect(notices(page)).toBeHidden();
  });
});

test("without a darkstat the page says what is wrong, since when, and what to do", async ({ page }) => {
  const url = `http://127.0.0.1:${await freePort()}/`;
  await withProduct(page, { env: { DARKSTAT_URL: url } }, async (product) => {
    await open(page, product);
    await expect(notices(page)).toContainText(/Can't reach darkstat at \S+ \(connection refused\)/);
    await expect(notices(page)).toContainText(/Since 12:3\d \(\d+ \w+\)\. \S+/);
    await expect(page.locator("#health")).toContainText("no reading of darkstat yet");
    // Nothing is known: that is not nothing.
    await expect(page.locator(".shell-value")).toHaveText(["–", "–", "–", "–"]);
    await expect(page).toHaveTitle("No data · WhiteStat");
    await expect(page.locator(".chart-empty")).toHaveText("No data for this period");
    await expectToFit(page);
  });
});

test("a darkstat that is gone for two hours is told with its time, figures stay, and all goes on when it is back", async ({
  page,
}) => {
  await withProduct(page, home, async (product) => {
    await open(page, product);
    const shown = await textOf(page.locator(".shell-total-total .shell-value"));
    const asked: string[] = [];
    page.on("request", (request) => asked.push(request.url()));
    product.darkstat.fault("refuse");
    await expect(notices(page)).toContainText(/Can't reach darkstat/, { timeout: 20_000 });
    // The page was told: it would have asked for the status much later.
    expect(asked.filter((url) => url.includes("/status"))).toEqual([]);
    await product.pass(2 * 3_600_000);
    await page.reload();
    await expect(notices(page)).toContainText(/Since 12:3\d \(2 hours\)/, { timeout: 20_000 });
    await expect(page.locator("#health")).toContainText(/Can't reach darkstat/);
    await expect(page.locator("#health")).toContainText("read 2 hours ago");
    await expect(page.locator(".shell-total-total .shell-value")).toHaveText(shown);
    await expect(page.locator(".chart-gap-unmeasured")).not.toHaveCount(0);
    await expectToFit(page);
    product.darkstat.traffic({ ip: "192.168.1.20" }, VIDEO, 900 * MB, 0);
    product.darkstat.clearFaults();
    await expect(page.locator(".shell-total-total .shell-value")).toHaveText(/^13\.5\sGB$/, { timeout: 20_000 });
    await expect(notices(page)).toBeHidden();
  });
});

test("a range without figures says so and leads to where there are some", async ({ page }) => {
  await withProduct(page, home, async (product) => {
    await open(page, product, "?range=custom&from=2034-01-01&to=2034-01-31");
    await expect(notices(page)).toContainText(/^No data for 1\W+31 Jan 2034\./);
    await expect(notices(page)).toContainText("Data is available for 1 Apr");
    await expectToFit(page);
    await notices(page).getByRole("button", { name: "Show available data" }).click();
    await settled(page);
    await expect(rows(page)).toHaveCount(9);
  });
});

test("days before a device came look unlike days without traffic", async ({ page }) => {
  const scenario: Scenario = {
    past: {
      days: 9,
      live: (darkstat, { hour, daysAgo }) => {
        if (hour !== 9) return;
        darkstat.traffic({ ip: "192.168.1.20", mac: "04:5d:4b:00:00:01" }, VIDEO, 100 * MB, MB);
        if (daysAgo === 4 || daysAgo === 1)
          darkstat.traffic({ ip: "192.168.1.21", mac: "3c:22:fb:00:00:02" }, VIDEO, MB, MB);
      },
    },
  };
  await withProduct(page, scenario, async (product) => {
    await open(page, product, "?device=3c:22:fb:00:00:02&range=7d");
    const bars = page.locator(".chart-trend rect[data-mark]");
    await expect(bars.nth(1)).toHaveAccessibleName(/^Sun, 10 Jun 2035: 0\sB, not seen yet\./);
    await expect(bars.nth(3)).toHaveAccessibleName(/^Tue, 12 Jun 2035: 0\sB\. /);
    await expect(page.locator(".chart-gap-absent")).toHaveCount(2);
    const calendar = page.getByRole("region", { name: "Daily usage" });
    await expect(calendar.locator("[data-mark].chart-missing-absent").last()).toHaveAccessibleName(
      /^Sun, 10 Jun 2035: not seen yet\./,
    );
    await expect(calendar.locator("[data-mark].chart-level-0").last()).toHaveAccessibleName(
      /^Fri, 15 Jun 2035: none\./,
    );
    await expect(calendar).toContainText("not seen yet");
  });
});

test("one device alone is shown as well as many", async ({ page }) => {
  const scenario: Scenario = {
    past: {
      days: 1,
      live: (darkstat, { hour }) => {
        if (hour === 9) darkstat.traffic({ ip: "192.168.1.20", mac: "04:5d:4b:00:00:01" }, VIDEO, 100 * MB, MB);
      },
    },
  };
  await withProduct(page, scenario, async (product) => {
    await open(page, product);
    await expect(rows(page)).toHaveCount(1);
    await expect(page.locator(".chart-slice")).toHaveCount(1);
    await expect(page.locator(".devices-sums .devices-name")).toHaveText("1 device");
    await expectToFit(page);
  });
});

test.describe("a thousand devices", () => {
  test("are counted, paged, sorted, found; by day over a month too", async ({ page }) => {
    await withProduct(page, thousand, async (product) => {
      await open(page, product, "?range=30d");
      await expect(page.locator(".shell-total-devices .shell-value")).toHaveText("1,000");
      await expect(page.locator(".devices-sums .devices-name")).toHaveText("1,000 devices");
      await expect(rows(page)).toHaveCount(50);
      await expectToFit(page);
      const pager = page.getByRole("navigation", { name: "Pages of the table" });
      await pager.getByRole("button", { name: "Last page" }).click();
      await expect(pager.getByRole("status")).toHaveText("951–1,000 of 1,000");
      await expect(page).toHaveURL(/page=20/);
      await pager.getByRole("combobox", { name: "Rows" }).selectOption("250");
      await expect(rows(page)).toHaveCount(250);
      await page.getByRole("searchbox").fill("device-0999");
      expect(await names(page)).toEqual(["device-0999.campus.example"]);
      await page.getByRole("searchbox").fill("");
      await page.getByRole("button", { name: "By day" }).click();
      await expect(page.locator(".devices-sums .devices-name")).toHaveText(/^1,000 devices, 30,000 /);
      await table(page).getByRole("columnheader", { name: "Upload" }).getByRole("button").click();
      const uploads = await columnTexts(page, "upload");
      expect(uploads[0]).toMatch(/GB$/);
      await expectToFit(page);
    });
  });
});

test("the demo says what it is", async ({ page }) => {
  await withProduct(page, { command: "demo" }, async (product) => {
    await open(page, product);
    await expect(notices(page)).toContainText("Demo: simulated data");
    await expect(page.locator(".shell-total-devices .shell-value")).toHaveText(/^1?\d$/);
    await expectToFit(page);
  });
});

test("packets that were dropped are said above the figures, with what it means", async ({ page }) => {
  await withProduct(
    page,
    {
      past: {
        days: 1,
        live: (darkstat, { hour }) => {
          if (hour !== 9) return;
          darkstat.traffic({ ip: "192.168.1.20", mac: "04:5d:4b:00:00:01" }, VIDEO, 100 * MB, MB);
          darkstat.drop(8_000);
        },
      },
    },
    async (product) => {
      await open(page, product);
      await expect(notices(page)).toContainText(
        /^darkstat dropped 10\.0 % of the packets since it started: usage is too low by about as much\./,
      );
      await expect(page.locator("#health")).toContainText("10% of packets dropped");
      await expectToFit(page);
    },
  );
});
