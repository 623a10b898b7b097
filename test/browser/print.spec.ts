import type { Page } from "@playwright/test";
import { home, thousand } from "./lib/home.ts";
import { expect, open, overhang, productFor, rows, settled, test, withProduct } from "./lib/test.ts";

const product = productFor(home);

/** The width between the margins of A4, upright, in CSS pixels. */
const PAPER = { width: 703, height: 1000 };

test.use({ colorScheme: "dark" });

/** Looks at the page as it is laid out on paper. */
async function onPaper(page: Page): Promise<void> {
  await page.setViewportSize(PAPER);
  await page.emulateMedia({ media: "print", colorScheme: "dark" });
}

for (const [what, address] of [
  ["today", ""],
  ["a month by day", "?range=last-month&view=day"],
  ["a device", "?device=04:5d:4b:00:00:01&range=last-month"],
] as const) {
  test(`${what} prints dark on white, cut off nowhere, and without what is to be pressed`, async ({ page }) => {
    await open(page, product(), address);
    await expect(page.locator(".devices-row, .device-head")).not.toHaveCount(0);
    await onPaper(page);
    await expect(page.locator(".shell-menu")).toBeHidden();
    expect(await overhang(page)).toBe(0);
    const seen = await page.evaluate(() => {
      const wide: string[] = [];
      for (const element of document.querySelectorAll("main *")) {
        const { right, width } = element.getBoundingClientRect();
        if (width > 1 && right > innerWidth + 1 && element.closest("svg svg, defs") === null) {
          wide.push(`${Math.round(right)} ${element.outerHTML.slice(0, 80)}`);
        }
      }
      const lightness = (colour: string) => Math.max(...(colour.match(/\d+(?:\.\d+)?/g) ?? []).slice(0, 3).map(Number));
      const { color } = getComputedStyle(document.body);
      const panel = getComputedStyle(document.querySelector("main .panel") ?? document.body).backgroundColor;
      const visible = (selector: string) =>
        [...document.querySelectorAll<HTMLElement>(selector)].filter((one) => one.checkVisibility()).length;
      return {
        wide,
        ink: lightness(color),
        paper: lightness(panel),
        pressed: visible(
          "main button:not(.devices-sort, .devices-mark, .chart-legend button), main input, main select",
        ),
        bars: [...document.querySelectorAll(".chart-part")].filter((one) => one.getBoundingClientRect().height > 3)
          .length,
      };
    });
    expect(seen).toMatchObject({ wide: [], paper: 255, pressed: 0 });
    expect(seen.ink).toBeLessThan(80);
    expect(seen.bars).toBeGreaterThan(0);
  });
}

test("a table of many pages prints whole", async ({ page }) => {
  await withProduct(page, thousand, async (own) => {
    await open(page, own, "?range=30d");
    await expect(rows(page)).toHaveCount(50);
    await page.emulateMedia({ media: "print" });
    await expect(rows(page)).toHaveCount(1000);
    await page.emulateMedia({ media: "screen" });
    await settled(page);
    await expect(rows(page)).toHaveCount(50);
  });
});
