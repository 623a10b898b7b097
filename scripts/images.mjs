/**
 * Builds the container images and prints what they weigh: `npm run images`.
 *
 *   npm run images                               all three, with docker buildx or, without a Docker engine, buildah
 *   npm run images -- --arch amd64 --arch armhf  some of them; native is this machine's
 *   npm run images -- --with buildah             names the builder
 *   npm run images -- --base debian.tar          a base of one's own for one processor, instead of mmdebstrap's
 *   npm run images -- --work FOLDER              where images and bases are kept: WHITESTAT_IMAGES, or a temporary folder
 *   npm run images -- --tag NAME --push          with docker: push all three under that name
 *
 * With buildah no registry is needed: the base is made by mmdebstrap from Debian's archive. Building for another processor
 * needs qemu-user-static, registered with binfmt_misc.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { orRefuse, Refusal, run as runProgram } from "./lib/command.mjs";
import { findProgram } from "./lib/programs.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));

/**
 * By Debian's names. `qemu` is what runs its programs on another processor.
 * @type {Record<string, { platform: string, arch: string, variant: string, qemu: string }>}
 */
const ARCHITECTURES = {
  amd64: { platform: "linux/amd64", arch: "amd64", variant: "", qemu: "qemu-x86_64" },
  arm64: { platform: "linux/arm64", arch: "arm64", variant: "", qemu: "qemu-aarch64" },
  armhf: { platform: "linux/arm/v7", arch: "arm", variant: "v7", qemu: "qemu-arm" },
};
const BASE = "docker.io/library/debian:forky-slim";
/** What building without a Docker engine takes; the packages bear the same names. */
const NEEDED = ["buildah", "podman", "runc", "mmdebstrap"];
/** buildx builds for other processors in a builder of this kind only. */
const BUILDER = "whitestat";
const OWN_ARCH = { x64: "amd64", arm64: "arm64", arm: "armhf" }[/** @type {"x64"} */ (process.arch)] ?? "";

orRefuse(main);

function main() {
  const { values } = parseArgs({
    options: {
      arch: { type: "string", multiple: true, default: Object.keys(ARCHITECTURES) },
      with: { type: "string", default: hasDockerEngine() ? "docker" : "buildah" },
      base: { type: "string" },
      work: { type: "string", default: process.env.WHITESTAT_IMAGES ?? join(tmpdir(), "whitestat-images") },
      tag: { type: "string", default: "whitestat" },
      push: { type: "boolean", default: false },
    },
  });
  const names = [...new Set(values.arch.map((name) => (name === "native" ? OWN_ARCH : name)))];
  for (const name of names) {
    if (!Object.hasOwn(ARCHITECTURES, name)) {
      throw new Refusal(
        `There is no image for the processor "${name}". Allowed: ${Object.keys(ARCHITECTURES).join(", ")}, native.`,
      );
    }
  }
  if (values.base !== undefined && names.length !== 1) {
    throw new Refusal("A base is for one processor: name it, for example --arch amd64 --base debian-amd64.tar");
  }
  const work = resolve(values.work);
  mkdirSync(work, { recursive: true });
  if (values.with === "docker") return buildWithDocker(names, { work, tag: values.tag, push: values.push });
  if (values.with !== "buildah") throw new Refusal(`"${values.with}" is no builder here. Allowed: docker, buildah.`);
  if (values.push) throw new Refusal("Pushing is for docker buildx: --with docker --push");
  buildWithBuildah(names, { work, tag: values.tag, base: values.base });
}

function hasDockerEngine() {
  return (
    findProgram("docker", process.env) !== null &&
    spawnSync("docker", ["buildx", "inspect"], { stdio: "ignore" }).status === 0
  );
}

/** What the labels say: version of the package, commit of the sources. */
function versionArguments() {
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const commit = spawnSync("git", ["rev-parse", "HEAD"], { cwd: root, encoding: "utf8" });
  const revision = commit.status === 0 ? commit.stdout.trim() : "unknown";
  return ["--build-arg", `VERSION=${version}`, "--build-arg", `REVISION=${revision}`];
}

/**
 * @param {readonly string[]} names
 * @param {{ work: string, tag: string, push: boolean }} options
 */
