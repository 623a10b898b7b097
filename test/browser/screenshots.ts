/**
 * Takes the README's pictures of the demo: `npm run screenshots`. The household and its hour are the same each
 * time: a picture changes when the dashboard does, and by its date.
 */
import { mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "@playwright/test";
import { LAUNCH } from "./lib/launch.ts";
import { startProduct } from "./lib/product.ts";
import { setClock, settled } from "./lib/test.ts";

const FOLDER = join(import.meta.dirname, "../../docs/images");
const DAY_MS = 86_400_000;
/** The next Saturday evening: the household is at home, and no clock is older than the product. */
const EVENING = nextSaturday(Date.now()) + 20 * 3_600_000 + 40 * 60_000;
const SIZES = { desk: { width: 1280, height: 1480 }, phone: { width: 390, height: 844 } } as const;

mkdirSync(FOLDER, { recursive: true });
const product = await startProduct({ command: "demo", startsAt: EVENING });
const browser = await chromium.launch(LAUNCH);
try {
  for (const [device, viewport] of Object.entries(SIZES)) {
    for (const colorScheme of ["light", "dark"] as const) {
      const page = await browser.newPage({
        viewport,
        colorScheme,
        locale: "en-GB",
        reducedMotion: "reduce",
        deviceScaleFactor: device === "phone" ? 2 : 1,
        hasTouch: device === "phone",
        isMobile: device === "phone",
      });
      await setClock(page, product.aheadMs());
      await page.goto(product.url);
      await settled(page);
      const path = join(FOLDER, `dashboard-${device === "phone" ? "phone-" : ""}${colorScheme}.png`);
      await page.screenshot({ path });
      if (device === "phone") {
        const plan = join(FOLDER, `plan-${colorScheme}.png`);
        await page.getByRole("region", { name: "Data plan" }).screenshot({ path: plan });
        process.stdout.write(`${plan}: ${Math.round(statSync(plan).size / 1000)} kB\n`);
      }
      await page.close();
      process.stdout.write(`${path}: ${Math.round(statSync(path).size / 1000)} kB\n`);
    }
  }
} finally {
  await browser.close();
  await product.dispose();
}

/** Midnight (UTC) of the first Saturday that is not over. */
function nextSaturday(now: number): number {
  const today = Math.floor(now / DAY_MS) * DAY_MS;
  return today + ((6 - new Date(today).getUTCDay() + 7) % 7) * DAY_MS;
}
