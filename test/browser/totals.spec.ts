import { readFileSync } from "node:fs";
import { join } from "node:path";
import { home, MB } from "./lib/home.ts";
import { expect, open, productFor, rowOf, settled, test, textOf, withProduct } from "./lib/test.ts";

const product = productFor(home);

// Today at eight each device used twice what it uses at once; the printer is away.
const DOWN = 2 * (3000 + 900 + 400 + 150 + 250 + 5 + 60 + 30) * MB;
const UP = 2 * (60 + 400 + 40 + 700 + 80 + 220 + 9 + 3) * MB;
const gigabytes = (bytes: number) => new RegExp(`^${(bytes / 1e9).toFixed(1)}\\sGB$`);

test("the totals are what was used, each against the range before at this time", async ({ page }) => {
  await open(page, product());
  const card = (kind: string) => page.locator(`.shell-total-${kind}`);
  await expect(card("download").locator(".shell-value")).toHaveText(gigabytes(DOWN));
  await expect(card("upload").locator(".shell-value")).toHaveText(gigabytes(UP));
  await expect(card("total").locator(".shell-value")).toHaveText(gigabytes(DOWN + UP));
  await expect(card("devices").locator(".shell-value")).toHaveText("8");
  for (const [kind, before] of [
    ["download", "4.8"],
    ["upload", "1.5"],
    ["total", "6.3"],
  ] as const) {
    const text = new RegExp(`^\\+100% vs\\. yesterday at this time \\(${before}\\sGB\\)$`);
    await expect(card(kind).locator(".shell-change")).toHaveText(text);
  }
  await expect(card("devices").locator(".shell-change")).toHaveText("same as yesterday at this time");
});

test("a whole day is compared with the whole day before", async ({ page }) => {
  await open(page, product(), "?range=yesterday");
  await expect(page.locator(".shell-total-download .shell-value")).toHaveText(gigabytes(DOWN));
  await expect(page.locator(".shell-total-download .shell-change")).toHaveText(
    /^±0% vs\. the day before \(9\.6\sGB\)$/,
  );
});

test("seven days are compared with the seven before, a month with the last, and the first days with nothing", async ({
  page,
}) => {
  await open(page, product(), "?range=7d");
  await expect(page.locator(".shell-total-total .shell-change")).toContainText("vs. previous 7 days");
  await open(page, product(), "?range=month");
  // The first to the fifteenth of May, up to this time of that day.
  await expect(page.locator(".shell-total-total .shell-change")).toContainText("vs. last month at this time");
  await open(page, product(), "?range=custom&from=2035-03-30&to=2035-04-05");
  await expect(page.locator(".shell-total-total .shell-change")).toHaveText("no earlier data");
});

test("units are counted in 1000, in 1024 or in bits as one chooses, everywhere, and the choice is kept", async ({
  page,
}) => {
  await open(page, product());
  const tv = rowOf(page, "Living room TV").locator(".devices-download");
  await expect(tv).toHaveText(/6\.0\sGB/);
  await page.getByText("Display", { exact: true }).click();
  await page.getByText("MiB, GiB").click();
  await expect(tv).toHaveText(/5\.6\sGiB/);
  await expect(page.locator(".shell-total-download .shell-value")).toHaveText(/^8\.9\sGiB$/);
  await expect(page.locator(".chart-grid text").first()).toHaveText(/GiB/);
  await expect(page.locator(".chart-centre")).toHaveText(/GiB/);
  await page.reload();
  await settled(page);
  await expect(tv).toHaveText(/5\.6\sGiB/);
  await page.getByText("Display", { exact: true }).click();
  await expect(page.getByRole("radio", { name: "MiB, GiB" })).toBeChecked();
  await page.getByText("Mbit, Gbit").click();
  await expect(tv).toHaveText(/48\.0\sGbit/);
  await expect(page.locator(".chart-grid text").last()).toHaveText(/Gbit/);
});

