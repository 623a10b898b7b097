import { readFile } from "node:fs/promises";
import type { Page } from "@playwright/test";
import type { Usage } from "../../src/shared/api.ts";
import { home } from "./lib/home.ts";
import { columnTexts, expect, names, open, productFor, rowOf, rows, settled, table, test, textOf } from "./lib/test.ts";

const product = productFor(home);

const BY_TOTAL = [
  "Living room TV",
  "Anna’s laptop",
  "nas.home.example",
  "Ben’s phone",
  "Office",
  "Doorbell",
  "Raspberry Pi Foundation 00:07",
  "Device 00:08",
];
const BY_NAME = [
  "Anna’s laptop",
  "Ben’s phone",
  "Device 00:08",
  "Doorbell",
  "Living room TV",
  "nas.home.example",
  "Office",
  "Raspberry Pi Foundation 00:07",
];

test("at first the largest comes first", async ({ page }) => {
  await open(page, product());
  expect(await names(page)).toEqual(BY_TOTAL);
  await expect(table(page).getByRole("columnheader", { name: "Total" })).toHaveAttribute("aria-sort", "descending");
});

const ORDERS = [
  ["Name", "ascending", BY_NAME],
  [
    "Addresses",
    "ascending",
    [
      "Raspberry Pi Foundation 00:07",
      "Living room TV",
      "Anna’s laptop",
      "Ben’s phone",
      "Office",
      "nas.home.example",
      "Doorbell",
      "Device 00:08",
    ],
  ],
  [
    "MAC",
    "ascending",
    [
      "nas.home.example",
      "Living room TV",
      "Doorbell",
      "Anna’s laptop",
      "Device 00:08",
      "Office",
      "Raspberry Pi Foundation 00:07",
      "Ben’s phone",
    ],
  ],
  [
    "Download",
    "descending",
    [
      "Living room TV",
      "Anna’s laptop",
      "Ben’s phone",
      "Office",
      "nas.home.example",
      "Raspberry Pi Foundation 00:07",
      "Device 00:08",
      "Doorbell",
    ],
  ],
  [
    "Upload",
    "descending",
    [
      "nas.home.example",
      "Anna’s laptop",
      "Doorbell",
      "Office",
      "Living room TV",
      "Ben’s phone",
      "Raspberry Pi Foundation 00:07",
      "Device 00:08",
    ],
  ],
  ["Total", "descending", BY_TOTAL],
  ["Share", "descending", BY_TOTAL],
] as const;

test("a click on each header sorts by its column, another turns the order round; the address knows", async ({
  page,
}) => {
  await open(page, product(), "?sort=seen");
  for (const [column, first, order] of ORDERS) {
    await test.step(column, async () => {
      const header = table(page).getByRole("columnheader", { name: column });
      await header.getByRole("button").click();
      await expect(header).toHaveAttribute("aria-sort", first);
      expect(await names(page)).toEqual(order);
      await header.getByRole("button").click();
      await expect(header).not.toHaveAttribute("aria-sort", first);
      expect(await names(page)).toEqual(order.toReversed());
    });
  }
  await page.reload();
  await settled(page);
  expect(await names(page)).toEqual(BY_TOTAL.toReversed());
});

for (const column of ["Last seen", "Last day with traffic"] as const) {
  test(`a click on ${column} sorts by it: the latest first, then the earliest`, async ({ page }) => {
    await open(page, product(), "?range=7d");
    const header = table(page).getByRole("columnheader", { name: column });
    await header.getByRole("button").click();
    expect((await names(page)).at(-1)).toBe("Printer");
    await header.getByRole("button").click();
    expect((await names(page))[0]).toBe("Printer");
  });
}

const FILTERS = [
  ["Name", "phone", ["Ben’s phone"]],
  ["Name", "!o", ["Device 00:08"]],
  ["Name", "=office", ["Office"]],
  ["Addresses", "192.168.1.2", ["Living room TV", "Anna’s laptop", "Ben’s phone", "Raspberry Pi Foundation 00:07"]],
  ["Addresses", "=192.168.1.2", ["Raspberry Pi Foundation 00:07"]],
  ["MAC", "b8:27", ["Raspberry Pi Foundation 00:07"]],
  ["Download", ">500 MB", ["Living room TV", "Anna’s laptop", "Ben’s phone"]],
  ["Download", ">=500 MB", ["Living room TV", "Anna’s laptop", "Ben’s phone", "Office"]],
  ["Upload", "<20 MB", ["Raspberry Pi Foundation 00:07", "Device 00:08"]],
  ["Total", "400 MB..1 GB", ["Ben’s phone", "Office", "Doorbell"]],
  ["Share", ">10 %", ["Living room TV", "Anna’s laptop", "nas.home.example"]],
  ["Change", ">50 %", BY_TOTAL],
  ["Change", "<0 %", []],
  ["Last seen", "<5 h", BY_TOTAL],
  ["Last seen", ">5 h", []],
] as const;

