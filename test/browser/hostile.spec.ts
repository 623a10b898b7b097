import type { Page } from "@playwright/test";
import { MB } from "./lib/home.ts";
import { ROUTER, type Scenario } from "./lib/product.ts";
import { expect, open, overhang, productFor, rowOf, rows, settled, table, test } from "./lib/test.ts";

/** As whoever answers reverse DNS may choose them. */
const HOSTNAMES = [
  "<script>alert(1)</script>",
  "<img src=x onerror=alert(2)>",
  `"><svg onload=alert(3)>`,
  "javascript:alert(4)",
  "{{constructor.constructor('alert(5)')()}}",
  '=HYPERLINK("http://example.net","x")',
];
/** As people may. */
const GIVEN = [
  "طابعة المكتب",
  "👨‍👩‍👧‍👦 tablet 🏳️‍🌈",
  "W".repeat(200),
  "‮gnp.exe",
  "Ａ ｗｉｄｅ name",
  "<b>bold</b> & &amp; <!-- -->",
];

const mac = (n: number) => `02:1a:00:00:00:${n.toString(16).padStart(2, "0")}`;
const hostile: Scenario = {
  names: GIVEN.map((name, n) => [mac(100 + n), name] as const),
  past: {
    days: 2,
    live(darkstat, { hour }) {
      if (hour !== 9) return;
      const remote = { ip: "198.51.100.66", mac: ROUTER, hostname: "<script>alert('remote')</script>" };
      HOSTNAMES.forEach((hostname, n) => {
        darkstat.traffic({ ip: `192.168.1.${20 + n}`, mac: mac(n), hostname }, remote, (20 - n) * MB, MB);
      });
      GIVEN.forEach((_, n) => {
        darkstat.traffic({ ip: `192.168.1.${120 + n}`, mac: mac(100 + n) }, remote, (10 - n) * MB, MB);
      });
    },
  },
};
const product = productFor(hostile);

/** That nothing in the page was made from a name but text. */
async function expectTextOnly(page: Page): Promise<void> {
  expect(await page.locator("body script, img, main svg[onload], [onerror], [onload], b").count()).toBe(0);
}

test("names are shown as text, wherever they stand: table, charts, tips, tables of charts", async ({ page }) => {
  await open(page, product(), "?remote=yes");
  await expect(rows(page)).toHaveCount(13);
  for (const name of [...HOSTNAMES, ...GIVEN.filter((given) => given !== "‮gnp.exe")]) {
    await expect(table(page).getByText(name, { exact: true }).first(), name).toBeVisible();
  }
  await expect(page.locator(".chart-ranks")).toContainText("<script>alert(1)</script>");
  await page.locator(".chart-trend rect[data-mark]").nth(9).hover();
  await expect(page.locator(".chart-tip")).toContainText("<img src=x onerror=alert(2)>");
  await page.locator(".chart-trend").getByText("Show as a table").click();
  await expect(page.locator(".chart-figures")).toContainText("<script>alert(1)</script>");
  await expectTextOnly(page);
});

test("the page and the title of a device with a hostile name are text, too", async ({ page }) => {
  await open(page, product());
  await rowOf(page, "<script>alert(1)</script>").getByRole("link").click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("<script>alert(1)</script>");
  await expect(page).toHaveTitle("<script>alert(1)</script> · WhiteStat");
  await expectTextOnly(page);
});

test("a name of another writing direction turns nothing around it round", async ({ page }) => {
  await open(page, product());
  for (const name of ["طابعة المكتب", "gnp.exe"]) {
    const row = rowOf(page, new RegExp(name));
    const [nameBox, macBox] = [
      await row.locator(".devices-name").boundingBox(),
      await row.locator(".devices-mac").boundingBox(),
    ];
    expect(nameBox?.x).toBeLessThan(macBox?.x ?? 0);
    await expect(row.locator(".devices-name bdi").first()).toBeVisible();
  }
});

test("a name of 200 letters widens nothing, at a desk and on a phone", async ({ page }) => {
  await open(page, product());
  expect(await overhang(page)).toBe(0);
  await page.setViewportSize({ width: 360, height: 740 });
  expect(await overhang(page)).toBe(0);
  await page.goto(`${product().url}?device=${mac(102)}`);
  await settled(page);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("W".repeat(200));
  expect(await overhang(page)).toBe(0);
});

test("what an address says is never more than text", async ({ page }) => {
  await open(
    page,
    product(),
    `?q=${encodeURIComponent("<img src=x onerror=alert(9)>")}&f.download=${encodeURIComponent("<script>alert(8)</script>")}`,
  );
  await expect(page.getByRole("searchbox")).toHaveValue("<img src=x onerror=alert(9)>");
  await expect(table(page)).toContainText("<script>alert(8)</script>");
  await expectTextOnly(page);
});

test.describe("an unknown device", () => {
  test.use({ pardoned: /status of 404/ });
  test("with a hostile key is named as text", async ({ page }) => {
    await open(page, product(), `?device=${encodeURIComponent("<script>alert(7)</script>")}`);
    await expect(page.locator("main")).toContainText("<script>alert(7)</script>");
    await expectTextOnly(page);
  });
});

test("renaming to what looks like markup or a formula gives just that name", async ({ page }) => {
  await open(page, product());
  await rowOf(page, "javascript:alert(4)").hover();
  await page.getByRole("button", { name: "Rename javascript:alert(4)" }).click();
  await page.getByRole("textbox", { name: /^Name of/ }).fill("<iframe src=//example.net>");
  await page.keyboard.press("Enter");
  await expect(rowOf(page, "<iframe src=//example.net>")).toHaveCount(1);
  expect(await page.locator("iframe").count()).toBe(0);
});
