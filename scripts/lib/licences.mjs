import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * The licences of all packages of which modules went into a build. Their authors ask for it, and whoever gives an image
 * on owes it to them.
 * @param {readonly string[]} modules absolute paths of modules, ours too
 * @param {readonly string[]} data packages whose data goes into the build without being a module of it
 * @param {string} root the folder that has node_modules
 * @returns {string}
 */
export function licencesOf(modules, data, root) {
  const names = new Set([...data, ...modules.map(packageOf).filter((name) => name !== null)]);
  const parts = [...names].sort().map((name) => licenceOf(join(root, "node_modules", name)));
  return `WhiteStat is made with the work of others. Thank you.\n\n${parts.join("\n")}`;
}

/**
 * @param {string} module
 * @returns {string | null} the package that it belongs to; null for ours
 */
function packageOf(module) {
  return /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(module)?.[1] ?? null;
}

/** @param {string} folder */
function licenceOf(folder) {
  const { name, version, license, author, homepage } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const head = `${"=".repeat(80)}\n${name} ${version} (${license})\n`;
  const file = readdirSync(folder).find((entry) => /^(?:licen[cs]e|copying)(?:\.|$)/i.test(entry));
  if (file !== undefined) return `${head}\n${readFileSync(join(folder, file), "utf8").trim()}\n`;
  const by = typeof author === "string" ? author : author?.name;
  return `${head}${[by, homepage].filter(Boolean).join(", ")}\n`;
}
