import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createFakeDarkstat } from "../../src/meters/darkstat/simulated/index.ts";
import { start } from "../lib/commands.ts";
import { startWhiteStat } from "../lib/whitestat.ts";

const HOOK = fileURLToPath(new URL("loaded-modules.mjs", import.meta.url));

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "whitestat-footprint-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const UNDICI = /\bundici\b/;
/** What zod leaves in the global object. */
const ZOD = /^__zod_globalRegistry$/m;
const JSON_TYPE = { "Content-Type": "application/json" };
const MAC = "02:1a:00:00:00:01";

interface Fetched {
  readonly status: number;
  readonly text: string;
  readonly etag: string;
}

type Fetch = (path: string, init?: RequestInit) => Promise<Fetched>;

/** A life of the built product, reading a darkstat, while `use` asks it. Returns what it had loaded at its end. */
async function life(use: (request: Fetch, address: URL) => Promise<void>): Promise<string> {
  const darkstat = createFakeDarkstat({ now: () => Date.now() });
  darkstat.traffic({ ip: "192.168.1.5", mac: MAC }, "198.51.100.1", 1e6, 1e5);
  const file = join(folder, "product");
  const product = await startWhiteStat({
    store: mkdtempSync(join(folder, "store-")),
    env: { DARKSTAT_URL: await darkstat.start(), CORS_ORIGINS: "http://pi.lan", LOADED_MODULES: file },
    launch: ([node, ...args], env) => start(node, ["--import", HOOK, ...args], env),
  });
  try {
    await use(async (path, init = {}) => {
      const response = await fetch(product.url + path, init);
      return { status: response.status, text: await response.text(), etag: response.headers.get("etag") ?? "" };
    }, new URL(product.url));
    expect(await product.stop()).toBe(0);
  } finally {
    await product.kill();
    await darkstat.stop();
  }
  const loaded = readFileSync(file, "utf8");
  expect(loaded).toContain("_http_server");
  return loaded;
}

/** The page, and all that a browser fetches for it. Returns the paths. */
async function openDashboard(request: Fetch): Promise<string[]> {
  const page = await request("/");
  const paths = [...page.text.matchAll(/(?:src|href)="(?:\.\/)?(assets\/[^"]+)"/g)].map(([, path]) => `/${path}`);
  expect(paths.length).toBeGreaterThan(1);
  for (const path of paths) expect((await request(path)).status, path).toBe(200);
  return paths;
}

async function rawAnswer({ hostname, port }: URL, ...lines: string[]): Promise<string> {
  const socket = connect(Number(port), hostname, () => socket.write(lines.join("\r\n")));
  const [answer] = await once(socket, "data");
  socket.destroy();
  return String(answer);
}

test("whoever touches a Response has undici, and the list of loaded modules tells", async () => {
  const file = join(folder, "probe");
  const env = { ...process.env, LOADED_MODULES: file };
  const run = (program: string) =>
    promisify(execFile)(process.execPath, ["--import", HOOK, "--input-type=module", "-e", program], { env });
  await run("new Response('')");
  expect(readFileSync(file, "utf8")).toMatch(UNDICI);
  await run("import 'node:http'");
  expect(readFileSync(file, "utf8")).toMatch(UNDICI);
  await run("process.getBuiltinModule('node:http').createServer()");
  expect(readFileSync(file, "utf8")).not.toMatch(UNDICI);
});

test("the built product never loads undici, whatever it is asked", async () => {
  const loaded = await life(async (request, address) => {
    const files = await openDashboard(request);
    const document = JSON.parse((await request("/api/v1/openapi.json")).text) as {
      paths: Record<string, { get?: object }>;
    };
    const api = Object.entries(document.paths)
      .filter(([path, { get }]) => get !== undefined && !path.includes("{") && path !== "/events")
      .map(([path]) => path);
    const paths = [
      ...files,
      ...api.map((path) => `/api/v1${path}`),
      `/api/v1/devices/${MAC}`,
      ...["/", "/history", "/history/", "/json", "/json/history", "/json/lansegments", "/table", "/table/history"],
      ...["/json/history?start=2001-01-01", "/json?x=%zz", "/healthz"],
    ];
    for (const path of paths) {
      const { status, etag } = await request(path);
      // Without a plan there is no bill to check.
      expect(status, path).toBe(path === "/api/v1/plan/check" ? 404 : 200);
      await request(path, { method: "HEAD" });
      await request(path, {
        headers: { "If-None-Match": etag, "Accept-Encoding": "identity", Origin: "http://pi.lan" },
      });
    }
    for (const path of ["/nothing", "/json/history?start=x", "/table/history?start=x", "/api/v1/usage?x", "/%ff"]) {
      for (const Accept of ["text/html", "application/json"]) {
        expect((await request(path, { headers: { Accept } })).status, path).toBeGreaterThanOrEqual(400);
      }
    }
    const write = (path: string, method: string, body: string) => request(path, { method, body, headers: JSON_TYPE });
    expect((await write("/json/hostname", "POST", `{"mac": "${MAC}", "hostname": "x"}`)).status).toBe(200);
    expect((await write(`/api/v1/devices/${MAC}/name`, "PUT", '{"name": "y"}')).status).toBe(200);
    expect((await write("/json/hostname", "POST", "x".repeat(70_000))).status).toBe(413);
    expect((await write("/json", "DELETE", "")).status).toBe(405);
    expect((await request("/json", { method: "OPTIONS" })).status).toBe(204);

    expect(
      await rawAnswer(address, "GET /json/history?start=2021-01-30 00:00:00 HTTP/1.1", "Host: pi", "", ""),
    ).toContain(" 308 ");
    expect(await rawAnswer(address, "hello", "", "")).toContain(" 400 ");
    expect(await rawAnswer(address, "GET /json HTTP/1.1", "Host: evil.example", "", "")).toContain(" 421 ");
    expect(await rawAnswer(address, "GET http://pi/json HTTP/1.1", "Host: pi", "", "")).toContain(" 200 ");
    expect(await rawAnswer(address, "GET /api/v1/events HTTP/1.1", "Host: pi", "", "")).toContain("text/event-stream");
  });
  expect(loaded).not.toMatch(UNDICI);
  // It was there for the document: this is what it looks like.
  expect(loaded).toMatch(ZOD);
});

test("a session of the dashboard does without zod, and whatever of Node is dear", async () => {
  const loaded = await life(async (request, address) => {
    await openDashboard(request);
    for (const path of ["usage", "days", "status", `devices/${MAC}`, "usage?group=day&remote=yes"]) {
      const { status, etag } = await request(`/api/v1/${path}`);
      expect(status, path).toBe(200);
      await request(`/api/v1/${path}`, { headers: { "If-None-Match": etag } });
    }
    expect(await rawAnswer(address, "GET /api/v1/events HTTP/1.1", "Host: pi", "", "")).toContain("retry:");
    for (const path of ["/json", "/table", "/json/history", "/healthz"]) expect((await request(path)).status).toBe(200);
  });
  expect(loaded).not.toMatch(ZOD);
  // zlib is dear, too, and worth it: figures go out compressed.
  expect(loaded).not.toMatch(/\b(?:undici|crypto|tls|worker_threads)$/m);
});
