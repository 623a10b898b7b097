import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { startPihole } from "../../src/names/testing.ts";
import { home } from "./lib/home.ts";
import { expect, open, rowOf, settled, test, withProduct } from "./lib/test.ts";

const NAMELESS = { mac: "5e:04:8f:00:00:08", ip: "192.168.1.61" };
const HOSTILE = "<script>alert(1)</script>";

const section = (page: Page) => page.getByRole("region", { name: "Names" });
const said = (page: Page) => page.locator(".shell-toast");

/** A lease file as dnsmasq writes it, in a folder of its own. */
function leaseFile(name: string): { path: string; [Symbol.dispose](): void } {
  const folder = mkdtempSync(join(tmpdir(), "whitestat-leases-"));
  const path = join(folder, "dhcp.leases");
  writeFileSync(path, `2065000000 ${NAMELESS.mac} ${NAMELESS.ip} ${name} *\n`);
  return { path, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) };
}

test("a name from a lease file is shown with where it comes from, and goes when the files are switched off", async ({
  page,
}) => {
  using leases = leaseFile("bens-ipad");
  await withProduct(page, { ...home, env: { NAME_FILES: leases.path } }, async (product) => {
    await open(page, product, "?open=settings");
    await expect(section(page)).toContainText(leases.path);
    await expect(section(page)).toContainText("1 name, read");

    await open(page, product, `?device=${NAMELESS.mac}`);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("bens-ipad");
    await expect(page.locator(".device-facts")).toContainText(
      `bens-ipad from ${leases.path}: told by the device when it got its address`,
    );

    await open(page, product, "?open=settings");
    const files = section(page).getByRole("switch", { name: "Files of this machine" });
    await files.press("Space");
    await expect(files).not.toBeChecked();
    await expect(said(page)).toContainText("no longer read from there");
    await page.getByRole("link", { name: "Back to the figures" }).click();
    await settled(page);
    await expect(rowOf(page, "Device 00:08")).toHaveCount(1);
    await said(page).getByRole("button", { name: "Undo" }).click();
    await expect(rowOf(page, "bens-ipad")).toHaveCount(1);
  });
});

test.describe("with an address that is refused", () => {
  // The console tells of each refused request.
  test.use({ pardoned: /status of 400/ });
  test("a Pi-hole is set up on the page: what is wrong is said, and its names come without a reload", async ({
    page,
  }) => {
    await using pihole = await startPihole({
      password: "secret",
      leases: [{ expires: 0, name: HOSTILE, hwaddr: NAMELESS.mac, ip: NAMELESS.ip, clientid: "*" }],
    });
    await withProduct(page, { ...home, env: { NAME_FILES: "" } }, async (product) => {
      await open(page, product, "?open=settings");
      await expect(section(page).getByRole("switch", { name: "Pi-hole" })).toBeDisabled();
      await section(page).getByRole("button", { name: "Set up: Pi-hole" }).press("Enter");
      await section(page).getByLabel("Address").fill("192.168.1.2");
      await section(page).getByRole("button", { name: "Save and test" }).click();
      await expect(section(page).getByRole("alert")).toContainText("http://192.168.1.2");

      await section(page).getByLabel("Address").fill(pihole.url);
      await section(page).getByLabel("Password").fill("wrong");
      await section(page).getByLabel("Password").press("Enter");
      await expect(section(page).locator(".settings-problem")).toContainText(/password/i);

      await section(page).getByRole("button", { name: "Change: Pi-hole" }).click();
      await section(page).getByLabel("Password").fill("secret");
      await section(page).getByLabel("Password").press("Enter");
      await expect(section(page)).toContainText("1 name, read");
      await expect(section(page).getByLabel("Password")).toHaveCount(0);

      await page.getByRole("link", { name: "Back to the figures" }).click();
      await settled(page);
      await expect(rowOf(page, HOSTILE)).toHaveCount(1);
    });
  });
});