test.describe("in German", () => {
  test.use({ locale: "de-DE" });
  test("dates and numbers read as the browser's language has them", async ({ page }) => {
    await open(page, product());
    await expect(page.locator("main h1")).toHaveText("Freitag, 15. Juni 2035");
    await expect(page.locator(".shell-total-download .shell-value")).toHaveText(/^9,6\sGB$/);
    await expect(rowOf(page, "Living room TV").locator(".devices-share")).toHaveText(/49\s%/);
  });
});

test("days and hours are the server's, whatever zone the browser is in", async ({ page }) => {
  await open(page, product());
  // Eight o'clock by the server is one at night in Los Angeles.
  await expect(
    page
      .getByRole("button", { name: /^Fri, 15 Jun 2035, 08:00/ })
      .or(page.getByRole("img", { name: /^Fri, 15 Jun 2035, 08:00/ })),
  ).toHaveAccessibleName(/12\.6\sGB/);
  await expect(rowOf(page, "Living room TV").locator("time").first()).toHaveAttribute(
    "title",
    /15 Jun 2035, (?:08|09):/,
  );
});

test("IPv6 is included by one click, in every figure, until another click excludes it", async ({ page }) => {
  await withProduct(page, home, async (own) => {
    const filter = () =>
      (JSON.parse(readFileSync(join(own.dir, "WhiteStatConfig.json"), "utf8")) as { IPFilter: string }).IPFilter;
    await open(page, own);
    const hint = page.getByRole("region", { name: "Hints" });
    const laptop = rowOf(page, "Anna’s laptop").locator(".devices-download");
    await expect(laptop).toHaveText(/1\.8\sGB/);
    await hint.getByRole("button", { name: "Include IPv6" }).click();
    await expect(laptop).toHaveText(/2\.2\sGB/);
    await expect(hint).toContainText("IPv6 is included now");
    expect(filter()).toBe(".*");
    await hint.getByRole("button", { name: "Undo" }).click();
    await expect(laptop).toHaveText(/1\.8\sGB/);
    expect(filter()).not.toBe(".*");
    await hint.getByRole("button", { name: "Include IPv6" }).click();
    await expect(laptop).toHaveText(/2\.2\sGB/);
    // After another start, too, and for the days before.
    await page.goto("about:blank");
    await own.end();
    await own.start();
    await open(page, own, "?range=yesterday");
    await expect(laptop).toHaveText(/2\.2\sGB/);
    await expect(hint).toHaveCount(0);
  });
});

test("traffic that IPFilter excludes is said once, with what to do, until it was read", async ({ page }) => {
  await open(page, product());
  const hint = page.getByRole("region", { name: "Hints" });
  await expect(hint).toContainText(/^3\.1% of today's traffic is IPv6 and isn't included\./);
  await hint.getByRole("button", { name: /^Don't show again/ }).click();
  await expect(hint).toHaveCount(0);
  await page.reload();
  await settled(page);
  await expect(hint).toHaveCount(0);
});

test("the health line says which darkstat, how fresh, how many packets were dropped, and whether totals match", async ({
  page,
}) => {
  await open(page, product());
  const line = page.locator("#health");
  await expect(line).toContainText("darkstat 3.0.719");
  await expect(line).toContainText(/read \d+ seconds? ago/);
  await expect(line).toContainText("no packets dropped");
  await expect(line).toContainText("totals match");
});

test("the traffic breakdown shows every byte by type of host, and adds up", async ({ page }) => {
  await open(page, product());
  await page.getByText("Traffic breakdown").click();
  const books = page.getByRole("table", { name: "Bytes by type of host" });
  const sums = books.locator("tfoot td");
  expect(await textOf(sums.nth(0))).toBe(await textOf(sums.nth(1)));
  await expect(books.getByRole("row", { name: /^Excluded addresses/ })).toContainText(/400\.0\sMB/);
});

test("recent events are listed", async ({ page }) => {
  await open(page, product());
  await page.getByText("Recent events").click();
  await expect(page.locator(".shell-notes li").last()).toContainText("First reading of this meter");
});
