import { lchown, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createLog, type LogDeps, oneLine } from "./log.ts";
import { createStateLog } from "./state-log.ts";

let dir = "";
let logFile = "";
let traceFile = "";
let shown: string[] = [];

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "whitestat-log-"));
  logFile = join(dir, "log.txt");
  traceFile = join(dir, "trace.txt");
  shown = [];
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const make = (more: Partial<LogDeps> = {}) =>
  createLog({
    logFile,
    traceFile,
    level: "info",
    now: () => 0,
    stamp: (at) => `at ${at}`,
    console: { write: (text) => shown.push(text) },
    ...more,
  });
const read = (path: string) => readFile(path, "utf8");

function tellAll(log: ReturnType<typeof make>) {
  log.info("i");
  log.warn("w");
  log.error("e");
  log.trace("t");
}

describe("the log", () => {
  test("making one touches nothing", async () => {
    make();
    expect(await readdir(dir)).toEqual([]);
  });

  test("the console gets info and worse, the file warnings and errors, and there is no trace", async () => {
    tellAll(make());
    expect(shown).toEqual(["at 0 INFO  i\n", "at 0 WARN  w\n", "at 0 ERROR e\n"]);
    expect(await read(logFile)).toBe("at 0 WARN  w\nat 0 ERROR e\n");
    expect(await readdir(dir)).toEqual(["log.txt"]);
  });

  test("trace goes to its file with all the rest, when asked for", async () => {
    tellAll(make({ level: "trace" }));
    expect(shown).toHaveLength(4);
    expect(await read(traceFile)).toBe("at 0 INFO  i\nat 0 WARN  w\nat 0 ERROR e\nat 0 TRACE t\n");
    expect(await read(logFile)).toBe("at 0 WARN  w\nat 0 ERROR e\n");
  });

  test("a quiet console doesn't keep warnings from the file", async () => {
    tellAll(make({ level: "error" }));
    expect(shown).toEqual(["at 0 ERROR e\n"]);
    expect(await read(logFile)).toBe("at 0 WARN  w\nat 0 ERROR e\n");
  });

  test("a file never takes more than its size and one older generation, and loses nothing of the newest lines", async () => {
    const log = make({ maxBytes: 200 });
    for (let i = 0; i < 100; i++) log.warn(`line ${i} ü`);
    expect((await readdir(dir)).sort()).toEqual(["log.txt", "log.txt.1"]);
    for (const path of [logFile, `${logFile}.1`]) expect((await stat(path)).size).toBeLessThanOrEqual(200);
    const both = (await read(`${logFile}.1`)) + (await read(logFile));
    const numbers = [...both.matchAll(/line (\d+)/g)].map((match) => Number(match[1]));
    expect(numbers.at(-1)).toBe(99);
    expect(numbers).toEqual(numbers.map((_, i) => 100 - numbers.length + i));
    expect(numbers.length).toBeGreaterThan(8);
  });

  test("a large log of an earlier run is set aside too", async () => {
    await writeFile(logFile, "x".repeat(300));
    make({ maxBytes: 200 }).warn("new");
    expect(await read(logFile)).toBe("at 0 WARN  new\n");
    expect((await stat(`${logFile}.1`)).size).toBe(300);
  });

  test("a link leads to another file, as whoever made it wants", async () => {
    const other = join(dir, "elsewhere.txt");
    await writeFile(other, "before\n");
    await symlink(other, logFile);
    make().warn("w");
    expect(await read(other)).toBe("before\nat 0 WARN  w\n");
  });

  test.runIf(process.getuid?.() === 0)("root follows no link but root's own", async () => {
    const victim = join(dir, "victim.txt");
    await writeFile(victim, "precious");
    await symlink(victim, logFile);
    await lchown(logFile, 4321, 4321);
    make().warn("w");
    expect(await read(victim)).toBe("precious");
    expect(shown.at(-1)).toContain(`${logFile} can't be written (ELOOP)`);
  });

  test("where a file can't be set aside, its old lines go rather than the disk fill", async () => {
    await mkdir(`${logFile}.1`);
    const log = make({ maxBytes: 60 });
    for (let i = 0; i < 20; i++) log.warn(`line ${i}`);
    expect((await stat(logFile)).size).toBeLessThanOrEqual(60);
    expect(await read(logFile)).toContain("line 19");
  });

  test("a file that is moved or deleted is begun anew", async () => {
    const log = make();
    log.warn("one");
    await rename(logFile, join(dir, "moved.txt"));
    log.warn("two");
    expect(await read(logFile)).toBe("at 0 WARN  two\n");
  });

  test("a file that can't be written is told once on the console, and again after it worked between", async () => {
    const log = make();
    await mkdir(logFile);
    log.warn("one");
    log.warn("two");
    const complaints = () => shown.filter((line) => line.includes("can't be written (EISDIR)")).length;
    expect(complaints()).toBe(1);
    expect(shown).toContain("at 0 WARN  two\n");
    await rm(logFile, { recursive: true });
    log.warn("three");
    expect(await read(logFile)).toBe("at 0 WARN  three\n");
    await rm(logFile);
    await mkdir(logFile);
    log.warn("four");
    expect(complaints()).toBe(2);
  });

  test("a console that is gone takes nobody along", async () => {
    const log = make({
      console: {
        write() {
          throw new Error("EPIPE");
        },
      },
    });
    expect(() => tellAll(log)).not.toThrow();
    expect(await read(logFile)).toBe("at 0 WARN  w\nat 0 ERROR e\n");
  });

  test("after close the console goes on, and no file is made", async () => {
    const log = make({ level: "trace" });
    log.close();
    tellAll(log);
    expect(shown).toHaveLength(4);
    expect(await readdir(dir)).toEqual([]);
  });

  test("a line stays one line, and shows what a hostile name hides", async () => {
    make().warn('name "a\nERROR all is lost\r\u001b[2J\u202egnp.exe\u2028x\u0000"');
    const text = await read(logFile);
    expect(text).toBe('at 0 WARN  name "a\\nERROR all is lost\\r\\x1b[2J\\u202egnp.exe\\u2028x\\x00"\n');
    expect(oneLine("Ännä's 😀 ip\tmac")).toBe("Ännä's 😀 ip\\tmac");
    expect(oneLine("x".repeat(100_000)).length).toBeLessThan(4_100);
  });
});

describe("the log of states", () => {
  test("tells a change once, however often it is repeated, for each topic by itself", () => {
    const log = make();
    const states = createStateLog(log);
    const told = [
      states.change("darkstat", "down", "darkstat is gone", "warn"),
      states.change("darkstat", "down", "darkstat is gone for 60 s", "warn"),
      states.change("store", "down", "the disk is full", "error"),
      states.change("darkstat", "up", "darkstat is back"),
      states.change("darkstat", "down", "darkstat is gone again", "warn"),
    ];
    expect(told).toEqual([true, false, true, true, true]);
    expect(shown.map((line) => line.slice(5, 10).trim())).toEqual(["WARN", "ERROR", "INFO", "WARN"]);
  });
});
