import type { Day } from "../accounting/types.ts";
import type { AlertKind, AlertRules } from "../shared/alerts-api.ts";
import { briefBytesText } from "../shared/brief-bytes.ts";

/** What is known when rules are looked at. What wasn't asked for this time is null: nothing is concluded from it. */
export interface Facts {
  /** ms UTC. */
  readonly now: number;
  readonly today: Day;
  /** Every plan: the line's, and those of meters, owners and devices. */
  readonly plans: readonly PlanFacts[] | null;
  /** By the index of the rule in `rules.usage`. */
  readonly usage: readonly PeriodUsage[] | null;
  /** Devices that were first seen today or yesterday, none of the meter's first day. */
  readonly newDevices: readonly NewDevice[] | null;
  readonly unusual: readonly UnusualFact[] | null;
  /** When the last reading was settled; when the program started, before the first. */
  readonly readAt: number;
  /** Of today's packets, 0 to 1. */
  readonly missedShare: number | null;
  readonly problems: readonly { readonly code: string; readonly message: string; readonly hint: string }[];
}

export interface PlanFacts {
  /** Whose it is, as the API writes it; `line` for the line's. */
  readonly of: string;
  /** What it is called; null for the line's. */
  readonly name: string | null;
  readonly from: Day;
  readonly to: Day;
  readonly used: number;
  /** Null without one. */
  readonly allowance: number | null;
  /** What the cycle will come to; null where that can't be said. */
  readonly expected: number | null;
  readonly unit: 1000 | 1024;
}

/** What was used in the period of a limit. */
export interface PeriodUsage {
  /** The last day of the period. */
  readonly until: Day;
  /** Bytes. */
  readonly devices: readonly DeviceAmount[];
}

export interface DeviceAmount {
  readonly key: string;
  readonly name: string;
  readonly bytes: number;
}

export interface NewDevice {
  readonly key: string;
  readonly name: string;
  readonly firstDay: Day;
  readonly privateMac: boolean;
  /** It is probably a device that is known under another MAC: it has the name of one. */
  readonly isProbablyKnown: boolean;
}

export interface UnusualFact {
  readonly key: string;
  readonly name: string;
  readonly direction: "download" | "upload";
  readonly sentence: string;
}

/** What is to be told. */
export interface Alert {
  readonly rule: AlertKind;
  readonly level: "info" | "warning" | "problem" | "over";
  readonly title: string;
  readonly text: string;
}

/** What was told: kept over restarts, so that nothing is told twice. Plain data. */
export interface Told {
  /** By what was told, the last day on which it isn't told again. The text holds the setting: with another, it is another. */
  readonly once: Readonly<Record<string, Day>>;
  /** Conditions that hold and were told, since when (ms UTC), and when they were told last. */
  readonly begun: Readonly<Record<string, number>>;
  readonly lastBegun: Readonly<Record<string, number>>;
  /** Devices that were told as new, or were there already, by key: their first day. Null before anything was looked at. */
  readonly devices: Readonly<Record<string, Day>> | null;
  /** When new devices were told last. */
  readonly devicesAt: number;
}

export const NOTHING_TOLD: Told = { once: {}, begun: {}, lastBegun: {}, devices: null, devicesAt: 0 };

/** That packets were missed was told, and not yet that it is over. */
const MISSED = "missed";
const EVER = "9999-12-31";
/** What comes and goes is told at most once in this time. */
const CALM_MS = 3_600_000;
/** Devices that come one after the other are told together. */
const TOGETHER_MS = 900_000;
const NAMES_TOLD = 5;

/**
 * What is to be told now: each thing once in its period. A pure function of what is known and what was told.
 * @returns the alerts, and what was told then; the same object where nothing changed
 */