function buildWithDocker(names, { work, tag, push }) {
  const platforms = names.map((name) => ARCHITECTURES[name]?.platform ?? "");
  if (spawnSync("docker", ["buildx", "inspect", BUILDER], { stdio: "ignore" }).status !== 0) {
    run("docker", ["buildx", "create", "--name", BUILDER, "--driver", "docker-container"]);
  }
  const common = ["buildx", "build", "--builder", BUILDER, ...versionArguments(), ...certificates(), "--tag", tag];
  if (push) {
    const proofs = ["--provenance", "mode=max", "--sbom", "true"];
    run("docker", [...common, ...proofs, "--platform", platforms.join(","), "--push", root]);
    return;
  }
  const sizes = names.map((name, place) => {
    const file = join(work, `whitestat-${name}.tar`);
    const platform = platforms[place] ?? "";
    run("docker", [...common, "--platform", platform, "--output", `type=docker,dest=${file}`, root]);
    return { name, compressed: statSync(file).size, whole: null };
  });
  report(sizes);
  say(`The images are in ${work}; docker load --input FILE takes one.`);
}

/**
 * @param {readonly string[]} names
 * @param {{ work: string, tag: string, base: string | undefined }} options
 */
function buildWithBuildah(names, { work, tag, base }) {
  if (process.getuid?.() !== 0) throw new Refusal("Building with buildah is for root here: sudo npm run images");
  const missing = NEEDED.filter((program) => !findProgram(program, process.env));
  if (missing.length > 0) {
    const command = `apt-get install --no-install-recommends ${NEEDED.join(" ")}`;
    throw new Refusal(`To build without a Docker engine, ${missing.join(", ")} is missing: ${command}`);
  }
  for (const name of names) requireEmulator(name);
  // Whatever the builder is, it shares the name of the driver with those who run the images.
  const store = ["--root", join(work, "store"), "--runroot", join(work, "run"), "--storage-driver", "overlay"];
  const buildah = (/** @type {string[]} */ ...args) => run("buildah", [...store, ...args]);
  const made = `localhost/${tag}-program`;

  importBase(OWN_ARCH, work, names.length === 1 && names[0] === OWN_ARCH ? base : undefined, buildah);
  say("Building the program…");
  buildah(
    "bud",
    ...buildFlags(),
    "--target",
    "build",
    "--build-arg",
    `DEBIAN=${baseName(OWN_ARCH)}`,
    "--tag",
    made,
    root,
  );

  const sizes = names.map((name) => {
    importBase(name, work, base, buildah);
    const { platform } = ARCHITECTURES[name] ?? { platform: "" };
    const program = `${made}:${name}`;
    // The same files under the processor's name: a stage is not begun from an image of another.
    withContainer(buildah, name, ["scratch"], (container) => {
      buildah("copy", "--quiet", "--from", made, container, "/app", "/app");
      buildah("commit", "--quiet", container, program);
    });
    say(`Building the image for ${platform}…`);
    const image = `localhost/${tag}:${name}`;
    buildah(
      ...["bud", ...buildFlags(), ...versionArguments(), "--platform", platform, "--tag", image],
      ...["--build-arg", `DEBIAN=${baseName(name)}`, "--build-arg", `APP=${program}`, root],
    );
    // This buildah leaves the container of a stage that is only copied from.
    for (const left of buildah("containers", "--quiet", "--filter", `ancestor=${program}`)
      .split("\n")
      .filter(Boolean)) {
      buildah("rm", left);
    }
    if (name === OWN_ARCH) buildah("tag", image, `localhost/${tag}:latest`);
    return { name, ...weigh(image, work, store) };
  });
  report(sizes);
  say(`They are in podman's store: podman ${store.join(" ")} images`);
}

/** Docker's format, for it knows health checks. */
function buildFlags() {
  return ["--isolation", "chroot", "--format", "docker", "--pull-never", "--layers", ...certificates()];
}

/** The certificates that this machine's Node trusts besides its own, for npm in the build. */
function certificates() {
  const file = process.env.NODE_EXTRA_CA_CERTS ?? "";
  return existsSync(file) ? ["--secret", `id=certificates,src=${file}`] : [];
}

/** @param {string} name */
function baseName(name) {
  return `${BASE}-${name}`;
}

/**
 * Takes the base from a tar file, made by mmdebstrap when none is given: what the registry's image holds as well.
 * @param {string} name
 * @param {string} work
 * @param {string | undefined} given
 * @param {(...args: string[]) => string} buildah
 */
