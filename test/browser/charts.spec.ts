import type { Page } from "@playwright/test";
import { home } from "./lib/home.ts";
import { expect, open, productFor, rowOf, settled, test, textOf } from "./lib/test.ts";

const product = productFor(home);
const trend = (page: Page) => page.getByRole("region", { name: /by (?:hour|day|month)$/ });
const top = (page: Page) => page.getByRole("region", { name: "Top devices" });
const tip = (page: Page) => page.locator(".chart-tip");
const bars = (page: Page) => trend(page).locator("rect[data-mark]");

for (const [address, title, count] of [
  ["", "Download and upload by hour", 24],
  ["?range=7d", "Download and upload by day", 7],
  ["?range=30d", "Download and upload by day", 30],
  ["?range=custom&from=2034-06-01&to=2035-06-15", "Download and upload by month", 13],
] as const) {
  test(`the trend of ${address || "today"} is ${title.slice(-7).trim()}, a bar for each`, async ({ page }) => {
    await open(page, product(), address);
    await expect(trend(page).getByRole("heading")).toHaveText(title);
    await expect(bars(page)).toHaveCount(count);
  });
}

test("top devices have a colour each, the same in every chart and in the table, and the rest are others", async ({
  page,
}) => {
  await open(page, product());
  const legend = trend(page).getByRole("list", { name: "Devices in the chart" }).getByRole("button");
  await expect(legend).toHaveCount(8);
  await expect(legend.last()).toHaveText("1 other");
  const colour = (selector: string, property: string) =>
    page
      .locator(selector)
      .first()
      .evaluate((element, name) => getComputedStyle(element).getPropertyValue(name), property);
  const tv = await colour(".chart-legend .chart-swatch", "background-color");
  expect(await colour(".chart-slice", "fill")).toBe(tv);
  expect(await colour(".chart-rank-bar rect", "fill")).toBe(tv);
  expect(await colour(".devices-row .devices-dot", "background-color")).toBe(tv);
  const colours = await page
    .locator(".chart-slice")
    .evaluateAll((slices) => slices.map((slice) => getComputedStyle(slice).fill));
  expect(new Set(colours).size).toBe(8);
});

test("a device keeps its colour from load to load, whatever the range, and download and upload have none of theirs", async ({
  page,
}) => {
  const coloursOf = () =>
    page.locator(".devices-row:has(.devices-dot:not(.devices-dot-other))").evaluateAll((rows) =>
      rows.map((row) => {
        const dot = row.querySelector(".devices-dot") ?? row;
        return [row.querySelector("bdi")?.textContent, getComputedStyle(dot).backgroundColor] as const;
      }),
    );
  await open(page, product(), "?q=phone");
  const [phone] = await coloursOf();
  // Alone it came first; among all it is the third or fourth.
  await open(page, product(), "?range=30d");
  const all = new Map(await coloursOf());
  expect(all.size).toBe(7);
  expect(all.get("Ben’s phone")).toBe(phone?.[1]);
  await page.getByText("Upload", { exact: true }).first().click();
  await page.reload();
  await settled(page);
  expect(new Map(await coloursOf())).toEqual(all);
  await open(page, product(), "?device=04:5d:4b:00:00:01");
  const directions = await page
    .locator(".chart-part")
    .evaluateAll((parts) => parts.map((part) => getComputedStyle(part).fill));
  expect(directions.length).toBeGreaterThan(0);
  for (const fill of directions) expect([...all.values()]).not.toContain(fill);
});

test("the running hour is marked by its ground: no mark reaches below the line", async ({ page }) => {
  await open(page, product());
  const now = trend(page).locator(".chart-now");
  await expect(now).toHaveCount(1);
  const { lowest, line } = await trend(page)
    .locator("svg.chart-svg")
    .evaluate((svg) => {
      const bottomOf = (element: Element) => element.getBoundingClientRect().bottom;
      const marks = [...svg.querySelectorAll(".chart-bar rect")].map(bottomOf);
      return { lowest: Math.max(...marks), line: bottomOf(svg.querySelector(".chart-base line") ?? svg) };
    });
  expect(lowest).toBeLessThanOrEqual(line + 1);
});

