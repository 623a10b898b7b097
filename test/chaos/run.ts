import { isDeepStrictEqual, parseArgs } from "node:util";
import { killRounds } from "./rounds.ts";

/** `npm run test:chaos [-- --rounds 200]`: many rounds of traffic and kill -9, then every byte is looked for. */
const { values } = parseArgs({ options: { rounds: { type: "string", default: "200" } } });
const rounds = Number(values.rounds);
const { counted, kept, answered } = await killRounds(rounds, Math.random);
const sorted = (amounts: ReadonlyMap<string, unknown>) => [...amounts].sort(([a], [b]) => (a < b ? -1 : 1));
const isWhole = isDeepStrictEqual(sorted(counted), sorted(kept));
process.stdout.write(
  `${rounds} kills, ${answered} of them after the product had started; darkstat counted ` +
    `${counted.get("counted")?.in} bytes over ${counted.size - 1} hosts: ${isWhole ? "every byte is there, once" : "NOT what is kept"}\n`,
);
if (!isWhole)
  process.stdout.write(`counted ${JSON.stringify(sorted(counted))}\nkept    ${JSON.stringify(sorted(kept))}\n`);
process.exitCode = isWhole ? 0 : 1;
