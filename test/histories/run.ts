import { join } from "node:path";
import { parseArgs } from "node:util";
import fc from "fast-check";
import { loadCore } from "./core.ts";
import { history } from "./history.ts";
import { kernelHistory, RARE_OF_KERNEL } from "./kernel/history.ts";
import { loadKernelCore, replayKernel } from "./kernel/replay.ts";
import { RARE_EXAMPLES } from "./rare.ts";
import { replay } from "./replay.ts";

/**
 * Lives through many random histories, of darkstats and of kernels that count:
 * `node test/histories/run.ts [--runs 100000] [--seed N] [--source FOLDER]`.
 * Exits with 1 and the smallest history that breaks a promise.
 */
const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "100000" },
    seed: { type: "string" },
    source: { type: "string", default: join(import.meta.dirname, "../../src") },
  },
});
const core = await loadCore(join(values.source, "accounting"));
const kernelCore = await loadKernelCore(values.source);
const numRuns = Number(values.runs);
const seed = values.seed === undefined ? {} : { seed: Number(values.seed) };
const out = (line: string) => process.stdout.write(`${line}\n`);
tell(
  "histories of darkstats",
  fc.check(
    fc.property(history, (one) => replay(one, core)),
    { numRuns, examples: RARE_EXAMPLES, ...seed },
  ),
);
tell(
  "histories of kernels",
  await fc.check(
    fc.asyncProperty(kernelHistory, (one) => replayKernel(one, kernelCore)),
    { numRuns, examples: RARE_OF_KERNEL, ...seed },
  ),
);

function tell<T>(what: string, lived: fc.RunDetails<[T]>): void {
  if (lived.failed) {
    out(`broken: ${lived.errorInstance instanceof Error ? lived.errorInstance.message : "no message"}`);
    out(`seed ${lived.seed}, after ${lived.numRuns} ${what}, shrunk ${lived.numShrinks} times to:`);
    out(JSON.stringify(lived.counterexample?.[0], null, 1));
    process.exitCode = 1;
  } else {
    out(`${lived.numRuns} ${what}, every promise kept (seed ${lived.seed})`);
  }
}