test("filters of every column, by text, >, < and range, leave what they say, with its totals", async ({ page }) => {
  const usage = await product().json<Usage>("api/v1/usage");
  await open(page, product());
  await page.getByRole("button", { name: "Filters" }).click();
  for (const [column, text, expected] of FILTERS) {
    await test.step(`${column} ${text}`, async () => {
      const filter = page.getByRole("textbox", { name: `Filter by ${column}` });
      await filter.fill(text);
      await expect.poll(() => names(page)).toEqual(expected);
      const kept = usage.devices.filter((_, index) => expected.some((name) => name === BY_TOTAL[index]));
      if (kept.length > 0) {
        const sum = kept.reduce((bytes, device) => bytes + device.download, 0);
        expect(bytesOf(await textOf(page.locator(".devices-sums .devices-download"))) / sum).toBeCloseTo(1, 1);
        await expect(page.locator(".devices-sums .devices-name")).toHaveText(new RegExp(`^${kept.length} devices?$`));
      }
      await filter.fill("");
    });
  }
});

test("what matches nothing says so and is cleared by one click", async ({ page }) => {
  await open(page, product(), "?q=nobody&f.download=%3E1%20GB");
  await expect(table(page)).toContainText("No matches for this search and these filters.");
  await table(page).getByRole("button", { name: "Clear filters" }).click();
  await expect(rows(page)).toHaveCount(8);
  await expect(page.getByRole("searchbox")).toHaveValue("");
});

/** Of a text such as "9.6 GB". */
function bytesOf(text: string): number {
  const [, number = "", unit = ""] = /([\d.]+)\s(\w+)/.exec(text) ?? [];
  return Number(number) * { B: 1, kB: 1e3, MB: 1e6, GB: 1e9 }[unit as "B" | "kB" | "MB" | "GB"];
}

test("a filter that can't be read says so beside it, and filters nothing", async ({ page }) => {
  await open(page, product());
  await page.getByRole("button", { name: "Filters" }).click();
  const filter = page.getByRole("textbox", { name: "Filter by Download" });
  await filter.fill(">lots");
  await expect(filter).toHaveAttribute("aria-invalid", "true");
  await expect(filter).toHaveAccessibleDescription(/lots/);
  await expect(rows(page)).toHaveCount(8);
  await filter.press("Escape");
  await expect(filter).toHaveValue("");
});

test("filters apply to the whole page, a link that was sent says so at its top, and one click takes them away", async ({
  page,
}) => {
  await open(page, product(), "?q=phone");
  const bar = page.getByRole("region", { name: "Filters in use" });
  await expect(bar).toContainText(/Showing 1 of 8 devices:\s*“phone”/);
  await expect(bar).toBeInViewport();
  await expect(page.locator(".shell-total-download .shell-value")).toHaveText(/^800\.0\sMB$/);
  await expect(page.locator(".shell-total-download .shell-change")).toHaveText(/^\+100% vs\. .*\(400\.0\sMB\)$/);
  await expect(page.locator(".shell-total-devices .shell-value")).toHaveText("1");
  await expect(page.locator(".chart-trend [data-mark]").nth(8)).toHaveAccessibleName(/08:00: 880\.0\sMB\. Ben’s phone/);
  await expect(page.locator(".chart-rank")).toHaveCount(1);
  await expect(page).toHaveTitle("880.0 MB today (filtered) · WhiteStat");
  await bar.getByRole("button", { name: "Clear filters" }).click();
  await expect(bar).toHaveCount(0);
  await expect(page.locator(".shell-total-devices .shell-value")).toHaveText("8");
  await expect(page).not.toHaveURL(/q=/);
});

test("filters on days and figures of days are the table's alone, and the page says so", async ({ page }) => {
  await open(page, product(), "?range=7d&view=day&f.day=2035-06-14");
  await expect(rows(page)).toHaveCount(8);
  await expect(page.getByRole("region", { name: "Filters in use" })).toContainText(
    "Filters of the table only: Day 2035-06-14",
  );
  await expect(page.locator(".shell-total-devices .shell-value")).toHaveText("9");
});

test("a device without a name is not called by the MAC that stands beside it", async ({ page }) => {
  await open(page, product());
  const text = await textOf(rowOf(page, "Device 00:08"));
  expect(text.match(/5e:04:8f:00:00:08/g)).toHaveLength(1);
  await page.goto(`${product().url}?device=5e:04:8f:00:00:08`);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Device 00:08");
  expect((await textOf(page.locator(".device-head"))).match(/5e:04:8f:00:00:08/g)).toHaveLength(1);
});

