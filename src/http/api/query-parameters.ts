import { addDays, daysBetween, isDay } from "../../accounting/calendar.ts";
import type { Day } from "../../accounting/types.ts";
import type { Group } from "../../shared/api.ts";
import { BYS, COMPARISONS, type Comparison, GROUPS, TRAFFICS, type TrafficChoice } from "../../shared/groups.ts";
import type { DaySpan } from "../../store/store.ts";
import { HttpProblem } from "../errors.ts";
import { LINE, SUBJECT_TEXT } from "./plan-subjects.ts";
import type { GroupQuery } from "./usage-groups.ts";

/** Days that a question may span, by what it groups by. Ten years have up to three leap days. */
export const MAX_DAYS: Record<Group, number> = { hour: 62, day: 3653, month: 3653 };
export const MAX_LISTED_DAYS = 366;
/** Up to so many days are shown by the hour, or by the day, where nobody asks for another grouping. */
const BY_HOUR_DAYS = 2;
const BY_DAY_DAYS = 92;

/** The parameters of a question, by name: what the document says of each, and what is possible, as JSON Schema has it. */
export type ParameterTable = Readonly<
  Record<
    string,
    {
      readonly description: string;
      readonly schema: { readonly type: "string"; readonly enum?: readonly string[]; readonly format?: "date" };
    }
  >
>;

const day = { type: "string", format: "date", example: "2026-01-31" } as const;

export const partParameters = {
  source: {
    description: "the name of one of several meters: what it counted, and no other; by default all but views, together",
    schema: { type: "string" },
  },
  traffic: {
    description:
      "all (the default), internet or lan: with whom it was exchanged. What the meter can't tell of is in neither of the last two",
    schema: { type: "string", enum: TRAFFICS },
  },
} as const satisfies ParameterTable;

/** Whose figures of one kind: of one meter, null for all, and of which traffic. */
export interface PartQuery {
  readonly source: string | null;
  readonly traffic: TrafficChoice;
}

const rangeParameters = {
  from: { description: "First day, e.g. 2026-01-31; by default the last one", schema: day },
  to: { description: "Last day, e.g. 2026-01-31; by default today", schema: day },
} as const satisfies ParameterTable;

const ownerParameter = {
  description: "only what devices used while they were an owner's: the owner's id, or none for what is nobody's",
  schema: { type: "string" },
} as const;

export const daysParameters = {
  ...rangeParameters,
  owner: ownerParameter,
  ...partParameters,
} as const satisfies ParameterTable;

export interface DaysQuery extends Pick<GroupQuery, "owner">, PartQuery {
  readonly range: DaySpan;
}

export const usageParameters = {
  ...rangeParameters,
  group: {
    description: `hour (for at most ${MAX_DAYS.hour} days), day or month; by default hour for up to ${BY_HOUR_DAYS} days, day for up to ${BY_DAY_DAYS}, else month`,
    schema: { type: "string", enum: GROUPS },
  },
  remote: {
    description: "yes or no (the default): whether remote (internet) hosts are listed",
    schema: { type: "string", enum: ["yes", "no"] },
  },
  compare: {
    description:
      "days (as many days before the range) or month (the month before); by default month for a calendar month, also for the running one up to today",
    schema: { type: "string", enum: COMPARISONS },
  },
  by: {
    description: "what devices are taken together by: device (the default: not at all), owner, type, network or source",
    schema: { type: "string", enum: BYS },
  },
  owner: ownerParameter,
  ...partParameters,
} as const satisfies ParameterTable;

export interface UsageQuery extends GroupQuery, PartQuery {
  readonly range: DaySpan;
  readonly group: Group;
  readonly remote: boolean;
  /** What it is compared with, where that was asked for. */
  readonly compare: Comparison | undefined;
}

export const updateParameters = {
  ...usageParameters,
  since: {
    description: "the tag of an answer to the same question: the response is a patch of it, where it is still known",
    schema: { type: "string" },
  },
} as const satisfies ParameterTable;

