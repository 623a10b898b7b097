import { describe, expect, test } from "vitest";
import { testApp, testDeps, type Use } from "./testing.ts";

const MAC = "02:1a:2b:00:00:05";
const USES: Use[] = [{ ip: "192.168.1.5", mac: MAC, hostname: "dns-name" }, { ip: "192.168.1.9" }];

async function renamer(more: Parameters<typeof testDeps>[1] = {}) {
  const deps = await testDeps(USES, more);
  const app = testApp(deps);
  const post = (body: unknown) =>
    app.request("/json/hostname", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
  return { post, names: deps.names };
}

test.each([
  { mac: MAC, hostname: "Anna's phone" },
  { MAC: "02-1A-2B-0-0-5", Hostname: "Anna's phone" },
  { key: MAC, name: " Anna's phone " },
  { Device: MAC, NAME: "Anna's phone" },
])("%j names the device", async (body) => {
  const { post, names } = await renamer();
  const response = await post(body);
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual({ mac: MAC, hostname: "Anna's phone" });
  expect(names.nameOf(MAC)).toBe("Anna's phone");
});

test("a device without a MAC is named by its address", async () => {
  const { post, names } = await renamer();
  expect((await post({ ip: "192.168.1.9", name: "camera" })).status).toBe(200);
  expect(names.nameOf("192.168.1.9")).toBe("camera");
});

test.each(["", "  ", "(none)", null])("the name %j takes the name back", async (hostname) => {
  const { post, names } = await renamer();
  await post({ mac: MAC, hostname: "x" });
  expect(await (await post({ mac: MAC, hostname })).json()).toEqual({ mac: MAC, hostname: "dns-name" });
  expect(names.nameOf(MAC)).toBeNull();
});

test("a name may have 200 characters of any script, and no more", async () => {
  const { post } = await renamer();
  expect((await post({ mac: MAC, hostname: "😀".repeat(200) })).status).toBe(200);
  expect((await post({ mac: MAC, hostname: "😀".repeat(201) })).status).toBe(400);
});

describe("refused, and nothing renamed:", () => {
  test.each([
    ["no JSON", "{", 400, "bad-json"],
    ["no object", "[]", 400, "bad-json"],
    ["null", "null", 400, "bad-json"],
    ["no body", "", 400, "bad-json"],
    ["no device", { hostname: "x" }, 400, "bad-device"],
    ["a device that is no text", { mac: 5, hostname: "x" }, 400, "bad-device"],
    ["no name", { mac: MAC }, 400, "bad-name"],
    ["a name that is no text", { mac: MAC, hostname: 5 }, 400, "bad-name"],
    ["a name of two lines", { mac: MAC, hostname: `x\n${MAC}|y` }, 400, "bad-name"],
    ["a name that turns the direction of text", { mac: MAC, hostname: "gpj.\u202eexe" }, 400, "bad-name"],
    ["a name with a control character", { mac: MAC, hostname: "bell\u0007" }, 400, "bad-name"],
    ["a name with an invisible mark", { mac: MAC, hostname: "Anna\u200b" }, 400, "bad-name"],
    ["half a character", { mac: MAC, hostname: "\ud83d" }, 400, "bad-name"],
    ["a device never seen", { mac: "02:00:00:00:00:99", hostname: "x" }, 404, "unknown-device"],
    ["a body of 65 kB", { mac: MAC, hostname: "x".repeat(66_000) }, 413, "too-large"],
  ])("%s", async (_what, body, status, code) => {
    const { post, names } = await renamer();
    const response = await post(body);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ error: { code } });
    expect(names.nameOf(MAC)).toBeNull();
  });
});

test("a refused name says which character is wrong", async () => {
  const { post } = await renamer();
  const response = await post({ mac: MAC, hostname: "gpj.\u202eexe" });
  expect(await response.json()).toMatchObject({ error: { hint: "Remove the character U+202E." } });
});

test("emoji and Persian names, which need joiners, are fine", async () => {
  const { post } = await renamer();
  for (const hostname of ["👩‍💻", "می‌خواهم"]) expect((await post({ mac: MAC, hostname })).status).toBe(200);
});

test("a name that can't be saved says why, tells the log, and shows no path", async () => {
  const failure = Object.assign(new Error("ENOSPC: open '/data/MAC_HOST.txt'"), { code: "ENOSPC" });
  const seen: unknown[] = [];
  const { post } = await renamer({
    names: { nameOf: () => null, rename: () => Promise.reject(failure) },
    onError: (error) => seen.push(error),
  });
  const response = await post({ mac: MAC, hostname: "x" });
  expect(response.status).toBe(503);
  const text = await response.text();
  expect(text).toContain("The name could not be saved (ENOSPC).");
  expect(text).not.toContain("/data");
  expect(seen).toEqual([failure]);
});