test("filters of several columns and the search box work together", async ({ page }) => {
  await open(page, product());
  await page.getByRole("button", { name: "Filters" }).click();
  await page.getByRole("textbox", { name: "Filter by Upload" }).fill(">100 MB");
  await page.getByRole("textbox", { name: "Filter by Download" }).fill("<1 GB");
  expect(await names(page)).toEqual(["nas.home.example", "Office", "Doorbell"]);
  await page.getByRole("searchbox").fill("home.example");
  expect(await names(page)).toEqual(["nas.home.example", "Office"]);
  await page.getByRole("button", { name: /^Filters/ }).click();
  await expect(page.getByRole("button", { name: /^Filters/ })).toContainText("2");
});

const FOUND = [
  ["PHONE", ["Ben’s phone"]],
  ["192.168.1.4", ["nas.home.example", "Doorbell"]],
  ["3c:22", ["Anna’s laptop"]],
  ["3C-22-FB-00-00-02", ["Anna’s laptop"]],
  ["B827EB", ["Raspberry Pi Foundation 00:07"]],
  ["b827.eb00.0007", ["Raspberry Pi Foundation 00:07"]],
  ["synology", ["nas.home.example"]],
  ["office-pc", ["Office"]],
  ["wyze door", ["Doorbell"]],
] as const;

test("the search box, a key away, finds names, addresses, MACs and vendors", async ({ page }) => {
  await open(page, product());
  await page.keyboard.press("/");
  const search = page.getByRole("searchbox");
  await expect(search).toBeFocused();
  for (const [text, expected] of FOUND) {
    await test.step(text, async () => {
      await search.fill(text);
      await expect.poll(() => names(page)).toEqual(expected);
      await expect(page.getByRole("status").filter({ hasText: "rows match" })).toHaveText(
        `${expected.length} of 8 rows match.`,
      );
    });
  }
});

test("the row of a device has its name, addresses, MAC, figures, share, last seen and date", async ({ page }) => {
  await open(page, product(), "?range=7d");
  const row = rowOf(page, /Ben’s phone/);
  await expect(row.locator(".devices-addresses")).toContainText("192.168.1.22");
  await row.getByRole("button", { name: "1 more address: 192.168.1.122" }).hover();
  await expect(page.locator(".devices-tip")).toHaveText("192.168.1.122");
  await expect(row.locator(".devices-mac")).toHaveText("d2:7e:19:00:00:03");
  await expect(row.locator(".devices-share")).toHaveText(/^\d\.\d%$/);
  await expect(row.locator(".devices-seen")).toHaveText(/^\d+ ?h/);
  await expect(row.locator(".devices-day")).toHaveText("15 Jun 2035");
});

test("of days that are over, a device was seen last at a time, for it may be here now", async ({ page }) => {
  await open(page, product(), "?range=yesterday");
  await expect(table(page).getByRole("columnheader", { name: "Last seen in period" })).toBeVisible();
  await expect(rowOf(page, "Living room TV").locator(".devices-seen")).toHaveText("14 Jun 2035, 21:00");
  await open(page, product(), "?range=7d");
  await expect(rowOf(page, "Living room TV").locator(".devices-seen")).toHaveText(/ago$/);
});

test("by day each device has a row for each day", async ({ page }) => {
  await open(page, product(), "?range=7d");
  await page.getByRole("button", { name: "By day" }).click();
  await expect(page).toHaveURL(/view=day/);
  await page.getByRole("searchbox").fill("printer");
  await expect(rows(page)).toHaveCount(4);
  expect(await columnTexts(page, "day")).toEqual(["12 Jun 2035", "11 Jun 2035", "10 Jun 2035", "9 Jun 2035"]);
  await expect(page.locator(".devices-sums .devices-name")).toHaveText("1 device, 4 rows");
});

