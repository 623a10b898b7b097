/** Owners and devices that don't count in the plan of a line, such as a work laptop that has a line of its own. */
import type { Day } from "../../accounting/types.ts";
import { canonicalKey } from "../../household/check.ts";
import { handsOf, ownerOn } from "../../household/document.ts";
import type { NotCounted, Plan } from "../../shared/plan-api.ts";
import type { LineDay, LineHour, SourceQuestions, Store } from "../../store/store.ts";
import { HttpProblem } from "../errors.ts";
import { createDirectory, type Naming } from "./directory.ts";

/** What answers for a line: the store, or a part of it. */
export type Line = Pick<SourceQuestions, "lineDays" | "lineHours" | "deviceLineDays" | "deviceLineHours">;
export interface ExceptDeps extends Naming {
  readonly store: Pick<Store, "devices">;
}
type Except = Plan["except"];

export const NO_EXCEPT: Except = { owners: [], devices: [] };

/** A line without those that don't count, and those by themselves. */
export interface CountedLine {
  days(from: Day, to: Day): Promise<LineDay[]>;
  hours(from: Day, to: Day): Promise<LineHour[]>;
  exceptedDays(from: Day, to: Day): Promise<LineDay[]>;
  exceptedHours(from: Day, to: Day): Promise<LineHour[]>;
  /** Whether what a device used on a day doesn't count. */
  isExcepted(key: string, day: Day): boolean;
}

/**
 * What counts of a line. A day, or an hour, on which only others were there stays as one of no bytes: it was measured.
 * Of owners, it is what devices used while they were theirs, as in their own plans.
 */
export async function countedLine(deps: ExceptDeps, line: Line, except: Except): Promise<CountedLine> {
  const { owners, devices } = except;
  const whole: CountedLine = {
    days: (from, to) => line.lineDays(from, to),
    hours: (from, to) => line.lineHours(from, to),
    exceptedDays: async () => [],
    exceptedHours: async () => [],
    isExcepted: () => false,
  };
  if (owners.length + devices.length === 0) return whole;

  const document = deps.household.document();
  const theirs = new Set(owners);
  const found = (await deps.store.devices())
    .filter(({ router }) => !router)
    .map(({ id, key, interfaces }) => ({
      id,
      key,
      hands: handsOf(document, key),
      isAlways: devices.includes(key) || interfaces.some((one) => devices.includes(one)),
    }))
    .filter(({ hands, isAlways }) => isAlways || hands.some(({ owner }) => owner !== null && theirs.has(owner)));
  if (found.length === 0) return whole;

  const byId = new Map(found.map((device) => [device.id, device]));
  const byKey = new Map(found.map((device) => [device.key, device]));
  const isOut = (device: (typeof found)[number] | undefined, day: Day) => {
    if (device === undefined) return false;
    const owner = ownerOn(device.hands, day);
    return device.isAlways || (owner !== null && theirs.has(owner));
  };
  const ids = [...byId.keys()];
  const out = <Row extends { readonly device: number } & LineDay>(rows: readonly Row[]) =>
    added(rows.filter((row) => isOut(byId.get(row.device), row.day)));
  const exceptedDays = async (from: Day, to: Day) => out(await line.deviceLineDays(ids, from, to));
  const exceptedHours = async (from: Day, to: Day) => out(await line.deviceLineHours(ids, from, to));
  return {
    days: async (from, to) => less(await line.lineDays(from, to), await exceptedDays(from, to)),
    hours: async (from, to) => less(await line.lineHours(from, to), await exceptedHours(from, to)),
    exceptedDays,
    exceptedHours,
    isExcepted: (key, day) => isOut(byKey.get(key), day),
  };
}

/** Rows of several devices as one for each time, in the order that they come in. */
export function added<Row extends LineDay & { readonly hour?: number }>(rows: readonly Row[]): Row[] {
  const sums = new Map<string, Row>();
  for (const row of rows) {
    const key = timeOf(row);
    const sum = sums.get(key);
    sums.set(key, sum === undefined ? row : { ...sum, in: sum.in + row.in, out: sum.out + row.out });
  }
  return [...sums.values()];
}

function less<Row extends LineDay & { readonly hour?: number }>(
  rows: readonly Row[],
  others: readonly (LineDay & { readonly hour?: number })[],
): Row[] {
  const byTime = new Map(others.map((row) => [timeOf(row), row]));
  return rows.map((row) => {
    const other = byTime.get(timeOf(row));
    return other === undefined ? row : { ...row, in: row.in - other.in, out: row.out - other.out };
  });
}

function timeOf({ day, hour }: { readonly day: Day; readonly hour?: number }): string {
  return hour === undefined ? day : `${day} ${hour}`;
}

/** Who doesn't count, by name: owners first. */
export async function notCountedOf(deps: ExceptDeps, { owners, devices }: Except): Promise<NotCounted> {
  if (owners.length + devices.length === 0) return [];
  const document = deps.household.document();
  const known = devices.length === 0 ? [] : await deps.store.devices();
  const directory = createDirectory(known, deps);
  return [
    ...owners.map((id) => ({ of: `owner:${id}`, name: document.owners[id]?.name ?? null })),
    ...devices.map((key) => {
      const device = known.find((one) => one.key === key) ?? known.find((one) => one.interfaces.includes(key));
      if (device === undefined) return { of: `device:${key}`, name: null };
      const { name, hostname, vendor } = directory.describe(device.key);
      return { of: `device:${key}`, name: name ?? hostname ?? vendor ?? device.key };
    }),
  ];
}

/** Keys as they are kept, and each once. @throws HttpProblem `bad-plan` for what is no key */
export function tidyExcept<Some extends Pick<Plan, "except">>(plan: Some): Some {
  const keys = plan.except.devices.map((text) => {
    const key = canonicalKey(text);
    if (key !== null) return key;
    const message = `plan.except.devices: "${text.slice(0, 40)}" is neither a MAC nor an IP address.`;
    throw new HttpProblem(
      "bad-plan",
      message,
      'except: for example {"owners": [2], "devices": ["02:1a:2b:00:00:05"]}.',
    );
  });
  return { ...plan, except: { owners: [...new Set(plan.except.owners)], devices: [...new Set(keys)] } };
}

/**
 * Refuses exceptions that can't be meant: in a plan that isn't a line's, and of owners and devices that there aren't, unless
 * the plan had them before.
 * @throws HttpProblem `bad-plan`
 */
export async function checkExcept(
  deps: ExceptDeps,
  isLine: boolean,
  { except }: Pick<Plan, "except">,
  before: Pick<Plan, "except"> | null,
): Promise<void> {
  if (except.owners.length + except.devices.length === 0) return;
  if (!isLine) {
    const message = "plan.except is for plans of lines: an owner's or a device's plan counts what is theirs.";
    throw new HttpProblem("bad-plan", message, 'Leave it out, or send "except": {"owners": [], "devices": []}.');
  }
  const had = new Set([...(before?.except.owners ?? []), ...(before?.except.devices ?? [])]);
  for (const [index, { of, name }] of (await notCountedOf(deps, except)).entries()) {
    const one = [...except.owners, ...except.devices][index] ?? 0;
    if (name !== null || had.has(one)) continue;
    const isOwner = of.startsWith("owner:");
    const message = isOwner
      ? `plan.except.owners: there is no owner ${one}.`
      : `plan.except.devices: there is no device ${one}.`;
    throw new HttpProblem(
      "bad-plan",
      message,
      isOwner ? "GET household lists owners." : "GET usage lists devices with their keys.",
    );
  }
}
