import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { createHasher } from "../access/password.ts";
import { loadSettings } from "../settings/load.ts";
import type { Input } from "./io.ts";
import { passwordCommand } from "./password.ts";
import { readPasswordFile } from "./password-file.ts";
import { testIo } from "./testing.ts";

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function machine(settings: Record<string, unknown> = {}) {
  const dir = mkdtempSync(join(tmpdir(), "whitestat-password-"));
  folders.push(dir);
  writeFileSync(join(dir, "WhiteStatConfig.json"), JSON.stringify(settings));
  const file = join(dir, "PASSWORD.json");
  const said: string[] = [];
  const out = { write: (text: string) => said.push(text) };
  const raw: boolean[] = [];
  const run = (args: readonly string[], chunks: readonly string[] = [], isTTY = false) => {
    const input: Input = {
      isTTY,
      setRawMode: (on) => raw.push(on),
      async *[Symbol.asyncIterator]() {
        yield* chunks.map((text) => Buffer.from(text));
      },
    };
    return passwordCommand(testIo(dir, { stdin: input, stdout: out, stderr: out }), args);
  };
  const isRight = async (password: string) => {
    const hash = await readPasswordFile(file);
    return hash !== null && createHasher(() => new Uint8Array(16)).isRight(password, hash);
  };
  return { dir, file, run, isRight, raw, text: () => said.splice(0).join("") };
}

test("sets the first line of the input, and says when it isn't asked for yet", async () => {
  const { run, isRight, text, file } = machine();
  expect(await run([], ["correct horse\r\n", "battery staple\n"])).toBe(0);
  expect(await isRight("correct horse")).toBe(true);
  expect(text()).toMatch(/AUTH is open\. Set AUTH to password or read-only/);
  expect(readFileSync(file, "utf8")).not.toContain("correct horse");
});

test("asks twice at a terminal, shows nothing, and takes keys back", async () => {
  const { run, isRight, text, raw } = machine({ AUTH: "password" });
  expect(await run([], ["correct hoq\u007frse", "\rcorrect horse\r"], true)).toBe(0);
  expect(await isRight("correct horse")).toBe(true);
  const said = text();
  expect(said).toBe("New password: \nAgain: \nThe password is set. Whoever was signed in must sign in again.\n");
  expect(raw).toEqual([true, false, true, false]);
});

test("changes nothing when the two differ, when it is too short, or when it is interrupted", async () => {
  const { run, file, raw } = machine();
  await expect(run([], ["correct horse\r", "correct house\r"], true)).rejects.toThrow("differ");
  await expect(run([], ["short\n"])).rejects.toThrow("has 5 characters");
  await expect(run([], [])).rejects.toThrow("has 0 characters");
  await expect(run([], ["correct\u0003"], true)).rejects.toThrow("Interrupted");
  expect(existsSync(file)).toBe(false);
  expect(raw.at(-1)).toBe(false);
});

test("removes it, and a file that is none is said to be none", async () => {
  const { run, isRight, file } = machine();
  await run([], ["correct horse\n"]);
  expect(await run(["--remove"])).toBe(0);
  expect(await readPasswordFile(file)).toBeNull();
  expect(await isRight("correct horse")).toBe(false);
  const huge = {
    algorithm: "scrypt",
    N: 2 ** 30,
    r: 8,
    p: 1,
    salt: "AAAAAAAAAAAA",
    hash: "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
  };
  for (const text of ["", "{}", "null", '{"password": "plain text"}', JSON.stringify({ password: huge })]) {
    writeFileSync(file, text);
    await expect(readPasswordFile(file)).rejects.toThrow("holds no password");
  }
});

test("AUTH=proxy without a proxy that is trusted stops with what is missing; a header that says something else is refused", async () => {
  const load = (settings: Record<string, unknown>) =>
    loadSettings({ env: { DATA_STORE: machine(settings).dir }, cwd: "/" });
  await expect(load({ AUTH: "proxy" })).rejects.toThrow(/TRUSTED_PROXIES.*is empty, but AUTH is proxy/s);
  await expect(load({ AUTH: "maybe" })).rejects.toThrow(/open, read-only, password, proxy/);
  await expect(load({ AUTH_HEADER: "Cookie" })).rejects.toThrow(/never says who is signed in/);
  await expect(load({ AUTH_HEADER: "Remote User" })).rejects.toThrow(/isn't the name of a header/);
  const { settings } = await load({ AUTH: "proxy", TRUSTED_PROXIES: "127.0.0.1", AUTH_HEADER: "X-Forwarded-User" });
  expect(settings).toMatchObject({ auth: "proxy", authHeader: "x-forwarded-user" });
});