export function evaluate(rules: AlertRules, facts: Facts, told: Told): { alerts: Alert[]; told: Told } {
  const alerts: Alert[] = [];
  const once = new Map(Object.entries(told.once).filter(([, until]) => until >= facts.today));
  /** Whether it is the first time in a period; from then on it isn't. */
  const isFirst = (what: string, until: Day): boolean => {
    if (once.has(what)) return false;
    once.set(what, until);
    return true;
  };
  const conditions = createConditions(facts, told, alerts);

  for (const plan of facts.plans ?? []) alerts.push(...planAlerts(rules, plan, isFirst));
  alerts.push(...usageAlerts(rules, facts, isFirst));
  if (rules.unusual) {
    for (const { key, name, direction, sentence } of facts.unusual ?? []) {
      if (!isFirst(`unusual ${key} ${direction}`, facts.today)) continue;
      alerts.push({ rule: "unusual", level: "warning", title: `Unusual: ${name}`, text: sentence });
    }
  }
  if (rules.missed !== null && facts.missedShare !== null && facts.missedShare * 100 > rules.missed.percent) {
    if (isFirst(`missed ${rules.missed.percent}`, facts.today)) {
      const share = `${(facts.missedShare * 100).toFixed(1)}%`;
      const text = `The meter missed ${share} of today's packets: usage is too low by about as much.`;
      alerts.push({ rule: "missed", level: "problem", title: `${share} of packets missed`, text });
      once.set(MISSED, EVER);
    }
  } else if (rules.missed === null) once.delete(MISSED);
  else if (facts.missedShare !== null && once.has(MISSED) && !once.has(`missed ${rules.missed.percent}`)) {
    // Of a day after it: what was missed on a day stays so.
    once.delete(MISSED);
    const text = `Of today's packets the meter missed ${(facts.missedShare * 100).toFixed(1)}%.`;
    alerts.push({ rule: "missed", level: "over", title: "Packets are counted again", text });
  }
  conditionAlerts(rules, facts, conditions.look);
  const devices = newDeviceAlerts(rules, facts, told, alerts);

  const next: Told = { once: Object.fromEntries(once), ...conditions.told(), ...devices };
  return { alerts, told: JSON.stringify(next) === JSON.stringify(told) ? told : next };
}

function planAlerts(
  { plan: rule }: AlertRules,
  plan: PlanFacts,
  isFirst: (what: string, until: Day) => boolean,
): Alert[] {
  if (rule === null || plan.allowance === null) return [];
  const { of, name, used, allowance, expected, unit, from, to } = plan;
  const what = name === null ? "Data plan" : `Data plan of ${name}`;
  const key = of === "line" ? "plan" : `plan of ${of}`;
  const bytes = (amount: number) => briefBytesText(amount, unit);
  const alerts: Alert[] = [];
  const reached = rule.percents.filter((percent) => used >= (allowance * percent) / 100).sort((a, b) => b - a);
  const fresh = reached.filter((percent) => isFirst(`${key} ${percent} ${allowance} ${from}`, to));
  const [highest] = fresh;
  // Several at once, as after a change of the plan, are one thing.
  if (highest !== undefined && highest === reached[0]) {
    const isOver = used > allowance;
    const text = isOver
      ? `${bytes(used)} of ${bytes(allowance)} used: ${bytes(used - allowance)} over. The cycle ends on ${to}.`
      : `${bytes(used)} of ${bytes(allowance)} used, ${bytes(allowance - used)} left until ${to}.`;
    alerts.push({
      rule: "plan",
      level: highest >= 100 ? "problem" : "warning",
      title: `${what}: ${highest}% used`,
      text,
    });
  }
  if (rule.forecast && expected !== null && expected > allowance && used <= allowance) {
    if (isFirst(`${key} forecast ${allowance} ${from}`, to)) {
      const text = `Likely ${bytes(expected)} of ${bytes(allowance)} by ${to}; ${bytes(used)} used so far.`;
      alerts.push({ rule: "plan", level: "warning", title: `${what}: likely to go over`, text });
    }
  }
  return alerts;
}

function usageAlerts(rules: AlertRules, facts: Facts, isFirst: (what: string, until: Day) => boolean): Alert[] {
  return (facts.usage ?? []).flatMap(({ until, devices }, index) => {
    const rule = rules.usage[index];
    if (rule === undefined) return [];
    const period = rule.per === "cycle" ? "in this cycle" : "today";
    const verb = { download: "downloaded", upload: "uploaded", both: "used" }[rule.counts];
    const { bytes: limit, per, counts } = rule;
    return devices
      .filter(({ bytes }) => bytes > limit)
      .filter(({ key }) =>
        isFirst(`usage ${per} ${counts} ${limit} ${rule.device === null ? "each" : "one"} ${key}`, until),
      )
      .map(
        ({ name, bytes }): Alert => ({
          rule: "usage",
          level: "warning",
          title: `${name}: more than ${briefBytesText(limit)} ${period}`,
          text: `${name} ${verb} ${briefBytesText(bytes)} ${period}.`,
        }),
      );
  });
}

