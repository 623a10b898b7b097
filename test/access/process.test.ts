import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createFakeDarkstat } from "../../src/meters/darkstat/simulated/index.ts";
import { eventually } from "../lib/commands.ts";
import { PROGRAM, startWhiteStat } from "../lib/whitestat.ts";

/** Runs `whitestat password` on a data store, with a password on its input. */
function setPassword(store: string, password: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, DATA_STORE: store };
    const child = execFile(process.execPath, [PROGRAM, "password"], { env }, (error, _, stderr) => {
      if (error) reject(new Error(stderr));
      else resolve();
    });
    child.stdin?.end(`${password}\n`);
  });
}

async function signIn(url: string, password: string): Promise<{ status: number; cookie: string }> {
  const response = await fetch(`${url}/api/v1/access/sign-in`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ password }),
  });
  const cookie = response.headers.getSetCookie().map((one) => one.split(";")[0]);
  return { status: response.status, cookie: cookie.join("; ") };
}

const mayWrite = async (url: string, cookie: string) =>
  ((await (await fetch(`${url}/api/v1/access`, { headers: { cookie } })).json()) as { mayWrite: boolean }).mayWrite;

test("the command line sets the password of a running WhiteStat, and a session lasts over its restart but not over another password", async () => {
  const store = mkdtempSync(join(tmpdir(), "whitestat-access-"));
  const darkstat = createFakeDarkstat({ now: () => Date.now() });
  const url = await darkstat.start();
  try {
    const env = { DARKSTAT_URL: url, AUTH: "read-only" };
    const first = await startWhiteStat({ store, env });
    expect((await signIn(first.url, "first password")).status).toBe(409);
    await setPassword(store, "first password");
    const { cookie } = await eventually(async () => {
      const signed = await signIn(first.url, "first password");
      expect(signed.status).toBe(200);
      return signed;
    });
    expect(await mayWrite(first.url, cookie)).toBe(true);
    await first.kill();
    const second = await startWhiteStat({ store, env });
    expect(await mayWrite(second.url, cookie)).toBe(true);
    await setPassword(store, "second password");
    await eventually(async () => expect(await mayWrite(second.url, cookie)).toBe(false));
    expect((await signIn(second.url, "first password")).status).toBe(401);
    expect((await signIn(second.url, "second password")).status).toBe(200);
    expect(second.said()).toContain("The password was changed on the command line");
    expect(await second.stop()).toBe(0);
  } finally {
    await darkstat.stop();
    rmSync(store, { recursive: true, force: true });
  }
}, 120_000);
