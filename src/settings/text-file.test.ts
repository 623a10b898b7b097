import { spawnSync } from "node:child_process";
import { chmod, lchown, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { decodeText, writeFileAtomically } from "./text-file.ts";

let dir = "";
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "whitestat-text-"));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

test("bytes are read by their mark, else as UTF-8, else as Windows-1252", () => {
  expect(decodeText(Buffer.from("\uFEFFü"))).toEqual({ text: "ü", bom: true, encoding: "utf-8" });
  expect(decodeText(Buffer.from("ü"))).toEqual({ text: "ü", bom: false, encoding: "utf-8" });
  expect(decodeText(Buffer.from("\uFEFFü", "utf16le"))).toEqual({ text: "ü", bom: true, encoding: "utf-16le" });
  expect(decodeText(Buffer.from("\uFEFFü", "utf16le").swap16())).toEqual({
    text: "ü",
    bom: true,
    encoding: "utf-16be",
  });
  expect(decodeText(Buffer.from([0xfc, 0x80]))).toEqual({ text: "ü€", bom: false, encoding: "windows-1252" });
});

test("a failed write leaves the old file and no draft", async () => {
  const path = join(dir, "folder");
  await writeFile(join(dir, "keep"), "x");
  await expect(writeFileAtomically(join(path, "a.txt"), "y")).rejects.toThrow("ENOENT");
  expect(await readdir(dir)).toEqual(["keep"]);
});

test("a draft that a crash left behind is in nobody's way", async () => {
  const path = join(dir, "a.txt");
  await writeFile(path, "old");
  await writeFile(`${path}.tmp`, "half of somethi");
  await writeFileAtomically(path, "new");
  expect(await readFile(path, "utf8")).toBe("new");
  expect(await readdir(dir)).toEqual(["a.txt"]);
});

test("a link that somebody put where the draft goes leads nowhere", async () => {
  const [path, other] = [join(dir, "a.txt"), join(dir, "other.txt")];
  await writeFile(other, "not ours");
  await symlink(other, `${path}.tmp`);
  await writeFileAtomically(path, "new");
  expect(await readFile(other, "utf8")).toBe("not ours");
  expect(await readFile(path, "utf8")).toBe("new");
});

test.runIf(process.getuid?.() === 0)(
  "root replaces a link of somebody else's, and leaves alone where it leads",
  async () => {
    const [path, victim] = [join(dir, "a.txt"), join(dir, "victim.txt")];
    await writeFile(victim, "precious");
    await symlink(victim, path);
    await lchown(path, 4321, 4321);
    await writeFileAtomically(path, "new");
    expect([await readFile(victim, "utf8"), await readFile(path, "utf8")]).toEqual(["precious", "new"]);
  },
);

const namespaces = spawnSync("unshare", ["-m", "true"]).status === 0;

test.runIf(namespaces)("a file that is itself a mount is written in place, longer or shorter", async () => {
  const [source, path] = [join(dir, "source.txt"), join(dir, "a.txt")];
  await writeFile(source, "old and long");
  await writeFile(path, "");
  await chmod(path, 0o644);
  const module = JSON.stringify(new URL("text-file.ts", import.meta.url).href);
  const script = `const { writeFileAtomically } = await import(${module}); await writeFileAtomically(${JSON.stringify(path)}, "new");`;
  const command = `mount --bind "$1" "$2" && exec "$3" --input-type=module -e "$4"`;
  const args = ["-m", "sh", "-c", command, "sh", source, path, process.execPath, script];
  const { status, stderr } = spawnSync("unshare", args, { encoding: "utf8" });
  expect(status, stderr).toBe(0);
  expect(await readFile(source, "utf8")).toBe("new");
  expect((await readdir(dir)).sort()).toEqual(["a.txt", "source.txt"]);
});
