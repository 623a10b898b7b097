/**
 * `npm run fuzz:pages -- --pages 50000 --seed 1`: reads mutated pages of real darkstats, and says what they did that no
 * page may do.
 */
import { parseArgs } from "node:util";
import { fuzzPages } from "./pages.ts";

const PAGES_OF_ONE = 1_000;
const MOST_MEMORY_KB = 600_000;

const { values } = parseArgs({
  options: { pages: { type: "string", default: "50000" }, seed: { type: "string", default: "1" } },
});
const [pages, seed] = [Number(values.pages), Number(values.seed)];
let found = 0;
for (let first = 0; first < pages; first += PAGES_OF_ONE) {
  const findings = fuzzPages({ seed, first, pages: Math.min(PAGES_OF_ONE, pages - first) });
  for (const { page, form, why } of findings) process.stdout.write(`${page} (${form}): ${why}\n`);
  found += findings.length;
  process.stderr.write(`\r${Math.min(pages, first + PAGES_OF_ONE)} of ${pages}, ${found} found`);
}
const { maxRSS } = process.resourceUsage();
if (maxRSS > MOST_MEMORY_KB) {
  found += 1;
  process.stdout.write(`${maxRSS} kB of memory\n`);
}
process.stdout.write(`\n${pages} mutated pages by seed ${seed}: ${found} found\n`);
process.exitCode = found === 0 ? 0 : 1;
