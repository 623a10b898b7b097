import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { markdownOf, type Run } from "../bench/lib/report.ts";
import { settingsMarkdown } from "../src/settings/manual.ts";

const root = join(import.meta.dirname, "..");
const read = (file: string) => readFileSync(join(root, file), "utf8");

test("shows the settings as the program knows them (npm run readme writes them)", () => {
  expect(read("README.md")).toContain(settingsMarkdown().trim());
});

test("shows in the documentation what the stored run of the bench measured", () => {
  const reference = JSON.parse(read("bench/reference.json")) as Run;
  expect(reference.results.length).toBeGreaterThan(10);
  expect(read("docs/what-it-costs.md")).toContain(markdownOf(reference));
});

test.each(["README.md", "CONTRIBUTING.md", "docs/security.md", "docs/what-it-costs.md"])(
  "names only npm scripts that exist: %s",
  (file) => {
    const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
    const named = [...read(file).matchAll(/npm (?:run )?([a-z][\w:-]*)/g)].map(([, name = ""]) => name);
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  },
);

test.each(["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md", "docs/security.md", "docs/what-it-costs.md"])(
  "links only to what exists: %s",
  (file) => {
    const links = [...read(file).matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, link = ""]) => link);
    expect(links.filter((link) => !existsSync(join(root, dirname(file), link)))).toEqual([]);
  },
);
