/**
 * What the dashboard costs in a browser: `npm run bench:dashboard`. A phone's processor is a quarter of this one's
 * (Chromium's own throttle); each figure is the median of its rounds, each view begins with an empty cache.
 *
 * Times by the clock grow with whatever else the machine does meanwhile. "Work" does not: it is what the page's thread
 * had of the processor. `-- --only household` takes one of the scenes: scripts, view, table, household.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";
import { type Browser, chromium, type Page } from "@playwright/test";
import { thousand } from "../test/browser/lib/home.ts";
import { LAUNCH } from "../test/browser/lib/launch.ts";
import { type Product, startProduct } from "../test/browser/lib/product.ts";
import { household } from "./dashboard/household.ts";
import { clickHeader, figures, inTurn, type Line, textOf, typeSearch, workMs } from "./dashboard/page.ts";

const ROUNDS = 9;
const THROTTLE = 4;
const WEB = join(import.meta.dirname, "../dist/web");

const browser = await chromium.launch(LAUNCH);
try {
  const { values } = parseArgs({ options: { only: { type: "string" } } });
  const scenes: Readonly<Record<string, () => Promise<Line[]>>> = {
    scripts: async () => [scripts()],
    view: () => firstView(browser),
    table: () => bigTable(browser),
    household: () => household(browser),
  };
  const wanted = values.only?.split(",") ?? Object.keys(scenes);
  for (const name of wanted) {
    const scene = scenes[name];
    if (scene === undefined) throw new Error(`--only ${name}: there are ${Object.keys(scenes).join(", ")}`);
    for (const line of await scene()) process.stdout.write(`${textOf(line)}\n`);
  }
} finally {
  await browser.close();
}

/** Every script that there is, as it goes over the line. */
function scripts(): Line {
  const files = readdirSync(WEB, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".js"));
  const bytes = files.reduce((sum, name) => sum + gzipSync(readFileSync(join(WEB, name)), { level: 9 }).length, 0);
  return { what: `JavaScript in all, gzipped (${files.length} files)`, value: bytes / 1000, unit: "kB", budget: 100 };
}

/**
 * The demo's household, today and over a month, from the click on a link. "First view": totals, trend and top devices
 * are painted, and the page takes input; that is more than a phone's screen shows. "With the table": its rows are, too.
 */
async function firstView(browser: Browser): Promise<Line[]> {
  const product = await startProduct({ command: "demo" });
  try {
    const lines: Line[] = [];
    for (const [what, address] of [
      ["today", ""],
      ["30 days", "?range=30d"],
    ] as const) {
      const rounds: { first: number; whole: number }[] = [];
      for (let round = 0; round < ROUNDS; round++) rounds.push(await viewMs(browser, product.url + address));
      const name = `demo, ${what}, ${THROTTLE}× throttle`;
      lines.push({ what: `first view usable, ${name}`, ...figures(rounds.map(({ first }) => first)), budget: 1000 });
      const whole = figures(rounds.map(({ whole }) => whole));
      lines.push({ what: `  with the table, ${name}`, ...whole, budget: Number.NaN });
      const work: number[] = [];
      for (let round = 0; round < ROUNDS; round++) work.push(await viewWorkMs(browser, product.url + address));
      const times = figures(work.map((ms) => ms * THROTTLE));
      lines.push({ what: `  work with the table, demo, ${what}, ×${THROTTLE}`, ...times, budget: 1000 });
    }
    return lines;
  } finally {
    await product.dispose();
  }
}

async function viewMs(browser: Browser, url: string): Promise<{ first: number; whole: number }> {
  const page = await browser.newPage({ viewport: { width: 390, height: 844 } });
  try {
    // The browser is open already: its start is not the dashboard's.
    await page.goto(new URL("healthz", url).href);
    await throttle(page, THROTTLE);
    await page.addInitScript(() => {
      for (const [name, selector] of [
        ["first", ".chart-bar"],
        ["whole", "tr.devices-row"],
      ] as const) {
        const look = new MutationObserver(() => {
          if (document.querySelector(selector) === null) return;
          look.disconnect();
          // A message that is sent in the frame with these comes after they are painted, when input would be taken.
          const painted = new MessageChannel();
          painted.port1.onmessage = () => performance.measure(name, { start: 0 });
          requestAnimationFrame(() => painted.port2.postMessage(0));
        });
        look.observe(document, { childList: true, subtree: true });
      }
    });
    await page.goto(url);
    const measured = await page.waitForFunction(() => {
      const [first, whole] = ["first", "whole"].map((name) => performance.getEntriesByName(name)[0]?.duration);
      return first !== undefined && whole !== undefined && { first, whole };
    });
    const answer = await measured.jsonValue();
    if (answer === false) throw new Error("the page was never drawn");
    return answer;
  } finally {
    await page.close();
  }
}

async function viewWorkMs(browser: Browser, url: string): Promise<number> {
  const page = await browser.newPage({ viewport: { width: 390, height: 844 } });
  try {
    await page.goto(new URL("healthz", url).href);
    return await workMs(page, async () => {
      await page.goto(url);
      await page.locator("tr.devices-row").first().waitFor();
    });
  } finally {
    await page.close();
  }
}

/** From a key or click to the painted answer, in the table of 1,000 devices by day over 31 days. */
async function bigTable(browser: Browser): Promise<Line[]> {
  const product = await startProduct(thousand);
  try {
    const page = await bigPage(browser, product);
    const sorts = ["Name", "Upload", "Addresses", "Download", "Last seen", "Share"];
    const filters = ["device-09", "10.0.2.", "0123", "campus", "!05", "x"];
    const lines: Line[] = [];
    for (const [what, words, act] of [
      ["sort", sorts, clickHeader],
      ["filter", filters, typeSearch],
    ] as const) {
      const name = `${what} 1,000 devices × 31 days`;
      lines.push({ what: name, ...figures(await inTurn(words, (word) => act(page, word))), budget: 100 });
      const work = await inTurn(words, (word) => workMs(page, () => act(page, word)));
      lines.push({ what: `  work, ${name}`, ...figures(work), budget: 100 });
    }
    await page.close();
    return lines;
  } finally {
    await product.dispose();
  }
}

async function bigPage(browser: Browser, product: Product): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  // Readings would ask for figures in the middle of a measurement.
  await page.route("**/api/v1/events", (route) => route.abort());
  await page.goto(`${product.url}?range=30d&view=day`);
  await page.locator("tr.devices-row").first().waitFor();
  return page;
}

async function throttle(page: Page, rate: number): Promise<void> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Emulation.setCPUThrottlingRate", { rate });
}
