import { createHash } from "node:crypto";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

/** What the built files are made from. Tests and their fixtures are not among it. */
const SOURCES = [
  "src",
  "web",
  "vite.config.ts",
  "scripts/lib/bundle.mjs",
  "scripts/lib/compress.mjs",
  "scripts/lib/vendors.mjs",
  "package.json",
  "package-lock.json",
  "tsconfig.json",
];

/**
 * A word that changes whenever a source of the built files does: made of names, sizes and times, so that it costs
 * milliseconds.
 * @param {string} root the clone
 */
export function stampOfSources(root) {
  const hash = createHash("sha256");
  for (const source of SOURCES) addToHash(root, source, hash);
  return hash.digest("hex");
}

/**
 * @param {string} root
 * @param {string} path
 * @param {import("node:crypto").Hash} hash
 */
function addToHash(root, path, hash) {
  if (/\.test\.tsx?$|\/fixtures$/.test(path)) return;
  const stats = statSync(join(root, path), { throwIfNoEntry: false });
  if (!stats) return;
  if (stats.isDirectory()) {
    for (const name of readdirSync(join(root, path)).sort()) addToHash(root, `${path}/${name}`, hash);
  } else {
    hash.update(`${path} ${stats.size} ${stats.mtimeMs}\n`);
  }
}