/** @throws HttpProblem `bad-date`, `bad-range`, `bad-request` */
export function readUpdateQuery(query: URLSearchParams, today: Day): { question: UsageQuery; since: string | null } {
  const { since = null } = check(updateParameters, query);
  const others = new URLSearchParams(query);
  others.delete("since");
  return { question: readUsageQuery(others, today), since };
}

/** @throws HttpProblem `bad-date`, `bad-range`, `bad-request` */
export function readUsageQuery(query: URLSearchParams, today: Day): UsageQuery {
  const given = check(usageParameters, query);
  const { from, to, group, remote, compare, by = "device", owner, source = null, traffic = "all" } = given;
  const range = rangeOf(from, to, today);
  const days = daysBetween(range.from, range.to) + 1;
  const chosen = group ?? (days <= BY_HOUR_DAYS ? "hour" : days <= BY_DAY_DAYS ? "day" : "month");
  if (days > MAX_DAYS[chosen]) {
    const hint =
      chosen === "hour" ? "Ask for group=day, or for fewer days." : "Ask for ten years at a time, for example.";
    throw tooLong(range, days, MAX_DAYS[chosen], ` by the ${chosen}`, hint);
  }
  return { range, group: chosen, remote: remote === "yes", compare, by, owner: readOwner(owner), source, traffic };
}

/** @throws HttpProblem `bad-request` */
function readOwner(text: string | undefined): GroupQuery["owner"] {
  if (text === undefined || text === "none") return text ?? null;
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text);
  throw new HttpProblem(
    "bad-request",
    `owner: "${short(text)}" is not allowed.`,
    "owner is an owner's id, such as owner=1, or none. GET household lists them.",
  );
}

/** @throws HttpProblem `bad-request` */
export function readPartQuery(query: URLSearchParams): PartQuery {
  const { source = null, traffic = "all" } = check(partParameters, query);
  return { source, traffic };
}

export const removalParameters = {
  from: { description: "First day, e.g. 2026-01-31; by default the device's first one", schema: day },
  to: { description: "Last day, e.g. 2026-01-31; by default today", schema: day },
} as const satisfies ParameterTable;

/** The days of which figures are to be removed. @throws HttpProblem `bad-date`, `bad-request` */
export function readRemovalQuery(query: URLSearchParams, today: Day): DaySpan {
  const { from = "1970-01-01", to = today } = check(removalParameters, query);
  return { from, to };
}

const planOfParameter = { description: `whose plan: ${SUBJECT_TEXT}`, schema: { type: "string" } } as const;

export const planParameters = {
  of: planOfParameter,
  past: {
    description: "how many finished cycles are listed: a whole number from 0 to 5000, or all; by default 12",
    schema: { type: "string" },
  },
} as const satisfies ParameterTable;

/** Whose plan, and how many finished cycles are asked for. @throws HttpProblem `bad-request` */
export function readPlanQuery(query: URLSearchParams): { of: string; past: number } {
  const { of = LINE, past = "12" } = check(planParameters, query);
  if (past === "all") return { of, past: Number.POSITIVE_INFINITY };
  if (/^\d{1,4}$/.test(past) && Number(past) <= 5000) return { of, past: Number(past) };
  throw new HttpProblem(
    "bad-request",
    `past: "${short(past)}" is not allowed.`,
    `past is ${planParameters.past.description}.`,
  );
}

/** A bill comes from a provider: of a line. */
export const lineParameters = {
  of: {
    description: "which line: line (the default: everything that is measured) or meter:NAME",
    schema: { type: "string" },
  },
} as const satisfies ParameterTable;

/** The meter whose line is asked for; null for everything that is measured. @throws HttpProblem `bad-request` */
export function readLineQuery(query: URLSearchParams): string | null {
  return meterIn(check(lineParameters, query).of);
}

