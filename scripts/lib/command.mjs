import { spawnSync } from "node:child_process";

/** Ends a script with one sentence instead of a stack. */
export class Refusal extends Error {}

/**
 * Runs the work of a script; a Refusal becomes its sentence and exit code 1.
 * @param {() => void} work
 */
export function orRefuse(work) {
  try {
    work();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}

/**
 * Runs a program to its end; what it says goes to stderr, and its stdout is returned when it is short.
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv }} options
 */
export function run(program, args, options = {}) {
  const done = spawnSync(program, args, {
    ...options,
    stdio: ["ignore", "pipe", "inherit"],
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  if (done.error) throw new Refusal(`${program} could not be run: ${done.error.message}`);
  if (done.status !== 0) throw new Refusal(`${done.stdout}\n${program} ${args.join(" ")}\nfailed: see above.`);
  return done.stdout.trim();
}
