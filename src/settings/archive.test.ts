import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { addToArchive, emptyArchive, readArchive } from "./archive.ts";
import { createNameBook } from "./maps.ts";

const [ONE, TWO] = ["02:aa:00:00:00:01", "02:aa:00:00:00:02"];
let dir: string;
let path: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "whitestat-archive-"));
  path = join(dir, "ARCHIVED.txt");
});
afterEach(() => rmSync(dir, { recursive: true }));

test("what is added is read, below what a person wrote; emptied, nobody is archived", async () => {
  expect((await readArchive(path)).devices).toEqual(new Set());
  await addToArchive(path, [ONE], "a flood");
  expect(readFileSync(path, "utf8")).toMatch(/^# Devices .*\n# .*\n# a flood\n02:aa:00:00:00:01\n$/);
  writeFileSync(path, "02-AA-00-00-00-02\r\n# mine");
  await addToArchive(path, [ONE, "192.168.1.9"], "a flood");
  expect(await readArchive(path)).toEqual({ devices: new Set([TWO, ONE, "192.168.1.9"]), warnings: [] });
  await emptyArchive(path);
  expect((await readArchive(path)).devices).toEqual(new Set());
});

test("lines that are no address are named, few of them", async () => {
  writeFileSync(path, `${ONE}\nnobody\n${"x\n".repeat(100)}`);
  const { devices, warnings } = await readArchive(path);
  expect(devices).toEqual(new Set([ONE]));
  expect(warnings).toEqual([expect.stringMatching(/^ARCHIVED\.txt, line 2, 3, 4, 5, 6 and 96 more: no address; /)]);
});

test("the name book follows the file, and has a name for the one device that all of them are", async () => {
  const beside = (name: string) => join(dir, name);
  const files = { ipMacFile: beside("a"), macMacFile: beside("b"), macHostFile: beside("c"), archiveFile: path };
  const names = createNameBook(files);
  expect(await names.reloadIfChanged()).toEqual({ changed: false, warnings: [] });
  writeFileSync(path, ONE);
  expect((await names.reloadIfChanged()).changed).toBe(true);
  expect(names.rewrites().archived).toEqual(new Set([ONE]));
  expect((await names.reloadIfChanged()).changed).toBe(false);
  rmSync(path);
  expect((await names.reloadIfChanged()).changed).toBe(true);
  expect(names.rewrites().archived).toEqual(new Set());
  expect(names.nameOf("archived")).toBe("Archived devices");
});
