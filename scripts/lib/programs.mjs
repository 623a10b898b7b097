import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";

/** The oldest Node that runs the product: `node:sqlite` without a flag, and types stripped when tests import sources. */
const OLDEST_NODE = [22, 18];

/**
 * Looks a program up as a shell would, and where Debian keeps those for root, which an ordinary PATH lacks.
 * @param {string} name
 * @param {NodeJS.ProcessEnv} env
 * @returns {string | null} its full path, or null
 */
export function findProgram(name, env) {
  const folders = [...(env.PATH ?? "").split(delimiter).filter(Boolean), "/usr/local/sbin", "/usr/sbin", "/sbin"];
  return folders.map((folder) => join(folder, name)).find(isProgram) ?? null;
}

/**
 * The folder of PostgreSQL's server programs, which Debian keeps by version and out of the PATH: the newest.
 * @param {NodeJS.ProcessEnv} env
 * @returns {string | null}
 */
export function findPostgres(env) {
  const inPath = findProgram("initdb", env);
  if (inPath !== null) return dirname(inPath);
  const root = "/usr/lib/postgresql";
  const versions = existsSync(root) ? readdirSync(root).sort((a, b) => Number(b) - Number(a)) : [];
  return versions.map((version) => join(root, version, "bin")).find((bin) => isProgram(join(bin, "initdb"))) ?? null;
}

/**
 * Debian's Chromium for tests: without the browser's own windows where that package is there, which halves the time they take.
 * @param {NodeJS.ProcessEnv} env `CHROMIUM` names another
 * @returns {string | null}
 */
export const findChromium = (env) =>
  env.CHROMIUM ?? findProgram("chromium-headless-shell", env) ?? findProgram("chromium", env);

/** @param {string} path */
function isProgram(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/**
 * What a program must be made for to run here. `libc` is null where it is neither of the two.
 * @typedef {{ os: string, cpu: string, libc: "glibc" | "musl" | null }} Machine
 *
 * @returns {Machine}
 */
export function thisMachine() {
  return { os: process.platform, cpu: process.arch, libc: libcOf() };
}

function libcOf() {
  if (process.platform !== "linux" || !process.report) return null;
  // Else the names of all its peers would be looked up.
  Object.assign(process.report, { excludeNetwork: true });
  const { header } = /** @type {{ header: { glibcVersionRuntime?: string } }} */ (process.report.getReport());
  return header.glibcVersionRuntime ? "glibc" : "musl";
}

/**
 * The npm package that holds a Node for that machine, as the lock file names it. There is one for few of them.
 * @param {Machine} machine
 */
export const nodePackage = ({ os, cpu }) => `node_modules/node-${os}-${cpu}`;

/**
 * The Node that came with the npm packages. Only npm's own record, which it writes last, says that it came whole: what an
 * installation leaves that broke off may be an empty file, and a shell "runs" that without a word.
 * @param {string} root the clone
 * @returns {string | null} path of the program; null where there is none that runs here
 */
export function npmNode(root) {
  const name = nodePackage({ os: process.platform, cpu: process.arch, libc: null });
  const node = join(root, name, "bin/node");
  const isWhole = readIfThere(join(root, "node_modules/.package-lock.json"))?.includes(`"${name}"`) === true;
  return isWhole && isProgram(node) && libcOf() !== "musl" ? node : null;
}

/**
 * The Node that the product runs on: the one that came with the npm packages, else this one if it is new enough.
 * @param {string} root the clone
 * @returns {string | null} path of the program, or null when there is none
 */
export function findNode(root) {
  return npmNode(root) ?? (isAtLeast(process.versions.node, OLDEST_NODE) ? process.execPath : null);
}

/**
 * What a Node must be told so that it runs TypeScript: Debian's is built without what strips types. Others do it.
 * @param {string} root the clone
 * @param {string} node as `findNode` gave it
 * @returns {string[]} arguments
 */
export function typeScriptFlags(root, node) {
  if (node !== process.execPath || process.features.typescript) return [];
  return ["--import", join(root, "scripts/lib/strip-types.mjs")];
}

/**
 * @param {string} version such as `22.18.0`
 * @param {number[]} oldest such as `[22, 18]`
 */
export function isAtLeast(version, oldest) {
  const parts = version.split(".").map(Number);
  for (const [place, wanted] of oldest.entries()) {
    const part = parts[place] ?? 0;
    if (part !== wanted) return part > wanted;
  }
  return true;
}

/**
 * Installs Debian packages, when root and apt are there and nobody forbade it; says what it does before it does it.
 * Never throws: what is missing afterwards is for the caller to live with.
 * @param {readonly string[]} packages names, e.g. `["darkstat"]`
 * @param {{ env: NodeJS.ProcessEnv, say: (line: string) => void, why: string }} deps `why` ends the sentence "… (for packet counts)"
 * @returns {boolean} whether all were installed
 */
export function installDebianPackages(packages, { env, say, why }) {
  const byHand = `apt-get install ${packages.join(" ")}`;
  const apt = findProgram("apt-get", env);
  const obstacle = obstacleToInstalling(apt, env);
  if (obstacle !== null || apt === null) {
    say(`${packages.join(", ")} is missing (${why}), and ${obstacle}. Install it yourself: ${asRoot(byHand)}`);
    return false;
  }
  say(`Installing ${packages.join(", ")} (${why}): ${byHand} …`);
  const install = () =>
    run(apt, ["install", "-y", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=60", ...packages], env);
  const update = () => run(apt, ["update", "-o", "Acquire::Retries=1", "-o", "Acquire::http::Timeout=20"], env);
  if (!hasPackageLists()) update();
  let outcome = install();
  if (!outcome.ok) {
    update();
    outcome = install();
  }
  if (!outcome.ok) say(`That failed:\n${outcome.tail}\nTry it yourself: ${byHand}`);
  return outcome.ok;
}

/**
 * Whether Debian packages may be installed here.
 * @param {NodeJS.ProcessEnv} env
 */
export const mayInstall = (env) => obstacleToInstalling(findProgram("apt-get", env), env) === null;

/**
 * @param {string | null} apt
 * @param {NodeJS.ProcessEnv} env
 * @returns {string | null} the rest of the sentence "… is missing, and …", or null when it can be installed
 */
function obstacleToInstalling(apt, env) {
  if (env.WHITESTAT_NO_INSTALL === "1") return "WHITESTAT_NO_INSTALL=1 forbids installing it";
  if (apt === null) return "this is no Debian with apt-get";
  if (process.getuid?.() !== 0) return "only root may install it";
  return null;
}

/** @param {string} command */
const asRoot = (command) => (process.getuid?.() === 0 ? command : `sudo ${command}`);

function hasPackageLists() {
  try {
    return readdirSync("/var/lib/apt/lists").some((name) => name.includes("_Packages"));
  } catch {
    return false;
  }
}

/**
 * @param {string} program
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} env
 */
function run(program, args, env) {
  const done = spawnSync(program, args, {
    env: { ...env, DEBIAN_FRONTEND: "noninteractive" },
    stdio: ["ignore", "pipe", "pipe"],
    encoding: "utf8",
    timeout: 600_000,
    maxBuffer: 64 * 1024 * 1024,
  });
  return { ok: done.status === 0, tail: lastLines(`${done.stdout}${done.stderr}`, 12) };
}

/**
 * @param {string} text
 * @param {number} count
 */
export const lastLines = (text, count) => text.trimEnd().split("\n").slice(-count).join("\n");

/**
 * Reads a file that may be absent.
 * @param {string} path
 * @returns {string | null} its text, or null when it can't be read
 */
export function readIfThere(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}
