import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import type { Usage } from "../../src/shared/api.ts";
import { expectNoViolation } from "./lib/axe.ts";
import { MB, VIDEO } from "./lib/home.ts";
import type { Past } from "./lib/past.ts";
import { expect, open, productFor, settled, test, textOf, withProduct } from "./lib/test.ts";

/** A phone that made up a new MAC some three weeks ago: before that it might have been a guest's. */
const BEFORE = { mac: "d2:7e:19:00:00:70", ip: "192.168.1.70" };
const SINCE = { mac: "5e:04:8f:00:00:71", ip: "192.168.1.71" };
const TV = { mac: "04:5d:4b:00:00:01", ip: "192.168.1.20" };
const NAME = "Bens-iPhone";

const past: Past = {
  days: 60,
  live(darkstat, { hour, daysAgo }) {
    if (hour !== 8) return;
    darkstat.traffic(TV, VIDEO, 100 * MB, MB);
    darkstat.traffic(daysAgo > 22 ? BEFORE : SINCE, VIDEO, 10 * MB, MB);
  },
};

const section = (page: Page) => page.getByRole("region", { name: "The same device?" });
const said = (page: Page) => page.locator(".shell-toast");
const total = (page: Page) => page.locator(".shell-total-total .shell-value");

test("a phone with a new private MAC is proposed as one, with its evidence; merged in two clicks, and taken back", async ({
  page,
}) => {
  const folder = mkdtempSync(join(tmpdir(), "whitestat-leases-"));
  const leases = join(folder, "dhcp.leases");
  const line = ({ mac, ip }: typeof TV) => `2065000000 ${mac} ${ip} ${NAME} *\n`;
  writeFileSync(leases, line(BEFORE) + line(SINCE));
  try {
    await withProduct(page, { past, env: { NAME_FILES: leases } }, async (product) => {
      await open(page, product, `?device=${SINCE.mac}&range=30d`);
      const alone = await textOf(total(page));
      await open(page, product);
      await expect(page.getByRole("region", { name: "Hints" })).toContainText("The same device, listed twice?");
      await page.getByRole("button", { name: "Review" }).click();
      await expect(section(page)).toContainText(BEFORE.mac);
      await expect(section(page)).toContainText(SINCE.mac);
      await expect(section(page).locator(".proposal-evidence")).toContainText(NAME);
      await expect(section(page).locator(".proposal-evidence"), "days as the page has them").not.toContainText(
        /\d{4}-\d\d-\d\d/,
      );

      await section(page)
        .getByRole("button", { name: `Merge: ${NAME}` })
        .press("Enter");
      await expect(said(page)).toContainText("Merged");
      await expect(section(page)).toHaveCount(0);
      await expect(page.getByRole("region", { name: "Owners" }), "the last one took its section along").toBeFocused();
      await open(page, product, `?device=${SINCE.mac}&range=30d`);
      await expect(page.getByRole("region", { name: "About this device" })).toContainText(BEFORE.mac);
      await expect(total(page)).not.toHaveText(alone);

      await open(page, product, "?open=settings");
      const changes = page.getByRole("region", { name: "Recent changes" });
      await changes.getByRole("button", { name: /^Undo: Merged/ }).click();
      await expect(section(page)).toHaveCount(1);
      await section(page)
        .getByRole("button", { name: `Not the same: ${NAME}` })
        .click();
      await expect(section(page)).toHaveCount(0);
      await page.reload();
      await settled(page);
      await expect(changes).toContainText("are not the same device");
      await expect(section(page)).toHaveCount(0);
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test.describe("in the demo, where three phones and tablets have made up a new MAC", () => {
  const demo = productFor({ command: "demo" });
  /** The MAC that each had last year, and the one it has had for some weeks. */
  const PAIRS = [
    ["a6:11:42:9c:00:03", "6e:3b:90:d1:00:0e"],
    ["d2:7e:19:40:00:05", "f6:20:c7:5a:00:0f"],
    ["8a:30:d5:77:00:0a", null],
  ] as const;
  const LAST_YEAR = "from=2034-06-15&to=2034-12-31";

  /** Bytes of last year, by device. */
  async function lastYear(): Promise<Record<string, number>> {
    const { devices } = await demo().json<Usage>(`api/v1/usage?${LAST_YEAR}&group=month`);
    return Object.fromEntries(devices.map(({ key, download, upload }) => [key, download + upload]));
  }

  test("three devices of two MACs each become one page each in four clicks; last year's figures follow; undo brings all back", async ({
    page,
  }) => {
    const before = await lastYear();
    await open(page, demo());
    await page.getByRole("button", { name: "Review" }).click();
    const merges = section(page).getByRole("button", { name: /^Merge: / });
    await expect(merges).toHaveCount(3);
    for (const left of [2, 1, 0]) {
      await merges.first().click();
      await expect(merges).toHaveCount(left);
    }

    const merged = await lastYear();
    expect(sumOf(merged)).toBe(sumOf(before));
    for (const [old, now] of PAIRS) {
      const key = [old, now].find((one) => one !== null && one in merged) ?? "";
      expect(merged[key]).toBe(before[old]);
      await open(page, demo(), `?device=${old}&range=custom&${LAST_YEAR}`);
      await expect(page.getByRole("region", { name: "About this device" }).locator("code")).toHaveCount(2);
    }

    await open(page, demo(), "?open=settings");
    for (const left of [2, 1, 0]) {
      const undos = page.getByRole("region", { name: "Recent changes" }).getByRole("button", { name: /^Undo: Merged/ });
      await undos.first().click();
      await expect(undos).toHaveCount(left);
    }
    await expect(merges).toHaveCount(3);
    expect(await lastYear()).toEqual(before);
  });

  test("by keyboard: the focus goes from one decision to the next", async ({ page }) => {
    await open(page, demo());
    await page.getByRole("button", { name: "Review" }).press("Enter");
    const merges = section(page).getByRole("button", { name: /^Merge: / });
    await expect(merges).toHaveCount(3);
    await merges.first().focus();
    for (const left of [2, 1]) {
      await page.keyboard.press("Enter");
      await expect(merges).toHaveCount(left);
      await expect(merges.first()).toBeFocused();
    }
    await expectNoViolation(page);
    await page.keyboard.press("Enter");
    await expect(section(page)).toHaveCount(0);
    await expect(said(page)).toContainText("Merged");
    await said(page).getByRole("button", { name: "Undo" }).press("Enter");
    await expect(merges).toHaveCount(1);
  });
});

function sumOf(bytes: Readonly<Record<string, number>>): number {
  return Object.values(bytes).reduce((sum, one) => sum + one, 0);
}
