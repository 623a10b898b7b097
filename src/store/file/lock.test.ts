import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { temporaryFolder } from "../testing/settlements.ts";
import { takeLock } from "./lock.ts";

const holder = { pid: 4711, host: "kitchen-pi", since: Date.UTC(2026, 0, 31, 12) };

test("the second one is refused and told who holds the store", () => {
  using folder = temporaryFolder();
  const path = folder.file("w.db");
  const lock = takeLock(path, holder);
  expect(() => takeLock(path, { ...holder, pid: 1 })).toThrow(
    expect.objectContaining({
      code: "busy",
      message: expect.stringContaining("process 4711 on kitchen-pi, since 2026-01-31T12:00:00.000Z"),
    }),
  );
  lock.release();
  const next = takeLock(path, { ...holder, pid: 1 });
  expect(existsSync(`${path}.holder`)).toBe(true);
  next.release();
  next.release();
  expect(existsSync(`${path}.holder`)).toBe(false);
});

test("what a dead process left behind holds nothing, whoever has its number now", () => {
  using folder = temporaryFolder();
  const path = folder.file("w.db");
  writeFileSync(`${path}.holder`, JSON.stringify({ ...holder, pid: process.pid }));
  writeFileSync(`${path}.lock`, "");
  takeLock(path, holder).release();
});

test("a lock goes with its process, also on kill -9", async () => {
  using folder = temporaryFolder();
  const path = folder.file("w.db");
  const module = fileURLToPath(new URL("lock.ts", import.meta.url));
  const script = `const { takeLock } = await import(${JSON.stringify(module)});
    globalThis.lock = takeLock(${JSON.stringify(path)}, { pid: process.pid, host: "here", since: 0 });
    process.stdout.write("held"); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "exit");
  await once(child.stdout, "data");
  expect(() => takeLock(path, holder)).toThrow(`process ${child.pid} on here`);
  child.kill("SIGKILL");
  await ended;
  takeLock(path, holder).release();
});
