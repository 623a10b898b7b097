import type { Calendar } from "../../accounting/calendar.ts";
import type { Day } from "../../accounting/types.ts";
import { handsOf, ownerOn } from "../../household/document.ts";
import type { Plan } from "../../shared/plan-api.ts";
import type { Device, LineDay, LineHour, Store } from "../../store/store.ts";
import { HttpProblem } from "../errors.ts";
import { readDeviceKey, unknownDevice } from "../naming.ts";
import { later } from "../ranges.ts";
import { createDirectory, type Naming } from "./directory.ts";
import { ofPart } from "./of-part.ts";
import { added, type Line, NO_EXCEPT } from "./plan-except.ts";

export interface PlanDeps extends Naming {
  readonly store: Pick<
    Store,
    | "recall"
    | "remember"
    | "range"
    | "revision"
    | "lineDays"
    | "lineHours"
    | "measuredDays"
    | "deviceLineDays"
    | "deviceLineHours"
    | "devices"
    | "of"
    | "sources"
  >;
  readonly calendar: Calendar;
}

/** Whose plan it is: that of everything that is measured, of one meter's line, of an owner's devices, or of a device. */
export interface Subject {
  /** As the API writes it, always in the same way: `line`, `meter:lte`, `owner:3`, `device:02:1a:2b:00:00:05`. */
  readonly of: string;
  /** What it is called; null for the line. Untrusted text. */
  readonly name: string | null;
  /** Other ways in which it may be kept: keys of interfaces that were devices. */
  readonly aliases: readonly string[];
  /** The first day of which anything can be known; null: of all. */
  readonly firstDay: Day | null;
  /** What was used on each day of a range on which anything was, by day. */
  days(from: Day, to: Day): Promise<LineDay[]>;
  hours(from: Day, to: Day): Promise<LineHour[]>;
  measuredDays(from: Day, to: Day): Promise<Day[]>;
  /** What answers for a line, of which some may not count; null for an owner's and a device's plan. */
  readonly line: Line | null;
}

export const LINE = "line";
export const SUBJECT_TEXT =
  "line (the default: everything that is measured), meter:NAME, owner:ID or device:KEY, such as device:02:1a:2b:00:00:05";

/** Name under which the store remembers plans, and their shape there. */
const MEMORY = "plan";
interface Plans {
  readonly line: Plan | null;
  /** By whose they are. */
  readonly others?: Readonly<Record<string, Plan>>;
}
/** Each is worked out once a minute. */
const MOST_OTHERS = 50;

/**
 * Finds out whose plan is meant.
 * @param of see {@link Subject}
 * @throws HttpProblem `bad-request`, `unknown-owner`, `unknown-device`
 */
export async function subjectOf(deps: PlanDeps, of: string): Promise<Subject> {
  if (of === LINE) return lineOf(deps);
  const [, kind, id = ""] = /^(owner|device|meter):(.+)$/s.exec(of) ?? [];
  if (kind === "meter") return meterOf(deps, id);
  if (kind === "device") return deviceOf(deps, await deps.store.devices(), readDeviceKey(id));
  if (kind === "owner" && /^[1-9]\d{0,14}$/.test(id)) return ownerOf(deps, await deps.store.devices(), Number(id));
  const shown = of.length > 40 ? `${of.slice(0, 40)}…` : of;
  throw new HttpProblem("bad-request", `of: "${shown}" is not allowed.`, `of is ${SUBJECT_TEXT}.`);
}

function lineOf({ store }: PlanDeps): Subject {
  return {
    of: LINE,
    name: null,
    aliases: [],
    firstDay: null,
    days: (from, to) => store.lineDays(from, to),
    hours: (from, to) => store.lineHours(from, to),
    measuredDays: (from, to) => store.measuredDays(from, to),
    line: store,
  };
}

async function meterOf({ store, calendar }: PlanDeps, name: string): Promise<Subject> {
  const own = await ofPart(store, { source: name, traffic: "all" });
  const firstAt = (await store.sources()).find(({ source }) => source === name)?.firstAt ?? null;
  return {
    of: `meter:${name}`,
    name,
    aliases: [],
    firstDay: firstAt === null ? null : calendar.dayOf(firstAt),
    days: (from, to) => own.lineDays(from, to),
    hours: (from, to) => own.lineHours(from, to),
    measuredDays: (from, to) => own.measuredDays(from, to),
    line: own,
  };
}

function deviceOf(deps: PlanDeps, devices: readonly Device[], key: string): Subject {
  const { store } = deps;
  const device = devices.find((one) => one.key === key) ?? devices.find((one) => one.interfaces.includes(key));
  if (device === undefined || device.router) throw unknownDevice(key);
  const { name, hostname, vendor } = createDirectory([device], deps).describe(device.key);
  return {
    of: `device:${device.key}`,
    name: name ?? hostname ?? vendor ?? device.key,
    aliases: device.interfaces.map((one) => `device:${one}`),
    firstDay: device.firstDay,
    days: (from, to) => store.deviceLineDays([device.id], from, to),
    hours: (from, to) => store.deviceLineHours([device.id], from, to),
    measuredDays: (from, to) => store.measuredDays(from, to),
    line: null,
  };
}

