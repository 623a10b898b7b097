/**
 * Back-tests the unusual: `npm run backtest:unusual -- [--households 200] [--days 360]`. Households live by the demo's
 * generator; now and then a backup goes wild, a camera uploads through the night, or a game is downloaded. At the end of
 * each hour the product's own judgement is asked, knowing nothing of what comes.
 */
import { parseArgs } from "node:util";
import { backTestUnusual } from "./lib/unusual.ts";

/** What the issue asks for. */
const WANTED = { found: 0.9, falseAMonth: 1 };

const { values } = parseArgs({
  options: { households: { type: "string", default: "200" }, days: { type: "string", default: "360" } },
});
const { events, falseSentences, householdMonths } = backTestUnusual(Number(values.households), Number(values.days));
process.stdout.write(`${values.households} households, ${values.days} days each\n`);
let [planted, found] = [0, 0];
for (const [kind, event] of Object.entries(events)) {
  planted += event.planted;
  found += event.found;
  process.stdout.write(
    `${kind}: ${event.found} of ${event.planted} found on the day (${percent(event.found / event.planted)})\n`,
  );
}
const falseAMonth = falseSentences / householdMonths;
process.stdout.write(
  `all: ${percent(found / planted)}; false sentences a month and household: ${falseAMonth.toFixed(2)}\n`,
);
const ok = found / planted >= WANTED.found && falseAMonth < WANTED.falseAMonth;
process.stdout.write(ok ? "as wanted\n" : "NOT as wanted\n");
process.exitCode = ok ? 0 : 1;

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
