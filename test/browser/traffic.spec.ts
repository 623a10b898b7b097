import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Page } from "@playwright/test";
import { MB, VIDEO } from "./lib/home.ts";
import type { Product } from "./lib/product.ts";
import { expect, open, overhang, test, withProduct } from "./lib/test.ts";

const NAS = "04:5d:4b:00:00:01";
const YESTERDAY = "2035-06-14";
const RANGE = `?range=custom&from=${YESTERDAY}&to=${YESTERDAY}`;

/** Adds what the kernel would have counted of the NAS yesterday, to what a darkstat counted of it before. */
function addKinds(dir: string): void {
  const db = new DatabaseSync(join(dir, "WhiteStat.db"));
  for (const [id, traffic, bytes] of [
    [9001, "internet", 3 * MB],
    [9002, "lan", 500 * MB],
  ] as const) {
    db.prepare(
      `INSERT INTO endpoint (id, source, interface, address, held_by, traffic, first_day, last_day, role, device, reported)
       SELECT ?, e.source, e.interface, e.address, e.held_by, ?, ?, ?, e.role, e.device, e.reported
       FROM endpoint e JOIN interface i ON i.id = e.interface WHERE i.mac = ? LIMIT 1`,
    ).run(id, traffic, YESTERDAY, YESTERDAY, NAS);
    db.prepare("INSERT INTO usage_day VALUES (?, ?, 0, ?, 0, ?, NULL, 0, 0)").run(YESTERDAY, id, bytes, bytes);
    db.prepare("INSERT INTO usage_hour VALUES (?, 20, ?, 0, ?, 0)").run(YESTERDAY, id, bytes);
    db.prepare("INSERT INTO usage_month VALUES (?, ?, 0, ?, NULL, ?, 0, 0)").run(id, "2035-06", bytes, YESTERDAY);
  }
  db.close();
}

function withNas(page: Page, use: (product: Product) => Promise<void>): Promise<void> {
  const past = {
    days: 1,
    live(darkstat: Product["darkstat"], { daysAgo, hour }: { daysAgo: number; hour: number }) {
      if (daysAgo !== 1 || hour !== 12) return;
      darkstat.traffic({ ip: "192.168.1.20", mac: NAS, hostname: "nas.home.example" }, VIDEO, 10 * MB, 0);
    },
  };
  return withProduct(page, { past, prepare: addKinds }, use);
}

const total = (page: Page) => page.locator(".shell-total-total .shell-value");
const bar = (page: Page) => page.getByRole("region", { name: "Traffic" });

test("internet and LAN are told apart by a choice in Display, kept in the address, with what isn't known @both", async ({
  page,
}) => {
  await withNas(page, async (product) => {
    await open(page, product, RANGE);
    await expect(total(page)).toHaveText(/^513(\.0)?\sMB$/);
    await expect(bar(page)).toBeHidden();
    await page.locator("summary").filter({ hasText: "Display" }).click();
    await page.getByRole("radio", { name: "Internet" }).check({ force: true });
    await expect(page).toHaveURL(/[?&]traffic=internet/);
    await expect(total(page)).toHaveText(/^3(\.0+)?\sMB$/);
    await page.keyboard.press("ArrowRight");
    await expect(page).toHaveURL(/[?&]traffic=lan/);
    await expect(total(page)).toHaveText(/^500(\.0)?\sMB$/);
    await page.keyboard.press("Escape");
    await expect(bar(page)).toContainText("Showing LAN traffic");
    await expect(bar(page)).toContainText(/10(\.0)?\sMB in this period aren't included/);
    expect(await overhang(page)).toBe(0);
    await page.goBack();
    await expect(total(page)).toHaveText(/^3(\.0+)?\sMB$/);
    await expect(bar(page)).toContainText("Showing internet traffic");
    await bar(page).getByRole("button", { name: "Show all traffic" }).click();
    await expect(bar(page)).toBeHidden();
    await expect(total(page)).toHaveText(/^513(\.0)?\sMB$/);
  });
});

test("a device's page says what it exchanged with whom", async ({ page }) => {
  await withNas(page, async (product) => {
    await open(page, product, `${RANGE}&device=${encodeURIComponent(NAS)}`);
    const facts = page.locator(".device-facts");
    await expect(facts).toContainText(/3(\.0+)?\sMB with the internet, 500(\.0)?\sMB on the LAN/);
    await expect(facts).toContainText(/10(\.0)?\sMB from before this could be told/);
  });
});
