import type { Page } from "@playwright/test";
import { startReceiver } from "../../src/channels/testing.ts";
import type { AlertsReport } from "../../src/shared/alerts-api.ts";
import { expectNoViolation } from "./lib/axe.ts";
import { home } from "./lib/home.ts";
import { expect, open, overhang, productFor, settled, test } from "./lib/test.ts";

const product = productFor(home);

const section = (page: Page, name: string) => page.getByRole("region", { name });
const report = () => product().json<AlertsReport>("api/v1/alerts");

/** A URL that is none is refused by the server, which the console says. */
test.describe(() => {
  test.use({ pardoned: /status of 400/ });
  test("a channel is tried, added without its secret being shown again, and removed", async ({ page }) => {
    const receiver = await startReceiver(() => ({ body: '{"id":1} <script>' }));
    try {
      await open(page, product());
      await page.locator("summary").filter({ hasText: "Display" }).click();
      await page.getByRole("link", { name: "Alerts…" }).click();
      await expect(page.getByRole("heading", { level: 1 })).toHaveText("Alerts");
      await expect(page).toHaveTitle(/^Alerts · /);
      const channels = section(page, "Channels");
      await expect(channels).toContainText("None yet");
      await channels.getByLabel("Address").fill("gotify://nonsense");
      await channels.getByRole("button", { name: "Add channel" }).click();
      await expect(channels.getByRole("alert")).toContainText("The token of the application is missing.");

      await channels.getByLabel("Address").fill(`gotify://${receiver.host}/s3cr3t`);
      await channels.getByLabel("Name").fill("Phone");
      await channels.getByRole("button", { name: "Send a test" }).click();
      await expect(channels.getByRole("status")).toContainText('It arrived. Answer: HTTP 200: {"id":1} <script>');
      await channels.getByRole("button", { name: "Add channel" }).click();
      await expect(channels.getByRole("checkbox", { name: "Send to Phone" })).toBeChecked();
      await expect(channels).toContainText(`Gotify, ${receiver.host}`);
      expect(await page.content()).not.toContain("s3cr3t");

      await channels.getByRole("button", { name: "Remove Phone" }).click();
      await expect(channels).toContainText("None yet");
      expect((await report()).channels).toEqual([]);
    } finally {
      await receiver.close();
    }
  });
});

test("rules are changed by keyboard, and what can't be so is said", async ({ page }) => {
  await open(page, product(), "?open=alerts");
  const rules = section(page, "Rules");
  const minutes = rules.getByLabel("Minutes");
  await minutes.fill("1");
  await minutes.press("Enter");
  await expect(rules.getByRole("alert")).toHaveText("The minutes are a whole number from 2 to 10080.");
  await minutes.fill("45");
  await rules.getByRole("checkbox", { name: "A device used far beyond its usual" }).press("Space");
  await rules.getByRole("button", { name: "Add a limit for devices" }).press("Enter");
  await rules.getByRole("combobox", { name: "Device" }).selectOption({ label: "Anna’s laptop" });
  await rules.getByLabel("GB").fill("0,5");
  await rules.getByRole("checkbox", { name: /^Quiet hours/ }).check();
  await rules.getByLabel("GB").press("Enter");
  await expect(page.getByText("Rules saved.").first()).toBeVisible();
  expect(await report()).toMatchObject({
    rules: { silent: { minutes: 45 }, unusual: false, usage: [{ bytes: 500_000_000, per: "day", counts: "both" }] },
    quiet: { from: 22, to: 7 },
  });
  await page.reload();
  await settled(page);
  await expect(section(page, "Rules").getByLabel("Minutes")).toHaveValue("45");

  // The laptop is beyond that limit: it is told, and as there is no channel, listed.
  const history = section(page, "Recent alerts");
  await expect(history).toContainText("Anna’s laptop: more than 500 MB today");
  await expect(history).toContainText("No channel: not sent");
  await history.getByRole("button", { name: "Snooze" }).press("Enter");
  await expect(history).toContainText("All alerts: snoozed until");
  await history.getByRole("button", { name: "End" }).press("Enter");
  await expect(history).not.toContainText("snoozed until");
});

for (const width of [390, 1280]) {
  for (const colorScheme of ["light", "dark"] as const) {
    test(`the page fits and is accessible at ${width} pixels, ${colorScheme}`, async ({ page }) => {
      await page.setViewportSize({ width, height: 844 });
      await page.emulateMedia({ colorScheme });
      await open(page, product(), "?open=alerts");
      await expect(section(page, "Rules")).toBeVisible();
      expect(await overhang(page)).toBe(0);
      await expectNoViolation(page);
    });
  }
}
