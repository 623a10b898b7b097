/**
 * What `npm start`, `npm run demo` and `npm run whitestat -- COMMAND` run: installs what a fresh clone lacks, builds
 * when a source changed, and becomes the product. Must itself run on Node 18 without any package.
 */
import { spawn } from "node:child_process";
import { constants } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, isBuilt, prepare } from "./lib/prepare.mjs";
import { findProgram, installDebianPackages, readIfThere } from "./lib/programs.mjs";

/** CAP_NET_ADMIN, linux/capability.h. */
const NET_ADMIN = 1n << 12n;
const root = fileURLToPath(new URL("..", import.meta.url));
const args = process.argv.slice(2);

// stderr, so that the output of a command can go into a file.
/** @param {string} line */
const say = (line) => process.stderr.write(`${line}\n`);

start();

function start() {
  const deps = { env: process.env, say };
  const node = prepare(root, deps);
  if (node === null) return leave();
  if (!isBuilt(root)) {
    say("Building…");
    if (!build(root, node, deps)) return leave();
  }
  installMeter();
  become(node, [
    // Measured, see docs/what-it-costs.md: a third less memory for a program that waits most of its life.
    "--max-semi-space-size=1",
    "--optimize-for-size",
    "--no-maglev",
    "--no-sparkplug",
    join(root, "dist/whitestat.mjs"),
    ...args,
  ]);
}

/** Serving, with no darkstat named, takes a meter on this machine: nftables, or a darkstat where the kernel can't count. */
function installMeter() {
  const isServing = args.every((arg) => arg.startsWith("-")) || args[0] === "serve";
  const asksOnly = args.some((arg) => ["--help", "-h", "--version", "-v", "-V"].includes(arg));
  const meter = setting("METER") || "auto";
  if (!isServing || asksOnly || (meter !== "kernel" && setting("DARKSTAT_URL") !== "")) return;
  const deps = { env: process.env, say };
  const packageOf = { nft: "nftables", darkstat: "darkstat" };
  const lacks = (/** @type {keyof typeof packageOf} */ program) => !findProgram(program, process.env);
  if (meter !== "darkstat" && canCount() && lacks("nft")) {
    installDebianPackages([packageOf.nft], { ...deps, why: "the kernel counts by it" });
  }
  if (meter === "kernel" || (meter === "auto" && canCount() && !lacks("nft"))) return;
  if (lacks("darkstat")) installDebianPackages([packageOf.darkstat], { ...deps, why: "it counts the packets" });
}

/** Whether this process has the capability that counting in the kernel takes. The product tries whether it works. */
function canCount() {
  const held = /^CapEff:\s*([0-9a-f]+)/m.exec(readIfThere("/proc/self/status") ?? "")?.[1] ?? "0";
  return (BigInt(`0x${held}`) & NET_ADMIN) !== 0n;
}

/**
 * Looks for a setting without reading the settings: what is wrong with the file is for the product to say.
 * @param {string} key
 */
function setting(key) {
  const file = readIfThere(join(process.env.DATA_STORE || "data", "WhiteStatConfig.json")) ?? "";
  return new RegExp(`"${key}"\\s*:\\s*"([^"]*)"`).exec(file)?.[1] ?? process.env[key] ?? "";
}

/**
 * Hands the process over: signals, exit code and memory are then the product's alone.
 * @param {string} program
 * @param {string[]} argv
 */
function become(program, argv) {
  // Each of Node's threads would else keep memory of its own that others can't use.
  const env = { MALLOC_ARENA_MAX: "1", ...process.env };
  if (process.execve) process.execve(program, [program, ...argv], env);
  // Node before 22.15 can't: stay as a parent that passes everything on.
  const child = spawn(program, argv, { stdio: "inherit", env });
  for (const signal of /** @type {const} */ (["SIGTERM", "SIGINT", "SIGHUP"])) {
    // Ctrl+C reaches the whole terminal: passed on as well, it would arrive twice.
    process.on(signal, () => (signal === "SIGINT" && process.stdin.isTTY ? undefined : child.kill(signal)));
  }
  child.on("error", (error) => {
    say(`${program} could not be run: ${error.message}`);
    leave();
  });
  child.on("exit", (code, signal) => {
    process.exitCode = signal ? 128 + constants.signals[signal] : (code ?? 1);
  });
}

function leave() {
  process.exitCode = 1;
}
