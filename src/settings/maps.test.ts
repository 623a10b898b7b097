import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createNameBook, NameError } from "./maps.ts";
import { joinLines, splitLines } from "./pairs.ts";

const v5 = fileURLToPath(new URL("fixtures/v5", import.meta.url));
const PHONE = "02:1a:2b:00:00:05";
let dir = "";
let hosts = "";

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "whitestat-maps-"));
  hosts = join(dir, "MAC_HOST.txt");
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const book = () =>
  createNameBook({
    ipMacFile: join(dir, "IP_MAC.txt"),
    macMacFile: join(dir, "MAC_MAC.txt"),
    macHostFile: hosts,
    archiveFile: join(dir, "ARCHIVED.txt"),
  });
const hostsText = () => readFile(hosts, "utf8");

async function codeOf(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  return error instanceof NameError ? error.code : `no NameError: ${error}`;
}

describe("reading", () => {
  test("the files of a version 5 store are read whole, and their one bad line is a warning with its number", async () => {
    await cp(v5, dir, { recursive: true });
    const names = book();
    expect(names.nameOf(PHONE)).toBe(null);
    const { changed, warnings } = await names.reloadIfChanged();
    expect(changed).toBe(true);
    expect(names.nameOf("02:1a:2b:00:00:00")).toBe("Anna's laptop");
    expect(names.nameOf(PHONE)).toBe("NOTE 8");
    expect([...names.rewrites().ipMac]).toEqual([["192.168.1.54", "52:54:00:f3:a3:2b"]]);
    expect([...names.rewrites().macMac]).toEqual([["02:1a:2b:00:00:08", "02:1a:2b:00:00:09"]]);
    expect(warnings).toEqual([
      `MAC_HOST.txt, line 3: "not a line" isn't a pair; allowed: mac|name, e.g. 02:1a:2b:00:00:08|Kitchen TV.`,
    ]);
  });

  test("files that aren't there are no issue", async () => {
    expect(await book().reloadIfChanged()).toEqual({ changed: false, warnings: [] });
  });

  test("comments, spaces, bare CR, any notation of a MAC, and | in names are understood", async () => {
    await writeFile(hosts, "# my devices\r\r  02-1A-2B-0-0-5 \t|  a|b | c  \r021a.2b00.0006|x");
    const names = book();
    const { warnings } = await names.reloadIfChanged();
    expect(warnings).toEqual([]);
    expect(names.nameOf(PHONE)).toBe("a|b | c");
    expect(names.nameOf("02:1a:2b:00:00:06")).toBe("x");
  });

  test("each bad line is told with its number, and the good ones count", async () => {
    await writeFile(hosts, `nonsense|x\n${PHONE}|\n|x\n${PHONE}|first\n${PHONE}|second\n`);
    await writeFile(join(dir, "IP_MAC.txt"), `192.168.1.300|${PHONE}\n192.168.1.3|router\n192.168.1.4|${PHONE}`);
    const names = book();
    const { warnings } = await names.reloadIfChanged();
    expect(warnings.map((warning) => warning.split(":")[0])).toEqual([
      "IP_MAC.txt, line 1",
      "IP_MAC.txt, line 2",
      "MAC_HOST.txt, line 1",
      "MAC_HOST.txt, line 2",
      "MAC_HOST.txt, line 3",
      "MAC_HOST.txt, line 5",
    ]);
    expect(warnings.at(-1)).toContain("is in line 4 too; this line counts");
    expect(names.nameOf(PHONE)).toBe("second");
    expect(names.rewrites().ipMac.size).toBe(1);
  });

  test("a file that is no list at all gives a few warnings, not thousands", async () => {
    await writeFile(hosts, "x\n".repeat(5000));
    const { warnings } = await book().reloadIfChanged();
    expect(warnings).toHaveLength(21);
    expect(warnings.at(-1)).toContain("4980 more lines");
  });

  test("a name in Windows-1252 is read, and remarked", async () => {
    await writeFile(hosts, Buffer.from(`${PHONE}|K\u00fcche`, "latin1"));
    const names = book();
    expect((await names.reloadIfChanged()).warnings.join()).toContain("Windows-1252");
    expect(names.nameOf(PHONE)).toBe("Küche");
  });

  test("a name too long is cut, and control characters and marks that turn the direction of text are left out", async () => {
    await writeFile(hosts, `${PHONE}|\u0007a\u202e\u0000b\u2066\u200b${"😀".repeat(300)}`);
    const names = book();
    await names.reloadIfChanged();
    expect(names.nameOf(PHONE)).toBe(`ab${"😀".repeat(198)}`);
  });

  test("a device without a MAC has its name by IP, however the IP is written", async () => {
    await writeFile(hosts, "192.168.1.7|TV\nFE80:0::1|Pi\n");
    const names = book();
    await names.reloadIfChanged();
    expect([names.nameOf("192.168.1.7"), names.nameOf("fe80::1")]).toEqual(["TV", "Pi"]);
  });
});

