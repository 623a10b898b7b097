import { isDeepStrictEqual, parseArgs } from "node:util";
import { killRounds, postgresStore } from "./rounds.ts";

/**
 * `npm run test:chaos [-- --rounds 200] [--engine postgres]`: many rounds of traffic and kill -9, then every byte is looked
 * for. On PostgreSQL half of the rounds kill the server.
 */
const { values } = parseArgs({
  options: { rounds: { type: "string", default: "200" }, engine: { type: "string", default: "sqlite" } },
});
if (values.engine !== "sqlite" && values.engine !== "postgres") throw new Error("--engine: sqlite or postgres");
const rounds = Number(values.rounds);
const { counted, kept, answered, serverKills } =
  values.engine === "postgres"
    ? await killRounds(rounds, Math.random, postgresStore)
    : await killRounds(rounds, Math.random);
const sorted = (amounts: ReadonlyMap<string, unknown>) => [...amounts].sort(([a], [b]) => (a < b ? -1 : 1));
const isWhole = isDeepStrictEqual(sorted(counted), sorted(kept));
process.stdout.write(
  `${rounds - serverKills} kills of the product, ${answered} of them after it had started, and ${serverKills} of the ` +
    `server; darkstat counted ${counted.get("counted")?.in} bytes over ${counted.size - 1} hosts: ` +
    `${isWhole ? "every byte is there, once" : "NOT what is kept"}\n`,
);
if (!isWhole)
  process.stdout.write(`counted ${JSON.stringify(sorted(counted))}\nkept    ${JSON.stringify(sorted(kept))}\n`);
process.exitCode = isWhole ? 0 : 1;
