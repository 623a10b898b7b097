import { parseArgs } from "node:util";
import { powerLossRounds } from "./rounds.ts";

/** `npm run test:power-loss [-- --rounds 300]`: cuts the power at so many random moments of writing. */
const { values } = parseArgs({ options: { rounds: { type: "string", default: "300" } } });
const { cuts, torn, older, logs, faults } = await powerLossRounds({
  rounds: Number(values.rounds),
  random: Math.random,
  hosts: 400,
  tears: 6,
});
process.stdout.write(
  `${cuts} power cuts over ${logs} logs, and ${torn} torn ones, ${older} of which had lost readings: ` +
    `${faults.length === 0 ? "all undamaged, every byte once" : `${faults.length} FAULTS`}\n`,
);
for (const fault of faults) process.stdout.write(`${fault}\n`);
process.exitCode = faults.length === 0 ? 0 : 1;
