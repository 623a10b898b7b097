import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { findProgram } from "../../scripts/lib/programs.mjs";
import { type Running, start } from "../lab/commands.ts";

/** Where systems and downloads are kept from one run to the next. */
export const WORK = process.env.WHITESTAT_PACKAGES ?? join(tmpdir(), "whitestat-packages");
const OWN_ARCH = { x64: "amd64", arm64: "arm64", arm: "armhf" }[process.arch as "x64"];
/** Debian's name of the processor that is tested: this machine's, or one that qemu is registered for. */
export const ARCH = process.env.PACKAGE_ARCH ?? OWN_ARCH;
/** What the package depends on, so that installing it needs no network. */
const INCLUDED = [
  "adduser",
  "ca-certificates",
  "nftables",
  "init-system-helpers",
  "procps",
  "tzdata",
  `libstdc++6:${ARCH}`,
];

/** A Debian of its own, entered by chroot, that can be changed at will. */
export interface Root {
  /** Runs a shell script in it as root, to its end. */
  sh(script: string): { readonly code: number | null; readonly output: string };
  /** Runs a shell script in it that goes on. */
  start(script: string): Running;
  /** Copies a file or folder into its /tmp. Returns where it is there. */
  put(path: string): string;
  dispose(): void;
}

/** Why there is nothing to test, as the end of a sentence; null when there is. */
export function rootObstacle(): string | null {
  if (process.getuid?.() !== 0) return "only root may build systems";
  const missing = ["mmdebstrap", "unshare", "dpkg-deb"].filter((program) => !findProgram(program, process.env));
  return missing.length > 0 ? `${missing.join(", ")} is missing` : null;
}

/** Makes that Debian where it isn't there from an earlier run; minutes. */
export function makeBase(suite: string): void {
  const base = baseOf(suite);
  if (existsSync(base)) return;
  mkdirSync(WORK, { recursive: true });
  // This machine's processor runs all but the package's own program: that is for qemu, and this takes it half an hour less.
  const architectures = [...new Set([OWN_ARCH, ARCH])].join(",");
  const options = ["--variant=minbase", `--architectures=${architectures}`, `--include=${INCLUDED.join(",")}`];
  options.push("--format=directory");
  // What breaks off is made anew. Without device files, deleting it later can do no harm.
  options.push("--dpkgopt=force-unsafe-io", "--skip=output/dev");
  const made = spawnSync(
    "mmdebstrap",
    [...options, suite, `${base}.new`, `deb http://deb.debian.org/debian ${suite} main`],
    { encoding: "utf8" },
  );
  if (made.status !== 0) throw new Error(`mmdebstrap ${suite}: ${made.stderr}`);
  renameSync(`${base}.new`, base);
}

/** A fresh copy of that Debian, of which only changes take space. */
export function createRoot(suite: string): Root {
  const folder = mkdtempSync(join(WORK, "root-"));
  for (const name of ["upper", "work", "merged"]) mkdirSync(join(folder, name));
  const merged = join(folder, "merged");
  const layers = `lowerdir=${baseOf(suite)},upperdir=${join(folder, "upper")},workdir=${join(folder, "work")}`;
  // Mounts end with their namespace, so that nothing is left mounted, whatever fails.
  const enter = `mount -t overlay overlay -o ${layers} ${merged} && mount -t proc proc ${merged}/proc &&
    mount --rbind /dev ${merged}/dev && exec chroot ${merged} /usr/bin/env -i LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
      PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin sh -c "$1"`;
  const within = (script: string) => ["--mount", "--propagation", "private", "sh", "-c", enter, "sh", script];
  return {
    sh(script) {
      const done = spawnSync("unshare", within(script), { encoding: "utf8" });
      return { code: done.status, output: done.stdout + done.stderr };
    },
    start: (script) => start("unshare", within(script)),
    put(path) {
      const tmp = join(folder, "upper/tmp");
      mkdirSync(tmp, { recursive: true });
      cpSync(path, join(tmp, basename(path)), { recursive: true });
      return `/tmp/${basename(path)}`;
    },
    dispose: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function baseOf(suite: string): string {
  return join(WORK, `base-${suite}-${ARCH}`);
}
