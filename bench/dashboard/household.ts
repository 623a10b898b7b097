import type { Browser, Page } from "@playwright/test";
import type { Changed, Household, Step } from "../../src/shared/household-api.ts";
import { campus } from "../../test/browser/lib/home.ts";
import { type Product, startProduct } from "../../test/browser/lib/product.ts";
import { choose, clickHeader, figures, inTurn, type Line, typeSearch, workMs } from "./page.ts";

const DEVICES = 300;
const OWNERS = 20;
const BUDGET_MS = 100;
const TYPES = ["phone", "laptop", "tv", "tablet", "printer", "camera", "console"] as const;
/** The filter is written into the address a moment after the last letter. */
const AFTERWARDS_MS = 400;

/**
 * From a key or click to the painted answer in a household of 300 devices and 20 owners: over a month, by device, and what is
 * asked of the server without the wait for it. "Work" is what the page's thread did, with what follows in the next moment.
 */
export async function household(browser: Browser): Promise<Line[]> {
  const product = await startProduct(campus(DEVICES));
  try {
    const owners = await settle(product);
    const page = await openPage(browser, product);
    const lines: Line[] = [];
    const take = async (what: string, words: readonly string[], act: (page: Page, word: string) => Promise<number>) => {
      const name = `${what}, ${DEVICES} devices of ${OWNERS} owners`;
      lines.push({ what: name, ...figures(await inTurn(words, (word) => act(page, word))), budget: BUDGET_MS });
      const withMore = async (word: string) => {
        await act(page, word);
        await page.waitForTimeout(AFTERWARDS_MS);
      };
      const work = await inTurn(words, (word) => workMs(page, () => withMore(word)));
      lines.push({ what: `  work, ${name}`, ...figures(work), budget: BUDGET_MS });
    };
    await take("sort", ["Name", "Upload", "Addresses", "Download", "Last seen", "Share"], clickHeader);
    await take("filter", ["device-00", "10.0.2.", "12", "campus", "!5", "x"], typeSearch);
    await typeSearch(page, "");
    await take(
      "group",
      ["owner", "type", "network", "device"].map((by) => `Group by=${by}`),
      choose,
    );
    const some = [3, 7, 12, 19].map((nth) => `Owner=${owners[nth]}`);
    await take("one owner", [...some, "Owner=none", "Owner="], choose);
    await page.close();
    return lines;
  } finally {
    await product.dispose();
  }
}

/** Owners, their devices, and types; every 15th device is nobody's. */
async function settle(product: Product): Promise<readonly number[]> {
  const names = Array.from({ length: OWNERS }, (_, n): Step => ({ do: "add-owner", name: `Owner ${n + 1}` }));
  const { owners } = await change(product, names);
  const { devices } = await product.json<Household>("api/v1/household");
  const keys = devices.filter(({ router }) => !router).map(({ key }) => key);
  const steps = owners.map((owner, nth): Step => {
    const own = keys.filter((_, n) => n % 15 !== 0 && n % OWNERS === nth);
    return { do: "hand-over", devices: own, owner, from: null };
  });
  await change(product, steps);
  await change(
    product,
    TYPES.map((type, nth): Step => {
      return { do: "describe", devices: keys.filter((_, n) => n % TYPES.length === nth), type };
    }),
  );
  return owners;
}

async function change(product: Product, steps: readonly Step[]): Promise<Changed> {
  const response = await fetch(new URL("api/v1/household/changes", product.url), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ steps }),
  });
  if (!response.ok) throw new Error(`the household was not changed: ${await response.text()}`);
  return (await response.json()) as Changed;
}

async function openPage(browser: Browser, product: Product): Promise<Page> {
  // What moves for a third of a second afterwards is painted frame by frame, and keeps nobody waiting.
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, reducedMotion: "reduce" });
  // Readings would ask for figures in the middle of a measurement.
  await page.route("**/api/v1/events", (route) => route.abort());
  await page.goto(`${product.url}?range=30d`);
  await page.locator("tr.devices-row").first().waitFor();
  await page.locator('select[aria-label="Owner"]').waitFor();
  return page;
}
