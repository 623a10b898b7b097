import { defineConfig, devices } from "@playwright/test";
import { LAUNCH } from "./lib/launch.ts";

/**
 * Real-browser tests of the dashboard: Debian's Chromium, the built product, a simulated darkstat. Run by `npm test`, or
 * alone by `npm run test:browser`, which takes what Playwright takes: a file's name, `-g "a word"`, `--headed`.
 */
/** In the name of a test that is for the phone alone, or for both; what says nothing is for the desk. */
const PHONE = /@phone/;
const PHONE_TOO = /@phone|@both/;

export default defineConfig({
  testDir: ".",
  outputDir: "../../test-results/browser",
  // Two: more browsers than processors only make each other wait.
  workers: Number(process.env.BROWSER_WORKERS ?? 2),
  fullyParallel: false,
  forbidOnly: process.env.CI !== undefined,
  // Generous: a busy machine is slow, not wrong. What is too slow for a person is for bench:dashboard to say.
  timeout: 120_000,
  retries: process.env.CI === undefined ? 0 : 1,
  expect: { timeout: 20_000 },
  reporter: [["list"]],
  use: {
    locale: "en-GB",
    // Not the server's: days are the server's, wherever the browser is.
    timezoneId: "America/Los_Angeles",
    contextOptions: { reducedMotion: "reduce" },
    // One test is about it; all others are about the page as the server has it.
    serviceWorkers: "block",
    trace: "off",
    launchOptions: LAUNCH,
  },
  projects: [
    {
      // First, for it has the longest files.
      name: "phone",
      grep: PHONE_TOO,
      use: {
        ...devices["Pixel 7"],
        viewport: { width: 390, height: 844 },
        deviceScaleFactor: 2,
        colorScheme: "dark",
      },
    },
    {
      name: "desk",
      grepInvert: PHONE,
      use: { viewport: { width: 1280, height: 900 } },
    },
  ],
});
