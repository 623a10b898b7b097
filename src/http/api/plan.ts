import { addDays, type Calendar, isDay } from "../../accounting/calendar.ts";
import type { Day } from "../../accounting/types.ts";
import { type Cycle, cycleOf, cyclesBetween } from "../../plan/cycle.ts";
import { forecastOf, HISTORY_DAYS } from "../../plan/forecast.ts";
import { type CycleUsage, countDays, sumCycles } from "../../plan/usage.ts";
import { daysFromTo } from "../../shared/calendar-days.ts";
import type { Plan, PlanCycle, PlanReport, PlansReport } from "../../shared/plan-api.ts";
import type { LineHour, Store } from "../../store/store.ts";
import { consistently } from "../consistent.ts";
import { HttpProblem } from "../errors.ts";
import { earlier, later } from "../ranges.ts";
import { countedLine, notCountedOf, tidyExcept } from "./plan-except.ts";
import { type PlanDeps, planFor, type Subject, subjectsWithPlans } from "./plan-subjects.ts";

/** What is read at a time, so that no question takes long. */
export const DAYS_AT_A_TIME = 366;
export const HOUR_DAYS_AT_A_TIME = 14;
/** A history that begins earlier has a day that can't be true. */
const MOST_DAYS = 40 * 366;

export const PLAN_EXAMPLE =
  'Send for example {"plan": {"cycle": {"unit": "month", "count": 1, "from": "2026-01-15"}, "allowance": 500000000000}}';

/** The plan in the body of a request. @throws HttpProblem `bad-plan` */
export async function readPlan(value: unknown): Promise<Plan | null> {
  const { planInputSchema } = await import("../../shared/plan-api.ts");
  const { success, data, error } = planInputSchema.safeParse(value);
  if (success) return data.plan === null ? null : tidyExcept(data.plan);
  throw await badPlan(error.issues, PLAN_EXAMPLE);
}

/** Something of the shape that schemas complain in. */
type Issue =
  | { readonly code: "unrecognized_keys"; readonly keys: readonly string[]; readonly path: readonly PropertyKey[] }
  | { readonly code?: string; readonly path: readonly PropertyKey[] };

/** What is wrong with a body that holds a plan: the first field that is, and what is allowed there. */
export async function badPlan(issues: readonly Issue[], example: string): Promise<HttpProblem> {
  const { planFieldText } = await import("../../shared/plan-api.ts");
  const [issue] = issues;
  const path = issue?.path ?? [];
  const unknown =
    issue !== undefined && "keys" in issue ? issue.keys.map((key) => `"${key.slice(0, 40)}"`).join(", ") : null;
  const where = path.length === 0 ? "The body" : path.join(".");
  const message =
    unknown === null ? `${where} is missing or not allowed.` : `${where} has a field ${unknown}, which is unknown.`;
  const field = String(path[1]);
  const allowed = planFieldText(field);
  return new HttpProblem("bad-plan", message, allowed === null ? example : `${field}: ${allowed}.`);
}

/**
 * A plan and what was used of it: the response to `api/v1/plan`. Nothing but the plan itself is kept: cycles are cut
 * from stored days when they are asked for, so that a change of the plan is right for the whole past.
 * @param past how many finished cycles are listed
 */
export async function planReportOf(deps: PlanDeps, subject: Subject, past: number): Promise<PlanReport> {
  const { store, calendar } = deps;
  const now = deps.now();
  const { of, name } = subject;
  const plan = await planFor(store, subject);
  const about = { of, name, today: calendar.dayOf(now), zone: calendar.zone, now };
  if (plan === null) return { ...about, plan, notCounted: [], cycle: null, forecast: null, past: [], pastCycles: 0 };
  const notCounted = await notCountedOf(deps, plan.except);
  const figures = await consistently(store, (pause) => figuresInParts(deps, subject, plan, now, past, pause));
  return { ...about, plan, notCounted, ...figures };
}

/** Every plan, the line's first, without finished cycles: the response to `api/v1/plans`. */
export async function plansReportOf(deps: PlanDeps): Promise<PlansReport> {
  const plans: PlansReport["plans"] = [];
  for (const subject of await subjectsWithPlans(deps)) {
    const { of, name, plan, notCounted, cycle, forecast } = await planReportOf(deps, subject, 0);
    if (plan !== null && cycle !== null) plans.push({ of, name, plan, notCounted, cycle, forecast });
  }
  const now = deps.now();
  return { today: deps.calendar.dayOf(now), zone: deps.calendar.zone, now, plans };
}

