/**
 * What the dashboard costs in a browser: `npm run bench:dashboard`. A phone's processor is a quarter of this one's
 * (Chromium's own throttle); each figure is the median of its rounds, each view begins with an empty cache.
 *
 * Times by the clock grow with whatever else the machine does meanwhile. "Work" does not: it is what the page's thread
 * had of the processor.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { type Browser, chromium, type Page } from "@playwright/test";
import { thousand } from "../test/browser/lib/home.ts";
import { LAUNCH } from "../test/browser/lib/launch.ts";
import { type Product, startProduct } from "../test/browser/lib/product.ts";

const ROUNDS = 9;
const THROTTLE = 4;
const WEB = join(import.meta.dirname, "../dist/web");

interface Line {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  readonly budget: number;
  readonly rounds?: readonly number[];
}

const browser = await chromium.launch(LAUNCH);
try {
  const lines = [scripts(), ...(await firstView(browser)), ...(await bigTable(browser))];
  process.stdout.write(`${lines.map(textOf).join("\n")}\n`);
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

/** What the page's thread has of the processor while something is done. */
async function workMs(page: Page, act: () => Promise<unknown>): Promise<number> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Performance.enable", { timeDomain: "threadTicks" });
  const spent = async () => {
    const { metrics } = await devtools.send("Performance.getMetrics");
    return (metrics.find(({ name }) => name === "TaskDuration")?.value ?? Number.NaN) * 1000;
  };
  const before = await spent();
  await act();
  const after = await spent();
  await devtools.detach();
  return after - before;
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

async function inTurn(words: readonly string[], act: (word: string) => Promise<number>): Promise<number[]> {
  const rounds: number[] = [];
  for (let round = 0; round < 2; round++) for (const word of words) rounds.push(await act(word));
  return rounds;
}

function clickHeader(page: Page, label: string): Promise<number> {
  return page.evaluate(async (text) => {
    const buttons = [...document.querySelectorAll<HTMLElement>(".devices-sort")];
    const button = buttons.find((one) => one.textContent?.trim() === text);
    const header = button?.closest("th");
    const before = header?.getAttribute("aria-sort");
    const began = performance.now();
    button?.click();
    await new Promise<void>((resolve) => {
      const painted = new MessageChannel();
      painted.port1.onmessage = () => (header?.getAttribute("aria-sort") === before ? wait() : resolve());
      const wait = () => requestAnimationFrame(() => painted.port2.postMessage(0));
      wait();
    });
    return performance.now() - began;
  }, label);
}

function typeSearch(page: Page, text: string): Promise<number> {
  return page.evaluate(async (word) => {
    const search = document.querySelector<HTMLInputElement>('input[type="search"]');
    if (search === null) throw new Error("there is no search box");
    const count = () => document.querySelector(".devices-panel > [role=status]")?.textContent;
    const before = count();
    const began = performance.now();
    search.value = word;
    search.dispatchEvent(new InputEvent("input", { bubbles: true }));
    await new Promise<void>((resolve) => {
      const painted = new MessageChannel();
      painted.port1.onmessage = () => (count() === before ? wait() : resolve());
      const wait = () => requestAnimationFrame(() => painted.port2.postMessage(0));
      wait();
    });
    return performance.now() - began;
  }, text);
}

async function throttle(page: Page, rate: number): Promise<void> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Emulation.setCPUThrottlingRate", { rate });
}

function figures(rounds: readonly number[]): { value: number; unit: string; rounds: readonly number[] } {
  const sorted = [...rounds].sort((a, b) => a - b);
  return { value: sorted[Math.floor(sorted.length / 2)] ?? Number.NaN, unit: "ms", rounds: sorted };
}

function textOf({ what, value, unit, budget, rounds }: Line): string {
  const spread = rounds ? `  (${Math.round(rounds[0] ?? 0)}–${Math.round(rounds.at(-1) ?? 0)})` : "";
  const verdict = Number.isNaN(budget) ? "" : `  ${value <= budget ? "within" : "BEYOND"} ${budget} ${unit}`;
  return `${what.padEnd(60)} ${value.toFixed(value < 100 ? 1 : 0).padStart(7)} ${unit}${verdict}${spread}`;
}