test("the table of a chart squashes nothing", async ({ page }) => {
  await open(page, product());
  const height = async () => (await trend(page).locator("svg.chart-svg").boundingBox())?.height;
  const before = await height();
  await trend(page).getByText("Show as a table").click();
  await expect(trend(page).getByRole("table")).toBeVisible();
  expect(await height()).toBe(before);
});

test("time that was not measured is told from silence: in the chart, its labels, its tip and its table", async ({
  page,
}) => {
  // Nobody read from the evening of the 10th to the night of the 11th.
  await open(page, product(), "?range=custom&from=2035-06-10&to=2035-06-11");
  await expect(trend(page).locator(".chart-gap-unmeasured")).not.toHaveCount(0);
  await expect(trend(page)).toContainText("Not measured: WhiteStat or its meter wasn't running");
  await expect(bars(page).nth(22)).toHaveAccessibleName(/not measured/);
  await expect(bars(page).nth(12)).not.toHaveAccessibleName(/not measured/);
  await bars(page).nth(22).hover();
  await expect(tip(page)).toContainText(/Not measured from 10 Jun 2035, 22:00 to 10 Jun 2035, 23:00/);
  await trend(page).getByText("Show as a table").click();
  await expect(trend(page).getByRole("row", { name: /^Mon, 11 Jun 2035, 12:00/ })).toContainText(/0\sB/);
  // Before the first reading nobody measured either.
  await open(page, product(), "?range=custom&from=2035-03-25&to=2035-04-05");
  await expect(bars(page).nth(2)).toHaveAccessibleName(/not measured/);
  await expect(bars(page).nth(9)).not.toHaveAccessibleName(/not measured/);
});

test("hours that are still to come are said to be, not to have used nothing", async ({ page }) => {
  for (const address of ["", "?device=04:5d:4b:00:00:01"]) {
    await open(page, product(), address);
    await trend(page).getByText("Show as a table").click();
    const row = (hour: string) => trend(page).getByRole("row", { name: new RegExp(`15 Jun 2035, ${hour}:00`) });
    await expect(row("03").getByRole("cell").last()).toHaveText(/^0\sB$/);
    await expect(row("18").getByRole("cell").last()).toHaveText("still to come");
    await expect(bars(page).nth(18)).toHaveAccessibleName("Fri, 15 Jun 2035, 18:00: still to come.");
    await bars(page).nth(18).hover();
    await expect(tip(page)).toContainText("still to come");
    await expect(tip(page)).not.toContainText("0 B");
  }
});

test("where devices are filtered, the doughnut's percentages are those of the table", async ({ page }) => {
  await open(page, product(), "?q=phone");
  const share = await textOf(rowOf(page, "Ben’s phone").locator(".devices-share-text"));
  expect(share).toMatch(/^\d\.\d%$/);
  await expect(
    top(page)
      .getByRole("row", { name: /Ben’s phone/ })
      .getByRole("cell")
      .last(),
  ).toHaveText(share);
  await expect(top(page)).toContainText(`${share} of all`);
  await expect(top(page)).toContainText("also of those that aren't shown");
});

test("pointing at a bar shows its figures, and leaving puts them away", async ({ page }) => {
  await open(page, product());
  await bars(page).nth(8).hover();
  await expect(tip(page)).toContainText("Fri, 15 Jun 2035, 08:00");
  await expect(tip(page)).toContainText(/12\.6\sGB/);
  await expect(tip(page).locator("li")).toHaveCount(8);
  await expect(tip(page)).toContainText(/Living room TV\s*6\.1\sGB/);
  await page.mouse.move(5, 5);
  await expect(tip(page)).toHaveCount(0);
});