async function figuresInParts(
  deps: PlanDeps,
  subject: Subject,
  plan: Plan,
  now: number,
  past: number,
  pause: () => Promise<void>,
): Promise<Pick<PlanReport, "cycle" | "forecast" | "past" | "pastCycles">> {
  const { store, calendar } = deps;
  const today = calendar.dayOf(now);
  const counting = subject.line === null ? subject : await countedLine(deps, subject.line, plan.except);
  const running = cycleOf(plan.cycle, today);
  const first = earlier(today, later(firstDayOf(await store.range(), today), subject.firstDay ?? ""));
  const finished = first < running.from ? cyclesBetween(plan.cycle, first, addDays(running.from, -1)) : [];
  const listed = past === 0 ? [] : finished.slice(-past);
  const from = later(first, earlier(listed[0]?.from ?? running.from, addDays(today, -HISTORY_DAYS)));

  const days = [];
  for (const part of partsOf({ from, to: today }, DAYS_AT_A_TIME)) {
    days.push(...(await counting.days(part.from, part.to)));
    await pause();
  }
  const hours: LineHour[] = [];
  for (const part of hourParts(plan, calendar, { from, to: today })) {
    hours.push(...(await counting.hours(part.from, part.to)));
    await pause();
  }
  const counted = countDays(plan, calendar, days, hours);
  const bytes = new Map(counted.map((day) => [day.day, day.counted]));
  const measured = new Set([...(await subject.measuredDays(from, today)), ...counted.map(({ day }) => day)]);
  const withHours = new Set(hours.map(({ day }) => day));

  const cycleWith = (usage: CycleUsage): PlanCycle => {
    const { correction, ...rest } = usage;
    const over = plan.allowance === null ? null : Math.max(0, usage.used - plan.allowance);
    const price = plan.overPrice;
    const daysOver = daysFromTo(later(usage.from, first), earlier(usage.to, addDays(today, -1)));
    const isWhole = (day: Day) => (bytes.get(day) ?? 0) > 0 && !withHours.has(day);
    return {
      ...rest,
      correction: correction === null ? null : { at: correction.at, bytes: correction.bytes },
      over,
      cost: over === null || price === null ? null : (over / plan.unit ** 3) * price.perGb,
      measuredFrom: first > usage.from && first <= usage.to ? first : null,
      unmeasuredDays: daysOver.filter((day) => !measured.has(day)).length,
      wholeDays: plan.free.length === 0 ? 0 : daysOver.filter(isWhole).length,
    };
  };
  const cycles = sumCycles(plan, calendar, [...listed, running], counted, hours).map(cycleWith);
  const cycle = cycles.pop() as PlanCycle;
  return {
    cycle,
    forecast: forecastOf({
      used: cycle.used,
      history: historyOf(bytes, measured, {
        from: later(addDays(today, -HISTORY_DAYS), addDays(first, 1)),
        to: addDays(today, -1),
      }),
      today,
      todayLeft: shareLeft(calendar, today, now),
      daysLeft: daysFromTo(addDays(today, 1), running.to),
    }),
    past: cycles.reverse(),
    pastCycles: finished.length,
  };
}

/** The first day with data, or today. */
export function firstDayOf(known: Awaited<ReturnType<Store["range"]>>, today: Day): Day {
  if (known === null || known.first > today) return today;
  const earliest = addDays(today, -MOST_DAYS);
  return isDay(known.first) ? later(known.first, earliest) : earliest;
}

/** Days of which hours are needed: all where some are free; else those on which the provider's figure was read. */
function hourParts(plan: Plan, calendar: Calendar, range: Cycle): Cycle[] {
  if (plan.free.length > 0) return partsOf(range, HOUR_DAYS_AT_A_TIME);
  const days = new Set(plan.corrections.map(({ at }) => calendar.dayOf(at)));
  return [...days].filter((day) => day >= range.from && day <= range.to).map((day) => ({ from: day, to: day }));
}

/** A range in parts of so many days, the last one shorter. */
export function partsOf({ from, to }: Cycle, days: number): Cycle[] {
  const rule = { unit: "day", count: days, from } as const;
  return cyclesBetween(rule, from, to).map((part) => ({ from: part.from, to: earlier(part.to, to) }));
}

/** What counted on each measured day of a range. On the first day of all, nobody knows since when. */
function historyOf(bytes: ReadonlyMap<Day, number>, measured: ReadonlySet<Day>, { from, to }: Cycle) {
  return daysFromTo(from, to)
    .filter((day) => measured.has(day))
    .map((day) => ({ day, counted: bytes.get(day) ?? 0 }));
}

/** How much of a day is yet to come, 0 to 1. */
function shareLeft(calendar: Calendar, day: Day, now: number): number {
  const slots = calendar.slotsOf(day);
  const [first, last] = [slots[0], slots.at(-1)];
  if (!first || !last) return 0;
  return Math.min(1, Math.max(0, (last.to - now) / (last.to - first.from)));
}
