/**
 * `npm run test:alert-kill -- --rounds 200 --seed 1 [--engine postgres]`: kill -9 at random moments around alerts, see
 * alert-rounds.ts.
 */
import { parseArgs } from "node:util";
import { createRandom } from "../../bench/lib/random.ts";
import { alertKillRounds } from "./alert-rounds.ts";
import { postgresStore, sqliteStore } from "./rounds.ts";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "200" },
    seed: { type: "string", default: "1" },
    engine: { type: "string", default: "sqlite" },
  },
});
if (values.engine !== "sqlite" && values.engine !== "postgres") throw new Error("--engine: sqlite or postgres");
const { ids, repeated, arrivedBefore } = await alertKillRounds(
  Number(values.rounds),
  createRandom(Number(values.seed)),
  values.engine === "postgres" ? postgresStore : sqliteStore,
);
const wrong = [...ids].filter(([, count]) => count !== 1);
for (const [title, count] of wrong) process.stdout.write(`${title}: sent under ${count} ids\n`);
process.stdout.write(
  `${ids.size} alerts, ${ids.size - wrong.length} of them once to a receiver that drops ids it knows; it dropped ${repeated}; ` +
    `${arrivedBefore} alerts had arrived before the kill\n`,
);
process.exitCode = wrong.length === 0 ? 0 : 1;
