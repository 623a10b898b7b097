import { readFile } from "node:fs/promises";
import type { Page } from "@playwright/test";
import type { Household } from "../../src/shared/household-api.ts";
import { expectNoViolation } from "./lib/axe.ts";
import { home } from "./lib/home.ts";
import { expect, names, open, overhang, productFor, rowOf, rows, settled, test, textOf } from "./lib/test.ts";

const product = productFor(home);
const TV = "04:5d:4b:00:00:01";
const LAPTOP = "3c:22:fb:00:00:02";
const PHONE = "d2:7e:19:00:00:03";
const NAMELESS = "5e:04:8f:00:00:08";
const HOSTILE = "<script>alert(1)</script>";

const said = (page: Page) => page.locator(".shell-toast");
const total = (page: Page) => page.locator(".shell-total-total .shell-value");
const about = (page: Page) => page.getByRole("region", { name: "About this device" });
const owners = (page: Page) => page.getByRole("region", { name: "Owners" });
const undo = (page: Page) => said(page).getByRole("button", { name: "Undo" });

async function send(path: string, body: object): Promise<Response> {
  return fetch(new URL(`api/v1/${path}`, product().url), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
}

async function change(...steps: object[]): Promise<readonly number[]> {
  const response = await send("household/changes", { steps });
  expect(response.status).toBe(200);
  return ((await response.json()) as { owners: number[] }).owners;
}

/** Anna has the laptop, Ben the phone. */
async function twoOwners(): Promise<readonly number[]> {
  const [anna, ben] = await change({ do: "add-owner", name: "Anna", colour: 3 }, { do: "add-owner", name: "Ben" });
  await change(
    { do: "hand-over", devices: [LAPTOP], owner: anna, from: null },
    { do: "hand-over", devices: [PHONE], owner: ben, from: null },
  );
  return [anna ?? 0, ben ?? 0];
}

test.afterEach(async () => {
  const { changes } = await product().json<Household>("api/v1/household");
  for (const { id, undone } of changes) {
    if (!undone) expect((await send(`household/changes/${id}/undo`, {})).status).toBe(200);
  }
});

test("an owner is added, renamed, given devices, and deleted, by keyboard; each is undone", async ({ page }) => {
  await open(page, product(), "?open=settings");
  await owners(page).getByRole("button", { name: "Add owner" }).press("Enter");
  await page.keyboard.type("Anna");
  await owners(page).getByRole("radio", { name: "Green" }).press("Space");
  await page.keyboard.press("Enter");
  await expect(owners(page).getByRole("listitem")).toContainText(["Anna"]);
  await expect(said(page)).toContainText("Anna");

  await owners(page).getByRole("button", { name: "Edit Anna" }).press("Enter");
  await owners(page).getByLabel("Name").fill("Anna Maria");
  await page.keyboard.press("Enter");
  await expect(owners(page).getByRole("link", { name: "Anna Maria" })).toBeVisible();

  const devices = page.getByRole("region", { name: "Devices" });
  await devices.getByLabel("Owner of Anna’s laptop").selectOption("Anna Maria");
  await expect(owners(page)).toContainText("1 device");

  await owners(page).getByRole("button", { name: "Delete Anna Maria" }).press("Enter");
  await expect(owners(page).getByRole("listitem")).toHaveCount(0);
  await undo(page).press("Enter");
  await expect(owners(page).getByRole("link", { name: "Anna Maria" })).toBeVisible();
  await expect(owners(page)).toContainText("1 device");
  await expect(devices.getByLabel("Owner of Anna’s laptop")).toHaveValue(/\d+/);
});

test("an owner's figures are a link away and stand in the address: totals, charts and table are of the devices", async ({
  page,
}) => {
  const [anna] = await twoOwners();
  await open(page, product(), "?open=settings");
  await owners(page).getByRole("link", { name: "Anna" }).click();
  await settled(page);
  expect(page.url()).toBe(`${product().url}?owner=${anna}`);
  expect(await names(page)).toEqual(["Anna’s laptop"]);
  // 1.8 GB down and 0.8 GB up, today.
  await expect(total(page)).toHaveText(/^2\.6\sGB$/);
  await expect(page).toHaveTitle(/^Anna: 2\.6\sGB today/);
  await expect(page.getByRole("region", { name: "Whose devices" })).toContainText("Showing the devices of Anna");

  await page.getByLabel("Owner", { exact: true }).selectOption("Nobody");
  await settled(page);
  expect(await names(page)).not.toContain("Anna’s laptop");
  await page.getByRole("button", { name: "Show everyone" }).click();
  await settled(page);
  await expect(rows(page)).toHaveCount(8);
});

test.describe("a link to an owner who was deleted", () => {
  test.use({ pardoned: /status of 404/ });

  test("says so and leads to everyone, without an empty panel or an alarm", async ({ page }) => {
    const asked = page.waitForResponse((response) => response.url().includes("owner=999") && response.status() === 404);
    await page.goto(`${product().url}?owner=999`);
    await asked;
    const whose = page.getByRole("region", { name: "Whose devices" });
    await expect(whose).toContainText("This owner doesn't exist any more");
    await expect(page.locator(".shell-unavailable, [role=alert]")).toHaveCount(0);
    await expect(page.locator("main")).not.toContainText("GET household");
    await whose.getByRole("button", { name: "Show everyone" }).click();
    await settled(page);
    await expect(rows(page)).toHaveCount(8);
  });
});

test("usage is put together by owner and by type, in chart, top list, table and CSV", async ({ page }) => {
  await twoOwners();
  await open(page, product(), "?range=7d");
  await page.getByLabel("Group by").selectOption("Owners");
  await settled(page);
  expect(new URL(page.url()).search).toBe("?range=7d&by=owner");
  expect(await names(page)).toEqual(["Nobody", "Anna", "Ben"]);
  await expect(page.getByRole("list", { name: "Devices in the chart" }).getByRole("button")).toHaveText([
    "Nobody",
    "Anna",
    "Ben",
  ]);
  const top = page.getByRole("region", { name: "Top owners" });
  await expect(top.getByRole("row", { name: /^Anna/ })).toContainText(
    await textOf(rowOf(page, "Anna").locator(".devices-total .devices-amount")),
  );

  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Export CSV" }).click();
  const csv = await readFile(await (await download).path(), "utf8");
  expect(csv.split("\r\n")[0]).toMatch(/^\uFEFFOwner,Download \(bytes\),/);
  expect(csv).toMatch(/\r\nAnna,12600000000,5600000000,18200000000,/);

  await top.getByRole("link", { name: "Anna" }).click();
  await settled(page);
  expect(await names(page)).toEqual(["Anna’s laptop"]);

  await open(page, product(), "?by=type");
  await expect(page.getByRole("heading", { name: "Usage by type" })).toBeVisible();
  await expect(rowOf(page, "TV")).toHaveCount(1);
});

test("what a device is, a note and its name are changed on its page; each says so and is undone", async ({ page }) => {
  await open(page, product(), `?device=${PHONE}`);
  const type = about(page).getByLabel("Type");
  await expect(type.locator("option:checked")).toHaveText(/\(guess\)$/);
  await type.selectOption("Tablet");
  await expect(said(page)).toContainText("Changed the type of Ben’s phone");
  await expect(page.locator(".device-facts")).toContainText("Tablet");
  await undo(page).click();
  await expect(type.locator("option:checked")).toHaveText(/\(guess\)$/);

  await about(page).getByLabel("Note").fill(`Screen ${HOSTILE}`);
  await about(page).getByRole("button", { name: "Save note" }).click();
  await expect(said(page)).toBeVisible();
  await page.reload();
  await expect(about(page).getByLabel("Note")).toHaveValue(`Screen ${HOSTILE}`);
});

test("a note that is being typed stays when the one before is taken back", async ({ page }) => {
  await open(page, product(), `?device=${PHONE}`);
  const note = about(page).getByLabel("Note");
  await note.fill("Screen broken");
  await about(page).getByRole("button", { name: "Save note" }).press("Enter");
  await expect(said(page)).toContainText("Changed the note of Ben’s phone");
  await note.fill("Screen broken, at the repair shop");
  await undo(page).press("Enter");
  await expect(said(page)).toContainText("Undone");
  await expect(note).toHaveValue("Screen broken, at the repair shop");
  await about(page).getByRole("button", { name: "Cancel" }).press("Enter");
  await expect(note).toHaveValue("");
});

test("by keyboard, the focus stays where a button went with its deed: note, split, deleted figures, restore, undo", async ({
  page,
}) => {
  await change({ do: "merge", device: PHONE, with: [NAMELESS] });
  await open(page, product(), `?device=${PHONE}&range=7d`);
  const note = about(page).getByLabel("Note");
  await note.fill("Screen broken");
  await about(page).getByRole("button", { name: "Save note" }).press("Enter");
  await expect(note).toBeFocused();
  await about(page)
    .getByRole("button", { name: `Split off ${NAMELESS}` })
    .press("Enter");
  await expect(about(page).getByRole("button", { name: "Merge with other devices…" })).toBeFocused();

  await about(page).getByText("More", { exact: true }).click();
  const look = about(page).getByRole("button", { name: "Delete these days…" });
  await look.press("Enter");
  await about(page).getByRole("button", { name: "Keep" }).press("Enter");
  await expect(look).toBeFocused();
  await look.press("Enter");
  await about(page)
    .getByRole("button", { name: /^Delete \d/ })
    .press("Enter");
  await expect(said(page)).toContainText("Removed");
  await expect(look).toBeFocused();

  await open(page, product(), "?open=settings");
  const changes = page.getByRole("region", { name: "Recent changes" });
  await changes.getByRole("button", { name: /^Restore/ }).press("Enter");
  await expect(changes.getByRole("button", { name: /^Restore/ })).toHaveCount(0);
  await expect(changes).toBeFocused();
  await changes.getByRole("button", { name: /^Undo: Split/ }).press("Enter");
  await expect(changes.getByRole("listitem").filter({ hasText: "Split 1 network interface" })).toBeFocused();
});

test("a hidden device is left out of lists, not of totals, and shown when it is wanted", async ({ page }) => {
  await open(page, product());
  const before = await textOf(total(page));
  await open(page, product(), `?device=${TV}`);
  await about(page).getByLabel("Hide in lists").check();
  await expect(said(page)).toBeVisible();
  await page.getByRole("link", { name: "All devices" }).click();
  await settled(page);
  expect(await names(page)).not.toContain("Living room TV");
  await expect(total(page)).toHaveText(before);
  await expect(page.getByRole("table", { name: "Devices" })).toContainText("7 of 8 devices");
  await expect(page.getByRole("list", { name: "Devices in the chart" })).not.toContainText("Living room TV");
  await expect(page.getByRole("list", { name: "Devices in the chart" })).toContainText("1 other");
  await page.getByRole("searchbox").fill("living room");
  await expect(page.getByRole("table", { name: "Devices" })).toContainText("No matches");
  await expect(page.getByRole("table", { name: "Devices" })).toContainText("One hidden device matches.");
  await page.getByRole("searchbox").fill("no such thing");
  await expect(page.getByRole("table", { name: "Devices" })).not.toContainText("hidden device matches");
  await page.getByRole("searchbox").fill("");
  await page.getByRole("button", { name: "Show 1 hidden device" }).click();
  await expect(rowOf(page, "Living room TV")).toHaveCount(1);
  expect(new URL(page.url()).searchParams.get("hidden")).toBe("show");
  await page.getByRole("button", { name: "Leave out hidden devices" }).click();
  await expect(rowOf(page, "Living room TV")).toHaveCount(0);
});

test("two devices are merged for their whole past and split again, by undo and by hand", async ({ page }) => {
  await open(page, product(), `?device=${PHONE}&range=30d`);
  const before = await textOf(total(page));
  await about(page).getByRole("button", { name: "Merge with other devices…" }).click();
  await about(page).getByRole("group", { name: "This is also" }).getByLabel(NAMELESS).check();
  await about(page).getByRole("button", { name: "Merge", exact: true }).click();
  await expect(about(page)).toContainText(NAMELESS);
  await settled(page);
  await expect(total(page)).not.toHaveText(before);
  const merged = await textOf(total(page));

  await undo(page).click();
  await expect(total(page)).toHaveText(before);
  await expect(about(page)).not.toContainText(NAMELESS);

  await change({ do: "merge", device: PHONE, with: [NAMELESS] });
  await page.reload();
  await settled(page);
  await expect(total(page)).toHaveText(merged);
  await about(page)
    .getByRole("button", { name: `Split off ${NAMELESS}` })
    .click();
  await expect(total(page)).toHaveText(before);
});

test("several devices become one in four clicks, and in one change, found by a search where they are many", async ({
  page,
}) => {
  await open(page, product(), `?device=${PHONE}&range=30d`);
  const before = await textOf(total(page));
  await about(page).getByRole("button", { name: "Merge with other devices…" }).click();
  await about(page).getByLabel(NAMELESS).click();
  await about(page).getByLabel(TV).click();
  await about(page).getByRole("button", { name: "Merge 3 devices" }).click();
  await expect(about(page).locator(".about-interfaces > ul > li")).toContainText([PHONE, TV, NAMELESS]);
  await undo(page).click();
  await expect(about(page).locator(".about-interfaces > ul > li")).toHaveCount(1);
  await expect(total(page)).toHaveText(before);
});

test("the devices to merge with are searched, ticked and merged by keyboard; Escape leaves all as it was", async ({
  page,
}) => {
  await open(page, product(), `?device=${PHONE}`);
  const opener = about(page).getByRole("button", { name: "Merge with other devices…" });
  await opener.press("Enter");
  const form = about(page).locator(".about-merge");
  const search = form.getByRole("searchbox", { name: "Search devices" });
  const merge = form.getByRole("button", { name: /^Merge/ });
  await expect(search).toBeFocused();
  await expect(merge).toBeDisabled();
  await page.keyboard.type("LIVING");
  await expect(form.getByRole("checkbox")).toHaveCount(1);
  await expect(form.getByRole("status")).toHaveText(/^1 of \d+ devices$/);
  // Neither is anything chosen yet, nor is a search a form to be sent.
  await page.keyboard.press("Enter");
  await expect(search).toBeFocused();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Space");
  await expect(merge).toBeEnabled();
  await search.fill("nothing like it");
  await expect(form.getByRole("status")).toHaveText("No device matches.");
  await search.press("Enter");
  await expect(search).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(form).toHaveCount(0);
  await expect(opener).toBeFocused();
  expect((await product().json<Household>("api/v1/household")).changes.every(({ undone }) => undone)).toBe(true);

  await page.keyboard.press("Enter");
  await expect(search).toBeFocused();
  await page.keyboard.type("living");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Space");
  await page.keyboard.press("Enter");
  await expect(said(page)).toContainText("Merged");
  await expect(about(page).locator(".about-interfaces > ul > li")).toContainText([PHONE, TV]);
  await expect(opener).toBeFocused();
});

test("a device is handed over from a day on: before, its figures are those of who had it", async ({ page }) => {
  const [anna, ben] = await twoOwners();
  await open(page, product(), `?device=${LAPTOP}`);
  await about(page).getByRole("button", { name: "Change the owner" }).click();
  await about(page).getByLabel("New owner").selectOption("Ben");
  await about(page).getByLabel("Day", { exact: true }).fill("2035-06-13");
  await about(page).getByRole("button", { name: "Save" }).click();
  await expect(about(page)).toContainText(/At first\s+Anna\s*From 13 Jun 2035\s+Ben/);
  await expect(said(page)).toContainText("is Ben's from 13 Jun 2035 on");
  await open(page, product(), "?open=settings");
  const changes = page.getByRole("region", { name: "Recent changes" });
  await expect(changes.getByRole("listitem").first()).toContainText("is Ben's from 13 Jun 2035 on");

  await open(page, product(), `?range=7d&owner=${anna}`);
  // Four of seven days: 2.6 GB on each.
  await expect(total(page)).toHaveText(/^10\.4\sGB$/);
  await open(page, product(), `?range=7d&owner=${ben}`);
  expect(await names(page)).toEqual(["Anna’s laptop", "Ben’s phone"]);
});

test("the form of a handover says what of later days it takes the place of", async ({ page }) => {
  const [anna, ben] = await twoOwners();
  await change({ do: "hand-over", devices: [LAPTOP], owner: ben, from: "2035-06-13" });
  await open(page, product(), `?device=${LAPTOP}`);
  await about(page).getByRole("button", { name: "Change the owner" }).press("Enter");
  const replaced = about(page).locator("form").getByRole("status");
  const day = about(page).getByLabel("Day", { exact: true });
  await day.fill("2035-06-14");
  await expect(replaced).toHaveText("");
  await day.fill("2035-06-10");
  await expect(replaced).toHaveText(/takes the place of .* later days:\s*From 13 Jun 2035\s+Ben$/);
  await about(page).getByLabel("For its whole past").check();
  await expect(replaced).toContainText("From 13 Jun 2035");
  await about(page).getByLabel("New owner").selectOption("Anna");
  await about(page).getByRole("button", { name: "Save", exact: true }).click();
  await expect(about(page)).not.toContainText("From 13 Jun 2035");
  const { devices } = await product().json<Household>("api/v1/household");
  expect(devices.find(({ key }) => key === LAPTOP)?.owner).toBe(anna);
});

test("figures are deleted once it was said what goes, and come back", async ({ page }) => {
  await open(page, product(), `?device=${TV}&range=7d`);
  const before = await textOf(total(page));
  await about(page).getByText("More", { exact: true }).click();
  await about(page).getByLabel("From").fill("2035-06-12");
  await about(page).getByLabel("To").fill("2035-06-13");
  await about(page).getByRole("button", { name: "Delete these days…" }).click();
  await expect(about(page).getByRole("alert")).toContainText(
    /This deletes 2 days with figures \(12\W+13 Jun 2035\): 12\.0\sGB downloaded and 240\.0\sMB uploaded/,
  );
  await about(page)
    .getByRole("button", { name: /^Delete 12\.2/ })
    .click();
  await expect(said(page)).toBeVisible();
  await expect(total(page)).not.toHaveText(before);
  await undo(page).click();
  await expect(total(page)).toHaveText(before);
});

test("a router that is none is said to be none, and is a device then, for the past as well", async ({ page }) => {
  await open(page, product(), "?open=settings");
  const network = page.getByRole("region", { name: "Network" });
  await network.getByRole("button", { name: /^This is no router/ }).click();
  await expect(network).toContainText("no router (said here)");
  await undo(page).click();
  await expect(network).toContainText("router (by LAN_ROUTERS_TO_SKIP)");
});

test("a hostile name of an owner stays text wherever it stands", async ({ page }) => {
  const [owner] = await change({ do: "add-owner", name: HOSTILE });
  await change({ do: "hand-over", devices: [TV], owner, from: null });
  await open(page, product(), "?open=settings");
  await expect(owners(page).getByRole("link", { name: HOSTILE })).toBeVisible();
  await open(page, product(), "?by=owner");
  await expect(rowOf(page, HOSTILE)).toHaveCount(1);
  await open(page, product(), `?owner=${owner}`);
  await expect(page.locator("main")).toContainText(`Showing the devices of ${HOSTILE}`);
  await open(page, product(), `?device=${TV}`);
  await expect(page.locator(".device-facts")).toContainText(HOSTILE);
});

for (const theme of ["light", "dark"] as const) {
  test.describe(`in the ${theme} theme`, () => {
    test.use({ colorScheme: theme });
    test("axe finds no violation in what is said of people and devices, and nothing is too wide @both", async ({
      page,
    }) => {
      test.setTimeout(300_000);
      const [anna] = await twoOwners();
      await change({ do: "merge", device: PHONE, with: [NAMELESS] });
      await change({ do: "describe", devices: [TV], hidden: true });
      const look = async () => {
        await expectNoViolation(page);
        const before = page.viewportSize() ?? { width: 1280, height: 900 };
        for (const width of [360, 768, 1280]) {
          await page.setViewportSize({ width, height: 800 });
          await expect.poll(() => overhang(page), { message: `at ${width} pixels` }).toBe(0);
        }
        await page.setViewportSize(before);
      };
      await open(page, product(), "?open=settings");
      await owners(page).getByRole("button", { name: "Add owner" }).click();
      await look();
      await open(page, product(), `?device=${PHONE}`);
      await about(page).getByRole("button", { name: "Change the owner" }).click();
      await about(page).getByRole("button", { name: "Merge with other devices…" }).click();
      await about(page).getByText("More", { exact: true }).click();
      await about(page).getByRole("button", { name: "Delete everything…" }).click();
      await expect(about(page).getByRole("alert")).toBeVisible();
      await look();
      await open(page, product(), `?owner=${anna}&by=type`);
      await look();
    });
  });
}
