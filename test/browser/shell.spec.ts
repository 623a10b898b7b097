import { home } from "./lib/home.ts";
import { expect, open, productFor, test } from "./lib/test.ts";

const product = productFor(home);

test("everything comes from here: nothing is asked of any other host", async ({ page }) => {
  const asked: string[] = [];
  page.on("request", (request) => asked.push(request.url()));
  await open(page, product(), "?range=30d&remote=yes");
  await page.goto(`${product().url}?device=04:5d:4b:00:00:01`);
  await expect(page.getByRole("heading", { level: 1, name: "Living room TV" })).toBeVisible();
  expect(asked.length).toBeGreaterThan(5);
  expect(asked.filter((url) => !url.startsWith(product().url))).toEqual([]);
});

test("the page's policy forbids scripts and styles from anywhere else, inline ones too", async ({ page }) => {
  const response = await page.goto(product().url);
  const policy = response?.headers()["content-security-policy"] ?? "";
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toMatch(/unsafe-|\*|https?:/);
  for (const part of ["script-src 'self'", "style-src 'self'", "connect-src 'self'", "frame-ancestors"]) {
    expect(policy).toContain(part);
  }
});

test.describe("a planted script", () => {
  test.use({ pardoned: /policy broken|Content Security Policy/i });
  test("does not run: the policy is in force", async ({ page }) => {
    await open(page, product());
    const ran = await page.evaluate(() => {
      const script = document.createElement("script");
      script.textContent = "globalThis.planted = true";
      document.body.append(script);
      return "planted" in globalThis;
    });
    expect(ran).toBe(false);
  });
});

test("it can be installed: a manifest with name, start and icons that are there", async ({ page, request }) => {
  await open(page, product());
  const href = await page.locator('link[rel="manifest"]').evaluate((link) => (link as HTMLLinkElement).href);
  const answer = await request.get(href);
  expect(answer.headers()["content-type"]).toMatch(/manifest\+json|application\/json/);
  const manifest = (await answer.json()) as {
    name: string;
    start_url: string;
    display: string;
    icons: { src: string; sizes: string }[];
  };
  expect(manifest).toMatchObject({ name: "WhiteStat", display: "standalone" });
  expect(new URL(manifest.start_url, href).href).toBe(product().url);
  expect(manifest.icons.map(({ sizes }) => sizes)).toEqual(expect.arrayContaining(["192x192", "512x512"]));
  for (const { src } of manifest.icons) {
    const icon = await request.get(new URL(src, href).href);
    expect(icon.ok(), src).toBe(true);
    expect(icon.headers()["content-type"], src).toMatch(/^image\//);
  }
});

test.describe("without JavaScript", () => {
  // The old table has the old style attribute, byte for byte, and the policy ignores it.
  test.use({ javaScriptEnabled: false, pardoned: /Applying inline style/ });
  test("the page leads to a plain table", async ({ page }) => {
    await page.goto(product().url);
    await page.getByRole("link", { name: "today as a plain table" }).click();
    await expect(page.getByRole("table")).toContainText("Living room TV");
  });
});

test.describe("an address that leads nowhere", () => {
  test.use({ pardoned: /status of 404/ });
  test("is told with the way home", async ({ page }) => {
    await page.goto(`${product().url}nowhere`);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Page not found");
    await page.getByRole("link", { name: "Open the dashboard" }).click();
    await expect(page).toHaveURL(product().url);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Friday, 15 June 2035");
  });
});

test("the plain table, the JSON of today and the API's description are one click away", async ({ page, request }) => {
  await open(page, product());
  for (const name of ["Plain table", "Today as JSON", "API"]) {
    const href = await page.getByRole("link", { name, exact: true }).getAttribute("href");
    expect((await request.get(new URL(href ?? "", page.url()).href)).ok(), name).toBe(true);
  }
});
