import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { runCommand } from "./commands.ts";
import type { Io } from "./io.ts";
import { testIo } from "./testing.ts";

let dir = "";
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "whitestat-run-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

async function run(args: readonly string[], env: Record<string, string> = {}, cwd = dir) {
  const [out, err]: [string[], string[]] = [[], []];
  const io = testIo(dir, {
    env: { PATH: process.env.PATH, DATA_STORE: dir, TZ: "UTC", ...env },
    cwd,
    stdout: { write: (text) => out.push(text) },
    stderr: { write: (text) => err.push(text) },
  });
  const code = await runCommand(args, () => io, io);
  const stderr = err.join("");
  return { code, stdout: out.join(""), stderr, lines: stderr.trimEnd().split("\n") };
}

describe("a command line that isn't valid", () => {
  test.each([
    [["bakup", "x.db"], "Unknown command: bakup. Did you mean backup?"],
    [["frobnicate"], "Unknown command: frobnicate."],
    [["--fast"], "Unknown option: --fast. Allowed: --help, --version."],
    [["backup"], "Missing argument: PATH."],
    [["serve", "now"], 'Unexpected argument: "now".'],
    [["export", "--from", "yesterday"], `--from: "yesterday" isn't a valid date. Dates look like 2026-01-31.`],
  ])("%j ends with 64 and its error last, on a screen of its own", async (args, error) => {
    const { code, stdout, lines } = await run(args);
    expect({ code, stdout, last: lines.at(-1) }).toEqual({ code: 64, stdout: "", last: error });
    expect(lines.length).toBeLessThan(20);
    expect(lines.join("\n")).toContain("Usage: whitestat ");
  });
});

describe("an error that has a reason", () => {
  test.each([
    [["export", "--output", "/nonexistent/x.csv"], {}, 73, /^Can't write \/nonexistent\/x\.csv: there is no folder/],
    [["backup", "/nonexistent/x.db"], {}, 73, /^Can't write \/nonexistent\/x\.db: there is no folder/],
    [["import", "/nonexistent.db"], {}, 66, /^Can't read \/nonexistent\.db: there is no such file or folder\.\n$/],
    [["export"], {}, 1, /there is no data yet\.\nStart WhiteStat once/],
    [
      ["serve"],
      { DATA_STORE: "/proc/x" },
      78,
      /^WhiteStat can't start: a problem in the settings\.\n {2}- \/proc\/x: /,
    ],
    [
      ["serve"],
      { SERVER_PORT: "eighty" },
      78,
      /SERVER_PORT: "eighty" isn't a whole number\n.*1 to 65535.*\n.*SERVER_PORT=8080/,
    ],
    [["demo"], { cwd: "/proc" }, 73, /^Can't write \/proc\/demo-data: /],
  ])(
    "%j is told in a sentence, with no stack, and ends with its code",
    async (args, { cwd, ...env }: Record<string, string>, code, error) => {
      const done = await run(args, env, cwd);
      expect(done.code).toBe(code);
      expect(done.stderr).toMatch(error);
      expect(done.stderr).not.toMatch(/^\s+at /m);
    },
  );

  test("what nobody foresaw is a bug, and has a stack to report", async () => {
    const broken = (): Io => {
      throw new TypeError("x is not a function");
    };
    const said: string[] = [];
    const out = { write: (text: string) => said.push(text) };
    expect(await runCommand(["doctor"], broken, { stdout: out, stderr: out, version: "12.0.0" })).toBe(1);
    expect(said.join("")).toMatch(/^This is a bug in WhiteStat\..*\nTypeError: x is not a function\n\s+at /);
  });

  test("a password is in no message, however the address is misspelt", async () => {
    for (const address of ["anna:ge@heim@192.168.1.5:667", "ftp://anna:ge@heim@x/", "http://anna:ge@heim@ x"]) {
      const { code, stdout, stderr } = await run(["doctor"], { DARKSTAT_URL: address });
      expect(code).toBe(78);
      expect(stdout + stderr).toContain("anna");
      expect(stdout + stderr).not.toMatch(/ge@|heim/);
    }
  });
});

describe("help", () => {
  test("names every command, exit code and setting", async () => {
    for (const args of [["--help"], ["-h"], ["help"]]) {
      const { code, stdout } = await run(args);
      expect(code).toBe(0);
      for (const name of ["serve", "demo", "import", "export", "backup", "doctor"]) {
        expect(stdout).toMatch(new RegExp(`^ {2}${name} +\\w`, "m"));
      }
      expect(stdout).toMatch(/^ {2}78 +the settings aren't valid, or the database is another program's/m);
      expect(stdout).toContain("DARKSTAT_CA");
    }
    expect((await run(["--version"])).stdout).toBe("12.0.0\n");
  });

  test("of a command is its own", async () => {
    for (const args of [
      ["export", "--help"],
      ["help", "export"],
      ["--help", "export"],
    ]) {
      const { code, stdout } = await run(args);
      expect(code).toBe(0);
      expect(stdout).toMatch(/^Usage: whitestat export /);
      expect(stdout).toContain("--separator comma|semicolon|tab  between");
      expect(stdout).not.toContain("SERVER_PORT");
    }
  });
});
