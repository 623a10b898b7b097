/** `npm run test:household-kill -- --rounds 100 --seed 1`: kill -9 while names and notes change, see household-rounds.ts. */
import { parseArgs } from "node:util";
import { createRandom } from "../../bench/lib/random.ts";
import { householdKillRounds } from "./household-rounds.ts";

const { values } = parseArgs({
  options: { rounds: { type: "string", default: "100" }, seed: { type: "string", default: "1" } },
});
const rounds = Number(values.rounds);
const { wrong, changes, between } = await householdKillRounds(rounds, createRandom(Number(values.seed)));
for (const text of wrong) process.stdout.write(`${text}\n`);
process.stdout.write(
  `${rounds} kills over ${changes} changes, ${between} of them between the store and the names file: ${wrong.length} times something was lost or half\n`,
);
process.exitCode = wrong.length === 0 ? 0 : 1;
