import { join } from "node:path";
import { parseArgs } from "node:util";
import fc from "fast-check";
import { loadCore } from "./core.ts";
import { history } from "./history.ts";
import { RARE_EXAMPLES } from "./rare.ts";
import { replay } from "./replay.ts";

/**
 * Lives through many random histories: `node test/histories/run.ts [--runs 100000] [--seed N] [--accounting FOLDER]`.
 * Exits with 1 and the smallest history that breaks a promise.
 */
const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "100000" },
    seed: { type: "string" },
    accounting: { type: "string", default: join(import.meta.dirname, "../../src/accounting") },
  },
});
const core = await loadCore(values.accounting);
const lived = fc.check(
  fc.property(history, (one) => replay(one, core)),
  {
    numRuns: Number(values.runs),
    examples: RARE_EXAMPLES,
    ...(values.seed === undefined ? {} : { seed: Number(values.seed) }),
  },
);
const out = (line: string) => process.stdout.write(`${line}\n`);
if (lived.failed) {
  out(`broken: ${lived.errorInstance instanceof Error ? lived.errorInstance.message : "no message"}`);
  out(`seed ${lived.seed}, after ${lived.numRuns} histories, shrunk ${lived.numShrinks} times to:`);
  out(JSON.stringify(lived.counterexample?.[0], null, 1));
  process.exitCode = 1;
} else {
  out(`${lived.numRuns} histories, every promise kept (seed ${lived.seed})`);
}
