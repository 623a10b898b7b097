/**
 * Back-tests the forecast of a plan: `npm run backtest:forecast -- [--households 200] [--days 540]`. Households live by the
 * demo's generator, each with devices and habits of its own; at a quarter, at half and at three quarters of each monthly
 * cycle the product's own forecast is asked what it will come to, knowing nothing of what comes.
 */
import { parseArgs } from "node:util";
import { addDays } from "../src/accounting/calendar.ts";
import { createHousehold } from "../src/demo/household.ts";
import { cyclesBetween } from "../src/plan/cycle.ts";
import { forecastOf, HISTORY_DAYS } from "../src/plan/forecast.ts";
import { daysFromTo, weekdayOf } from "../src/shared/calendar-days.ts";
import { holidays, inhabitantsOf } from "./lib/households.ts";
import { median } from "./lib/measure.ts";
import { createRandom } from "./lib/random.ts";

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const FIRST_DAY = "2025-01-01";
/** What the issue asks for. */
const WANTED = { bandFrom: 0.75, bandTo: 0.85, error: 0.12 };

const { values } = parseArgs({
  options: { households: { type: "string", default: "200" }, days: { type: "string", default: "540" } },
});
process.exitCode = run(Number(values.households), Number(values.days));

interface Score {
  /** Errors as shares of what the cycle came to: ours, and of what was used so far, stretched to the whole cycle. */
  readonly ours: number[];
  readonly naive: number[];
  within: number;
  below: number;
}

function run(households: number, days: number): number {
  const scores = new Map(
    [0.25, 0.5, 0.75].map((share) => [share, { ours: [], naive: [], within: 0, below: 0 } as Score]),
  );
  for (let seed = 1; seed <= households; seed++) score(householdDays(seed, days), 1 + (seed % 28), scores);
  let ok = true;
  process.stdout.write(`${households} households, ${days} days each\n`);
  for (const [share, { ours, naive, within, below }] of scores) {
    const [error, naiveError, held] = [median(ours), median(naive), within / ours.length];
    const outside = `${percent(below / ours.length)} below, ${percent(1 - held - below / ours.length)} above`;
    process.stdout.write(
      `at ${percent(share)} of ${ours.length} cycles: median error ${percent(error)} (used / elapsed × length: ${percent(naiveError)}), within the band ${percent(held)} (${outside})\n`,
    );
    if (held < WANTED.bandFrom || held > WANTED.bandTo || error >= naiveError) ok = false;
    if (share === 0.5 && error > WANTED.error) ok = false;
  }
  process.stdout.write(ok ? "as wanted\n" : "NOT as wanted\n");
  return ok ? 0 : 1;
}

function score(bytes: readonly number[], billingDay: number, scores: ReadonlyMap<number, Score>): void {
  const last = addDays(FIRST_DAY, bytes.length - 1);
  const all = daysFromTo(FIRST_DAY, last).map((day, index) => ({ day, counted: bytes[index] ?? 0 }));
  const rule = { unit: "month", count: 1, from: `2025-01-${String(billingDay).padStart(2, "0")}` } as const;
  for (const { from, to } of cyclesBetween(rule, addDays(FIRST_DAY, HISTORY_DAYS), last)) {
    const cycle = all.filter(({ day }) => day >= from && day <= to);
    if (to > last) continue;
    const total = cycle.reduce((sum, { counted }) => sum + counted, 0);
    for (const [share, result] of scores) {
      // In the night after so many days.
      const elapsed = Math.round(cycle.length * share);
      const today = addDays(from, elapsed);
      const used = cycle.slice(0, elapsed).reduce((sum, { counted }) => sum + counted, 0);
      const forecast = forecastOf({
        used,
        history: all.filter(({ day }) => day < today).slice(-HISTORY_DAYS),
        today,
        todayLeft: 1,
        daysLeft: daysFromTo(addDays(today, 1), to),
      });
      if (forecast === null || forecast.expected === null || total === 0) continue;
      result.ours.push(Math.abs(forecast.expected - total) / total);
      result.naive.push(Math.abs((used / elapsed) * cycle.length - total) / total);
      if (total >= forecast.low && total <= forecast.high) result.within += 1;
      if (total < forecast.low) result.below += 1;
    }
  }
}

/** What a household uses on each of so many days, bytes both ways. */
function householdDays(seed: number, days: number): number[] {
  const random = createRandom(seed * 7919);
  const start = Date.parse(FIRST_DAY);
  let bytes = 0;
  const household = createHousehold({
    model: {
      traffic: (_from, _to, down, up) => {
        bytes += down + up;
      },
    },
    inhabitants: inhabitantsOf(random, days),
    random,
    localTime: (at) => ({
      hour: (at % DAY_MS) / HOUR_MS,
      weekend: weekdayOf(new Date(at).toISOString().slice(0, 10)) > 5,
    }),
    endsAt: start + days * DAY_MS,
  });
  const away = holidays(random, days);
  return Array.from({ length: days }, (_, day) => {
    bytes = 0;
    for (let hour = 0; hour < 24; hour++) {
      const from = start + day * DAY_MS + hour * HOUR_MS;
      household.live(from, from + HOUR_MS);
    }
    // What stays at home goes on; people take the rest with them.
    return Math.round(away.has(day) ? bytes * 0.15 : bytes);
  });
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
