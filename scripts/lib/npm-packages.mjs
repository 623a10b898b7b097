import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { lastLines, readIfThere } from "./programs.mjs";

/**
 * @typedef {{ version?: string, optional?: boolean, link?: boolean }} LockedPackage
 * @typedef {{ packages?: Record<string, LockedPackage> }} Lock
 */

const STAMP = "node_modules/.whitestat-lock";

/**
 * Installs the npm packages of the lock file unless they are there.
 * @param {string} root the clone
 * @param {{ env: NodeJS.ProcessEnv, say: (line: string) => void }} deps
 * @returns {boolean} whether they are there now
 */
export function ensureNpmPackages(root, { env, say }) {
  const lock = readIfThere(join(root, "package-lock.json"));
  if (lock === null) {
    say(`package-lock.json is missing in ${root}: this is not a whole clone. Clone it again.`);
    return false;
  }
  const wanted = stampOf(lock);
  if (readIfThere(join(root, STAMP)) === wanted) return true;
  const installed = readIfThere(join(root, "node_modules/.package-lock.json"));
  if (!isComplete(lock, installed)) {
    say(`Installing npm packages (${installed === null ? "first start" : "package-lock.json changed"})…`);
    if (!npmInstall(root, env, say)) return false;
  }
  writeFileSync(join(root, STAMP), wanted);
  return true;
}

/**
 * Packages hold programs for one processor: a folder that was copied from another machine is not complete.
 * @param {string} lock
 */
function stampOf(lock) {
  return createHash("sha256").update(`${process.platform} ${process.arch}\n${lock}`).digest("hex");
}

/**
 * Compares the lock file with npm's own record of what it installed.
 * @param {string} lockText
 * @param {string | null} installedText
 */
export function isComplete(lockText, installedText) {
  if (installedText === null) return false;
  const wanted = packagesOf(lockText);
  const installed = packagesOf(installedText);
  return Object.entries(wanted).every(
    ([path, entry]) => path === "" || entry.optional || installed[path]?.version === entry.version,
  );
}

/** @param {string} text */
function packagesOf(text) {
  try {
    return /** @type {Lock} */ (JSON.parse(text)).packages ?? {};
  } catch {
    return {};
  }
}

/**
 * `npm install --no-save` follows the lock file and leaves it alone, as `npm ci` would. But the latter (npm 11) refuses
 * a lock file that lacks optional packages for other platforms, and those are missing wherever the registry that
 * wrote the lock file does not carry them.
 * @param {string} root
 * @param {NodeJS.ProcessEnv} env
 * @param {(line: string) => void} say
 */
function npmInstall(root, env, say) {
  const args = ["install", "--no-save", "--include=dev", "--no-audit", "--no-fund", "--no-progress"];
  const done = spawnSync("npm", args, {
    cwd: root,
    // Under "npm start", npm hands its own settings on (say, --silent): they were not meant for this one.
    env: Object.fromEntries(Object.entries(env).filter(([name]) => !/^npm_config_loglevel$/i.test(name))),
    stdio: ["ignore", "pipe", "pipe"],
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  if (done.status === 0) return true;
  if (done.error) {
    say(`npm could not be run (${done.error.message}). Install it, e.g. apt-get install npm, and start again.`);
  } else {
    say(lastLines(`${done.stdout}${done.stderr}`, 40));
    say("npm could not install the packages: see above. With the network and the disk in order, start again.");
  }
  return false;
}