test("Internet hosts are a list of their own, in the direction of devices, shown when it is wanted", async ({
  page,
}) => {
  await open(page, product());
  const hosts = page.getByRole("region", { name: "Internet hosts" });
  await expect(hosts.getByRole("table")).toHaveCount(0);
  await hosts.getByRole("button", { name: "Show Internet hosts" }).click();
  await expect(page).toHaveURL(/remote=yes/);
  const list = hosts.getByRole("table", { name: "Internet hosts" });
  const video = list.getByRole("row", { name: /^video\.example\.net/ });
  // Three quarters of what was downloaded.
  await expect(video.locator(".devices-download")).toHaveText(/7\.2\sGB/);
  await expect(video.locator(".devices-upload")).toHaveText(/2\.3\sGB/);
  await expect(list.locator(".devices-sums .devices-name")).toHaveText("2 Internet hosts");
  await expect(table(page)).not.toContainText("video.example.net");
  await expect(table(page).locator(".devices-sums .devices-share")).toHaveText("100%");
  await list.getByRole("columnheader", { name: "Host" }).getByRole("button").click();
  await expect(list.locator(".devices-row").first()).toContainText("mail.example.com");
  await hosts.getByRole("textbox", { name: "Search Internet hosts" }).fill("video");
  await expect(list.locator(".devices-row")).toHaveCount(1);
  await hosts.getByRole("button", { name: "Hide Internet hosts" }).click();
  await expect(list).toHaveCount(0);
});

test("each device says how it changed from the range before, and sorts by it", async ({ page }) => {
  await open(page, product());
  await expect(rowOf(page, "Office").locator(".devices-change")).toHaveText(/^\+100%was 330\.0\sMB$/);
  await open(page, product(), "?range=custom&from=2035-06-10&to=2035-06-13&sort=change");
  // It was there on all four days before, and on three of these.
  await expect(rowOf(page, "Printer").locator(".devices-change")).toHaveText(/^-25%/);
  expect((await names(page)).at(-1)).toBe("Printer");
});

async function csvOf(page: Page): Promise<{ name: string; cells: string[][] }> {
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Export CSV" }).click(),
  ]);
  const text = await readFile(await download.path(), "utf8");
  expect(text.startsWith("\uFEFF"), "Excel knows UTF-8 by the byte-order mark").toBe(true);
  const cells = text
    .slice(1)
    .trimEnd()
    .split("\r\n")
    .map((line) => line.split(","));
  return { name: download.suggestedFilename(), cells };
}

test("the CSV holds exactly the rows that are seen, in their order", async ({ page }) => {
  await open(page, product(), "?range=7d&sort=upload&dir=asc");
  await page.getByRole("searchbox").fill("!phone");
  await expect(rows(page)).toHaveCount(8);
  const { name, cells } = await csvOf(page);
  expect(name).toBe("whitestat-2035-06-09-to-2035-06-15.csv");
  const [head = [], ...lines] = cells;
  expect(head).toEqual([
    "Name",
    "Addresses",
    "MAC",
    "Download (bytes)",
    "Upload (bytes)",
    "Total (bytes)",
    "Share",
    "Total before (bytes)",
    "Change",
    "Last seen",
    "Last day with traffic",
    "Owner",
    "Type",
    "Remark",
  ]);
  expect(lines.map(([first]) => first)).toEqual(await names(page));
  const usage = await product().json<Usage>("api/v1/usage?from=2035-06-09&to=2035-06-15");
  for (const [shown, , mac, download, upload, total] of lines) {
    const device = usage.devices.find((one) => one.mac === mac);
    expect([download, upload, total], shown).toEqual(
      [device?.download, device?.upload, (device?.download ?? 0) + (device?.upload ?? 0)].map(String),
    );
  }
});

test("the CSV of the view by day has a line for each row of it", async ({ page }) => {
  await open(page, product(), "?range=7d&view=day&q=office");
  await expect(rows(page)).toHaveCount(7);
  const { cells } = await csvOf(page);
  expect(cells[0]?.slice(0, 2)).toEqual(["Day", "Name"]);
  expect(cells.slice(1).map(([day]) => day)).toEqual(
    [15, 14, 13, 12, 11, 10, 9].map((day) => `2035-06-${String(day).padStart(2, "0")}`),
  );
});

test("the JSON link that is copied gives these days to Power Query", async ({ page, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await open(page, product(), "?range=yesterday");
  await page.getByRole("button", { name: "Copy JSON link" }).click();
  await expect(page.getByRole("button", { name: "Link copied" })).toBeVisible();
  const address = await page.evaluate(() => navigator.clipboard.readText());
  const answer = (await (await fetch(address)).json()) as { columns: string[]; data: unknown[][] };
  expect(answer.columns).toContain("KBIn");
  const day = answer.columns.indexOf("DATE");
  expect(new Set(answer.data.map((row) => row[day]))).toEqual(new Set(["2035-06-14 00:00:00"]));
  expect(answer.data).toHaveLength(8);
});

test("the syntax of filters is told where they are", async ({ page }) => {
  await open(page, product());
  await page.getByRole("button", { name: "Filters" }).click();
  await page.getByText("Filter syntax").click();
  await expect(page.getByText(">500 MB").first()).toBeVisible();
});
