import { existsSync } from "node:fs";
import { FIREFOX, type Firefox, startFirefox } from "./lib/firefox.ts";
import { home } from "./lib/home.ts";
import { expect, productFor, test } from "./lib/test.ts";

/** Browsers differ in what they make a stop of the Tab key: the keyboard is tried in Firefox, too. */
test.skip(!existsSync(FIREFOX), `${FIREFOX} is not there: apt-get install firefox-esr`);

const product = productFor(home);
let firefox: Firefox;
test.beforeAll(async () => {
  firefox = await startFirefox();
});
test.afterAll(() => firefox.close());

const IN_CHART = 'document.activeElement.closest("svg.chart-svg") !== null';

/** The page moves the focus a moment after the key. */
const focused = (what: string) => expect.poll(() => firefox.evaluate<string>(`document.activeElement.${what} ?? ""`));
const label = () => focused('getAttribute("aria-label")');

for (const [what, address, charts] of [
  ["today", "", 1],
  ["a device", "?device=04:5d:4b:00:00:01", 3],
] as const) {
  test(`in Firefox, too, each chart of the page of ${what} is one stop of the Tab key`, async () => {
    await firefox.open(product().url + address);
    await firefox.waitFor(`document.querySelectorAll("svg.chart-svg").length === ${charts}`);
    let stops = 0;
    for (let presses = 0; presses < 120; presses++) {
      await firefox.press("Tab");
      if (await firefox.evaluate("document.activeElement === document.body")) break;
      if (await firefox.evaluate(IN_CHART)) stops += 1;
    }
    expect(stops).toBe(charts);
  });
}

test("in Firefox, too, arrows go from bar to bar, Escape out to the chart, and Tab on from there", async () => {
  await firefox.open(`${product().url}?range=7d`);
  await firefox.waitFor('document.querySelectorAll(".chart-trend [data-mark]").length === 7');
  // As a person comes there: a focus that a script gives while the page is being drawn may be lost again.
  for (let presses = 0; presses < 60 && !(await firefox.evaluate(IN_CHART)); presses++) await firefox.press("Tab");
  await focused("tagName").toBe("svg");
  await firefox.press("ArrowRight");
  await label().toMatch(/15/);
  await firefox.press("ArrowLeft");
  await label().toMatch(/14/);
  await firefox.press("Home");
  await label().toMatch(/9/);
  await firefox.press("Escape");
  await focused("tagName").toBe("svg");
  await firefox.press("Tab");
  await expect.poll(() => firefox.evaluate(IN_CHART)).toBe(false);
});
