import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { home } from "./lib/home.ts";
import { expect, LOST_CONNECTION, open, productFor, rowOf, settled, test } from "./lib/test.ts";

const product = productFor(home);
const nameFile = () => readFileSync(join(product().dir, "MAC_HOST.txt"), "utf8");

/** Opens the editor in the row of a device. */
async function edit(page: Page, name: string) {
  await rowOf(page, name).hover();
  await page.getByRole("button", { name: `Rename ${name}`, exact: true }).click();
  const input = page.getByRole("textbox", { name: `Name of ${name}` });
  await expect(input).toBeFocused();
  return input;
}

test("Enter saves a name: at once on the page, in the file, and for everyone who looks", async ({ page, context }) => {
  await open(page, product());
  const input = await edit(page, "Doorbell");
  await input.fill("Front | door 🚪");
  await input.press("Enter");
  await expect(rowOf(page, "Front | door 🚪")).toHaveCount(1);
  await expect(input).toHaveCount(0);
  // The focus goes back to where it came from.
  await expect(page.getByRole("button", { name: "Rename Front | door 🚪" })).toBeFocused();
  await expect(page.locator(".chart-ranks")).toContainText("Front | door 🚪");
  expect(nameFile()).toContain("2c:aa:8e:00:00:06|Front | door 🚪");
  const other = await context.newPage();
  await other.goto(product().url);
  await expect(rowOf(other, "Front | door 🚪")).toHaveCount(1);
});

test("renaming moves nothing: the row stays where it is, as high as it was", async ({ page }) => {
  await open(page, product());
  const row = page.locator("tr.devices-row").nth(3);
  const next = page.locator("tr.devices-row").nth(4);
  // First, for it scrolls the row into view.
  await row.hover();
  const before = [await row.boundingBox(), await next.boundingBox()];
  await row.getByRole("button", { name: /^Rename/ }).click();
  await expect(row.getByRole("textbox")).toBeFocused();
  expect([await row.boundingBox(), await next.boundingBox()]).toEqual(before);
  await expect(row.getByRole("button", { name: "Save" })).toBeInViewport({ ratio: 1 });
});

test("an empty name gives the one on the network back", async ({ page }) => {
  await open(page, product());
  const input = await edit(page, "Office");
  await input.fill("");
  await input.press("Enter");
  await expect(input).toHaveCount(0);
  await expect(rowOf(page, "office-pc.home.example")).toHaveCount(1);
  expect(nameFile()).not.toContain("a4:bb:6d:00:00:05");
});

test("Escape leaves the name as it was", async ({ page }) => {
  await open(page, product());
  const before = nameFile();
  const input = await edit(page, "Living room TV");
  await input.fill("Something else");
  await input.press("Escape");
  await expect(input).toHaveCount(0);
  await expect(rowOf(page, "Living room TV")).toHaveCount(1);
  await expect(page.getByRole("button", { name: "Rename Living room TV" })).toBeFocused();
  expect(nameFile()).toBe(before);
});

test.describe("a name that can't be saved", () => {
  test.use({ pardoned: new RegExp(`status of 5|${LOST_CONNECTION.source}`) });

  test("says so beside it, keeps the text, and is saved once the obstacle is gone", async ({ page }) => {
    await open(page, product());
    // A folder where the new file would be written first: not even root can write there.
    const obstacle = join(product().dir, "MAC_HOST.txt.tmp");
    mkdirSync(obstacle);
    try {
      const input = await edit(page, "Living room TV");
      await input.fill("Cinema");
      await input.press("Enter");
      await expect(input).toHaveAccessibleDescription(/^Not saved\. The name could not be saved.*MAC_HOST\.txt/);
      await expect(input).toHaveValue("Cinema");
      await expect(input).toHaveAttribute("aria-invalid", "true");
    } finally {
      if (existsSync(obstacle)) rmSync(obstacle, { recursive: true });
    }
    const input = page.getByRole("textbox", { name: "Name of Living room TV" });
    await input.press("Enter");
    await expect(input).toHaveCount(0);
    await expect(rowOf(page, "Cinema")).toHaveCount(1);
    expect(nameFile()).toContain("04:5d:4b:00:00:01|Cinema");
  });

  test("because the server is gone says so too, and keeps the text", async ({ page }) => {
    await open(page, product());
    const input = await edit(page, "nas.home.example");
    await input.fill("NAS");
    await product().end();
    try {
      await input.press("Enter");
      await expect(input).toHaveAccessibleDescription(/^Not saved\. Can't reach WhiteStat/);
      await expect(input).toHaveValue("NAS");
    } finally {
      await product().start();
    }
  });
});

test("a device is renamed on its own page as well", async ({ page }) => {
  await open(page, product(), "?device=b8:27:eb:00:00:07");
  await page.getByRole("button", { name: /^Rename/ }).click();
  await page.getByRole("textbox", { name: /^Name of/ }).fill("Pi in the cellar");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Pi in the cellar");
  await expect(page).toHaveTitle("Pi in the cellar · WhiteStat");
  await page.getByRole("link", { name: "All devices" }).click();
  await settled(page);
  await expect(rowOf(page, "Pi in the cellar")).toHaveCount(1);
});
