import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ratesObstacle } from "./available.ts";
import { notesOf, startOnGateway } from "./kernel-product.ts";
import { createLab } from "./lab.ts";
import { FAULTS } from "./rate-faults.ts";
import { type Comparison, createComparing, isSame, loadsAt, runLoad } from "./rates.ts";

/**
 * `npm run test:lab-rates [-- --mbit 300,1000] [--seconds 3]`: three clients at once through a gateway, at these rates, by either
 * family and protocol, in either direction, with offload and without; then over what goes wrong in a house. What is reported of each is held against its
 * interface.
 */
const { values } = parseArgs({
  options: { mbit: { type: "string", default: "300,1000" }, seconds: { type: "string", default: "3" } },
});
const say = (line: string) => process.stdout.write(`${line}\n`);
const obstacle = ratesObstacle();
if (obstacle !== null) {
  say(`Can't be run here: ${obstacle}.`);
  process.exit(1);
}

const folder = mkdtempSync(join(tmpdir(), "whitestat-rates-"));
chmodSync(folder, 0o755);
const rates = values.mbit.split(",").map(Number);
const seconds = Number(values.seconds);
const lab = await createLab({ full: true });
let [runs, compared, wrong] = [0, 0, 0];
try {
  const product = await startOnGateway(lab, folder);
  say("| Mbit/s | clients | offload | best second | largest difference | of |");
  say("|---|---|---|---|---|---|");
  for (const offload of [true, false]) {
    await lab.useOffload(offload);
    for (const load of loadsAt(rates)) {
      const comparing = await createComparing(lab, product);
      const reached = await runLoad(lab, load, seconds);
      const { mbit, family, protocol, direction } = load;
      const what = `${family} ${protocol} ${direction} | ${offload ? "on" : "off"} | ${reached.toFixed(0)} Mbit/s`;
      tell(`| ${mbit} | ${what}`, await comparing.end(product));
    }
  }
  await lab.useOffload(true);
  let running = product;
  for (const mbit of rates) {
    for (const { name, note, happen } of FAULTS) {
      const comparing = await createComparing(lab, running);
      const stage = { lab, folder, mbit, seconds, comparing, product: running };
      await happen(stage);
      running = stage.product;
      tell(`| ${mbit} | ${name} | on | `, await comparing.end(running));
      if (note !== undefined && !(await notesOf(running)).includes(note)) {
        wrong++;
        say(`No note ${note} tells of it.`);
      }
    }
  }
  await running.stop();
} finally {
  await lab.dispose();
  rmSync(folder, { recursive: true, force: true });
}
say(`${runs} runs, ${compared} comparisons, ${wrong} wrong: beyond 0.01 % and 12 kB, or untold`);
process.exitCode = wrong > 0 ? 1 : 0;

function tell(what: string, found: readonly Comparison[]): void {
  runs++;
  compared += found.length;
  const faulty = found.filter((one) => !isSame(one));
  wrong += faulty.length;
  const difference = ({ carried, reported }: Comparison) => Math.round(reported - carried);
  const byDifference = found.toSorted((a, b) => Math.abs(difference(b)) - Math.abs(difference(a)));
  const worst = (faulty[0] ?? byDifference[0]) as Comparison;
  const lack = worst.mayLack > 0 ? ` (${worst.mayLack} B passed while nothing was counted)` : "";
  say(
    `${what} | ${difference(worst)} B, ${worst.client} ${worst.side}${lack}${faulty.length > 0 ? " WRONG" : ""} | ${worst.carried} B |`,
  );
}
