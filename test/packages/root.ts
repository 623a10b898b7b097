import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { findProgram } from "../../scripts/lib/programs.mjs";
import { type Running, start } from "../lib/commands.ts";

/** Where systems and downloads are kept from one run to the next. */
export const WORK = process.env.WHITESTAT_PACKAGES ?? join(tmpdir(), "whitestat-packages");
export const OWN_ARCH = { x64: "amd64", arm64: "arm64", arm: "armhf" }[process.arch as "x64"];
/** Debian's name of the processor that is tested: this machine's, or one that qemu is registered for. */
export const ARCH = process.env.PACKAGE_ARCH ?? OWN_ARCH;
/** What the package depends on and recommends, so that installing it needs no network, and what a booted system takes. */
const INCLUDED = [
  "adduser",
  "ca-certificates",
  "darkstat",
  "iproute2",
  "init-system-helpers",
  "procps",
  "systemd-sysv",
  "tzdata",
  `libstdc++6:${ARCH}`,
  // Not one of any processor: a package for ARM doesn't take this machine's.
  `nftables:${ARCH}`,
];

/** Far longer than a trial takes. */
const BOOTED_MS = 300_000;
const TRIAL = `[Unit]
Description=What a test does once the system is up
[Service]
Type=oneshot
ExecStart=/bin/bash -c "bash /trial > /trial.log 2>&1; systemctl exit $$?"
`;

/** A Debian of its own, entered by chroot, that can be changed at will. */
export interface Root {
  /** Runs a shell script in it as root, to its end. */
  sh(script: string): { readonly code: number | null; readonly output: string };
  /** Runs a shell script in it that goes on. */
  start(script: string): Running;
  /**
   * Boots it under its own systemd, in namespaces of its own and with no network but what the script makes; runs the script
   * (bash) as root once it is up, and ends it. `code` is the script's.
   */
  boot(script: string): { readonly code: number | null; readonly output: string };
  /** Copies a file or folder into its /srv. Returns where it is there. */
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
    boot(script) {
      const upper = join(folder, "upper");
      const units = join(upper, "etc/systemd/system");
      mkdirSync(join(units, "multi-user.target.wants"), { recursive: true });
      writeFileSync(join(upper, "trial"), script);
      writeFileSync(join(units, "trial.service"), TRIAL);
      symlinkSync("../trial.service", join(units, "multi-user.target.wants/trial.service"));
      // `container` tells systemd that devices, clock and kernel are not its own to set up.
      const init = `mount -t overlay overlay -o ${layers} ${merged} && cd ${merged} &&
        mount -t proc proc proc && mount -t sysfs sysfs sys && mount -t cgroup2 cgroup2 sys/fs/cgroup &&
        mount -t tmpfs tmpfs run && mount -t tmpfs tmpfs tmp && mount -t tmpfs -o mode=755 tmpfs dev &&
        for name in null zero full random urandom tty; do touch dev/$name && mount --bind /dev/$name dev/$name; done &&
        mkdir dev/pts dev/shm && mount -t devpts -o newinstance,ptmxmode=666 devpts dev/pts && ln -s pts/ptmx dev/ptmx &&
        exec chroot . /usr/bin/env -i container=other /lib/systemd/systemd --show-status=0`;
      const spaces = ["--mount", "--pid", "--net", "--uts", "--ipc", "--cgroup", "--propagation", "private"];
      const done = spawnSync("unshare", [...spaces, "--fork", "--kill-child", "sh", "-c", init], {
        encoding: "utf8",
        timeout: BOOTED_MS,
        killSignal: "SIGKILL",
      });
      const said = join(upper, "trial.log");
      return { code: done.status, output: existsSync(said) ? readFileSync(said, "utf8") : done.stdout + done.stderr };
    },
    put(path) {
      const srv = join(folder, "upper/srv");
      mkdirSync(srv, { recursive: true });
      cpSync(path, join(srv, basename(path)), { recursive: true });
      return `/srv/${basename(path)}`;
    },
    dispose: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Named by what is in it: one of an earlier list is not taken for it. */
function baseOf(suite: string): string {
  const list = createHash("sha256").update(INCLUDED.join()).digest("hex").slice(0, 8);
  return join(WORK, `base-${suite}-${ARCH}-${list}`);
}
