/** `npm run test:alert-kill -- --rounds 200 --seed 1`: kill -9 at random moments around alerts, see alert-rounds.ts. */
import { parseArgs } from "node:util";
import { createRandom } from "../../bench/lib/random.ts";
import { alertKillRounds } from "./alert-rounds.ts";

const { values } = parseArgs({
  options: { rounds: { type: "string", default: "200" }, seed: { type: "string", default: "1" } },
});
const { ids, repeated, arrivedBefore } = await alertKillRounds(
  Number(values.rounds),
  createRandom(Number(values.seed)),
);
const wrong = [...ids].filter(([, count]) => count !== 1);
for (const [title, count] of wrong) process.stdout.write(`${title}: sent under ${count} ids\n`);
process.stdout.write(
  `${ids.size} alerts, ${ids.size - wrong.length} of them sent under one id; ${arrivedBefore} had arrived before the kill; ${repeated} times an id was sent again\n`,
);
process.exitCode = wrong.length === 0 ? 0 : 1;
