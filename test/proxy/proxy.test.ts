import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { createFakeDarkstat, type FakeDarkstat } from "../../src/meters/darkstat/simulated/index.ts";
import { eventually, type Running, start } from "../lib/commands.ts";
import { freePort } from "../lib/free-port.ts";
import { startWhiteStat, type WhiteStat } from "../lib/whitestat.ts";
import { documented, hasNginx, nginxCommand, withoutPasswords } from "./nginx.ts";

const ANNA = "02:00:00:00:00:0a";
const NAME = "stats.example.com";
const isThere = (program: string) => spawnSync(program, ["version"]).error === undefined;

/** Asks a port of this machine under a host's name; resolves with the first piece of the answer. */
function ask(
  port: number,
  path: string,
  { host = `${NAME}:${port}`, method = "GET", body = "", headers = {} }: AskOptions = {},
): Promise<{ status: number; body: string; type: string }> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: "127.0.0.1", port, path, method, headers: { host, ...headers } }, (response) => {
      const { statusCode = 0, headers: said } = response;
      const type = String(said["content-type"]);
      let text = "";
      const done = () => {
        resolve({ status: statusCode, body: text, type });
        asked.destroy();
      };
      response.on("data", (piece) => {
        text += piece;
        if (type.startsWith("text/event-stream")) done();
      });
      response.on("end", done);
    });
    asked.on("error", reject);
    asked.end(body);
  });
}

interface AskOptions {
  readonly host?: string;
  readonly method?: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const rename = (port: number, more: Readonly<Record<string, string>> = {}) =>
  ask(port, `/whitestat/api/v1/devices/${ANNA}/name`, {
    method: "PUT",
    body: JSON.stringify({ name: "Anna" }),
    headers: { "content-type": "application/json", origin: `https://${NAME}:${port}`, ...more },
  });

describe("behind a real proxy, as the documentation sets it up", () => {
  let folder: string;
  let darkstat: FakeDarkstat;
  let product: WhiteStat | undefined;
  let proxy: Running | undefined;
  let port: number;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "whitestat-proxy-"));
    darkstat = createFakeDarkstat({ now: () => Date.now() });
    darkstat.traffic({ ip: "192.168.1.10", mac: ANNA }, "198.51.100.1", 1_000, 100);
  });
  afterEach(async () => {
    await proxy?.end("SIGKILL");
    await product?.kill();
    await darkstat.stop();
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  /** Starts the product, and a proxy before it. @param configure writes the configuration; returns how it is run */
  async function startBoth(
    env: Readonly<Record<string, string>>,
    configure: (ports: { product: number; proxy: number }) => Promise<readonly [string, ...string[]]>,
  ): Promise<void> {
    const ports = { product: await freePort(), proxy: await freePort() };
    product = await startWhiteStat({
      store: await mkdtemp(join(folder, "store-")),
      env: { DARKSTAT_URL: await darkstat.start(), BASE_PATH: "/whitestat", ALLOWED_HOSTS: NAME, ...env },
      port: ports.product,
      basePath: "/whitestat",
    });
    const [program, ...args] = await configure(ports);
    proxy = start(program, args, { ...process.env, HOME: folder });
    port = ports.proxy;
    await eventually(async () => {
      const answer = await ask(port, "/whitestat/healthz").catch((error: Error) => {
        throw new Error(`${error.message}. ${program} said: ${proxy?.said()}`);
      });
      expect(answer.status).toBe(200);
    });
  }

  /** What somebody does who opens the page through the proxy. */
  async function expectEverything(): Promise<void> {
    expect((await ask(port, "/whitestat")).status).toBeGreaterThanOrEqual(301);
    const page = await ask(port, "/whitestat/");
    expect(page.status).toBe(200);
    const [, script] = /src="([^"]+\.js)"/.exec(page.body) ?? [];
    const asset = new URL(script ?? "", `http://${NAME}/whitestat/`).pathname;
    expect((await ask(port, asset)).type).toMatch(/javascript/);
    expect((await ask(port, "/whitestat/json")).body).toContain(ANNA);
    // The stream's first event, while the stream goes on.
    const events = await ask(port, "/whitestat/api/v1/events");
    expect(events.type).toMatch(/^text\/event-stream/);
    expect(events.body).not.toBe("");
    expect((await ask(port, "/whitestat/json", { host: "evil.example" })).body).not.toContain(ANNA);
  }

  test.skipIf(!hasNginx)(
    "nginx: page, assets, old endpoints, live figures, renaming",
    async () => {
      await startBoth({}, (ports) => nginxCommand(ports, folder, withoutPasswords));
      await expectEverything();
      expect((await rename(port)).status).toBe(200);
    },
    60_000,
  );

  test.skipIf(!hasNginx)(
    "nginx that drops the port: renaming wants TRUSTED_PROXIES",
    async () => {
      const dropping = (text: string) =>
        withoutPasswords(text).replace(
          "Host $http_host;",
          "Host $host;\n        proxy_set_header X-Forwarded-Host $http_host;",
        );
      await startBoth({}, (ports) => nginxCommand(ports, folder, dropping));
      expect((await rename(port)).status).toBe(403);
      await Promise.all([proxy?.end("SIGKILL"), product?.kill(), darkstat.stop()]);
      await startBoth({ TRUSTED_PROXIES: "127.0.0.1" }, (ports) => nginxCommand(ports, folder, dropping));
      expect((await rename(port)).status).toBe(200);
      // What the client itself writes is overwritten.
      expect((await rename(port, { origin: "https://evil.example", "x-forwarded-host": "evil.example" })).status).toBe(
        403,
      );
    },
    60_000,
  );

  test.skipIf(!isThere("caddy"))(
    "Caddy: page, assets, old endpoints, live figures, renaming",
    async () => {
      await startBoth({}, async (ports) => {
        const site = (await documented("caddyfile", ports))
          .replace(`${NAME} {`, `http://${NAME}:${ports.proxy} {`)
          .replace(/\n\s*basic_auth \{.*?\}/s, "");
        const path = join(folder, "Caddyfile");
        await mkdir(join(folder, "caddy"), { recursive: true });
        await writeFile(
          path,
          `{\n\tadmin off\n\tauto_https off\n\tstorage file_system ${join(folder, "caddy")}\n}\n${site}`,
        );
        return ["caddy", "run", "--config", path, "--adapter", "caddyfile"];
      });
      await expectEverything();
      expect((await rename(port)).status).toBe(200);
    },
    60_000,
  );
});
