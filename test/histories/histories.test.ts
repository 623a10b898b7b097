import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { loadCore } from "./core.ts";
import { history } from "./history.ts";
import { kernelHistory, RARE_OF_KERNEL } from "./kernel/history.ts";
import { loadKernelCore, replayKernel } from "./kernel/replay.ts";
import { RARE_EXAMPLES } from "./rare.ts";
import { replay } from "./replay.ts";

test("keeps every promise over 2,000 random histories", async () => {
  const core = await loadCore(join(import.meta.dirname, "../../src/accounting"));
  const lived = fc.check(
    fc.property(history, (one) => replay(one, core)),
    // The same ones each time: what a new seed finds is for test:histories, which says the seed.
    { numRuns: 2_000, seed: 20_261_126, examples: RARE_EXAMPLES },
  );
  expect(lived.failed, lived.errorInstance instanceof Error ? lived.errorInstance.message : "").toBe(false);
  expect(lived.numRuns).toBe(2_000);
}, 120_000);

test("keeps every promise over 1,000 random histories of a machine whose kernel counts", async () => {
  const core = await loadKernelCore(join(import.meta.dirname, "../../src"));
  const lived = await fc.check(
    fc.asyncProperty(kernelHistory, (one) => replayKernel(one, core)),
    { numRuns: 1_000, seed: 20_261_126, examples: RARE_OF_KERNEL },
  );
  expect(lived.failed, lived.errorInstance instanceof Error ? lived.errorInstance.message : "").toBe(false);
  expect(lived.numRuns).toBe(1_000);
}, 120_000);
