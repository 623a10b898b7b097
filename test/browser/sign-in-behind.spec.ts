import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Frame, Page } from "@playwright/test";
import type { NewViewLink } from "../../src/shared/access-api.ts";
import { eventually, type Running, start } from "../lib/commands.ts";
import { freePort } from "../lib/free-port.ts";
import { INGRESS_PATH, PANEL_PATH, SUPERVISOR, startIngress } from "../proxy/ingress.ts";
import { hasNginx, nginxCommand, withoutPasswords } from "../proxy/nginx.ts";
import { home, MB, VIDEO } from "./lib/home.ts";
import { sendAs, signIn, withPassword } from "./lib/password.ts";
import type { Product } from "./lib/product.ts";
import { expect, productFor, setClock, settled, test } from "./lib/test.ts";

test.skip(!hasNginx, "needs a real nginx: apt-get install nginx-light");
/** A browser writes of answers that refuse something, which is what is tested here. */
test.use({ pardoned: /the server responded with a status of 40[13]/ });

const PASSWORD = "seven wet umbrellas";
const PREFIX = "/stats";
const EVERYBODY = { name: "Kitchen", owner: null, expiresAt: null };

/** Where a browser comes in: its origin, our path there, and the frame that our page is in. */
interface Entrance {
  readonly origin: string;
  readonly path: string;
  /** Opens an address below our path, as somebody who was never here. */
  enter(page: Page, product: Product, address: string): Promise<Frame>;
}

