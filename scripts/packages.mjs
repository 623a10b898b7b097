/**
 * Builds what people install without a container: Debian packages (`npm run deb`), and archives with an installer for
 * other systems with systemd (`npm run tarball`). Each brings its own Node.js.
 *
 *   npm run deb                                  for amd64, arm64 and armhf
 *   npm run deb -- --arch native                 some of them; native is this machine's
 *   npm run tarball -- --output FOLDER           where they go: build/
 *   npm run deb -- --work FOLDER                 where downloads are kept: WHITESTAT_PACKAGES, or a temporary folder
 *   npm run deb -- --quick                       hardly compressed, for tests
 *
 * Nothing of another processor is run. armhf needs mmdebstrap, patchelf and binutils.
 */
import { createHash } from "node:crypto";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";
import { orRefuse, Refusal, run } from "./lib/command.mjs";
import { addNode } from "./lib/node-runtime.mjs";
import { build, isBuilt, prepare } from "./lib/prepare.mjs";
import { findProgram } from "./lib/programs.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const ARCHITECTURES = ["amd64", "arm64", "armhf"];
const OWN_ARCH = { x64: "amd64", arm64: "arm64", arm: "armhf" }[/** @type {"x64"} */ (process.arch)] ?? "";
const MAINTAINER = "The WhiteStat authors <whitestat@users.noreply.github.com>";
const DESCRIPTION = `daily bandwidth usage per device
 WhiteStat turns the counters of the kernel, or of darkstat, into the daily
 usage of each device of a home network, and keeps it for years. It serves a
 dashboard, and JSON and HTML tables for spreadsheets.
 .
 The service whitestat runs as a user of its own. This package brings its own
 Node.js.`;

orRefuse(main);

function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      arch: { type: "string", multiple: true, default: ARCHITECTURES },
      output: { type: "string", default: join(root, "build") },
      work: { type: "string", default: process.env.WHITESTAT_PACKAGES ?? join(tmpdir(), "whitestat-packages") },
      quick: { type: "boolean", default: false },
    },
  });
  const [kind = ""] = positionals;
  if (!["deb", "tarball"].includes(kind)) throw new Refusal(`"${kind}" can't be built. Allowed: deb, tarball.`);
  const names = [...new Set(values.arch.map((name) => (name === "native" ? OWN_ARCH : name)))];
  for (const name of names) {
    if (!ARCHITECTURES.includes(name)) {
      throw new Refusal(`There is no package for "${name}". Allowed: ${ARCHITECTURES.join(", ")}, native.`);
    }
  }
  const tool = kind === "deb" ? "dpkg-deb" : "xz";
  if (!findProgram(tool, process.env)) {
    throw new Refusal(`${tool} is missing: apt-get install ${kind === "deb" ? "dpkg" : "xz-utils"}`);
  }
  const deps = { env: process.env, say: (/** @type {string} */ line) => process.stderr.write(`${line}\n`) };
  const node = prepare(root, deps);
  if (node === null || (!isBuilt(root) && !build(root, node, deps))) throw new Refusal("There is nothing to pack.");

  const [work, output] = [resolve(values.work), resolve(values.output)];
  for (const folder of [work, output]) mkdirSync(folder, { recursive: true });
  const pack = kind === "deb" ? buildDeb : buildTarball;
  for (const arch of names) {
    const file = pack(arch, { work, output, quick: values.quick });
    process.stdout.write(`${relative(process.cwd(), file)}  ${(statSync(file).size / 1e6).toFixed(1)} MB\n`);
  }
  writeChecksums(output);
}

/** @typedef {{ work: string, output: string, quick: boolean }} Options */

/**
 * @param {string} arch
 * @param {Options} options
 * @returns {string} the package
 */