function importBase(name, work, given, buildah) {
  const file = given === undefined ? join(work, `base-${name}.tar`) : resolve(given);
  if (!existsSync(file)) {
    if (given !== undefined) throw new Refusal(`${file} is not there.`);
    say(`Making Debian's base for ${name}: half a minute, or two where qemu does it…`);
    const options = ["path-exclude=/usr/share/doc/*", "path-include=/usr/share/doc/*/copyright"];
    options.push("path-exclude=/usr/share/man/*", "path-exclude=/usr/share/locale/*");
    // What breaks off is made anew.
    options.push("force-unsafe-io");
    run("mmdebstrap", [
      ...[`--architectures=${name}`, "--variant=minbase", '--aptopt=APT::Install-Recommends "false"'],
      // Forky is not released: its Release file is at times a day behind its own date.
      '--aptopt=Acquire::Check-Valid-Until "false"',
      ...options.map((option) => `--dpkgopt=${option}`),
      ...["forky", `${file}.new.tar`],
    ]);
    renameSync(`${file}.new.tar`, file);
  }
  const stamp = String(statSync(file).mtimeMs);
  if (
    buildah("images", "--quiet", "--filter", `label=whitestat.base=${stamp}`, "--filter", `reference=${baseName(name)}`)
  )
    return;
  withContainer(buildah, name, ["scratch"], (container) => {
    buildah("add", "--quiet", container, file, "/");
    buildah("config", "--label", `whitestat.base=${stamp}`, container);
    buildah("commit", "--quiet", container, baseName(name));
  });
}

/**
 * @param {(...args: string[]) => string} buildah
 * @param {string} name the processor's
 * @param {string[]} from
 * @param {(container: string) => void} use
 */
function withContainer(buildah, name, from, use) {
  const { arch = "", variant = "" } = ARCHITECTURES[name] ?? {};
  const container = buildah("from", ...from);
  try {
    buildah("config", "--arch", arch, ...(variant ? ["--variant", variant] : []), container);
    use(container);
  } finally {
    buildah("rm", container);
  }
}

/** @param {string} name */
function requireEmulator(name) {
  const { qemu = "" } = ARCHITECTURES[name] ?? {};
  if (name === OWN_ARCH || existsSync(`/proc/sys/fs/binfmt_misc/${qemu}`)) return;
  throw new Refusal(
    `Programs of ${name} can't be run here yet:\n` +
      "  apt-get install --no-install-recommends qemu-user-static arch-test\n" +
      "  mountpoint -q /proc/sys/fs/binfmt_misc || mount -t binfmt_misc none /proc/sys/fs/binfmt_misc\n" +
      `  cat /usr/lib/binfmt.d/${qemu}.conf > /proc/sys/fs/binfmt_misc/register`,
  );
}

/**
 * What an image weighs: its files, and what is downloaded.
 * @param {string} image
 * @param {string} work
 * @param {readonly string[]} store
 */
function weigh(image, work, store) {
  const whole = Number(run("podman", [...store, "image", "inspect", "--format", "{{.Size}}", image]));
  const folder = mkdtempSync(join(work, "weigh-"));
  try {
    run("buildah", [...store, "push", "--quiet", "--disable-compression=false", image, `oci:${folder}`]);
    const blobs = join(folder, "blobs/sha256");
    const compressed = readdirSync(blobs).reduce((sum, blob) => sum + statSync(join(blobs, blob)).size, 0);
    return { compressed, whole };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param {{ name: string, compressed: number, whole: number | null }[]} sizes */
function report(sizes) {
  const mb = (/** @type {number} */ bytes) => `${(bytes / 1e6).toFixed(1)} MB`.padStart(9);
  for (const { name, compressed, whole } of sizes) {
    const { platform = "" } = ARCHITECTURES[name] ?? {};
    say(`${platform.padEnd(14)}${mb(compressed)} compressed${whole === null ? "" : `, ${mb(whole).trim()} on disk`}`);
  }
}

/**
 * @param {string} program
 * @param {readonly string[]} args
 */
function run(program, args) {
  return runProgram(program, args, { env: { ...process.env, BUILDAH_ISOLATION: "chroot" } });
}

/** @param {string} line */
function say(line) {
  process.stdout.write(`${line}\n`);
}
