import * as fc from "fast-check";
import { Temporal } from "temporal-polyfill";
import { expect, test } from "vitest";
import { type CycleRule, cycleBeside, cycleOf, cyclesBetween } from "./cycle.ts";
import { counted as countedOf, local, naivelyFree, stored, type Use } from "./testing.ts";
import { type CountingRule, countDays, sumCycles } from "./usage.ts";

const date = Temporal.PlainDate;
type PlainDate = ReturnType<typeof date.from>;

const days = fc
  .integer({ min: 0, max: 60_000 })
  .map((count) => date.from("1960-01-01").add({ days: count }).toString());
/** Ends of months and leap days are where cycles go wrong: as often as all the others. */
const edges = fc.oneof(
  days,
  fc.constantFrom("2024-02-29", "2023-02-28", "2024-01-31", "2023-12-31", "2000-02-29", "1999-08-30", "2096-02-29"),
);
const rules: fc.Arbitrary<CycleRule> = fc.record({
  unit: fc.constantFrom("day", "week", "month"),
  count: fc.integer({ min: 1, max: 24 }),
  from: edges,
});

/** The first day of the cycle of a day, by walking from the anchor: Temporal clamps a day to its month. */
function naiveStart({ unit, count, from }: CycleRule, day: string): string {
  const anchor = date.from(from);
  const at = (step: number) => anchor.add({ [`${unit}s`]: step * count });
  const isLater = (one: PlainDate) => date.compare(one, date.from(day)) > 0;
  let step = 0;
  while (!isLater(at(step))) step += 1;
  while (isLater(at(step))) step -= 1;
  return at(step).toString();
}

test("a day's cycle is the one that counting from the anchor comes to, for any rule and day", () => {
  fc.assert(
    fc.property(rules, edges, (rule, day) => {
      const near = date
        .from(rule.from)
        .add({ days: date.from(day).since("1960-01-01").days % 1500 })
        .toString();
      const { from, to } = cycleOf(rule, near);
      expect(from).toBe(naiveStart(rule, near));
      const after = date.from(to).add({ days: 1 }).toString();
      expect(naiveStart(rule, after)).toBe(after);
      expect(from <= near && near <= to).toBe(true);
    }),
    { numRuns: 300 },
  );
});

test("cycles follow each other without a gap, and hold every day of a range once", () => {
  fc.assert(
    fc.property(rules, edges, fc.integer({ min: 0, max: 1200 }), (rule, from, length) => {
      const to = date.from(from).add({ days: length }).toString();
      const cycles = cyclesBetween(rule, from, to);
      expect(cycles[0]).toEqual(cycleOf(rule, from));
      expect(cycles.at(-1)).toEqual(cycleOf(rule, to));
      for (const [index, cycle] of cycles.entries()) {
        expect(cycle.from <= cycle.to).toBe(true);
        expect(cycleBeside(rule, from, index)).toEqual(cycle);
        const next = cycles[index + 1];
        if (next) expect(next.from).toBe(date.from(cycle.to).add({ days: 1 }).toString());
      }
    }),
    { numRuns: 300 },
  );
});

test("day 31 is a month's last day, and 29 February the 28th in other years, without drifting", () => {
  const startsOf = (rule: CycleRule, from: string, to: string) => cyclesBetween(rule, from, to).map((one) => one.from);
  expect(startsOf({ unit: "month", count: 1, from: "2025-12-31" }, "2026-01-31", "2026-05-31")).toEqual([
    "2026-01-31",
    "2026-02-28",
    "2026-03-31",
    "2026-04-30",
    "2026-05-31",
  ]);
  expect(startsOf({ unit: "month", count: 12, from: "2024-02-29" }, "2024-02-29", "2028-02-29")).toEqual([
    "2024-02-29",
    "2025-02-28",
    "2026-02-28",
    "2027-02-28",
    "2028-02-29",
  ]);
  expect(startsOf({ unit: "month", count: 3, from: "2026-11-30" }, "2025-11-30", "2026-11-30")).toEqual([
    "2025-11-30",
    "2026-02-28",
    "2026-05-30",
    "2026-08-30",
    "2026-11-30",
  ]);
  expect(cycleOf({ unit: "day", count: 28, from: "2030-03-05" }, "2030-03-04")).toEqual({
    from: "2030-02-05",
    to: "2030-03-04",
  });
});

