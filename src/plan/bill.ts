import { addDays, type Calendar, dayNumber } from "../accounting/calendar.ts";
import type { Balance, Bytes, Day } from "../accounting/types.ts";
import { daysFromTo } from "../shared/calendar-days.ts";
import { BILL_CAUSES, type BillCause } from "../shared/plan-words.ts";
import type { Cycle } from "./cycle.ts";
import {
  amountOf,
  type CountedDay,
  type CountingRule,
  countDays,
  countedBefore,
  type DayAmount,
  type HourAmount,
} from "./usage.ts";

/** What was counted in a cycle, over all meters: sums of the balances of its days. What internet hosts used is on the other side of it. */
export type CycleBalance = Omit<Balance, "remote">;

export interface BillInput {
  readonly rule: CountingRule;
  /** Bytes of a KB of the plan: what the provider's figure was read in. */
  readonly unit: 1000 | 1024;
  readonly cycle: Cycle;
  readonly today: Day;
  readonly calendar: Pick<Calendar, "dayOf" | "slotsOf" | "offsetAt">;
  /** Sorted by day, from the day before the cycle to the day after it, up to today. */
  readonly days: readonly DayAmount[];
  /** Where some hours are free, of all these days; else of the two days on either side of each of the cycle's edges. */
  readonly hours: readonly HourAmount[];
  /** What the owners and devices used that the plan doesn't count, of the same days and hours: it is in none of the others but the balance. */
  readonly except: { readonly days: readonly DayAmount[]; readonly hours: readonly HourAmount[] };
  /** Finished days on which the meter was read. */
  readonly measured: ReadonlySet<Day>;
  /** Of the days on either side of each edge, bytes in both directions that may belong to a day beside. */
  readonly estimated: ReadonlyMap<Day, number>;
  readonly balance: CycleBalance;
  /** What the provider says; null: only our side is wanted. */
  readonly bytes: number | null;
}

/** A day of the cycle as we counted it. Bytes. */
export interface BillDay extends CountedDay {
  /** What counted since the cycle began, this day included. */
  readonly sum: number;
  /** What the provider's figure comes to on this day if it is spread as ours is; null without one. All days add up to it. */
  readonly spread: number | null;
  /** Whether the meter was read on it; of today, so far. */
  readonly measured: boolean;
}

/** Something that makes two counts of one line differ. */
export interface Cause {
  readonly kind: BillCause;
  /** By how much the provider's figure would be above ours because of it; negative: below. From `low` to `high`, in bytes. */
  readonly low: number;
  readonly high: number;
  /** How much nearer the two figures are with it, from 0 (not at all) to 1 (they are the same). */
  readonly explains: number;
  /** What is left of the difference with it. Bytes. */
  readonly leaves: number;
  /** Of `unmeasured` and `whole` the days, of `headers` the bytes of a packet, of `zone` the hours that the provider's clock is ahead of UTC. */
  readonly figure: number | null;
}

/** A provider's figure beside ours. */
export interface BillCheck {
  /** What we counted of the cycle, without any correction. Bytes. */
  readonly ours: number;
  /** The provider's figure less ours; null without one. */
  readonly difference: number | null;
  readonly days: readonly BillDay[];
  /** Those that can make a difference here, what explains most first; none without a provider's figure. */
  readonly causes: readonly Cause[];
}

/** What a cause may come to, before it is held against the difference. */
type Guess = Pick<Cause, "kind" | "low" | "high"> & { readonly figure?: number };

/**
 * Headers of a packet that a provider may count and our meters don't: Ethernet's alone, or with check sum, VLAN and PPPoE.
 * (14; 14 + 4 + 4 + 8.) Bytes.
 */
const LEAST_HEADER = 14;
const MOST_HEADER = 30;
/** What a packet holds on the line: offloading hands several to the meter as one. */
const LEAST_PACKET = 64;
const MOST_PACKET = 1500;
/** Where a meter counts no packets: those of downloads, and those of calls. */
const [LARGE_PACKET, SMALL_PACKET] = [1400, 500];
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
/** Hours that clocks are ahead of UTC. Where several come equally near, the first is the likeliest. */
const ZONES = Array.from({ length: 27 }, (_, index) => index - 12).sort(
  (one, other) => Math.abs(one) - Math.abs(other),
);

/**
 * Puts a provider's figure of a cycle beside ours, and asks of each known reason for two counts to differ what it would
 * come to here. The reasons are guesses: each is held against the whole difference by itself.
 */
