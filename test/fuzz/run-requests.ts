/**
 * `npm run fuzz:requests -- --requests 500000 --seed 1`: sends mutated requests to the real server, and says what they did
 * that no request may do.
 */
import { parseArgs } from "node:util";
import { fuzzRequests } from "./requests.ts";

const REQUESTS_OF_ONE = 10_000;
const MOST_MEMORY_KB = 600_000;

const { values } = parseArgs({
  options: { requests: { type: "string", default: "500000" }, seed: { type: "string", default: "1" } },
});
const [requests, seed] = [Number(values.requests), Number(values.seed)];
let found = 0;
for (let first = 0; first < requests; first += REQUESTS_OF_ONE) {
  const some = Math.min(REQUESTS_OF_ONE, requests - first);
  for (const { request, text, why } of await fuzzRequests({ seed, first, requests: some })) {
    found += 1;
    process.stdout.write(`${request}: ${why}\n${JSON.stringify(text)}\n`);
  }
  process.stderr.write(`\r${first + some} of ${requests}, ${found} found`);
}
const { maxRSS } = process.resourceUsage();
if (maxRSS > MOST_MEMORY_KB) {
  found += 1;
  process.stdout.write(`${maxRSS} kB of memory\n`);
}
process.stdout.write(`\n${requests} mutated requests by seed ${seed}: ${found} found\n`);
process.exitCode = found === 0 ? 0 : 1;
