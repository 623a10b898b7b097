import { test as base, expect, type Locator, type Page } from "@playwright/test";
import { type Product, type Scenario, startProduct } from "./product.ts";

interface Options {
  /** What the console may say in a test that breaks something on purpose. */
  readonly pardoned: RegExp | null;
}

/**
 * Playwright's `test` with a page that has the product's clock, and that fails its test when anything was written to
 * the console, a dialog opened, the Content-Security-Policy was broken, or anything was asked of another origin.
 */
export const test = base.extend<Options>({
  pardoned: [null, { option: true }],
  page: async ({ page, pardoned }, use) => {
    const faults: string[] = [];
    const hosts = new Set<string>();
    page.on("console", (message) => {
      if (message.text().includes("Service Worker registration blocked by Playwright")) return;
      if (["error", "warning"].includes(message.type())) faults.push(`console: ${message.text()}`);
    });
    page.on("pageerror", (error) => faults.push(`error: ${error.stack ?? error.message}`));
    page.on("dialog", (dialog) => {
      faults.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on("request", (request) => {
      const { hostname, protocol } = new URL(request.url());
      if (/^https?:$/.test(protocol)) hosts.add(hostname);
    });
    await page.exposeFunction("policyBroken", (what: string) => faults.push(`policy broken: ${what}`));
    await page.addInitScript(() =>
      addEventListener("securitypolicyviolation", (event) => {
        const { policyBroken } = globalThis as unknown as { policyBroken(what: string): void };
        policyBroken(`${event.violatedDirective} ${event.blockedURI}`);
      }),
    );
    await use(page);
    expect(
      faults.filter((fault) => !pardoned?.test(fault)),
      "nothing goes wrong in the page",
    ).toEqual([]);
    expect([...hosts], "no other host is asked").toEqual(["127.0.0.1"]);
  },
});

export { expect };

/** A connection that a test takes away leaves these words in the console. */
export const LOST_CONNECTION = /net::ERR_(?:CONNECTION|INCOMPLETE|EMPTY)/;

/** A product for all tests of a file, or of a `describe`. Call it at its top. */
export function productFor(scenario: Scenario): () => Product {
  let product: Product | null = null;
  test.beforeAll(async () => {
    product = await startProduct(scenario);
  });
  test.afterAll(async () => {
    await product?.dispose();
    product = null;
  });
  return () => {
    if (product === null) throw new Error("the product has not been started");
    return product;
  };
}

/** Runs a product for one test. */
export async function withProduct(
  page: Page,
  scenario: Scenario,
  use: (product: Product) => Promise<void>,
): Promise<void> {
  const product = await startProduct(scenario);
  try {
    await use(product);
  } finally {
    // First, or the page would complain of a server that is gone.
    await page.goto("about:blank");
    await product.dispose();
  }
}

/** Gives the page the product's clock: it goes on from there as time goes. */
export async function setClock(page: Page, aheadMs: number): Promise<void> {
  await page.addInitScript((ms) => {
    // A page may be given the clock twice.
    const kept = globalThis as unknown as { realDate?: DateConstructor };
    kept.realDate ??= Date;
    const Real = kept.realDate;
    class Shifted extends Real {
      constructor(...args: unknown[]) {
        if (args.length === 0) super(Real.now() + ms);
        else super(...(args as [number]));
      }
      static override now() {
        return Real.now() + ms;
      }
    }
    globalThis.Date = Shifted as DateConstructor;
  }, aheadMs);
}

/** Opens the dashboard and waits until its figures are there. */
export async function open(page: Page, product: Product, address = ""): Promise<void> {
  await setClock(page, product.aheadMs());
  await page.goto(new URL(address, product.url).href);
  await settled(page);
}

/** Waits until the figures that were asked for last are shown. */
export async function settled(page: Pick<Page, "locator">): Promise<void> {
  await expect(page.locator("main")).toBeVisible();
  await expect(page.locator('.shell-skeleton, .shell-waiting, .shell-reading, section[aria-busy="true"]')).toHaveCount(
    0,
  );
}

/** The device table. */
export function table(page: Page): Locator {
  return page.getByRole("table", { name: "Devices" });
}

/** Rows of the device table, without headers, filters and sums. */
export function rows(page: Page): Locator {
  return page.locator("tr.devices-row");
}

/** The row of a device, by what its name is or holds. */
export function rowOf(page: Page, name: string | RegExp): Locator {
  return rows(page).filter({ has: page.getByRole("rowheader", { name }) });
}

/** The texts of one column, from the top. */
export async function columnTexts(page: Page, column: string): Promise<string[]> {
  const cells = rows(page).locator(`.devices-${column}`);
  return (await cells.allInnerTexts()).map((text) => text.replace(/\s+/g, " ").trim());
}

/** What stands in an element. */
export async function textOf(locator: Locator): Promise<string> {
  return (await locator.textContent()) ?? "";
}

/** The names in the table, from the top. */
export async function names(page: Page): Promise<string[]> {
  return rows(page).locator(".devices-name bdi.devices-text").allInnerTexts();
}

/** How far the page can be scrolled sideways, in pixels. */
export async function overhang(page: Page): Promise<number> {
  return page.evaluate(() => {
    const { scrollX: x, scrollY: y } = window;
    scrollTo(10_000, y);
    const far = scrollX;
    scrollTo(x, y);
    return far;
  });
}
