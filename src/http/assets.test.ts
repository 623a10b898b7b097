import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Assets, readAssets } from "./assets.ts";
import { testApp, testDeps } from "./testing.ts";

let folder: string;
let assets: Assets;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "whitestat-assets-"));
  const root = join(folder, "web");
  await mkdir(join(root, "assets"), { recursive: true });
  await mkdir(join(root, ".git"));
  const files = {
    "secret.txt": "secret",
    "web/index.html": "<!doctype html>dashboard",
    "web/favicon.svg": "<svg/>",
    "web/icon-12345678.svg": "<svg/>",
    "web/.env": "secret",
    "web/.git/config": "secret",
    "web/json": "not this",
    "web/assets/app-3fe2a1b9.js": "plain",
    "web/assets/app-3fe2a1b9.js.br": "brotli",
    "web/assets/app-3fe2a1b9.js.gz": "gzip",
    "web/assets/plain.js": "plain",
    "web/assets/archive.gz": "kept: nothing it is a sibling of",
  };
  for (const [path, text] of Object.entries(files)) await writeFile(join(folder, path), text);
  await symlink(join(folder, "secret.txt"), join(root, "link.txt"));
  await symlink(folder, join(root, "up"));
  assets = await readAssets(root);
});

afterAll(() => rm(folder, { recursive: true }));

const request = async (path: string, headers: Record<string, string> = {}) =>
  testApp(await testDeps([], { assets })).request(path, { headers });

test("only plain files are served: no dotfile, no link, no compressed sibling on its own", () => {
  expect([...assets.keys()].sort()).toEqual([
    "assets/app-3fe2a1b9.js",
    "assets/archive.gz",
    "assets/plain.js",
    "favicon.svg",
    "icon-12345678.svg",
    "index.html",
    "json",
  ]);
});

test.each([
  "/../secret.txt",
  "/assets/../../secret.txt",
  "/%2e%2e/secret.txt",
  "/..%2fsecret.txt",
  "/assets/..%5c..%5csecret.txt",
  "/up/secret.txt",
  "/link.txt",
  "/.env",
  "/.git/config",
  "/assets/",
  "/assets/nothing.js",
])("%s is not found", async (path) => {
  const response = await request(path);
  expect(response.status).toBe(404);
  expect(await response.text()).not.toContain("secret");
});

test("/history/ leads to the address without the slash, below which relative addresses are right", async () => {
  const answer = await request("/history/?start=2021-01-30&end=2021-03-01");
  expect(answer.status).toBe(308);
  expect(answer.headers.get("location")).toBe("../history?start=2021-01-30&end=2021-03-01");
});

test.each(["/", "/history?start=2021-01-01", "/index.html"])(
  "%s is the dashboard, under its own strict policy",
  async (path) => {
    const response = await request(path);
    expect(await response.text()).toBe("<!doctype html>dashboard");
    expect(response.headers.get("cache-control")).toBe("no-cache");
    const policy = response.headers.get("content-security-policy") ?? "";
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'");
    expect(policy).not.toContain("unsafe");
  },
);

test("a built file can't take the place of an endpoint", async () => {
  expect(await (await request("/json")).json()).toHaveProperty("columns");
});

test("a file whose name has a hash is kept indefinitely, others are asked for again", async () => {
  expect((await request("/assets/app-3fe2a1b9.js")).headers.get("cache-control")).toBe(
    "public, max-age=31536000, immutable",
  );
  const plain = await request("/assets/plain.js");
  expect(plain.headers.get("cache-control")).toBe("no-cache");
  expect((await request("/icon-12345678.svg")).headers.get("cache-control")).toBe("no-cache");
  expect(plain.headers.get("content-type")).toMatch(/^text\/javascript/);
  expect((await request("/assets/plain.js", { "If-None-Match": plain.headers.get("etag") ?? "" })).status).toBe(304);
});

describe("compressed at build time", () => {
  test.each([
    ["gzip, deflate", "gzip", "gzip"],
    ["gzip, deflate, br", "brotli", "br"],
    ["br;q=0, gzip;q=0.5", "gzip", "gzip"],
    ["", "plain", null],
    ["identity, xgzip", "plain", null],
  ])("for %j it is sent as %s", async (accepted, body, encoding) => {
    const response = await request("/assets/app-3fe2a1b9.js", { "Accept-Encoding": accepted });
    expect(await response.text()).toBe(body);
    expect(response.headers.get("content-encoding")).toBe(encoding);
    expect(response.headers.get("vary")).toBe("Accept-Encoding");
    expect(response.headers.get("content-type")).toMatch(/^text\/javascript/);
  });
});

test("an absent folder has no files", async () => {
  expect((await readAssets(join(folder, "nothing"))).size).toBe(0);
});
