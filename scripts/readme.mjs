/**
 * Writes what is made from elsewhere into the documentation: `npm run readme`. The table of settings into README.md, and
 * that of the bench's reference run into docs/what-it-costs.md. A test holds both to it.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { markdownOf } from "../bench/lib/report.ts";
import { settingsMarkdown } from "../src/settings/manual.ts";

const reference = JSON.parse(readFileSync(pathOf("bench/reference.json"), "utf8"));
fill("README.md", "settings", settingsMarkdown());
fill("docs/what-it-costs.md", "bench", markdownOf(reference));

/**
 * @param {string} file
 * @param {string} name of the place
 * @param {string} table
 */
function fill(file, name, table) {
  const path = pathOf(file);
  const place = new RegExp(`<!-- ${name} -->[\\s\\S]*<!-- /${name} -->`);
  const text = readFileSync(path, "utf8");
  if (!place.test(text)) throw new Error(`${file} has no place for ${name}`);
  writeFileSync(
    path,
    text.replace(place, () => `<!-- ${name} -->\n${table.trim()}\n<!-- /${name} -->`),
  );
}

/** @param {string} path below the repository */
function pathOf(path) {
  return fileURLToPath(new URL(`../${path}`, import.meta.url));
}