export function checkBill(input: BillInput): BillCheck {
  const { rule, cycle, today, calendar, bytes, measured } = input;
  const counted = countDays(rule, calendar, input.days, input.hours);
  const last = earlier(cycle.to, today);
  const ours = sumOf(counted, cycle.from, last);
  const byDay = new Map(counted.map((day) => [day.day, day]));
  const listed = daysFromTo(cycle.from, last);
  let [sum, spreadSum] = [0, 0];
  const days = listed.map((day, index): BillDay => {
    const amount = byDay.get(day) ?? { day, download: 0, upload: 0, free: 0, counted: 0 };
    sum += amount.counted;
    const share = ours === 0 ? (index + 1) / listed.length : sum / ours;
    const spread = bytes === null ? null : Math.round(bytes * share) - spreadSum;
    spreadSum += spread ?? 0;
    return {
      ...amount,
      sum,
      spread,
      measured: day === today || measured.has(day) || amount.download + amount.upload > 0,
    };
  });
  if (bytes === null) return { ours, difference: null, days, causes: [] };
  const difference = bytes - ours;
  const context = { ...input, ours, difference, bytes, counted, listed: days, last };
  const causes = [...meterGuesses(context), ...lineGuesses(context), ...edgeGuesses(context), ...ruleGuesses(context)]
    .map((guess) => ({ ...guess, low: Math.round(guess.low), high: Math.round(guess.high) }))
    .filter(({ low, high }) => low !== 0 || high !== 0)
    .map((guess) => held(guess, difference))
    .sort(
      (one, other) => other.explains - one.explains || widthOf(one) - widthOf(other) || placeOf(one) - placeOf(other),
    );
  return { ours, difference, days, causes };
}

/** What guesses are made from: the input, and what was made of it. */
interface Context extends BillInput {
  readonly ours: number;
  readonly difference: number;
  readonly bytes: number;
  /** The days of the input, as they count. */
  readonly counted: readonly CountedDay[];
  /** Those of the cycle. */
  readonly listed: readonly BillDay[];
  /** The last day of the cycle, or today while it runs. */
  readonly last: Day;
}

/** A guess, held against the difference that is to be explained. */
function held({ kind, low, high, figure }: Guess, difference: number): Cause {
  const value = Math.min(high, Math.max(low, difference));
  const leaves = difference - value;
  const nearer = Math.abs(difference) - Math.abs(leaves);
  return {
    kind,
    low,
    high,
    explains: difference === 0 ? 0 : Math.max(0, nearer / Math.abs(difference)),
    leaves,
    figure: figure ?? null,
  };
}

/** Of two that explain as much, the one that says it more exactly comes first. */
function widthOf({ low, high }: Cause): number {
  return high - low;
}

function placeOf({ kind }: Cause): number {
  return BILL_CAUSES.indexOf(kind);
}

function exactly(kind: Cause["kind"], value: number, figure?: number): Guess {
  return { kind, low: value, high: value, ...(figure === undefined ? {} : { figure }) };
}

/** What the meter is known not to have, or to have put on a day that may be another. */
function meterGuesses(context: Context): Guess[] {
  const { balance, rule, cycle, today, days, listed, hours, ours, difference, estimated } = context;
  const { captured, dropped, carried, compared } = balance;
  // The kernel's count of captured packets contains those that it dropped.
  const byPackets = captured > dropped ? dropped / (captured - dropped) : 0;
  const byBytes = compared > 0 ? Math.max(0, carried / compared - 1) : 0;

  // Every packet between a host of ours and the internet was counted once: what isn't ours is nobody's.
  const nobodys = bothWays([balance.unattributed, balance.unlisted]);
  const lost = Math.max(0, Math.min(nobodys, balance.counted - bothWays(oursOf(balance))));

  const amounts = new Map(days.map((day) => [day.day, day]));
  const strays = (some: Iterable<Day>) =>
    [...some].reduce((sum, day) => {
      const amount = amounts.get(day);
      return amount === undefined ? sum : sum + (estimated.get(day) ?? 0) * shareOf(rule, [amount]);
    }, 0);
  const within = strays(new Set([cycle.from, cycle.to]));

  const gaps = listed.filter(({ measured }) => !measured).length;
  const full = listed.filter(({ day, measured }) => measured && day !== today).map((day) => day.counted);
  // Where no day is known, anything may be.
  const [few, many] = full.length > 0 ? [gaps * quantile(full, 0.25), gaps * quantile(full, 0.75)] : [0, difference];

  const withHours = new Set(hours.map(({ day }) => day));
  const whole = rule.free.length === 0 ? [] : listed.filter((day) => day.counted > 0 && !withHours.has(day.day));
  return [
    exactly("missed", ours * Math.max(byPackets, byBytes)),
    exactly("unlisted", lost * shareOf(rule, oursOf(balance))),
    exactly("removed", amountOf(rule, balance.removed)),
    { kind: "unmeasured", low: gaps === 0 ? 0 : few, high: gaps === 0 ? 0 : Math.max(0, many), figure: gaps },
    {
      kind: "estimated",
      low: -Math.min(ours, within),
      high: strays([addDays(cycle.from, -1), addDays(cycle.to, 1)]),
    },
    { kind: "whole", low: -whole.reduce((sum, day) => sum + day.counted, 0), high: 0, figure: whole.length },
  ];
}

