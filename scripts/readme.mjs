/** Writes the table of settings into README.md: `npm run readme`. A test holds the README to it. */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { settingsMarkdown } from "../src/settings/manual.ts";

const path = fileURLToPath(new URL("../README.md", import.meta.url));
const text = readFileSync(path, "utf8");
const table = `<!-- settings -->\n${settingsMarkdown().trim()}\n<!-- /settings -->`;
writeFileSync(
  path,
  text.replace(/<!-- settings -->[\s\S]*<!-- \/settings -->/, () => table),
);