function meterIn(of: string = LINE): string | null {
  if (of === LINE) return null;
  if (of.startsWith("meter:")) return of.slice("meter:".length);
  throw new HttpProblem("bad-request", `of: "${short(of)}" is not allowed.`, `of is ${lineParameters.of.description}.`);
}

export const billParameters = {
  ...lineParameters,
  cycle: { description: "A day of the cycle, e.g. 2026-01-31; by default of the last finished one", schema: day },
  bytes: {
    description: "The provider's figure of it in bytes, e.g. 250000000000; without it only ours is answered",
    schema: { type: "string" },
  },
} as const satisfies ParameterTable;

/** Which cycle of which line is asked for, by a day of it, and the provider's figure. @throws HttpProblem `bad-date`, `bad-request` */
export function readBillQuery(query: URLSearchParams): { meter: string | null; day: Day | null; bytes: number | null } {
  const { of, cycle = null, bytes } = check(billParameters, query);
  const meter = meterIn(of);
  if (bytes === undefined) return { meter, day: cycle, bytes: null };
  if (/^\d{1,16}$/.test(bytes) && Number.isSafeInteger(Number(bytes)))
    return { meter, day: cycle, bytes: Number(bytes) };
  throw new HttpProblem(
    "bad-request",
    `bytes: "${short(bytes)}" is not allowed.`,
    "bytes is a whole number from 0 to 9007199254740991, e.g. 250000000000 for 250 GB.",
  );
}

/** @throws HttpProblem `bad-date`, `bad-range`, `bad-request` */
export function readDaysQuery(query: URLSearchParams, today: Day): DaysQuery {
  const { from, to, owner, source = null, traffic = "all" } = check(daysParameters, query);
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
  return { range, owner: readOwner(owner), source, traffic };
}

function rangeOf(from: Day | undefined, to: Day | undefined, today: Day): DaySpan {
  const last = to ?? today;
  const first = from ?? last;
  return first <= last ? { from: first, to: last } : { from: last, to: first };
}

function tooLong({ from, to }: DaySpan, days: number, most: number, how: string, hint: string): HttpProblem {
  return new HttpProblem("bad-range", `${from} to ${to} is ${days} days; at most ${most} are answered${how}.`, hint);
}

/** What was given for parameters, once it is checked. */
type Given<Some extends ParameterTable> = {
  readonly [Name in keyof Some]?: Some[Name]["schema"] extends { readonly enum: readonly (infer Word)[] }
    ? Word
    : string;
};

/**
 * Checks the parameters of a question.
 * @throws HttpProblem `bad-date`, `bad-request`
 */
function check<const Some extends ParameterTable>(parameters: Some, query: URLSearchParams): Given<Some> {
  const given: Record<string, string> = {};
  for (const [name, { schema, description }] of Object.entries(parameters)) {
    const value = query.get(name);
    if (value === null) continue;
    given[name] = value;
    if (schema.format === "date" && !isPossibleDay(value)) {
      throw new HttpProblem(
        "bad-date",
        `${name}: "${short(value)}" is not a date.`,
        `Write the year, month and day, for example ${name}=2021-01-30`,
      );
    }
    if (schema.enum && !schema.enum.includes(value)) {
      throw new HttpProblem("bad-request", `${name}: "${short(value)}" is not allowed.`, `${name} is ${description}.`);
    }
  }
  const names = Object.keys(parameters);
  const unknown = [...new Set(query.keys())].filter((name) => !names.includes(name));
  if (unknown.length > 0) {
    throw new HttpProblem(
      "bad-request",
      `Unknown parameter ${unknown.map((name) => `"${short(name)}"`).join(", ")}.`,
      `The parameters are ${names.join(", ")}.`,
    );
  }
  return given as Given<Some>;
}

/** Days before the year 1000 can't be reached by arithmetic on four-digit years. */
function isPossibleDay(text: string): boolean {
  return isDay(text) && text >= "1000-01-01";
}

function short(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