test("arrows, Home and End go from bar to bar, Escape out to the chart, and Tab on from there", async ({ page }) => {
  await open(page, product(), "?range=7d");
  const chart = trend(page).locator("svg.chart-svg");
  await chart.focus();
  await expect(tip(page)).toHaveCount(0);
  await page.keyboard.press("ArrowRight");
  await expect(tip(page)).toContainText("Fri, 15 Jun 2035");
  await page.keyboard.press("ArrowLeft");
  await expect(tip(page)).toContainText("Thu, 14 Jun 2035");
  await page.keyboard.press("Home");
  await expect(tip(page)).toContainText("Sat, 9 Jun 2035");
  await page.keyboard.press("End");
  await expect(tip(page)).toContainText("Fri, 15 Jun 2035");
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("Escape");
  await expect(tip(page)).toHaveCount(0);
  await expect(chart).toBeFocused();
  // Back in, one is where one was.
  await page.keyboard.press("ArrowLeft");
  await expect(tip(page)).toContainText("Thu, 14 Jun 2035");
  await page.keyboard.press("Tab");
  await expect(tip(page)).toHaveCount(0);
  expect(await inChart(page)).toBe(false);
  await page.keyboard.press("Shift+Tab");
  await expect(chart).toBeFocused();
});

for (const [what, address, charts] of [
  ["today", "", 1],
  ["a month", "?range=month", 1],
  ["a device", "?device=04:5d:4b:00:00:01", 3],
] as const) {
  test(`on the page of ${what} each chart is one stop of the Tab key`, async ({ page }) => {
    await open(page, product(), address);
    await expect(page.locator("svg.chart-svg")).toHaveCount(charts);
    let stops = 0;
    for (let presses = 0; presses < 200; presses++) {
      await page.keyboard.press("Tab");
      if (await page.evaluate(() => document.activeElement === document.body)) break;
      if (await inChart(page)) stops += 1;
    }
    expect(stops).toBe(charts);
  });
}

function inChart(page: Page): Promise<boolean> {
  return page.evaluate(() => document.activeElement?.closest("svg.chart-svg") != null);
}

test("each bar says its figures to a screen reader", async ({ page }) => {
  await open(page, product(), "?range=7d");
  await expect(bars(page).nth(5)).toHaveAccessibleName(
    /^Thu, 14 Jun 2035: 12\.6\sGB\. Living room TV 6\.1\sGB, .*2 others 66\.0\sMB\. Press Enter to show hours\.$/,
  );
});

test("a click on a day shows its hours, and going back the days again", async ({ page }) => {
  await open(page, product(), "?range=7d");
  await bars(page).nth(2).click();
  await settled(page);
  await expect(page.locator("main h1")).toHaveText("Monday, 11 June 2035");
  await expect(bars(page)).toHaveCount(24);
  await page.goBack();
  await settled(page);
  await expect(bars(page)).toHaveCount(7);
});

test("Enter on a month shows its days, and Enter on one of these its hours: by key all the way", async ({ page }) => {
  await open(page, product(), "?range=custom&from=2034-06-01&to=2035-06-15");
  await bars(page).last().focus();
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("Enter");
  await settled(page);
  await expect(page.locator("main h1")).toHaveText("May 2035");
  await expect(bars(page)).toHaveCount(31);
  await expect(page.locator("rect[data-mark]:focus")).toHaveCount(1);
  await page.keyboard.press("Home");
  await page.keyboard.press("Enter");
  await settled(page);
  await expect(page.locator("main h1")).toHaveText("Tuesday, 1 May 2035");
});

test("download, upload or total is chosen once for both charts, and kept", async ({ page }) => {
  await open(page, product());
  await trend(page).getByText("Upload", { exact: true }).click();
  await expect(trend(page).getByRole("heading")).toHaveText("Upload by hour");
  await expect(top(page).locator(".chart-rank").first()).toContainText(/nas\.home\.example.*1\.4\sGB/);
  await expect(page.locator(".chart-centre")).toHaveText(/3\.0\s*GB/);
  await page.reload();
  await settled(page);
  await expect(top(page).locator(".chart-rank").first()).toContainText("nas.home.example");
});

