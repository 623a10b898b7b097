import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { findNode, lastLines, nodePackage, npmNode, readIfThere, thisMachine } from "./programs.mjs";

/**
 * @typedef {string | string[]} Names npm writes one as a text, several as a list
 * @typedef {{ version?: string, optional?: boolean, os?: Names, cpu?: Names, libc?: Names }} LockedPackage
 * @typedef {{ packages?: Record<string, LockedPackage> }} Lock
 * @typedef {import("./programs.mjs").Machine} Machine
 */

const STAMP = "node_modules/.whitestat-lock";

/**
 * Installs the npm packages of the lock file unless they are there, and says in one sentence what stands in the way.
 * @param {string} root the clone
 * @param {{ env: NodeJS.ProcessEnv, say: (line: string) => void }} deps
 * @returns {boolean} whether they are there now
 */
export function ensureNpmPackages(root, { env, say }) {
  const lock = readIfThere(join(root, "package-lock.json"));
  if (lock === null) {
    say(`package-lock.json is missing in ${root}: this is not a complete clone. Clone it again.`);
    return false;
  }
  const wanted = stampOf(lock);
  if (readIfThere(join(root, STAMP)) === wanted) return true;
  const machine = thisMachine();
  // Before minutes of installing what this Node could not use.
  if (findNode(root) === null && !(nodePackage(machine) in packagesOf(lock))) {
    say(tooOld(machine));
    return false;
  }
  const record = () => readIfThere(join(root, "node_modules/.package-lock.json"));
  const missing = () => missingPackages(lock, record(), machine);
  if (missing().length > 0) {
    say(
      `Installing npm packages (${record() === null ? "first start" : "not complete, or package-lock.json changed"})…`,
    );
    const hadNode = npmNode(root) !== null;
    if (!npmInstall(root, env, say)) return false;
    // This Node was too old for some (Debian 12's is 18). The one that has come now isn't.
    if (missing().length > 0 && !hadNode && npmNode(root) !== null && !npmInstall(root, env, say)) return false;
    if (missing().length > 0) {
      // No stamp: the next start tries again, for example after Node was updated.
      const [first, second, third, ...others] = missing();
      const named = [first, second, third].filter((name) => name !== undefined).join(", ");
      const rest = others.length === 0 ? "" : ` and ${others.length} more`;
      say(`npm left out ${named}${rest}: what needs ${missing().length === 1 ? "it" : "them"} won't work.`);
      return true;
    }
  }
  writeFileSync(join(root, STAMP), wanted);
  return true;
}

/** @param {Machine} machine */
function tooOld({ os, cpu }) {
  return (
    `Node.js 22.18 or newer is needed and this is ${process.versions.node}; npm has none for ${os} on ${cpu}. ` +
    "Install a newer Node.js, or use WhiteStat's Debian package or container image, which bring their own (see README.md)."
  );
}

/**
 * Whether npm installs that package there. One that names neither system nor processor belongs to another package, and
 * comes and goes with that.
 * @param {LockedPackage} entry
 * @param {Machine} machine
 */
function isMeantFor({ os, cpu, libc }, machine) {
  if (os === undefined && cpu === undefined) return false;
  return (
    (os === undefined || [os].flat().includes(machine.os)) &&
    (cpu === undefined || [cpu].flat().includes(machine.cpu)) &&
    (libc === undefined || machine.libc === null || [libc].flat().includes(machine.libc))
  );
}

/**
 * Packages hold programs for one processor: a folder that was copied from another machine is not complete.
 * @param {string} lock
 */
function stampOf(lock) {
  return createHash("sha256").update(`${process.platform} ${process.arch}\n${lock}`).digest("hex");
}

/**
 * Compares the lock file with npm's own record of what it installed. Optional packages count where they are meant for
 * this machine: npm leaves them out silently when it runs on an older Node than they ask for, and then nothing builds.
 * @param {string} lockText
 * @param {string | null} installedText
 * @param {Machine} machine
 * @returns {string[]} names of what is missing or of another version
 */
export function missingPackages(lockText, installedText, machine) {
  const installed = installedText === null ? {} : packagesOf(installedText);
  return Object.entries(packagesOf(lockText))
    .filter(([path, entry]) => path !== "" && (!entry.optional || isMeantFor(entry, machine)))
    .filter(([path, entry]) => installed[path]?.version !== entry.version)
    .map(([path]) => path.replace(/.*node_modules\//, ""));
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
 * wrote the lock file does not carry them. No package needs its install script.
 * @param {string} root
 * @param {NodeJS.ProcessEnv} env
 * @param {(line: string) => void} say
 */
function npmInstall(root, env, say) {
  const args = ["install", "--no-save", "--include=dev", "--include=optional"];
  args.push("--ignore-scripts", "--no-audit", "--no-fund", "--no-progress");
  const node = npmNode(root);
  const done = spawnSync("npm", args, {
    cwd: root,
    env: {
      // Under "npm start", npm hands its own settings on (say, --silent): they were not meant for this one.
      ...Object.fromEntries(Object.entries(env).filter(([name]) => !/^npm_config_loglevel$/i.test(name))),
      // npm is a script, and runs on the first Node of the PATH.
      ...(node === null ? {} : { PATH: `${dirname(node)}${delimiter}${env.PATH ?? ""}` }),
    },
    stdio: ["ignore", "pipe", "pipe"],
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  if (done.status === 0) return true;
  if (done.error) {
    say(
      `npm could not be run (${done.error.message}). Install it, for example: apt-get install npm. Then start again.`,
    );
  } else {
    say(lastLines(`${done.stdout}${done.stderr}`, 40));
    say("npm could not install the packages: see above. With the network and the disk in order, start again.");
  }
  return false;
}
