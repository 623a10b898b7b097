import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createSend } from "../src/channels/send.ts";

const unbuilt = !existsSync("dist/whitestat.mjs");

test.skipIf(unbuilt)("what is built runs without node_modules, the client of PostgreSQL too", () => {
  const folder = mkdtempSync(join(tmpdir(), "whitestat-dist-"));
  try {
    cpSync("dist", folder, { recursive: true });
    const run = (...args: string[]) => spawnSync(process.execPath, args, { cwd: folder, encoding: "utf8" });
    expect(run("whitestat.mjs", "--version")).toMatchObject({ status: 0, stderr: "" });
    const script = 'const { Client } = await import("./postgres.mjs"); console.log(new Client().port)';
    expect(run("--input-type=module", "-e", script)).toMatchObject({ stdout: "5432\n", stderr: "" });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test.skipIf(unbuilt)("the program that sends messages runs by itself, and answers what it can't send", async () => {
  const folder = mkdtempSync(join(tmpdir(), "whitestat-dist-"));
  try {
    cpSync("dist/send.mjs", join(folder, "send.mjs"));
    const message = { id: "msg_1", at: 0, rule: "test", level: "info", title: "T", text: "t" } as const;
    const send = createSend({ file: join(folder, "send.mjs"), version: "12", env: process.env });
    for (const url of ["gotify://127.0.0.1:9/x", "smtp://127.0.0.1:9?from=a@b.c"]) {
      expect(await send(url, message)).toMatchObject({ ok: false, answer: "connection refused" });
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test.skipIf(unbuilt)("the program loads PostgreSQL's client from its own file, and not before it is needed", () => {
  const imports =
    readFileSync("dist/whitestat.mjs", "utf8").match(/\bimport\b[^;]*["'](?:pg|\.\/postgres\.mjs)["']/g) ?? [];
  for (const found of imports) expect(found).toMatch(/^import\(["']\.\/postgres\.mjs["']$/);
});