function buildDeb(arch, { work, output, quick }) {
  const version = packageVersion().replace(/-/g, "~");
  const stage = mkdtempSync(join(work, "deb-"));
  try {
    const file = (/** @type {string} */ path) => join(stage, path);
    addProgram(file("usr/lib/whitestat"), arch, { work, prefix: "/usr/lib/whitestat" });
    mkdirSync(file("usr/bin"));
    symlinkSync("../lib/whitestat/bin/whitestat", file("usr/bin/whitestat"));
    const unit = read("deploy/systemd/whitestat.service").replaceAll("@PREFIX@", "/usr/lib/whitestat");
    write(file("usr/lib/systemd/system/whitestat.service"), unit);
    write(file("etc/default/whitestat"), read("deploy/package/default"));
    const doc = "usr/share/doc/whitestat";
    write(file(`${doc}/copyright`), copyright());
    renameSync(file("usr/lib/whitestat/licences"), file(`${doc}/licences`));
    write(file(`${doc}/changelog.gz`), gzipSync(debianChangelog(version), { level: 9 }));
    write(file(`${doc}/NEWS.gz`), gzipSync(readFileSync(join(root, "CHANGELOG.md")), { level: 9 }));
    write(file("usr/share/man/man8/whitestat.8.gz"), gzipSync(read("deploy/package/whitestat.8"), { level: 9 }));
    write(file("usr/share/lintian/overrides/whitestat"), read("deploy/package/debian/lintian-overrides"));

    const kilobytes = filesBelow(stage).reduce((sum, path) => sum + Math.ceil(statSync(path).size / 1024) + 1, 0);
    write(file("DEBIAN/control"), control(version, arch, kilobytes));
    write(file("DEBIAN/conffiles"), "/etc/default/whitestat\n");
    write(file("DEBIAN/md5sums"), md5sums(stage));
    for (const script of ["postinst", "prerm", "postrm"]) {
      write(file(`DEBIAN/${script}`), read(`deploy/package/debian/${script}`), 0o755);
    }
    openFolders(stage);
    const result = join(output, `whitestat_${version}_${arch}.deb`);
    const effort = quick ? ["-Zgzip", "-z1"] : ["-Zxz", "-z6"];
    run("dpkg-deb", ["--root-owner-group", ...effort, "--build", stage, result], { env: reproducible() });
    return result;
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
}

/**
 * @param {string} arch
 * @param {Options} options
 * @returns {string} the archive
 */
function buildTarball(arch, { work, output, quick }) {
  const name = `whitestat-${packageVersion()}-linux-${arch}`;
  const stage = mkdtempSync(join(work, "tarball-"));
  try {
    const top = join(stage, name);
    addProgram(join(top, "whitestat"), arch, { work, prefix: "/opt/whitestat" });
    write(join(top, "install.sh"), read("deploy/systemd/install.sh"), 0o755);
    write(join(top, "whitestat.service"), read("deploy/systemd/whitestat.service"));
    write(join(top, "default"), read("deploy/package/default"));
    cpSync(join(root, "LICENSE"), join(top, "LICENSE"));
    writeFileSync(join(top, "README.txt"), readMe());
    openFolders(top);
    const result = join(output, `${name}.tar.${quick ? "gz" : "xz"}`);
    run(
      "tar",
      [
        ...["--sort=name", "--owner=0", "--group=0", "--numeric-owner", `--mtime=@${commitTime()}`],
        ...[quick ? "--use-compress-program=gzip -1" : "--xz", "-C", stage, "-cf", result, name],
      ],
      { env: process.env },
    );
    return result;
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
}

/**
 * What both hold: the built program and its Node.
 * @param {string} folder
 * @param {string} arch
 * @param {{ work: string, prefix: string }} options
 */
function addProgram(folder, arch, { work, prefix }) {
  mkdirSync(folder, { recursive: true });
  addNode(arch, folder, { root, work, prefix });
  cpSync(join(root, "dist"), join(folder, "app"), { recursive: true });
  rmSync(join(folder, "app/.stamp"));
  renameSync(join(folder, "app/LICENCES.txt"), join(folder, "licences/npm"));
  write(join(folder, "bin/whitestat"), read("deploy/package/whitestat"), 0o755);
}

/**
 * @param {string} version
 * @param {string} arch
 * @param {number} kilobytes
 */
function control(version, arch, kilobytes) {
  // The Node.js project's builds need these; Debian's brings its libraries along.
  const libraries = arch === "armhf" ? "" : "libc6 (>= 2.28), libgcc-s1, libstdc++6 (>= 10), ";
  return [
    ...["Package: whitestat", `Version: ${version}`, `Architecture: ${arch}`, `Maintainer: ${MAINTAINER}`],
    ...[`Installed-Size: ${kilobytes}`, "Section: net", "Priority: optional"],
    `Depends: ${libraries}adduser, ca-certificates, init-system-helpers (>= 1.54~), nftables, tzdata`,
    ...[
      "Recommends: darkstat",
      "Homepage: https://github.com/avarghesein/WhiteStat",
      `Description: ${DESCRIPTION}`,
      "",
    ],
  ].join("\n");
}

function copyright() {
  return `WhiteStat
https://github.com/avarghesein/WhiteStat

${read("LICENSE")}
What it brings along is under licences of its own: see the folder licences beside this file.
`;
}

/** @param {string} version */
function debianChangelog(version) {
  const date = new Date(commitTime() * 1000).toUTCString().replace("GMT", "+0000");
  return `whitestat (${version}) unstable; urgency=medium\n\n  * What changed is in NEWS.gz.\n\n -- ${MAINTAINER}  ${date}\n`;
}

function readMe() {
  return `WhiteStat ${packageVersion()}

  sudo ./install.sh                                      installs it as a service, or updates the installed one
  sudo /opt/whitestat/install.sh --uninstall   removes it; what was measured stays

Then open http://localhost:777/
`;
}

/** @param {string} folder */
function md5sums(folder) {
  return filesBelow(folder)
    .filter((path) => !relative(folder, path).startsWith("DEBIAN/"))
    .map((path) => `${createHash("md5").update(readFileSync(path)).digest("hex")}  ${relative(folder, path)}\n`)
    .join("");
}

/**
 * For all that lie in that folder, also from earlier runs.
 * @param {string} folder
 */
function writeChecksums(folder) {
  const names = readdirSync(folder).filter((name) => /\.deb$|\.tar\.[gx]z$/.test(name));
  const lines = names.sort().map((name) => {
    const hash = createHash("sha256")
      .update(readFileSync(join(folder, name)))
      .digest("hex");
    return `${hash}  ${name}\n`;
  });
  writeFileSync(join(folder, "SHA256SUMS"), lines.join(""));
}

/** @param {string} folder */
function filesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/**
 * Readable for everybody, whatever the umask of who builds.
 * @param {string} folder
 */
function openFolders(folder) {
  run("chmod", ["-R", "u=rwX,go=rX", folder]);
}

function packageVersion() {
  return String(JSON.parse(read("package.json")).version);
}

/** The commit's, so that the same commit gives the same package. @returns {number} seconds */
function commitTime() {
  const time = existsSync(join(root, ".git")) ? run("git", ["log", "-1", "--format=%ct"], { cwd: root }) : "";
  return Number(time) || Math.floor(Date.now() / 1000);
}

function reproducible() {
  return { ...process.env, SOURCE_DATE_EPOCH: String(commitTime()) };
}

/** @param {string} path below the clone */
function read(path) {
  return readFileSync(join(root, path), "utf8");
}

/**
 * @param {string} path
 * @param {string | Uint8Array} content
 * @param {number} mode
 */
function write(path, content, mode = 0o644) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  chmodSync(path, mode);
}
