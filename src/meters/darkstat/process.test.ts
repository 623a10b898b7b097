import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { darkstatArguments, findRunning, isOurs } from "./process.ts";

const record = { pid: 7, port: 40_000, iface: "br0" };
let proc: string;
beforeEach(async () => {
  proc = await mkdtemp(join(tmpdir(), "whitestat-proc-"));
});
afterEach(() => rm(proc, { recursive: true }));

async function runs(pid: number, args: readonly string[], parent = 1): Promise<void> {
  await mkdir(join(proc, String(pid)));
  await writeFile(join(proc, String(pid), "cmdline"), args.map((arg) => `${arg}\0`).join(""));
  await writeFile(join(proc, String(pid), "stat"), `${pid} (dark) S stat) S ${parent} ${pid} 0\n`);
}
const ours = (changed: Partial<typeof record> = {}) => darkstatArguments({ ...record, ...changed }, null, null);

test.each([
  ["our own", ["/usr/sbin/darkstat", ...ours()], true],
  ["one that an interpreter runs", ["/usr/bin/node", "/opt/darkstat", ...ours()], true],
  ["one on another interface", ["darkstat", ...ours({ iface: "br1" })], false],
  ["one on another port", ["darkstat", ...ours({ port: 667 })], false],
  ["one that listens everywhere", ["darkstat", "-i", "br0", "-p", "40000"], false],
  ["another program with the same arguments", ["/usr/sbin/lightstat", ...ours()], false],
  ["an editor of a file of that name", ["vi", "-R", "/usr/sbin/darkstat", ...ours()], false],
  ["one that has ended but was not waited for", [], false],
])("%s: proven to be ours? %j", async (_, args, proven) => {
  await runs(7, args);
  expect(await isOurs(7, record, proc)).toBe(proven);
  expect(await findRunning(record, proc)).toBe(proven ? 7 : null);
});

test("of two with the same command line, the parent is the darkstat and the other looks up names", async () => {
  await runs(9, ["darkstat", ...ours()]);
  await runs(8, ["darkstat", ...ours()], 9);
  expect(await findRunning({ ...record, pid: null }, proc)).toBe(9);
});

test("a number that nobody has is nobody", async () => {
  expect(await findRunning(record, proc)).toBeNull();
  expect(await findRunning({ ...record, pid: null }, proc)).toBeNull();
});
