import { addDays } from "../../accounting/calendar.ts";
import type { Day } from "../../accounting/types.ts";
import { cyclesBetween } from "../../plan/cycle.ts";
import { type Past, whatIf } from "../../plan/what-if.ts";
import { isDay } from "../../shared/calendar-days.ts";
import type { Plan, WhatIf, WhatIfInput } from "../../shared/plan-api.ts";
import { consistently } from "../consistent.ts";
import { HttpProblem } from "../errors.ts";
import { earlier, later } from "../ranges.ts";
import { lineOf } from "./bill.ts";
import { ofPart } from "./of-part.ts";
import { badPlan, DAYS_AT_A_TIME, firstDayOf, HOUR_DAYS_AT_A_TIME, partsOf } from "./plan.ts";
import { checkExcept, countedLine, notCountedOf, tidyExcept } from "./plan-except.ts";
import { type PlanDeps, planFor } from "./plan-subjects.ts";

const YEAR_DAYS = 365;
/** What is listed of one plan at most. */
const MOST_CYCLES = 5000;

export const WHAT_IF_EXAMPLE =
  'Send for example {"plan": {"cycle": {"unit": "month", "count": 1, "from": "2026-01-01"}, "allowance": 100000000000}, "fee": 20}';

/** The body of a request. @throws HttpProblem `bad-plan` */
export async function readWhatIf(value: unknown): Promise<WhatIfInput> {
  const { whatIfInputSchema } = await import("../../shared/plan-api.ts");
  const { success, data, error } = whatIfInputSchema.safeParse(value);
  if (!success) throw await badPlan(error.issues, WHAT_IF_EXAMPLE);
  if (data.from === null || (isDay(data.from) && data.from >= "1970-01-01")) {
    return { ...data, plan: tidyExcept(data.plan) };
  }
  throw new HttpProblem("bad-plan", "from is not a date, 1970 or later.", "from: for example 2026-01-31, or null.");
}

/**
 * What the past would have used and cost under another plan: the response to `api/v1/plan/what-if`.
 * @param meter of one of several lines; null for all together
 * @throws HttpProblem `bad-range`, `bad-request`, `bad-plan`
 */
export async function whatIfOf(deps: PlanDeps, meter: string | null, input: WhatIfInput): Promise<WhatIf> {
  const { calendar } = deps;
  const store = await ofPart(deps.store, { source: meter, traffic: "all" });
  const of = lineOf(meter);
  const today = calendar.dayOf(deps.now());
  const own = await planFor(deps.store, { of, aliases: [] });
  await checkExcept(deps, true, input.plan, own);
  const first = firstDayOf(await store.range(), today);
  const from = earlier(today, later(first, input.from ?? addDays(today, -YEAR_DAYS)));
  for (const plan of [input.plan, ...(own === null ? [] : [own])]) refuseMany(plan, from, today);
  return consistently(store, async (pause) => {
    const needsHours = input.plan.free.length > 0 || (own?.free.length ?? 0) > 0;
    const pastOf = async ({ except }: Plan): Promise<Past> => {
      const line = await countedLine(deps, store, except);
      const days = [];
      for (const part of partsOf({ from, to: today }, DAYS_AT_A_TIME)) {
        days.push(...(await line.days(part.from, part.to)));
        await pause();
      }
      const hours = [];
      for (const part of needsHours ? partsOf({ from, to: today }, HOUR_DAYS_AT_A_TIME) : []) {
        hours.push(...(await line.hours(part.from, part.to)));
        await pause();
      }
      return { from, to: today, today, calendar, days, hours };
    };
    const past = await pastOf(input.plan);
    const isSame = own === null || JSON.stringify(own.except) === JSON.stringify(input.plan.except);
    const ownPast = isSame ? past : await pastOf(own);
    const offered = async (plan: Plan, fee: number, of: Past) => ({
      plan,
      notCounted: await notCountedOf(deps, plan.except),
      fee,
      ...whatIf({ ...plan, fee }, of),
    });
    return {
      of,
      today,
      zone: calendar.zone,
      from,
      own: own === null ? null : await offered(own, input.ownFee, ownPast),
      other: await offered(input.plan, input.fee, past),
    };
  });
}

function refuseMany({ cycle }: Plan, from: Day, to: Day): void {
  const count = cyclesBetween(cycle, from, to).length;
  if (count <= MOST_CYCLES) return;
  const hint = `Ask for fewer days, for example "from": "${addDays(to, -YEAR_DAYS)}".`;
  throw new HttpProblem(
    "bad-range",
    `${from} to ${to} are ${count} cycles; at most ${MOST_CYCLES} are answered.`,
    hint,
  );
}
