import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { expect, type Page } from "@playwright/test";
import type { run } from "axe-core";

const SOURCE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/**
 * Every rule of axe: WCAG 2.2 AA and its best practices. It runs in the page itself, which has no frames: what axe offers
 * for Playwright takes ten times as long.
 * @param within a selector: only what is in it is looked at
 */
export async function expectNoViolation(page: Page, within = "html"): Promise<void> {
  await page.evaluate(SOURCE);
  const told = await page.evaluate(async (selector) => {
    const { axe } = globalThis as unknown as { axe: { run: typeof run } };
    const { violations } = await axe.run(selector, {
      resultTypes: ["violations"],
      rules: { "target-size": { enabled: true } },
    });
    return violations.map(({ id, help, nodes }) => `${id}: ${help}\n  ${nodes.map(({ html }) => html).join("\n  ")}`);
  }, within);
  expect(told).toEqual([]);
}
