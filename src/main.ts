import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { runCommand } from "./cli/commands.ts";
import { EXIT, type Io } from "./cli/io.ts";
import { openZone } from "./cli/zone.ts";

declare const __VERSION__: string;
declare const __BUILT_AT__: number;

// What we make holds who used the network when, and passwords: it is for this user alone.
const umask = process.umask(0o077);

process.exitCode = await runCommand(process.argv.slice(2), processIo, {
  stdout: process.stdout,
  stderr: process.stderr,
  version: __VERSION__,
});

/** The process, as the product sees it. */
function processIo(): Io {
  const ending = new AbortController();
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
    process.on(signal, () => {
      // A second Ctrl+C means it.
      if (ending.signal.aborted && signal === "SIGINT") process.exit(EXIT.interrupted);
      ending.abort(signal);
    });
  }
  // A closed pipe is nobody listening, not a reason to stop measuring.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
  return {
    env: process.env,
    cwd: process.cwd(),
    // Node opens it when it is asked for: only who reads it should.
    get stdin() {
      return process.stdin;
    },
    stdout: process.stdout,
    stderr: process.stderr,
    clock: {
      now: () => Date.now(),
      mono: () => performance.now(),
      sleep: (ms, signal) => delay(ms, undefined, { signal }).catch(() => undefined),
    },
    zone: (configured) => openZone(configured, process.env),
    signal: ending.signal,
    version: __VERSION__,
    builtAt: __BUILT_AT__,
    webRoot: join(dirname(fileURLToPath(import.meta.url)), "web"),
    vendorsFile: join(dirname(fileURLToPath(import.meta.url)), "vendors.bin"),
    random: () => Math.random(),
    senderFile: join(dirname(fileURLToPath(import.meta.url)), "send.mjs"),
    processUsage() {
      const { userCPUTime, systemCPUTime } = process.resourceUsage();
      return { cpuSeconds: (userCPUTime + systemCPUTime) / 1e6, residentBytes: process.memoryUsage.rss() };
    },
    uid: process.getuid?.() ?? -1,
    gid: process.getgid?.() ?? -1,
    become: process.execve ? (program, args) => process.execve?.(program, [program, ...args], process.env) : null,
    fileMode: 0o666 & ~umask,
  };
}