/** The documentation's nginx under /stats/, with more lines in its location. @returns its origin, and what ends it */
async function startNginx(product: Product, more = ""): Promise<{ origin: string; end(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), "whitestat-nginx-"));
  const ports = { product: Number(new URL(product.url).port), proxy: await freePort() };
  // nginx reads it as another user.
  await chmod(folder, 0o755);
  const users = join(folder, "htpasswd");
  await writeFile(users, "anna:{PLAIN}a secret of nginx\n");
  const change = (text: string) =>
    (more === "" ? withoutPasswords(text) : text)
      .replaceAll("/whitestat/", `${PREFIX}/`)
      .replaceAll("/whitestat ", `${PREFIX} `)
      .replace("/etc/nginx/whitestat.htpasswd", users)
      .replace("proxy_buffering off;", `proxy_buffering off;\n        ${more}`);
  const [program, ...args] = await nginxCommand(ports, folder, change);
  const nginx = start(program, args);
  const origin = `http://127.0.0.1:${ports.proxy}`;
  await eventually(async () => void (await fetch(origin)));
  return {
    origin,
    async end() {
      await nginx.end("SIGTERM");
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Home Assistant and its Supervisor before the product. */
async function startHomeAssistant(product: Product): Promise<{ origin: string; end(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), "whitestat-ingress-"));
  const ports = {
    homeAssistant: await freePort(),
    supervisor: await freePort(),
    addOn: Number(new URL(product.url).port),
  };
  const nginx: Running = await startIngress(ports, folder);
  const origin = `http://127.0.0.1:${ports.homeAssistant}`;
  await eventually(async () => void (await fetch(origin)));
  return {
    origin,
    async end() {
      await nginx.end("SIGTERM");
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function enterFrame(page: Page, origin: string): Promise<Frame> {
  await page.goto(origin + PANEL_PATH);
  const frame = page.frames().find((one) => one !== page.mainFrame());
  if (frame === undefined) throw new Error("Home Assistant's page has no frame");
  return frame;
}

async function stranger(browser: Browser, aheadMs: number): Promise<Page> {
  const context = await browser.newContext({ serviceWorkers: "block", locale: "en-GB" });
  const page = await context.newPage();
  await setClock(page, aheadMs);
  return page;
}

const row = (frame: Frame, name: string) =>
  frame.locator("tr.devices-row").filter({ has: frame.getByRole("rowheader", { name }) });

/** What everybody does who signs in with the password, in one go: each step begins where the one before it ended. */
function signsIn(product: () => Product, entrance: () => Entrance): void {
  test.describe("with a service worker", () => {
    test.use({ serviceWorkers: "allow" });

    test("a wrong password, the right one, the page that was wanted, live figures, CSV, reload, sign out", async ({
      page,
      context,
    }) => {
      const { origin, path, enter } = entrance();
      const asked = new Set<string>();
      page.on("request", (request) => asked.add(new URL(request.url()).pathname));
      await setClock(page, product().aheadMs());
      const frame = await enter(page, product(), "?range=7d");
      await signIn(frame, "not this one");
      await expect(frame.getByRole("alert")).toContainText("This isn't the password.");
      await signIn(frame, PASSWORD);
      await frame.waitForURL(`${origin}${path}/?range=7d`);
      await settled(frame);
      await expect(frame.getByRole("link", { name: "7 days" })).toHaveAttribute("aria-current", "true");

      const ours = (await context.cookies(`${origin}${path}/`)).filter(({ name }) => name.startsWith("whitestat-"));
      expect(ours.length).toBe(2);
      for (const cookie of ours) expect(cookie).toMatchObject({ path, httpOnly: true, sameSite: "Lax" });
      // No other program of the same host sees them.
      expect((await context.cookies(`${origin}/`)).filter(({ name }) => name.startsWith("whitestat-"))).toEqual([]);

      await frame.getByRole("link", { name: "Today", exact: true }).click();
      await expect(frame.locator(".shell-live")).toContainText("Live");
      const total = frame.locator(".shell-total-download .shell-value");
      const before = (await total.textContent()) ?? "";
      product().darkstat.traffic({ ip: "192.168.1.30", mac: "a4:bb:6d:00:00:05" }, VIDEO, 2_000 * MB, 0);
      await expect(total).not.toHaveText(before);

      const scope = await frame.evaluate(async () => (await navigator.serviceWorker.ready).scope);
      expect(scope).toBe(`${origin}${path}/`);
      const loaded = frame.waitForNavigation();
      await frame.evaluate(() => location.reload());
      await loaded;
      await settled(frame);
      await expect(row(frame, "Office")).toBeVisible();

      const download = page.waitForEvent("download");
      await frame.getByRole("button", { name: "Export CSV" }).click();
      expect(await readFile(await (await download).path(), "utf8")).toContain("Office");

      await frame.locator("summary").filter({ hasText: "Display" }).click();
      await frame.getByRole("button", { name: "Sign out" }).click();
      await expect(frame.getByLabel("Password")).toBeVisible();
      // The service worker has the dashboard's files: they must not hide that nobody is signed in.
      await frame.goto(`${origin}${path}/?range=7d`);
      await expect(frame.getByLabel("Password")).toBeVisible();
      expect((await context.request.get(`${origin}${path}/api/v1/usage`)).status()).toBe(401);
      const left = (await context.cookies(`${origin}${path}/`)).map(({ name }) => name);
      expect(left.filter((name) => /^whitestat-(?!.*-known$)/.test(name))).toEqual([]);

      const inside = (one: string) => one === PANEL_PATH || one === path || one.startsWith(`${path}/`);
      expect([...asked].filter((one) => !inside(one))).toEqual([]);
    });
  });

  test("a view link opens there, is left again, and its cookie is no other program's", async ({ page, browser }) => {
    const { origin, path, enter } = entrance();
    await setClock(page, product().aheadMs());
    const frame = await enter(page, product(), "");
    await signIn(frame, PASSWORD);
    // The address is that of the page before: what it shows tells them apart.
    await expect(row(frame, "Office")).toBeVisible();
    const made = await sendAs<NewViewLink>(page, `${origin}${path}/api/v1/access/links`, EVERYBODY);
    const other = await stranger(browser, product().aheadMs());
    const shown = await enter(other, product(), made.path);
    await settled(shown);
    expect(shown.url()).toBe(`${origin}${path}/`);
    await expect(row(shown, "Office")).toBeVisible();
    const cookies = await other.context().cookies(`${origin}${path}/`);
    expect(cookies.filter(({ name }) => /^whitestat-.*-view$/.test(name))).toMatchObject([{ path, httpOnly: true }]);
    await shown.locator("summary").filter({ hasText: "Display" }).click();
    await shown.getByRole("button", { name: "Leave this view" }).click();
    await expect(shown.getByLabel("Password")).toBeVisible();
    await other.context().close();
  });
}

test.describe("AUTH=password below /stats/ of nginx", () => {
  const product = productFor({
    ...home,
    env: { AUTH: "password", BASE_PATH: `${PREFIX}/` },
    prepare: withPassword(PASSWORD),
  });
  let nginx: Awaited<ReturnType<typeof startNginx>>;
  test.beforeAll(async () => {
    nginx = await startNginx(product());
  });
  test.afterAll(() => nginx?.end());
  signsIn(product, () => ({
    origin: nginx.origin,
    path: PREFIX,
    async enter(page, _, address) {
      await page.goto(`${nginx.origin}${PREFIX}/${address}`);
      return page.mainFrame();
    },
  }));
});

test.describe("AUTH=password in Home Assistant's side bar", () => {
  const product = productFor({
    ...home,
    env: { AUTH: "password", INGRESS_PROXY: SUPERVISOR },
    prepare: withPassword(PASSWORD),
  });
  let hass: Awaited<ReturnType<typeof startHomeAssistant>>;
  test.beforeAll(async () => {
    hass = await startHomeAssistant(product());
  });
  test.afterAll(() => hass?.end());
  signsIn(product, () => ({
    origin: hass.origin,
    path: INGRESS_PATH,
    async enter(page, _, address) {
      const frame = await enterFrame(page, hass.origin);
      await frame.goto(`${hass.origin}${INGRESS_PATH}/${address}`);
      return frame;
    },
  }));
});

test.describe("AUTH=proxy below /stats/ of an nginx that asks for the password", () => {
  const product = productFor({
    ...home,
    env: { AUTH: "proxy", BASE_PATH: `${PREFIX}/`, TRUSTED_PROXIES: "127.0.0.1" },
  });
  let nginx: Awaited<ReturnType<typeof startNginx>>;
  test.beforeAll(async () => {
    nginx = await startNginx(
      product(),
      "proxy_set_header Remote-User $remote_user; proxy_set_header X-Forwarded-For $remote_addr; proxy_set_header X-Forwarded-Host $http_host; proxy_set_header X-Forwarded-Proto $scheme;",
    );
  });
  test.afterAll(() => nginx?.end());
  test.use({ httpCredentials: { username: "anna", password: "a secret of nginx" } });

  test("whom nginx let in reads and changes, live, with CSV, and what a client calls himself counts for nothing", async ({
    page,
  }) => {
    await setClock(page, product().aheadMs());
    await page.goto(`${nginx.origin}${PREFIX}/?range=7d`);
    await settled(page);
    await expect(page.getByRole("link", { name: "7 days" })).toHaveAttribute("aria-current", "true");
    await page.locator("summary").filter({ hasText: "Display" }).click();
    await expect(page.getByText("Signed in: anna")).toBeVisible();
    await expect(page.getByRole("button", { name: "Sign out" })).toHaveCount(0);
    await page.keyboard.press("Escape");
    await page.getByRole("link", { name: "Today", exact: true }).click();
    await expect(page.locator(".shell-live")).toContainText("Live");
    await page.getByRole("button", { name: "Rename Doorbell" }).click();
    await page.keyboard.type("Front door");
    await page.keyboard.press("Enter");
    await expect(row(page.mainFrame(), "Front door")).toHaveCount(1);
    const download = page.waitForEvent("download");
    await page.getByRole("button", { name: "Export CSV" }).click();
    expect(await readFile(await (await download).path(), "utf8")).toContain("Office");

    // Not with the browser's credentials: whoever calls himself somebody.
    const asked = (path: string, headers: Record<string, string>) =>
      fetch(`${nginx.origin}${PREFIX}/${path}`, { headers });
    expect((await asked("json", { "remote-user": "anna" })).status).toBe(401);
    const authorization = `Basic ${Buffer.from("anna:a secret of nginx").toString("base64")}`;
    expect(await (await asked("api/v1/access", { authorization, "remote-user": "eve" })).json()).toMatchObject({
      as: { kind: "proxy", name: "anna" },
    });
  });
});

test.describe("AUTH=proxy in Home Assistant's side bar", () => {
  const product = productFor({
    ...home,
    env: { AUTH: "proxy", INGRESS_PROXY: SUPERVISOR, TRUSTED_PROXIES: `127.0.0.1,${SUPERVISOR}` },
  });
  let hass: Awaited<ReturnType<typeof startHomeAssistant>>;
  test.beforeAll(async () => {
    hass = await startHomeAssistant(product());
  });
  test.afterAll(() => hass?.end());
  test.use({ extraHTTPHeaders: { "Remote-User": "anna" } });

  test("says where to sign in, also to who calls himself a user, and gives nothing away", async ({ page, context }) => {
    await setClock(page, product().aheadMs());
    const frame = await enterFrame(page, hass.origin);
    await expect(frame.getByText("Open WhiteStat at the address of the proxy that signs people in.")).toBeVisible();
    await expect(frame.getByLabel("Password")).toHaveCount(0);
    expect((await context.request.get(`${hass.origin}${INGRESS_PATH}/json`)).status()).toBe(401);
  });
});
