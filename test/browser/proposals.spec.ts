import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { MB, VIDEO } from "./lib/home.ts";
import type { Past } from "./lib/past.ts";
import { expect, open, settled, test, textOf, withProduct } from "./lib/test.ts";

/** A phone that made up a new MAC ten days ago. */
const BEFORE = { mac: "d2:7e:19:00:00:70", ip: "192.168.1.70" };
const SINCE = { mac: "5e:04:8f:00:00:71", ip: "192.168.1.71" };
const TV = { mac: "04:5d:4b:00:00:01", ip: "192.168.1.20" };
const NAME = "Bens-iPhone";

const past: Past = {
  days: 60,
  live(darkstat, { hour, daysAgo }) {
    if (hour !== 8) return;
    darkstat.traffic(TV, VIDEO, 100 * MB, MB);
    darkstat.traffic(daysAgo > 10 ? BEFORE : SINCE, VIDEO, 10 * MB, MB);
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
      await expect(page.getByRole("region", { name: "Hints" })).toContainText("Some devices look like one");
      await page.getByRole("button", { name: "Look at them" }).click();
      await expect(section(page)).toContainText(BEFORE.mac);
      await expect(section(page)).toContainText(SINCE.mac);
      await expect(section(page).locator(".proposal-evidence")).toContainText(NAME);

      await section(page)
        .getByRole("button", { name: `Merge: ${NAME}` })
        .press("Enter");
      await expect(said(page)).toContainText("Merged");
      await expect(section(page)).toHaveCount(0);
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
