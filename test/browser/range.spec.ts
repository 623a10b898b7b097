import { home } from "./lib/home.ts";
import { expect, names, open, productFor, rows, setClock, settled, test, withProduct } from "./lib/test.ts";

const product = productFor(home);
const heading = "main h1";

test("the first page shows today, and the range bar says so", async ({ page }) => {
  await open(page, product());
  await expect(page.locator(heading)).toHaveText("Friday, 15 June 2035");
  await expect(page.getByRole("navigation", { name: "Range" }).getByRole("link", { name: "Today" })).toHaveAttribute(
    "aria-current",
    "true",
  );
});

for (const [name, search, title] of [
  ["Yesterday", "?range=yesterday", "Thursday, 14 June 2035"],
  ["7 days", "?range=7d", /^9\W+15 Jun(?:e)? 2035$/],
  ["30 days", "?range=30d", /^17 May\W+15 Jun(?:e)? 2035$/],
  ["This month", "?range=month", "June 2035"],
  ["Last month", "?range=last-month", "May 2035"],
  ["Custom", "?range=custom&from=2035-06-15&to=2035-06-15", "Friday, 15 June 2035"],
] as const) {
  test(`${name} is one click away and stands in the address`, async ({ page }) => {
    await open(page, product());
    await page.getByRole("link", { name, exact: true }).click();
    await settled(page);
    await expect(page.locator(heading)).toHaveText(title);
    expect(new URL(page.url()).search).toBe(search);
    await expect(page.getByRole("link", { name, exact: true })).toHaveAttribute("aria-current", "true");
  });
}

test("a link opens what one saw: range, order, search, filters, view", async ({ page, context }) => {
  await open(page, product(), "?range=7d");
  await page.getByRole("button", { name: "By day" }).click();
  await page.getByRole("button", { name: "Upload", exact: true }).click();
  await page.getByRole("searchbox").fill("phone");
  await page.getByRole("button", { name: "Filters", exact: true }).click();
  await page.getByRole("textbox", { name: "Filter by Day" }).fill("<2035-06-13");
  await expect(page).toHaveURL(/f\.day=/);
  await expect(rows(page)).toHaveCount(4);
  const seen = await rows(page).allInnerTexts();

  const other = await context.newPage();
  await setClock(other, product().aheadMs());
  await other.goto(page.url());
  await expect(rows(other)).toHaveCount(4);
  expect(await rows(other).allInnerTexts()).toEqual(seen);
  await expect(other.getByRole("searchbox")).toHaveValue("phone");
  await expect(other.getByRole("textbox", { name: "Filter by Day" })).toHaveValue("<2035-06-13");
  await expect(other.getByRole("button", { name: "By day" })).toHaveAttribute("aria-pressed", "true");
});

test("back and forward go through what was looked at, and to where one was on the page", async ({ page }) => {
  await open(page, product());
  await page.getByRole("link", { name: "7 days" }).click();
  await settled(page);
  const office = page.getByRole("table", { name: "Devices" }).getByRole("link", { name: "Office" });
  await office.scrollIntoViewIfNeeded();
  const scrolled = await page.evaluate(() => scrollY);
  expect(scrolled).toBeGreaterThan(100);
  await office.click();
  await expect(page.getByRole("heading", { level: 1, name: "Office" })).toBeVisible();
  expect(await page.evaluate(() => scrollY)).toBe(0);

  await page.goBack();
  await expect(page.locator(heading)).toHaveText(/^9\W+15 Jun/);
  await expect.poll(() => page.evaluate(() => scrollY)).toBe(scrolled);
  await page.goBack();
  await expect(page.locator(heading)).toHaveText("Friday, 15 June 2035");
  await page.goForward();
  await page.goForward();
  await expect(page.getByRole("heading", { level: 1, name: "Office" })).toBeVisible();
});

test("a reload comes back to where one was on the page, whichever it is", async ({ page }) => {
  for (const address of ["?range=7d", "?device=04:5d:4b:00:00:01"]) {
    await open(page, product(), address);
    await page.evaluate(() => scrollTo(0, 400));
    await page.waitForFunction(() => (history.state as { scroll?: number } | null)?.scroll === 400);
    await page.reload();
    await settled(page);
    await expect.poll(() => page.evaluate(() => scrollY)).toBe(400);
  }
});

test("going back closes the gap that a letter typed into the search box left: it is no step of its own", async ({
  page,
}) => {
  await open(page, product());
  await page.getByRole("link", { name: "Yesterday" }).click();
  await settled(page);
  await page.getByRole("searchbox").pressSequentially("office");
  await expect(page).toHaveURL(/q=office/);
  await page.goBack();
  await expect(page.locator(heading)).toHaveText("Friday, 15 June 2035");
  await expect(page.getByRole("searchbox")).toHaveValue("");
});

