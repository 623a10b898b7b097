/**
 * Back-tests the proposals to merge devices: `npm run backtest:merges -- [--households 300] [--days 365] [--first 1]`. See household.ts
 * for how they live.
 */
import { parseArgs } from "node:util";
import { scoreHouseholds } from "./backtest.ts";

const { values } = parseArgs({
  options: {
    households: { type: "string", default: "300" },
    days: { type: "string", default: "365" },
    first: { type: "string", default: "1" },
  },
});
const [households, days] = [Number(values.households), Number(values.days)];
const { pairs, proposed, named, namedAndProposed, successors, wrong } = scoreHouseholds(
  households,
  days,
  Number(values.first),
);
const percent = (share: number) => `${(share * 100).toFixed(1)} %`;
const say = (line: string) => process.stdout.write(`${line}\n`);
say(`${households} households, ${days} days each, asked once a week and for four weeks after`);
say(
  `of ${pairs} times that a device went on under another MAC, ${proposed} were proposed (${percent(proposed / pairs)})`,
);
say(
  `of the ${named} in which both had a name of their own, ${namedAndProposed} (${percent(namedAndProposed / named)})`,
);
say(`a new device under the name of the one that it replaced, proposed: ${successors}`);
say(`wrong proposals: ${wrong.length}`);
for (const text of wrong.slice(0, 20)) say(`  ${text}`);
const isWell = namedAndProposed >= 0.9 * named && wrong.length === 0;
say(isWell ? "as wanted" : "NOT as wanted");
process.exitCode = isWell ? 0 : 1;
