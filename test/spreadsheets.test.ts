import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { testApp, testDeps } from "../src/http/testing.ts";

const USE = { ip: "192.168.1.10", mac: "02:1a:2b:00:00:05", day: "2026-01-30" };

const read = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), "utf8");

test("the saved query asks for what there is, and knows every column", async () => {
  const query = read("deploy/excel/whitestat.pq");
  const [, path = ""] = /RelativePath = "([^"]+)"/.exec(query) ?? [];
  const [, names = ""] = /Query = \[([^\]]+)\]/.exec(query) ?? [];
  const [start, end] = names.split(",").map((part) => part.split("=")[0]?.trim() ?? "");
  const columns = [...query.matchAll(/\{"(\w+)", type/g)].map(([, name]) => name);
  const app = testApp(await testDeps([USE]));
  const response = await app.request(`/${path}?${start}=2020-01-01&${end}=2035-01-01`);
  expect(response.status).toBe(200);
  const body = (await response.json()) as { columns: string[]; data: unknown[][] };
  expect(body.data.length).toBeGreaterThan(0);
  expect(columns).toEqual(body.columns);
});

test("the page about spreadsheets names addresses that answer with a table", async () => {
  const app = testApp(await testDeps([USE]));
  const paths = [...read("docs/spreadsheets.md").matchAll(/https?:\/\/[^/"`]+(\/table[^"`]*)/g)].map(
    ([, path]) => path ?? "",
  );
  expect(paths).toHaveLength(2);
  for (const path of paths) {
    const response = await app.request(path);
    expect([response.status, (await response.text()).startsWith("<table")]).toEqual([200, true]);
  }
});
