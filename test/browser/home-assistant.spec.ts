import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isThere, type Listener, listenAt, type Mosquitto, startMosquitto, USER } from "../mqtt/broker.ts";
import { expectNoViolation } from "./lib/axe.ts";
import { home } from "./lib/home.ts";
import { expect, open, overhang, productFor, test, withProduct } from "./lib/test.ts";

test.skip(!isThere, "needs a real Mosquitto: apt-get install mosquitto");

const product = productFor(home);
let folder: string;
let broker: Mosquitto;
let listener: Listener;
test.beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "whitestat-mqtt-page-"));
  broker = await startMosquitto(folder);
  listener = await listenAt(broker.url);
});
test.afterAll(async () => {
  await listener?.end();
  await broker?.stop();
  await rm(folder, { recursive: true, force: true });
});

const configs = () => [...listener.messages.keys()].filter((topic) => topic.startsWith("homeassistant/device/"));

test("a broker is tried, named, told of a device, and taken away again", async ({ page }) => {
  await open(page, product(), "?open=settings");
  const section = page.getByRole("region", { name: "Home Assistant" });
  await section.getByRole("button", { name: "Set up" }).press("Enter");
  await section.getByRole("textbox", { name: "Broker" }).fill(broker.host);
  await section.getByRole("textbox", { name: "User" }).fill(USER.name);
  await section.getByLabel("Password").fill("wrong");
  await section.getByRole("button", { name: "Test" }).click();
  await expect(section.getByRole("alert")).toHaveText(/It doesn't work: the (user|broker)/);
  await section.getByLabel("Password").fill(USER.password);
  await section.getByRole("button", { name: "Test" }).click();
  await expect(section.getByRole("alert")).toHaveText("It works: the broker lets WhiteStat in.");
  expect(configs()).toEqual([]);
  await section.getByLabel("Password").press("Enter");
  await expect(section).toContainText("Connected. Home Assistant was told of the household.");
  await expect(section).toContainText("whitestat:***@");
  expect(configs()).toHaveLength(1);

  await section.getByRole("radio", { name: "Chosen ones" }).check();
  await section.getByRole("checkbox", { name: "Living room TV" }).check();
  await expect(section).toContainText("and 1 more");
  expect(configs()).toHaveLength(2);
  await expectNoViolation(page);
  await page.locator(".shell-toast").getByRole("button", { name: "Undo" }).click();
  await expect(section.getByRole("checkbox", { name: "Living room TV" })).not.toBeChecked();
  await expect.poll(configs).toHaveLength(1);

  // What is shown of the address is enough to change something else in it: the password is kept.
  await section.getByRole("button", { name: "Change" }).click();
  await section.getByRole("button", { name: "Test" }).click();
  await expect(section.getByRole("alert")).toHaveText("It works: the broker lets WhiteStat in.");
  await section.getByRole("button", { name: "Cancel" }).click();

  await section.getByRole("button", { name: "Remove" }).click();
  await expect.poll(configs).toEqual([]);
  await expect(section.getByRole("button", { name: "Set up" })).toBeVisible();
});

test.describe("what the server refuses", () => {
  test.use({ pardoned: /status of 400/ });

  test("an address that is none is explained, and nothing hangs over at phone size", async ({ page }) => {
    await page.setViewportSize({ width: 360, height: 740 });
    await open(page, product(), "?open=settings");
    const section = page.getByRole("region", { name: "Home Assistant" });
    await section.getByRole("button", { name: "Set up" }).click();
    await section.getByRole("button", { name: "Save" }).click();
    await expect(section.getByRole("alert")).toHaveText("Enter the broker's name or address.");
    await section.getByRole("textbox", { name: "Broker" }).fill("http://192.168.1.5/x");
    await section.getByRole("button", { name: "Save" }).click();
    await expect(section.getByRole("alert")).toContainText("url ");
    expect(await overhang(page)).toBe(0);
  });
});

test("a broker of the settings can't be changed on the page, which says where it is named", async ({ page }) => {
  await withProduct(page, { env: { MQTT_URL: "mqtt://anna:secret@127.0.0.1:1" } }, async (own) => {
    await open(page, own, "?open=settings");
    const section = page.getByRole("region", { name: "Home Assistant" });
    await expect(section).toContainText("Named by MQTT_URL");
    await expect(section).toContainText("Not connected: connection refused");
    await expect(page.locator("body")).not.toContainText("secret");
    await expect(section.getByRole("button")).toHaveCount(0);
  });
});