const ZONES = [
  "UTC",
  "Europe/Berlin",
  "America/Los_Angeles",
  "Australia/Lord_Howe",
  "Asia/Kathmandu",
  "America/Havana",
];
const windows = fc.record({
  weekdays: fc.uniqueArray(fc.integer({ min: 1, max: 7 }), { minLength: 1 }),
  from: fc.integer({ min: 0, max: 23 }),
  to: fc.integer({ min: 1, max: 24 }),
});
const countingRules = fc.record({
  counts: fc.constantFrom("download", "upload", "both"),
  free: fc.array(windows, { maxLength: 3 }),
});

/** Around both changes of 2026 in most zones, and around others' of Samoa's kind the days are ordinary. */
const uses = fc.array(
  fc.record({
    at: fc
      .tuple(
        fc.constantFrom(
          "2026-03-07T00:00Z",
          "2026-03-28T00:00Z",
          "2026-04-04T00:00Z",
          "2026-10-24T00:00Z",
          "2026-10-31T00:00Z",
        ),
        fc.integer({ min: 0, max: 9 * 86_400_000 }),
      )
      .map(([start, ms]) => Date.parse(start) + ms),
    in: fc.integer({ min: 0, max: 1e12 }),
    out: fc.integer({ min: 0, max: 1e12 }),
  }),
  { maxLength: 60 },
);

test("what counts is what each instant's own clock and weekday say, in any zone, when clocks are set as well", () => {
  fc.assert(
    fc.property(fc.constantFrom(...ZONES), countingRules, rules, uses, (zone, rule, cycleRule, happened) => {
      const plan: CountingRule = { ...rule, corrections: [] };
      const { days, hours, calendar } = stored(zone, happened);
      const cycles = cyclesBetween({ ...cycleRule, from: "2026-01-31" }, "2026-03-01", "2026-11-15");
      const found = sumCycles(plan, calendar, cycles, countDays(plan, calendar, days, hours), hours);
      for (const usage of found) {
        const within = happened.filter(({ at }) => {
          const day = local(at, zone).toPlainDate().toString();
          return usage.from <= day && day <= usage.to;
        });
        const counted = (some: readonly Use[]) => countedOf(rule.counts, some);
        const paid = within.filter(({ at }) => !naivelyFree(rule.free, local(at, zone)));
        expect(usage.measured).toBe(counted(paid));
        expect(usage.free).toBe(counted(within) - counted(paid));
        expect(usage.used).toBe(usage.measured);
        expect(usage.download + usage.upload).toBe(within.reduce((sum, one) => sum + one.in + one.out, 0));
      }
    }),
    { numRuns: 150 },
  );
});

test("a provider's figure replaces what was measured up to its instant, and only that", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...ZONES),
      countingRules,
      uses,
      fc.nat(1e12),
      fc.nat(8 * 24),
      (zone, rule, happened, bytes, hour) => {
        const { days, hours, calendar } = stored(zone, happened);
        // At a full hour: within one, only a share of it can be told.
        const at = calendar.slotOf(Date.parse("2026-03-28T12:00Z") + hour * 3_600_000).from;
        const cycleRule: CycleRule = { unit: "month", count: 1, from: "2026-01-25" };
        const cycle = cycleOf(cycleRule, calendar.dayOf(at));
        const plan: CountingRule = { ...rule, corrections: [{ at, cycle: cycle.from, bytes }] };
        const counted = countDays(plan, calendar, days, hours);
        const [found] = sumCycles(plan, calendar, [cycle], counted, hours);
        const later = happened.filter((use) => use.at >= at);
        const since = stored(zone, later);
        const [rest] = sumCycles(
          { ...rule, corrections: [] },
          calendar,
          [cycle],
          countDays(plan, calendar, since.days, since.hours),
          since.hours,
        );
        expect(found?.used).toBe(bytes + (rest?.measured ?? 0));
        // Of another cycle's figure nothing is taken.
        const stray = { ...plan, corrections: [{ at, cycle: "2026-02-01", bytes }] };
        expect(sumCycles(stray, calendar, [cycle], counted, hours)[0]?.used).toBe(found?.measured);
      },
    ),
    { numRuns: 150 },
  );
});
