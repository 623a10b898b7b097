import * as z from "zod/mini";
import { addDays, daysBetween, isDay } from "../../accounting/calendar.ts";
import type { Day } from "../../accounting/types.ts";
import { type Group, groupSchema } from "../../shared/api.ts";
import type { DaySpan } from "../../store/store.ts";
import { HttpProblem } from "../errors.ts";

/** Days that a question may span, by what it groups by. Ten years have up to three leap days. */
const MAX_DAYS: Record<Group, number> = { hour: 62, day: 3653, month: 3653 };
const MAX_LISTED_DAYS = 366;
/** Up to so many days are shown by the hour, or by the day, where nobody asks for another grouping. */
const BY_HOUR_DAYS = 2;
const BY_DAY_DAYS = 92;

const daySchema = z.string().check(
  // Days before the year 1000 can't be reached by arithmetic on four-digit years.
  z.refine((text) => isDay(text) && text >= "1000-01-01"),
  z.meta({ format: "date", example: "2026-01-31" }),
);

export const daysQuestionSchema = z.strictObject({
  from: z.optional(daySchema).check(z.describe("First day, e.g. 2026-01-31; by default the last one")),
  to: z.optional(daySchema).check(z.describe("Last day, e.g. 2026-01-31; by default today")),
});

export const usageQuestionSchema = z.extend(daysQuestionSchema, {
  group: z
    .optional(groupSchema)
    .check(
      z.describe(
        `hour (for at most ${MAX_DAYS.hour} days), day or month; by default hour for up to ${BY_HOUR_DAYS} days, day for up to ${BY_DAY_DAYS}, else month`,
      ),
    ),
  remote: z
    .optional(z.enum(["yes", "no"]))
    .check(z.describe("yes or no (the default): whether hosts beyond the router are listed")),
});

export interface UsageQuestion {
  readonly range: DaySpan;
  readonly group: Group;
  readonly remote: boolean;
}

/** @throws HttpProblem `bad-date`, `bad-range`, `bad-request` */
export function readUsageQuestion(query: Record<string, string>, today: Day): UsageQuestion {
  const { from, to, group, remote } = check(usageQuestionSchema, query);
  const range = rangeOf(from, to, today);
  const days = daysBetween(range.from, range.to) + 1;
  const chosen = group ?? (days <= BY_HOUR_DAYS ? "hour" : days <= BY_DAY_DAYS ? "day" : "month");
  if (days > MAX_DAYS[chosen]) {
    const remedy =
      chosen === "hour" ? "Ask for group=day, or for fewer days." : "Ask for ten years at a time, for example.";
    throw tooLong(range, days, MAX_DAYS[chosen], ` by the ${chosen}`, remedy);
  }
  return { range, group: chosen, remote: remote === "yes" };
}

/** @throws HttpProblem `bad-date`, `bad-range`, `bad-request` */
export function readDaysQuestion(query: Record<string, string>, today: Day): DaySpan {
  const { from, to } = check(daysQuestionSchema, query);
  const range = rangeOf(from, to, today);
  const days = daysBetween(range.from, range.to) + 1;
  if (days > MAX_LISTED_DAYS) {
    throw tooLong(
      range,
      days,
      MAX_LISTED_DAYS,
      "",
      `Ask for a year at a time: from=${addDays(range.to, 1 - MAX_LISTED_DAYS)}&to=${range.to}. json/history has no such limit.`,
    );
  }
  return range;
}

function rangeOf(from: Day | undefined, to: Day | undefined, today: Day): DaySpan {
  const last = to ?? today;
  const first = from ?? last;
  return first <= last ? { from: first, to: last } : { from: last, to: first };
}

function tooLong({ from, to }: DaySpan, days: number, most: number, how: string, remedy: string): HttpProblem {
  return new HttpProblem("bad-range", `${from} to ${to} is ${days} days; at most ${most} are answered${how}.`, remedy);
}

/**
 * Checks the parameters of a question. What a parameter may be is said in its description in the schema.
 * @throws HttpProblem `bad-date`, `bad-request`
 */
function check<Schema extends z.ZodMiniObject>(schema: Schema, query: Record<string, string>): z.infer<Schema> {
  const { success, data, error } = schema.safeParse(query);
  if (success) return data;
  const names = Object.keys(schema.shape);
  const [issue] = error.issues;
  if (issue?.code === "unrecognized_keys") {
    throw new HttpProblem(
      "bad-request",
      `There is no parameter ${issue.keys.map((key) => `"${short(key)}"`).join(", ")} here.`,
      `The parameters are ${names.join(", ")}.`,
    );
  }
  const name = String(issue?.path[0] ?? "");
  const value = short(query[name] ?? "");
  if (name === "from" || name === "to") {
    throw new HttpProblem(
      "bad-date",
      `${name}: "${value}" is not a date.`,
      `Write the year, month and day, for example ${name}=2021-01-30`,
    );
  }
  const allowed = schema.shape[name] === undefined ? "" : z.globalRegistry.get(schema.shape[name])?.description;
  throw new HttpProblem("bad-request", `${name}: "${value}" is not possible.`, `${name} is ${allowed}.`);
}

function short(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
