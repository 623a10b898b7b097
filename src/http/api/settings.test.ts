import { expect, test } from "vitest";
import { type ApiSettings, settingsSchema } from "../../shared/api.ts";
import type { AppDeps } from "../app.ts";
import { settingsOf, testApp, testDeps } from "../testing.ts";

async function ask(settings: Partial<AppDeps["settings"]> = {}): Promise<ApiSettings> {
  const deps = await testDeps();
  const app = testApp({ ...deps, settings: { ...deps.settings, ...settings } });
  const response = await app.request("/api/v1/settings");
  expect(response.headers.get("cache-control")).toBe("no-store");
  return settingsSchema.parse(await response.json());
}

test("the settings are told with where each comes from, what it does, and what is allowed", async () => {
  const values = { ...settingsOf(""), IdleSeconds: "5" };
  const origins = { ...settingsOf("default"), IdleSeconds: "file" };
  const { file, process } = await ask({ values: () => values, origins });
  expect(file).toBe("/data/WhiteStatConfig.json");
  expect(process.find(({ key }) => key === "IdleSeconds")).toEqual({
    key: "IdleSeconds",
    value: "5",
    origin: "file",
    sentence: "Seconds between two readings of the meter.",
    allowed: "a whole number from 1 to 3600",
    environment: true,
  });
});

test("no password, user or token of an address is told", async () => {
  const urls = ["http://token@192.168.1.5:667/x", "https://user:p%40ss@host/", "postgres://me:***@db.example.com/w"];
  for (const url of urls) {
    const { process } = await ask({ values: () => ({ ...settingsOf(""), DARKSTAT_URL: url, DATABASE_URL: url }) });
    const told = process.filter(({ key }) => key === "DARKSTAT_URL" || key === "DATABASE_URL");
    for (const { value } of told) expect(value).toBe(url.replace(/\/\/.*@/, "//***@"));
    expect(told).toHaveLength(2);
  }
});

test("an address without credentials, and an @ in its path, stay", async () => {
  const url = "http://192.168.1.5:667/a@b";
  const { process } = await ask({ values: () => ({ ...settingsOf(""), DARKSTAT_URL: url }) });
  expect(process.find(({ key }) => key === "DARKSTAT_URL")?.value).toBe(url);
});

test("networks that somebody listed are told from those that were found", async () => {
  const { segments } = await ask({
    segments: { auto: true, texts: ["192.168.0", "192.168.1"], found: ["192.168.1"], named: [] },
  });
  expect(segments).toEqual({ auto: true, named: ["192.168.0"], found: ["192.168.1"] });
});
