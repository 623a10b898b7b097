import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";

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

test.skipIf(unbuilt)("the program loads PostgreSQL's client from its own file, and not before it is needed", () => {
  const imports =
    readFileSync("dist/whitestat.mjs", "utf8").match(/\bimport\b[^;]*["'](?:pg|\.\/postgres\.mjs)["']/g) ?? [];
  for (const found of imports) expect(found).toMatch(/^import\(["']\.\/postgres\.mjs["']$/);
});