describe("while we run", () => {
  test("an edit is seen, and an untouched file is not read again", async () => {
    await writeFile(hosts, `${PHONE}|one`);
    const names = book();
    await names.reloadIfChanged();
    const { atime, mtime } = await stat(hosts);
    await writeFile(hosts, `${PHONE}|two`);
    await utimes(hosts, atime, new Date(mtime.getTime() + 5));
    expect(await names.reloadIfChanged()).toEqual({ changed: true, warnings: [] });
    expect(names.nameOf(PHONE)).toBe("two");
    expect(await names.reloadIfChanged()).toEqual({ changed: false, warnings: [] });
  });

  test("a warning is given once for each edit, not at every look", async () => {
    await writeFile(hosts, "bad");
    const names = book();
    expect((await names.reloadIfChanged()).warnings).toHaveLength(1);
    expect((await names.reloadIfChanged()).warnings).toHaveLength(0);
  });

  test("a file that is deleted means no names", async () => {
    await writeFile(hosts, `${PHONE}|one`);
    const names = book();
    await names.reloadIfChanged();
    await rm(hosts);
    expect((await names.reloadIfChanged()).changed).toBe(true);
    expect(names.nameOf(PHONE)).toBe(null);
  });

  test("a file that can't be read leaves what was known, and is told once", async () => {
    const macMac = join(dir, "MAC_MAC.txt");
    await writeFile(macMac, "02:1a:2b:00:00:08|02:1a:2b:00:00:09");
    const names = book();
    await names.reloadIfChanged();
    await rm(macMac);
    await mkdir(macMac);
    const { changed, warnings } = await names.reloadIfChanged();
    expect(changed).toBe(false);
    expect(warnings.join()).toMatch(/can't be read .*its previous content stays in use/);
    expect(names.rewrites().macMac.size).toBe(1);
    expect((await names.reloadIfChanged()).warnings).toEqual([]);
  });
});

describe("renaming", () => {
  test("changes one line, and leaves comments, bad lines, order, line endings and the byte order mark", async () => {
    const text = `\uFEFF# mine\r\n02-1A-2B-00-00-05 |  Old | name\r\n\r\nnot a line\r\n02:1a:2b:00:00:06|Other`;
    await writeFile(hosts, text);
    const names = book();
    await names.reloadIfChanged();
    await names.rename(PHONE, "  Ännä's | 😀 $& phone ");
    expect(names.nameOf(PHONE)).toBe("Ännä's | 😀 $& phone");
    expect(await hostsText()).toBe(text.replace("Old | name", () => "Ännä's | 😀 $& phone"));
    expect(await readdir(dir)).toEqual(["MAC_HOST.txt"]);
  });

  test("adds a line for a new device behind a last line that had no ending, in the file's own ending", async () => {
    await writeFile(hosts, "02:1a:2b:00:00:06|Other\r\nnot a line");
    const names = book();
    await names.rename("02-1A-2B-00-00-05", "Phone");
    expect(await hostsText()).toBe(`02:1a:2b:00:00:06|Other\r\nnot a line\r\n${PHONE}|Phone\r\n`);
    expect(names.nameOf(PHONE)).toBe("Phone");
  });

  test("makes the file when there is none", async () => {
    const names = book();
    await names.rename(PHONE, "Phone");
    await names.rename("192.168.1.7", "TV");
    expect(await hostsText()).toBe(`${PHONE}|Phone\n192.168.1.7|TV\n`);
    expect((await stat(hosts)).isFile()).toBe(true);
  });

  test("a name taken away takes every line of the device with it", async () => {
    await writeFile(hosts, `${PHONE}|one\nkeep\n02-1A-2B-00-00-05|two\n02:1a:2b:00:00:06|Other\n`);
    const names = book();
    await names.rename(PHONE, null);
    expect(await hostsText()).toBe("keep\n02:1a:2b:00:00:06|Other\n");
    expect(names.nameOf(PHONE)).toBe(null);
    await names.rename("02:1a:2b:00:00:06", "   ");
    expect(await hostsText()).toBe("keep\n");
  });

  test("of a device that is there twice, the line that counts is changed", async () => {
    await writeFile(hosts, `${PHONE}|one\n${PHONE}|two\n`);
    const names = book();
    await names.rename(PHONE, "three");
    expect(await hostsText()).toBe(`${PHONE}|one\n${PHONE}|three\n`);
    expect(names.nameOf(PHONE)).toBe("three");
  });

  test("what a person wrote into the file meanwhile stays, and its issues are still told", async () => {
    await writeFile(hosts, `${PHONE}|one\n`);
    const names = book();
    await names.reloadIfChanged();
    await writeFile(hosts, `${PHONE}|one\n02:1a:2b:00:00:06|Other\nbad\n`);
    await names.rename(PHONE, "two");
    expect(await hostsText()).toBe(`${PHONE}|two\n02:1a:2b:00:00:06|Other\nbad\n`);
    expect(names.nameOf("02:1a:2b:00:00:06")).toBe("Other");
    expect((await names.reloadIfChanged()).warnings.join()).toContain("line 3");
    expect((await names.reloadIfChanged()).warnings).toEqual([]);
  });

  test("the same name again writes nothing", async () => {
    await writeFile(hosts, `${PHONE}|one`);
    const { ino } = await stat(hosts);
    await book().rename(PHONE, "one");
    expect((await stat(hosts)).ino).toBe(ino);
  });

  test("many at once all arrive", async () => {
    const names = book();
    const macs = Array.from({ length: 20 }, (_, i) => `02:00:00:00:00:${i.toString(16).padStart(2, "0")}`);
    await Promise.all(macs.map((mac, i) => names.rename(mac, `device ${i}`)));
    expect(macs.map((mac) => names.nameOf(mac))).toEqual(macs.map((_, i) => `device ${i}`));
    expect((await hostsText()).trim().split("\n")).toHaveLength(20);
  });

  test("a name of 200 characters will do, of 201, or with a line break or an invisible mark, won't, and nothing is written", async () => {
    const names = book();
    await names.rename(PHONE, "😀".repeat(200));
    const text = await hostsText();
    for (const bad of ["x".repeat(201), "a\nb", "a\u0000b", "a\u2028b", "a\u0085b", "gpj.\u202eexe", "a\u200bb"]) {
      expect(await codeOf(names.rename(PHONE, bad))).toBe("bad-name");
    }
    await expect(names.rename(PHONE, "gpj.\u202eexe")).rejects.toThrow("U+202E");
    expect(await codeOf(names.rename("phone", "x"))).toBe("bad-device");
    expect(await hostsText()).toBe(text);
    expect(names.nameOf(PHONE)).toBe("😀".repeat(200));
  });

  test("a file that can't be written keeps the old name, says why, and the next renaming works", async () => {
    await mkdir(hosts);
    const names = book();
    expect(await codeOf(names.rename(PHONE, "x"))).toBe("unwritable");
    expect(names.nameOf(PHONE)).toBe(null);
    await rm(hosts, { recursive: true });
    await names.rename(PHONE, "x");
    expect(names.nameOf(PHONE)).toBe("x");
  });

  test("the file's mode stays", async () => {
    await writeFile(hosts, `${PHONE}|one`);
    await chmod(hosts, 0o604);
    await book().rename(PHONE, "two");
    expect((await stat(hosts)).mode & 0o777).toBe(0o604);
  });

  test("any name that is taken is read back the same, by a fresh start too, and nothing else changes", async () => {
    const name = fc.oneof(
      fc.string({ maxLength: 40 }),
      fc.string({ unit: "binary", maxLength: 40 }),
      fc.constantFrom("|", "#", "a|", "$1"),
    );
    await fc.assert(
      fc.asyncProperty(name, async (text) => {
        await writeFile(hosts, `# top\r\n${PHONE}|old\r\nrubbish`);
        const names = book();
        const refused = await names.rename(PHONE, text).then(
          () => false,
          () => true,
        );
        const expected = refused ? "old" : text.trim() === "" ? null : text.trim().toWellFormed();
        const again = book();
        await again.reloadIfChanged();
        expect(again.nameOf(PHONE)).toBe(expected);
        const written = await hostsText();
        expect(written.startsWith("# top\r\n") && written.endsWith("rubbish")).toBe(true);
      }),
      { numRuns: 50 },
    );
  });
});

test("lines put together again are the text, to the character", () => {
  const text = fc.array(fc.constantFrom("a", "\r", "\n", "\r\n", "|", "\u2028", "")).map((parts) => parts.join(""));
  fc.assert(
    fc.property(text, (whole) => {
      expect(joinLines(splitLines(whole))).toBe(whole);
    }),
  );
});