/** What devices used while they were an owner's: before a hand-over, and after the next one, it is somebody else's. */
function ownerOf({ store, household }: PlanDeps, devices: readonly Device[], id: number): Subject {
  const document = household.document();
  const owner = Object.hasOwn(document.owners, id) ? document.owners[id] : undefined;
  if (owner === undefined) {
    throw new HttpProblem("unknown-owner", `There is no owner ${id}.`, "GET household lists them.");
  }
  const own = devices
    .filter(({ router }) => !router)
    .map((device) => ({ ...device, hands: handsOf(document, device.key) }))
    .filter(({ hands }) => hands.some((hand) => hand.owner === id));
  const ids = own.map((device) => device.id);
  const handsById = new Map(own.map((device) => [device.id, device.hands]));
  const isOwn = (row: { readonly device: number; readonly day: Day }) =>
    ownerOn(handsById.get(row.device), row.day) === id;
  const firsts = own.map(({ firstDay, hands }) => {
    const from = hands.find((hand) => hand.owner === id)?.from ?? null;
    return from === null ? firstDay : later(firstDay, from);
  });
  return {
    of: `owner:${id}`,
    name: owner.name,
    aliases: [],
    firstDay: firsts.sort()[0] ?? null,
    days: async (from, to) => added((await store.deviceLineDays(ids, from, to)).filter(isOwn)),
    hours: async (from, to) => added((await store.deviceLineHours(ids, from, to)).filter(isOwn)),
    measuredDays: (from, to) => store.measuredDays(from, to),
    line: null,
  };
}

/** The plan that is kept for a subject; null without one. */
export async function planFor(store: Pick<Store, "recall">, { of, aliases }: Pick<Subject, "of" | "aliases">) {
  const plans = await store.recall<Plans>(MEMORY);
  if (of === LINE) return plans?.line == null ? null : whole(plans.line);
  const others = plans?.others ?? {};
  const key = [of, ...aliases].find((one) => Object.hasOwn(others, one));
  const plan = key === undefined ? undefined : others[key];
  return plan === undefined ? null : whole(plan);
}

/** A plan that was kept before there were exceptions has none. */
function whole(plan: Plan): Plan {
  return { ...plan, except: plan.except ?? NO_EXCEPT };
}

/** Sets a plan, or with null takes it away. Durable at once. @throws HttpProblem `bad-plan` where there are too many; StoreError */
export async function keepPlan(
  store: Pick<Store, "recall" | "remember">,
  { of, aliases }: Pick<Subject, "of" | "aliases">,
  plan: Plan | null,
): Promise<void> {
  const plans: Plans = { line: null, ...(await store.recall<Plans>(MEMORY)) };
  if (of === LINE) {
    await store.remember(MEMORY, { ...plans, line: plan });
    return;
  }
  const others = Object.entries(plans.others ?? {}).filter(([one]) => one !== of && !aliases.includes(one));
  if (plan !== null) others.push([of, plan]);
  if (others.length > MOST_OTHERS) {
    const message = `There are ${MOST_OTHERS} plans beside the line's already, and no more are followed.`;
    throw new HttpProblem("bad-plan", message, "Take one away first: GET plans lists them.");
  }
  await store.remember(MEMORY, { ...plans, others: Object.fromEntries(others) });
}

/** Every plan that is kept beside the line's, by whose it is as it was written: also of owners and devices that are no more. */
export async function otherPlans(store: Pick<Store, "recall">): Promise<ReadonlyMap<string, Plan>> {
  const others = Object.entries((await store.recall<Plans>(MEMORY))?.others ?? {});
  return new Map(others.map(([of, plan]) => [of, whole(plan)]));
}

/** Puts others in the place of those that are kept. @throws StoreError */
export async function keepOtherPlans(
  store: Pick<Store, "recall" | "remember">,
  others: ReadonlyMap<string, Plan>,
): Promise<void> {
  const plans: Plans = { line: null, ...(await store.recall<Plans>(MEMORY)) };
  await store.remember(MEMORY, { ...plans, others: Object.fromEntries(others) });
}

/** Whose plans are kept and can be told: not of an owner that was deleted, and may come back by an undo. */
export async function subjectsWithPlans(deps: PlanDeps): Promise<Subject[]> {
  const plans = await deps.store.recall<Plans>(MEMORY);
  const subjects = new Map<string, Subject>();
  if (plans?.line != null) subjects.set(LINE, lineOf(deps));
  const others = Object.keys(plans?.others ?? {});
  for (const of of others) {
    try {
      const subject = await subjectOf(deps, of);
      subjects.set(subject.of, subject);
    } catch (error) {
      if (!(error instanceof HttpProblem)) throw error;
    }
  }
  return [...subjects.values()];
}
