import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { readNameFile } from "./read-file.ts";

const folder = mkdtempSync(join(tmpdir(), "whitestat-names-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("a file is read once, until it changes", async () => {
  const path = join(folder, "leases");
  writeFileSync(path, "one\n");
  const first = await readNameFile(path, null);
  expect(first?.text).toBe("one\n");
  expect(await readNameFile(path, first?.stamp ?? null)).toBeNull();
  writeFileSync(path, "another\n");
  expect((await readNameFile(path, first?.stamp ?? null))?.text).toBe("another\n");
});

test("what is no file, a pipe that nobody writes to and a ring of links among it, is refused and not waited for", async () => {
  const at = (name: string) => join(folder, name);
  execFileSync("mkfifo", [at("pipe")]);
  symlinkSync(at("pipe"), at("link-to-pipe"));
  symlinkSync(at("b"), at("a"));
  symlinkSync(at("a"), at("b"));
  mkdirSync(at("folder"));
  for (const [name, why] of [
    ["pipe", "no regular file"],
    ["link-to-pipe", "no regular file"],
    ["a", "its links lead in a circle"],
    ["folder", "no regular file"],
    ["missing", "it doesn't exist"],
    ["leases/below", "it doesn't exist"],
  ] as const) {
    await expect(readNameFile(at(name), null)).rejects.toThrow(why);
  }
  await expect(readNameFile("/dev/zero", null)).rejects.toThrow("no regular file");
});

test("a file of gigabytes is refused, whatever it says of its length", async () => {
  const path = join(folder, "huge");
  writeFileSync(path, "");
  truncateSync(path, 8 * 2 ** 30);
  await expect(readNameFile(path, null)).rejects.toThrow("more than 2 MB");
});

test("a file of Kea is read behind what Kea moved from it, and again when that changes", async () => {
  const path = join(folder, "kea-leases4.csv");
  const write = (ending: string, text: string) => writeFileSync(path + ending, text);
  write("", "new\n");
  const alone = await readNameFile(path, null);
  expect(alone?.text).toBe("new\n");
  write(".2", "oldest\n");
  write(".1", "old\n");
  const all = await readNameFile(path, alone?.stamp ?? null);
  expect(all?.text).toBe("oldest\n\nold\n\nnew\n");
  expect(await readNameFile(path, all?.stamp ?? null)).toBeNull();
  // The three files of a clean-up that was cut off.
  write(".completed", "both\n");
  rmSync(`${path}.1`);
  rmSync(`${path}.2`);
  mkdirSync(`${path}.2`);
  expect((await readNameFile(path, all?.stamp ?? null))?.text).toBe("both\n\nnew\n");
  rmSync(path);
  await expect(readNameFile(path, null)).rejects.toThrow("it doesn't exist");
});

test("bytes that are no text are read as such", async () => {
  const path = join(folder, "bytes");
  writeFileSync(path, Buffer.from([0xff, 0xfe, 0x00, 0x0a, 0x80]));
  expect((await readNameFile(path, null))?.text).toContain("\n");
});
