import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { validate } from "@actions/languageservice";
import { afterAll, describe, expect, test } from "vitest";
import { TextDocument } from "vscode-languageserver-textdocument";

const scratch = mkdtempSync(join(tmpdir(), "whitestat-release-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

function run(script: string, ...args: string[]): { code: number | null; stdout: string; stderr: string } {
  const env = { ...process.env, PATH: `${scratch}:${process.env.PATH}` };
  const { status, stdout, stderr } = spawnSync(`scripts/release/${script}`, args, { encoding: "utf8", env });
  return { code: status, stdout, stderr };
}

const version = String(JSON.parse(readFileSync("package.json", "utf8")).version);

describe("a release", () => {
  test("is known by its version, its parts and latest; one that is a candidate by itself only", () => {
    expect(run("tags.sh", "v12.1.3").stdout).toBe("12.1.3\n12.1\n12\nlatest\n");
    expect(run("tags.sh", "v12.2.0-rc.1").stdout).toBe("12.2.0-rc.1\n");
    expect(run("tags.sh", "v1; echo").code).toBe(1);
  });

  test("is of one version in package.json, Dockerfile and CHANGELOG.md, and a tag of another is refused", () => {
    expect(run("check-version.sh", `v${version}`)).toEqual({ code: 0, stdout: "", stderr: "" });
    expect(run("check-version.sh", "v99.0.0")).toMatchObject({
      code: 1,
      stderr: "check-version.sh: package.json is not of version 99.0.0\n",
    });
  });

  test("has the changelog's section for its notes", () => {
    const { code, stdout } = run("notes.sh", `v${version}`);
    expect({ code, hasHeading: stdout.includes("## ") }).toEqual({ code: 0, hasHeading: false });
    expect(stdout).toContain("darkstat");
    expect(run("notes.sh", "v99.0.0").stderr).toContain('no section "## 99.0.0"');
  });

  test("is built on one base for all processors, and pushed under its digest alone", () => {
    // A registry is not to be had here: this one says what the real Docker would, and keeps what it was asked.
    const built = `sha256:${"b".repeat(64)}`;
    writeFileSync(
      join(scratch, "docker"),
      `#!/bin/sh
printf '%s\\n' "$*" >> ${scratch}/asked
case "$*" in
  *"{{.Manifest"*) printf 'Name: debian\nDigest: sha256:${"a".repeat(64)}\n' ;;
  *imagetools*"{{json .Manifest.Digest}}"*) printf '"sha256:${"a".repeat(64)}"' ;;
  *) while [ "$1" != --metadata-file ]; do shift; done; printf '{\\n  "containerimage.digest": "${built}"\\n}' > "$2" ;;
esac
`,
    );
    chmodSync(join(scratch, "docker"), 0o755);
    expect(run("build-image.sh", "ghcr.io/somebody/whitestat").stdout).toBe(
      `image=ghcr.io/somebody/whitestat@${built}\n`,
    );
    const asked = readFileSync(join(scratch, "asked"), "utf8");
    expect(asked).toContain(`--build-arg DEBIAN=docker.io/library/debian:forky-slim@sha256:${"a".repeat(64)} `);
    expect(asked).toContain(`--build-arg VERSION=${version} `);
    expect(asked).toContain("name=ghcr.io/somebody/whitestat,push-by-digest=true,name-canonical=true,push=true");
    expect(asked).not.toContain("--tag");
  });
});

describe("the workflows", () => {
  const names = readdirSync(".github/workflows");
  const workflows = names.map((name) => readFileSync(`.github/workflows/${name}`, "utf8"));

  /** What GitHub's own editor support says of a workflow: keys, expressions, inputs of others that it calls. */
  async function complaints(name: string, text: string): Promise<string[]> {
    const document = TextDocument.create(`file:///.github/workflows/${name}`, "yaml", 0, text);
    const getFileContent = async ({ path }: { path: string }) => ({ name: path, content: readFileSync(path, "utf8") });
    const found = await validate(document, { fileProvider: { getFileContent } });
    return found.map(({ message, range }) => `${name}:${range.start.line + 1}: ${message}`);
  }

  test("hold nothing that GitHub doesn't know", async () => {
    for (const [place, name] of names.entries()) expect(await complaints(name, workflows[place] ?? "")).toEqual([]);
  });

  test("would be refused with a misspelt key, right, expression or input", async () => {
    const release = readFileSync(".github/workflows/release.yml", "utf8");
    const spoilt = {
      "timeout-minutes": "timeout",
      attestations: "attestation",
      "github.ref_name": "github.refname",
      "ref:": "reference:",
    };
    for (const [right, wrong] of Object.entries(spoilt)) {
      // Under a name of its own: what was read once under a name is remembered.
      const said = await complaints(`${wrong}.yml`, release.replace(right, wrong));
      expect({ wrong, said }).not.toEqual({ wrong, said: [] });
    }
  });

  test("use others' actions by the hash of a commit, with its version beside it", () => {
    const uses = workflows.flatMap((text) => text.match(/^.*\buses: (?!\.\/).*$/gm) ?? []);
    expect(uses.length).toBeGreaterThan(10);
    for (const line of uses) expect(line).toMatch(/uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  test("run only scripts that are there", () => {
    const scripts = workflows.flatMap((text) =>
      [...text.matchAll(/scripts\/release\/[\w-]+\.sh/g)].map(([path]) => path),
    );
    const { scripts: commands } = JSON.parse(readFileSync("package.json", "utf8")) as {
      scripts: Record<string, string>;
    };
    for (const path of scripts) expect(readFileSync(path, "utf8")).toMatch(/^#!\/bin\/sh\n/);
    for (const [, name = ""] of workflows.join("\n").matchAll(/npm run ([\w:-]+)/g))
      expect(commands).toHaveProperty(name);
  });
});