/** What is on the line and not in ours, and the other way round. */
function lineGuesses({ balance, rule, ours }: Context): Guess[] {
  // A packet between two of ours was counted once, and stands with both.
  const between = Math.max(0, bothWays(oursOf(balance)) - balance.counted);
  const isBoth = rule.counts === "both";
  const isKnown = balance.captured > 0 && balance.counted > 0;
  const mean = Math.min(MOST_PACKET, Math.max(LEAST_PACKET, balance.counted / balance.captured));
  const [large, small] = isKnown ? [mean, mean] : [LARGE_PACKET, SMALL_PACKET];
  return [
    { kind: "router", low: 0, high: amountOf(rule, balance.routers) },
    {
      kind: "between",
      low: -Math.min(ours, isBoth ? 2 * between : between),
      high: isBoth ? -Math.min(ours, between) : 0,
    },
    { kind: "group", low: rule.counts === "download" ? 0 : -Math.min(ours, balance.group.in), high: 0 },
    {
      kind: "headers",
      low: (ours * LEAST_HEADER) / large,
      high: (ours * MOST_HEADER) / small,
      ...(isKnown ? { figure: Math.round(mean) } : {}),
    },
  ];
}

/** A cycle that begins and ends at other moments. */
function edgeGuesses(context: Context): Guess[] {
  const { cycle, today, calendar, rule, hours, counted, ours, difference } = context;
  const isRunning = cycle.to >= today;
  const shifted = (days: number) =>
    sumOf(counted, addDays(cycle.from, days), isRunning ? today : addDays(cycle.to, days)) - ours;
  const guesses = [exactly("day-earlier", shifted(-1)), exactly("day-later", shifted(1))];

  const before = (at: number) => countedBefore(at, rule, calendar, counted, hours);
  const all = counted.reduce((sum, day) => sum + day.counted, 0);
  const midnight = (day: Day) => calendar.slotsOf(day)[0]?.from ?? dayNumber(day) * DAY_MS;
  let best: { hour: number; value: number } | null = null;
  for (const hour of ZONES) {
    const at = (day: Day) => dayNumber(day) * DAY_MS - hour * HOUR_MS;
    if (Math.abs(at(cycle.from) - midnight(cycle.from)) >= DAY_MS) continue;
    const value = (isRunning ? all : before(at(addDays(cycle.to, 1)))) - before(at(cycle.from)) - ours;
    if (best === null || Math.abs(difference - value) < Math.abs(difference - best.value)) best = { hour, value };
  }
  if (best !== null) guesses.push(exactly("zone", best.value, best.hour));
  if (!isRunning) return guesses;
  const late = sumOf(counted, addDays(today, -1), today) - sumOf(counted, addDays(today, -1), addDays(cycle.from, -1));
  return [...guesses, { kind: "delay", low: -late, high: 0 }];
}

/** The same traffic, counted by other rules. */
function ruleGuesses(context: Context): Guess[] {
  const { rule, unit, calendar, cycle, last, balance, days, hours, except, listed, ours, bytes } = context;
  const ratio = (1024 / 1000) ** 3;
  const by = (counts: CountingRule["counts"]) =>
    sumOf(countDays({ ...rule, counts }, calendar, days, hours), cycle.from, last) - ours;
  return [
    // It is the provider's figure that would be another: so much of it is the unit alone.
    exactly("unit", bytes - (unit === 1000 ? bytes * ratio : bytes / ratio)),
    exactly("excluded", -Math.min(ours, amountOf(rule, balance.hidden))),
    exactly("not-counted", sumOf(countDays(rule, calendar, except.days, except.hours), cycle.from, last)),
    exactly(
      "free",
      listed.reduce((sum, { free }) => sum + free, 0),
    ),
    exactly("only-download", by("download")),
    exactly("only-upload", by("upload")),
    exactly("both", by("both")),
  ];
}

function oursOf({ devices, hidden, routers, removed }: CycleBalance): Bytes[] {
  return [devices, hidden, routers, removed];
}

function bothWays(some: readonly Bytes[]): number {
  return some.reduce((sum, one) => sum + one.in + one.out, 0);
}

function sumOf(days: readonly CountedDay[], from: Day, to: Day): number {
  return days.reduce((sum, { day, counted }) => (day >= from && day <= to ? sum + counted : sum), 0);
}

/** Which share of traffic in both directions is of those that count, 0 to 1; where there is none, half of it. */
function shareOf(rule: Pick<CountingRule, "counts">, some: readonly Bytes[]): number {
  if (rule.counts === "both") return 1;
  const all = bothWays(some);
  return all === 0 ? 0.5 : some.reduce((sum, one) => sum + amountOf(rule, one), 0) / all;
}

/** The value that such a share of the others are not above. */
function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.floor((sorted.length - 1) * share)] ?? 0;
}

function earlier(one: Day, other: Day): Day {
  return one < other ? one : other;
}
