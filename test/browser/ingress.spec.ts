import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { request as asking } from "@playwright/test";
import type { Running } from "../lib/commands.ts";
import { freePort } from "../lib/free-port.ts";
import { INGRESS_PATH, PANEL_PATH, SUPERVISOR, startIngress } from "../proxy/ingress.ts";
import { hasNginx } from "../proxy/nginx.ts";
import { home, MB, VIDEO } from "./lib/home.ts";
import { expect, productFor, setClock, test } from "./lib/test.ts";

test.skip(!hasNginx, "needs a real nginx: apt-get install nginx-light");

/** As the add-on's config.yaml sets it up, with the loopback's addresses for Home Assistant's. */
const product = productFor({ ...home, env: { ...home.env, INGRESS_PROXY: SUPERVISOR } });
let folder: string;
let ingress: Running;
let origin: string;

test.beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "whitestat-ingress-"));
  const ports = {
    homeAssistant: await freePort(),
    supervisor: await freePort(),
    addOn: Number(new URL(product().url).port),
  };
  origin = `http://127.0.0.1:${ports.homeAssistant}`;
  ingress = await startIngress(ports, folder);
});
test.afterAll(async () => {
  await ingress?.end("SIGTERM");
  await rm(folder, { recursive: true, force: true });
});

test("in Home Assistant's side bar: figures move, ranges and devices open, names are given, CSV is saved", async ({
  page,
}) => {
  const asked = new Set<string>();
  page.on("request", (request) => asked.add(new URL(request.url()).pathname));
  await setClock(page, product().aheadMs());
  await page.goto(origin + PANEL_PATH);
  const frame = page.frameLocator("iframe");
  const row = (name: string) => frame.locator("tr.devices-row").filter({ has: page.getByRole("rowheader", { name }) });
  await expect(row("Office")).toBeVisible();
  await expect(frame.locator(".shell-live")).toContainText("Live");

  // The event stream comes through.
  const total = frame.locator(".shell-total-download .shell-value");
  const before = (await total.textContent()) ?? "";
  product().darkstat.traffic({ ip: "192.168.1.30", mac: "a4:bb:6d:00:00:05" }, VIDEO, 2_000 * MB, 0);
  await expect(total).not.toHaveText(before);

  // Links stay below Home Assistant's path, and what they lead to can be opened anew.
  await frame.getByRole("link", { name: "7 days" }).click();
  await expect(frame.getByRole("link", { name: "7 days" })).toHaveAttribute("aria-current", "true");
  const inner = page.frames().find((one) => one !== page.mainFrame());
  expect(new URL(inner?.url() ?? "").pathname).toBe(`${INGRESS_PATH}/`);
  await inner?.goto(inner.url());
  await expect(frame.getByRole("link", { name: "7 days" })).toHaveAttribute("aria-current", "true");

  // What is written is taken.
  await row("Doorbell").hover();
  await frame.getByRole("button", { name: "Rename Doorbell", exact: true }).click();
  await frame.getByRole("textbox", { name: "Name of Doorbell" }).fill("Front door");
  await frame.getByRole("textbox", { name: "Name of Doorbell" }).press("Enter");
  await expect(row("Front door")).toHaveCount(1);

  // The name is in the file once the figures came with it.
  await expect(async () => {
    const download = page.waitForEvent("download");
    await frame.getByRole("button", { name: "Export CSV" }).click();
    expect(await readFile(await (await download).path(), "utf8")).toContain("Front door");
  }).toPass();

  expect([...asked].filter((path) => path !== PANEL_PATH && !path.startsWith(`${INGRESS_PATH}/`))).toEqual([]);
});

test("who has not signed in to Home Assistant gets nothing, and whoever asks past it can't frame the page", async () => {
  const visitor = await asking.newContext();
  try {
    expect((await visitor.get(`${origin}${INGRESS_PATH}/json`)).status()).toBe(401);
    // From another address than the Supervisor's.
    const direct = await visitor.get(product().url, { headers: { "x-ingress-path": INGRESS_PATH } });
    expect(direct.headers()["x-frame-options"]).toBe("DENY");
    const foreign = await visitor.get(product().url, {
      headers: { "x-ingress-path": INGRESS_PATH, host: "abcdef.ui.nabu.casa" },
    });
    expect(foreign.status()).toBe(421);
  } finally {
    await visitor.dispose();
  }
});