type Look = (what: string, holds: boolean, begin: () => Alert, end: () => Alert) => void;

function conditionAlerts(rules: AlertRules, { now, readAt, problems }: Facts, look: Look): void {
  const { silent } = rules;
  if (silent !== null) {
    const minutes = Math.floor((now - readAt) / 60_000);
    const reason = problems.find(({ code }) => /^(?:darkstat|capture|clock)/.test(code));
    look(
      `silent ${silent.minutes}`,
      minutes >= silent.minutes,
      () => ({
        rule: "silent",
        level: "problem",
        title: `No reading for ${minutes} minutes`,
        text: reason === undefined ? "The meter isn't read." : `${reason.message} ${reason.hint}`,
      }),
      () => ({ rule: "silent", level: "over", title: "Readings are back", text: "The meter is read again." }),
    );
  }
  for (const [rule, codes, good] of [
    ["books", ["books"], "The meter's figures are consistent again."],
    ["store", ["store", "database-restored"], "The database is well again."],
  ] as const) {
    if (!rules[rule]) continue;
    const found = problems.find(({ code }) => (codes as readonly string[]).includes(code));
    look(
      rule,
      found !== undefined,
      () => ({
        rule,
        level: "problem",
        title: rule === "books" ? "Figures don't add up" : "Database in trouble",
        text: `${found?.message ?? ""} ${found?.hint ?? ""}`.trim(),
      }),
      () => ({
        rule,
        level: "over",
        title: rule === "books" ? "Figures add up again" : "Database is well again",
        text: good,
      }),
    );
  }
}

/** What holds for a while: told when it begins and when it ends. What comes back within an hour is told with the next end. */
function createConditions({ now }: Facts, told: Told, alerts: Alert[]) {
  const begun = new Map<string, number>();
  const lastBegun = new Map(Object.entries(told.lastBegun).filter(([, at]) => at <= now && now - at < CALM_MS));
  const look: Look = (what, holds, begin, end) => {
    const since = told.begun[what];
    if (holds && since !== undefined) begun.set(what, since);
    else if (holds) {
      if (lastBegun.has(what)) return;
      begun.set(what, now);
      lastBegun.set(what, now);
      alerts.push(begin());
    } else if (since !== undefined) alerts.push(end());
  };
  return {
    look,
    told: () => ({ begun: Object.fromEntries(begun), lastBegun: Object.fromEntries(lastBegun) }),
  };
}

/** Those that are there when it is looked at for the first time, or while the rule is off, are nothing new. */
function newDeviceAlerts(
  rules: AlertRules,
  facts: Facts,
  told: Told,
  alerts: Alert[],
): Pick<Told, "devices" | "devicesAt"> {
  const { newDevices, now } = facts;
  if (newDevices === null) return { devices: told.devices, devicesAt: told.devicesAt };
  const known = told.devices;
  const all = Object.fromEntries(newDevices.map(({ key, firstDay }) => [key, firstDay]));
  const rule = rules.newDevice;
  if (known === null || rule === null) return { devices: all, devicesAt: told.devicesAt };
  const fresh = newDevices.filter(({ key }) => !Object.hasOwn(known, key));
  const loud = fresh.filter(
    ({ privateMac, isProbablyKnown }) =>
      (rule.privateMacs || !privateMac) && (rule.proposed === true || !isProbablyKnown),
  );
  if (loud.length === 0) return { devices: all, devicesAt: told.devicesAt };
  // Just told of others: these wait, and are told together.
  if (now >= told.devicesAt && now - told.devicesAt < TOGETHER_MS) {
    const waiting = new Set(loud.map(({ key }) => key));
    const rest = Object.entries(all).filter(([key]) => !waiting.has(key));
    return { devices: Object.fromEntries(rest), devicesAt: told.devicesAt };
  }
  const names = loud.map(({ name, key }) => (name === key ? key : `${name} (${key})`));
  const more = names.length - NAMES_TOLD;
  const text = `${names.slice(0, NAMES_TOLD).join(", ")}${more > 0 ? ` and ${more} more` : ""}: never seen before.`;
  const title = loud.length === 1 ? `New device: ${loud[0]?.name}` : `${loud.length} new devices`;
  alerts.push({ rule: "new-device", level: "info", title, text });
  return { devices: all, devicesAt: now };
}
