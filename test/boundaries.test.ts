import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));

/** The planted violations: small files that say where they would be forbidden, and which rule must then fire. */
const planted = readdirSync(join(root, "test/planted")).map((file) => {
  const text = readFileSync(join(root, "test/planted", file), "utf8");
  const [, at = "", rule = ""] = /^\/\/ at (\S+)\n\/\/ expects (\S+)\n/.exec(text) ?? [];
  return { name: file.replace(/\.ts$/, "").replaceAll("-", " "), file, at, rule };
});

/** The rules that hold the boundaries, and must fire on nothing in the tree as it is. */
const rules = [...new Set(planted.map(({ rule }) => rule.replace(/^lint\//, "")))];

interface Report {
  summary: { changed: number; unchanged: number };
  diagnostics: { category: string; location: { path: string } }[];
}

/** Lints a folder by those rules alone. */
function lint(folder: string): { checked: number; complaints: string[] } {
  const biome = join(root, "node_modules/.bin/biome");
  const args = ["lint", "--reporter=json", "--max-diagnostics=none", ...rules.map((rule) => `--only=${rule}`), "."];
  const { stdout, stderr, error } = spawnSync(biome, args, { cwd: folder, encoding: "utf8", maxBuffer: 2 ** 26 });
  if (error) throw error;
  if (!stdout.startsWith("{")) throw new Error(`Biome gave no report: ${stdout}${stderr}`);
  const { summary, diagnostics } = JSON.parse(stdout) as Report;
  const complaints = diagnostics.map((d) => `${d.category} ${relative(folder, resolve(folder, d.location.path))}`);
  return { checked: summary.changed + summary.unchanged, complaints };
}

describe("boundaries between the folders", () => {
  const trees: string[] = [];
  const complaints = new Map<string, string[]>();

  beforeAll(() => {
    const treeOf = new Map<string, string>();
    for (const { file, at } of planted) {
      const tree = trees.find((candidate) => !existsSync(join(candidate, at))) ?? newTree();
      mkdirSync(join(tree, dirname(at)), { recursive: true });
      copyFileSync(join(root, "test/planted", file), join(tree, at));
      treeOf.set(file, tree);
    }
    const byTree = new Map(trees.map((tree) => [tree, lint(tree).complaints]));
    for (const [file, tree] of treeOf) complaints.set(file, byTree.get(tree) ?? []);
  });
  afterAll(() => {
    for (const tree of trees) rmSync(tree, { recursive: true, force: true });
  });

  /** A folder that the linter takes for a clone without sources. */
  function newTree(): string {
    const tree = mkdtempSync(join(tmpdir(), "whitestat-planted-"));
    for (const name of ["biome.json", "package.json", ".gitignore"]) copyFileSync(join(root, name), join(tree, name));
    trees.push(tree);
    return tree;
  }

  test.each(planted)("a planted violation is found: $name", ({ file, at, rule }) => {
    expect(at).not.toBe("");
    expect(complaints.get(file)).toContain(`${rule} ${at}`);
  });

  test("the tree as it is crosses no boundary", () => {
    const { checked, complaints: real } = lint(resolve(root));
    expect(real).toEqual([]);
    expect(checked).toBeGreaterThan(planted.length);
  });
});