test("the doughnut and its bars point at each other, and both lead to the device", async ({ page }) => {
  await open(page, product());
  const slices = page.locator(".chart-slice");
  await expect(slices).toHaveCount(8);
  // The biggest begins at the top, and reaches nearly half round.
  const ring = await page.locator(".chart-doughnut").boundingBox();
  if (ring === null) throw new Error("there is no doughnut");
  await page.mouse.move(ring.x + ring.width * 0.91, ring.y + ring.height / 2);
  await expect(page.locator(".chart-centre-note")).toHaveText("49%");
  await expect(top(page).locator(".chart-rank-active")).toContainText("Living room TV");
  const office = top(page).getByRole("link", { name: "Office" });
  await office.hover();
  await expect(page.locator(".chart-slice-active")).toHaveCount(1);
  await expect(page.locator(".chart-centre")).toHaveText(/660\.0\s*MB/);
  await office.click();
  await expect(page.getByRole("heading", { level: 1, name: "Office" })).toBeVisible();
});

test("a device is switched off and on in the trend's legend", async ({ page }) => {
  await open(page, product());
  const tv = trend(page).getByRole("button", { name: "Living room TV" });
  await tv.click();
  await expect(tv).toHaveAttribute("aria-pressed", "false");
  await bars(page).nth(8).hover();
  await expect(tip(page)).toContainText(/6\.5\sGB/);
  await tv.click();
  await bars(page).nth(8).hover();
  await expect(tip(page)).toContainText(/12\.6\sGB/);
});

test("every chart has its table, with the same figures", async ({ page }) => {
  await open(page, product(), "?range=7d");
  await expect(top(page).getByRole("table", { name: "Download and upload by device" }).getByRole("row")).toHaveCount(9);
  await trend(page).getByText("Show as a table").click();
  const figures = trend(page).getByRole("table", { name: "Download and upload by day" });
  await expect(figures.getByRole("row")).toHaveCount(8);
  await expect(figures.getByRole("row", { name: /^Thu, 14 Jun 2035/ })).toContainText(/6\.1\sGB.*12\.6\sGB/s);

  await page.goto(`${product().url}?device=${encodeURIComponent("04:5d:4b:00:00:01")}`);
  await settled(page);
  const charts = page.locator("section.panel").filter({ has: page.locator(".chart-svg") });
  await expect(charts).toHaveCount(3);
  for (const chart of await charts.all()) {
    await chart.getByText("Show as a table").click();
    await expect(chart.getByRole("table").getByRole("row").nth(7)).toBeAttached();
  }
});

