import { addDays, daysBetween } from "../../accounting/calendar.ts";
import type { Day } from "../../accounting/types.ts";
import { type BillInput, type CycleBalance, checkBill } from "../../plan/bill.ts";
import { type Cycle, cycleBeside, cycleOf } from "../../plan/cycle.ts";
import type { HourAmount } from "../../plan/usage.ts";
import type { BillCheck, Plan } from "../../shared/plan-api.ts";
import type { Store } from "../../store/store.ts";
import { consistently } from "../consistent.ts";
import { HttpProblem } from "../errors.ts";
import { earlier } from "../ranges.ts";
import { ofPart } from "./of-part.ts";
import { DAYS_AT_A_TIME, HOUR_DAYS_AT_A_TIME, partsOf } from "./plan.ts";
import { type CountedLine, countedLine, notCountedOf } from "./plan-except.ts";
import { LINE, type PlanDeps, planFor } from "./plan-subjects.ts";

export interface BillDeps extends Omit<PlanDeps, "store"> {
  readonly store: PlanDeps["store"] & Pick<Store, "balanceSum" | "endpointDays">;
}

/** A year. What is longer has no bill. */
const MOST_DAYS = 366;

const NONE = { in: 0, out: 0 };
const NO_BALANCE: CycleBalance = {
  devices: NONE,
  hidden: NONE,
  routers: NONE,
  group: NONE,
  unattributed: NONE,
  unlisted: NONE,
  removed: NONE,
  counted: 0,
  captured: 0,
  dropped: 0,
  carried: 0,
  compared: 0,
};

/**
 * A provider's figure of a cycle beside ours: the response to `api/v1/plan/check`.
 * @param asked the meter of one of several lines; a day of the cycle, null for the last finished one; the provider's figure
 * in bytes, null for none
 * @throws HttpProblem `no-plan`, `bad-range`
 */
export async function billCheckOf(
  deps: BillDeps,
  asked: { readonly meter: string | null; readonly day: Day | null; readonly bytes: number | null },
): Promise<BillCheck> {
  const { calendar } = deps;
  const store = await ofPart(deps.store, { source: asked.meter, traffic: "all" });
  const today = calendar.dayOf(deps.now());
  const of = lineOf(asked.meter);
  const plan = await planOrRefuse(deps.store, of);
  const cycle = asked.day === null ? cycleBeside(plan.cycle, today, -1) : cycleOf(plan.cycle, asked.day);
  if (cycle.from > today) {
    throw new HttpProblem("bad-range", `The cycle of ${asked.day} has not begun.`, `Today is ${today}.`);
  }
  const length = daysBetween(cycle.from, cycle.to) + 1;
  if (length > MOST_DAYS) {
    throw new HttpProblem(
      "bad-range",
      `A cycle of ${length} days can't be checked; at most ${MOST_DAYS} can.`,
      "Set a plan of shorter cycles.",
    );
  }
  return consistently(store, async (pause) => {
    const line = await countedLine(deps, store, plan.except);
    const facts = await factsOf(store, line, plan, cycle, today, pause);
    const notCounted = await notCountedOf(deps, plan.except);
    const check = checkBill({ ...facts, rule: plan, unit: plan.unit, cycle, today, calendar, bytes: asked.bytes });
    return {
      of,
      plan,
      notCounted,
      today,
      zone: calendar.zone,
      cycle,
      bytes: asked.bytes,
      ...check,
      days: [...check.days],
      causes: [...check.causes],
    };
  });
}

/** @throws HttpProblem `no-plan` */
async function planOrRefuse(store: Pick<Store, "recall">, of: string): Promise<Plan> {
  const plan = await planFor(store, { of, aliases: [] });
  if (plan !== null) return plan;
  throw new HttpProblem("no-plan", "No data plan is set.", "Set one with PUT api/v1/plan.");
}

/** A line as plans name it: of one meter, or of all. */
export function lineOf(meter: string | null): string {
  return meter === null ? LINE : `meter:${meter}`;
}

type Facts = Pick<BillInput, "days" | "hours" | "except" | "measured" | "estimated" | "balance">;

/** What is stored of a cycle and the days beside it. */
async function factsOf(
  store: BillDeps["store"],
  line: CountedLine,
  plan: Plan,
  cycle: Cycle,
  today: Day,
  pause: () => Promise<void>,
): Promise<Facts> {
  const range = { from: addDays(cycle.from, -1), to: earlier(addDays(cycle.to, 1), today) };
  const days = [];
  for (const part of partsOf(range, DAYS_AT_A_TIME)) days.push(...(await line.days(part.from, part.to)));
  const edges = [range.from, cycle.from, cycle.to, range.to].filter((day) => day <= today);
  const hours = [];
  const except = { days: await line.exceptedDays(range.from, range.to), hours: [] as HourAmount[] };
  const parts =
    plan.free.length > 0
      ? partsOf(range, HOUR_DAYS_AT_A_TIME)
      : [...new Set(edges)].map((day) => ({ from: day, to: day }));
  for (const part of parts) {
    hours.push(...(await line.hours(part.from, part.to)));
    except.hours.push(...(await line.exceptedHours(part.from, part.to)));
    await pause();
  }
  const last = earlier(cycle.to, today);
  const estimated = new Map<Day, number>();
  for (const day of new Set(edges)) {
    for (const one of await store.endpointDays(day, day)) {
      if (one.role === "device" && !(one.device !== null && line.isExcepted(one.device, day)))
        estimated.set(day, (estimated.get(day) ?? 0) + one.estimated);
    }
    await pause();
  }
  const measured = new Set(await store.measuredDays(cycle.from, last));
  return {
    days,
    hours,
    except,
    measured,
    estimated,
    balance: (await store.balanceSum(cycle.from, last)) ?? NO_BALANCE,
  };
}
