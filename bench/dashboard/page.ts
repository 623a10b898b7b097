import type { Page } from "@playwright/test";

/** A measurement of the dashboard: the middle of its rounds, and what it may be. */
export interface Line {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  /** NaN: it is only told. */
  readonly budget: number;
  readonly rounds?: readonly number[];
}

/** What the page's thread has of the processor while something is done, ms. */
export async function workMs(page: Page, act: () => Promise<unknown>): Promise<number> {
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

/** Each word twice, in turn. */
export async function inTurn(words: readonly string[], act: (word: string) => Promise<number>): Promise<number[]> {
  const rounds: number[] = [];
  for (let round = 0; round < 2; round++) for (const word of words) rounds.push(await act(word));
  return rounds;
}

/** From a click on a column's head to the painted order, ms. */
export function clickHeader(page: Page, label: string): Promise<number> {
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

/** From a text in the search box to the painted rows, ms. */
export function typeSearch(page: Page, text: string): Promise<number> {
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

/**
 * From a choice to the painted rows, without the wait for the answer: until the page asked, and from the last byte on, ms.
 * @param choice "LABEL=VALUE" of a choice above the figures, which changes the table's title or first row
 */
export function choose(page: Page, choice: string): Promise<number> {
  return page.evaluate(async (text) => {
    const [label, value] = text.split("=");
    const select = document.querySelector<HTMLSelectElement>(`.shell-people select[aria-label="${label}"]`);
    if (select === null) throw new Error(`there is no choice "${label}"`);
    const isThere = [...select.options].some((option) => option.value === value);
    if (!isThere) throw new Error(`"${label}" has no "${value}"`);
    const shown = () =>
      ["#devices-title", "tr.devices-row"].map((one) => document.querySelector(one)?.textContent).join();
    const before = shown();
    const began = performance.now();
    select.value = value ?? "";
    select.dispatchEvent(new Event("change", { bubbles: true }));
    // Nothing is done while the answer is waited for: that would count as the page's work.
    await new Promise<void>((resolve) => {
      const look = new MutationObserver(() => {
        if (shown() === before) return;
        look.disconnect();
        const painted = new MessageChannel();
        painted.port1.onmessage = () => resolve();
        requestAnimationFrame(() => painted.port2.postMessage(0));
      });
      look.observe(document.body, { childList: true, subtree: true, characterData: true });
    });
    const ended = performance.now();
    const asked = performance
      .getEntriesByType("resource")
      .findLast(({ name, startTime }) => name.includes("api/v1/usage/changes") && startTime >= began);
    if (!(asked instanceof PerformanceResourceTiming)) throw new Error(`nothing was asked for "${text}"`);
    return asked.startTime - began + ended - asked.responseEnd;
  }, choice);
}

/** The middle of some rounds. */
export function figures(rounds: readonly number[]): { value: number; unit: string; rounds: readonly number[] } {
  const sorted = [...rounds].sort((a, b) => a - b);
  return { value: sorted[Math.floor(sorted.length / 2)] ?? Number.NaN, unit: "ms", rounds: sorted };
}

export function textOf({ what, value, unit, budget, rounds }: Line): string {
  const spread = rounds ? `  (${Math.round(rounds[0] ?? 0)}–${Math.round(rounds.at(-1) ?? 0)})` : "";
  const verdict = Number.isNaN(budget) ? "" : `  ${value <= budget ? "within" : "BEYOND"} ${budget} ${unit}`;
  return `${what.padEnd(60)} ${value.toFixed(value < 100 ? 1 : 0).padStart(7)} ${unit}${verdict}${spread}`;
}
