import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { ensureNpmPackages } from "./npm-packages.mjs";
import { findNode, readIfThere, typeScriptFlags } from "./programs.mjs";
import { stampOfSources } from "./sources.mjs";

/** @typedef {{ env: NodeJS.ProcessEnv, say: (line: string) => void }} Deps */

/**
 * Gets a clone ready to build and test: npm packages, and a Node for them. Says what stands in the way.
 * @param {string} root the clone
 * @param {Deps} deps
 * @returns {string | null} path of the Node; null when it can't be done
 */
export function prepare(root, deps) {
  if (!ensureNpmPackages(root, deps)) return null;
  const node = findNode(root);
  if (node === null) {
    deps.say(
      `This Node.js ${process.versions.node} is older than 22.18, and npm did not install a newer one ` +
        "(optional packages may be off: npm config get omit). Install Node.js 22.18 or newer.",
    );
  }
  return node;
}

/**
 * Builds dist/ on that Node.
 * @param {string} root the clone
 * @param {string} node as `prepare` gave it
 * @param {Deps} deps
 * @returns {boolean} whether dist/ is up to date now
 */
export function build(root, node, { env, say }) {
  const args = [...typeScriptFlags(root, node), join(root, "scripts/lib/bundle.mjs")];
  const done = spawnSync(node, args, { cwd: root, env, stdio: ["ignore", 2, 2] });
  if (done.status !== 0) say("The build failed: see above. A clean clone builds; look at what was changed since.");
  return done.status === 0;
}

/**
 * Whether dist/ was built from the sources as they are.
 * @param {string} root the clone
 */
export function isBuilt(root) {
  return (
    readIfThere(join(root, "dist/.stamp")) === stampOfSources(root) &&
    readIfThere(join(root, "dist/whitestat.mjs")) !== null
  );
}