test("what is estimated is hatched in the chart, marked in figures, and says why", async ({ page }) => {
  await open(page, product(), "?range=7d");
  await expect(trend(page).locator(".chart-over").first()).toBeAttached();
  await expect(trend(page).locator(".chart-note").first()).toContainText("Partly estimated: WhiteStat wasn't running");
  await bars(page).nth(1).hover();
  await expect(tip(page)).toContainText("≈");
  await expect(tip(page)).toContainText("WhiteStat wasn't running");
  const mark = page.getByRole("table", { name: "Devices" }).getByRole("button", { name: "Estimated" }).first();
  await expect(mark).toHaveAccessibleDescription(/^Estimated: WhiteStat wasn't running/);
  await mark.hover();
  await expect(page.locator(".devices-tip")).toContainText("WhiteStat wasn't running at the time");
  await page.keyboard.press("Escape");
  await expect(page.locator(".devices-tip")).toBeHidden();
});

test("the page of a device shows its days, its week, its addresses, its vendor, and since when", async ({ page }) => {
  await open(page, product(), `?device=${encodeURIComponent("d2:7e:19:00:00:03")}`);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Ben’s phone");
  const head = page.locator(".device-head");
  await expect(head).toContainText("d2:7e:19:00:00:03");
  await expect(head).toContainText(/private/i);
  await expect(head).toContainText("1 Apr 2035");
  const addresses = page.getByRole("table", { name: "Addresses over time" });
  await expect(addresses.getByRole("row", { name: /^192\.168\.1\.122/ })).toContainText("14 Jun 2035");
  await expect(page.getByRole("region", { name: "Daily usage" }).locator("[data-mark]")).not.toHaveCount(0);
  await expect(trend(page).locator("rect[data-mark]")).toHaveCount(24);
  await page.goto(`${product().url}?device=04:5d:4b:00:00:01`);
  await expect(page.locator(".device-head")).toContainText("Sony");
});

test("a day in a device's calendar shows its figures by hover and key, and its hours by a click: of this device", async ({
  page,
}) => {
  await open(page, product(), "?device=04:5d:4b:00:00:01");
  const cells = page.getByRole("region", { name: "Daily usage" }).locator("[data-mark]");
  await cells.last().hover();
  await expect(tip(page)).toContainText("15 Jun 2035");
  await cells.last().focus();
  await page.keyboard.press("ArrowUp");
  await expect(tip(page)).toContainText("14 Jun 2035");
  await expect(tip(page)).toContainText(/6\.1\sGB/);
  await page.keyboard.press("Enter");
  await settled(page);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Living room TV");
  await expect(page.locator(".device-range h2").first()).toHaveText("Thursday, 14 June 2035");
  await expect(bars(page)).toHaveCount(24);
  await expect(bars(page).nth(8)).toHaveAccessibleName(/^Thu, 14 Jun 2035, 08:00: 3\.1\sGB\./);
});

test("the page of a device has the range bar: its hours of any day, its days, its share and its rank", async ({
  page,
}) => {
  await open(page, product(), "?device=3c:22:fb:00:00:02&range=7d");
  const share = page.locator(".shell-total-devices");
  await expect(share.locator(".shell-value")).toHaveText("21%");
  await expect(share).toContainText("number 2 of 9 devices");
  await expect(page.locator(".shell-total-download .shell-change")).toHaveText(
    /^\+8% vs\. previous 7 days \(11\.7\sGB\)/,
  );
  await expect(bars(page)).toHaveCount(7);
  await page.getByRole("radio", { name: "Hours" }).check({ force: true });
  await settled(page);
  await expect(bars(page)).toHaveCount(7 * 24);
  await expect(page).toHaveURL(/group=hour/);
  await page.getByRole("link", { name: /^Earlier/ }).click();
  await settled(page);
  await expect(page.locator(".device-range h2").first()).toHaveText(/^2\W+8 Jun/);
  await expect(bars(page)).toHaveCount(7 * 24);
  await page.getByRole("link", { name: "Last month" }).click();
  await settled(page);
  await expect(bars(page)).toHaveCount(31);
  await bars(page).nth(3).click();
  await settled(page);
  await expect(page.locator(".device-range h2").first()).toHaveText("Friday, 4 May 2035");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Anna’s laptop");
});

test("the hours of a device's week show when it is used", async ({ page }) => {
  await open(page, product(), "?device=04:5d:4b:00:00:01");
  const week = page
    .locator("section.panel")
    .filter({ hasText: /week/i })
    .filter({ has: page.locator(".chart-svg") });
  const cells = week.locator("[data-mark]");
  await expect(cells).toHaveCount(7 * 24);
  await expect(
    cells.filter({ has: page.locator("xpath=self::*[contains(@aria-label, '08:00')]") }).first(),
  ).toHaveAccessibleName(/\d/);
});

test.describe("an unknown device", () => {
  test.use({ pardoned: /status of 404/ });
  test("is said to be unknown, with the way back", async ({ page }) => {
    await open(page, product(), "?device=02:00:00:00:00:77");
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Unknown device");
    await expect(page).toHaveTitle("Unknown device · WhiteStat");
    await expect(page.locator("main")).toContainText("No device 02:00:00:00:00:77 was ever seen.");
    await page.getByRole("link", { name: "All devices" }).click();
    await settled(page);
    await expect(page.locator("main h1")).toHaveText("Friday, 15 June 2035");
  });
});