for (const [what, address] of [
  ["as it was", "history?start=2035-06-10&end=2035-06-12"],
  ["with times", "history?start=2035-06-10%2000:00:00&end=2035-06-12T23:59:59"],
  ["with its days swapped", "history?start=2035-06-12&end=2035-06-10"],
  ["with a slash", "history/?start=2035-06-10&end=2035-06-12"],
] as const) {
  test(`the old address /history opens the same days, ${what}`, async ({ page }) => {
    await open(page, product(), address);
    await expect(page.locator(heading)).toHaveText(/^10\W+12 Jun(?:e)? 2035$/);
    await expect(page.getByRole("link", { name: "Custom" })).toHaveAttribute("aria-current", "true");
    // Three days of 9,1 GB down: 2 × 4,795 MB each.
    await expect(page.locator(".shell-total-download .shell-value")).toHaveText(/^28\.8\sGB$/);
  });
}

test("from /history one goes on to a range that has a name", async ({ page }) => {
  await open(page, product(), "history?start=2035-06-10&end=2035-06-12");
  await page.getByRole("link", { name: "Yesterday" }).click();
  await settled(page);
  expect(page.url()).toBe(`${product().url}?range=yesterday`);
});

test("custom days are chosen by date, in whichever order", async ({ page }) => {
  await open(page, product(), "?range=custom");
  await page.getByLabel("From").fill("2035-06-13");
  await page.getByLabel("To", { exact: true }).fill("2035-06-11");
  await page.getByRole("button", { name: "Show", exact: true }).click();
  await settled(page);
  await expect(page.locator(heading)).toHaveText(/^11\W+13 Jun/);
  expect(new URL(page.url()).search).toBe("?range=custom&from=2035-06-11&to=2035-06-13");
});

test("the bars of custom days stay hours, where hours were looked at", async ({ page }) => {
  await open(page, product(), "?range=7d&group=hour");
  await page.getByRole("link", { name: "Custom", exact: true }).click();
  await settled(page);
  const hours = page.getByRole("heading", { name: "Download and upload by hour" });
  await expect(hours).toBeVisible();
  await page.getByLabel("From", { exact: true }).fill("2035-06-11");
  await page.getByRole("button", { name: "Show", exact: true }).click();
  await settled(page);
  expect(new URL(page.url()).search).toBe("?range=custom&group=hour&from=2035-06-11&to=2035-06-15");
  await expect(hours).toBeVisible();
});

test("the arrows go to the range before and after, as long as this one, and not into the future", async ({ page }) => {
  await open(page, product(), "?range=7d");
  await expect(page.getByRole("link", { name: "Later" })).toHaveAttribute("aria-disabled", "true");
  await page.getByRole("link", { name: /^Earlier/ }).click();
  await settled(page);
  await expect(page.locator(heading)).toHaveText(/^2\W+8 Jun/);
  await page.getByRole("link", { name: /^Later/ }).click();
  await settled(page);
  await expect(page.locator(heading)).toHaveText(/^9\W+15 Jun/);
});

test("an address that can't be read shows today rather than nothing", async ({ page }) => {
  await open(page, product(), "?range=nonsense&sort=nothing&dir=up&page=9999&view=x&f.nope=1&from=2035-99-99");
  await expect(page.locator(heading)).toHaveText("Friday, 15 June 2035");
  expect(await names(page)).toHaveLength(8);
});

test("each range link is a real link: a new tab opens the same", async ({ page }) => {
  await open(page, product());
  const href = await page.getByRole("link", { name: "30 days" }).getAttribute("href");
  await page.goto(new URL(href ?? "", page.url()).href);
  await settled(page);
  await expect(page.locator(heading)).toHaveText(/^17 May/);
});

test("the page's title says what is shown", async ({ page }) => {
  await open(page, product());
  await expect(page).toHaveTitle("12.6 GB today · WhiteStat");
  await page.getByRole("table", { name: "Devices" }).getByRole("link", { name: "Office" }).click();
  await expect(page).toHaveTitle("Office · WhiteStat");
});

test("at midnight by the server's clock an open page goes on to the new day", async ({ page }) => {
  await withProduct(page, home, async (own) => {
    await open(page, own);
    await expect(page.locator(heading)).toHaveText("Friday, 15 June 2035");
    await own.pass(11.6 * 3_600_000);
    await expect(page.locator(heading)).toHaveText("Saturday, 16 June 2035");
    own.darkstat.traffic({ ip: "192.168.1.20" }, "198.51.100.10", 700_000_000, 0);
    await expect(page.locator(".shell-total-download .shell-value")).toHaveText(/^700\.0\sMB$/);
  });
});

test("below a path of its own everything works: page, figures, links, pictures", async ({ page }) => {
  await withProduct(page, { ...home, env: { BASE_PATH: "/white/stat" } }, async (own) => {
    const missed: string[] = [];
    page.on("response", (response) => {
      if (response.status() >= 400) missed.push(response.url());
    });
    await open(page, own);
    expect(await names(page)).toHaveLength(8);
    await page.getByRole("link", { name: "Yesterday" }).click();
    await settled(page);
    expect(page.url()).toBe(`${own.url}?range=yesterday`);
    await page.getByRole("table", { name: "Devices" }).getByRole("link", { name: "Office" }).click();
    await expect(page.getByRole("heading", { level: 1, name: "Office" })).toBeVisible();
    await page.goto(`${own.url}history?start=2035-06-10&end=2035-06-12`);
    await settled(page);
    expect(await names(page)).toHaveLength(9);
    expect(missed).toEqual([]);
  });
});
