import * as fc from "fast-check";
import { Temporal } from "temporal-polyfill";
import { expect, test } from "vitest";
import { counted, local, naivelyFree, stored, type Use } from "./testing.ts";
import { type Offer, whatIf } from "./what-if.ts";

const ZONES = ["UTC", "Europe/Berlin", "America/Havana", "Asia/Kathmandu"];
const FROM = "2026-01-20";
const TO = "2026-05-10";
const uses: fc.Arbitrary<Use[]> = fc.array(
  fc.record({
    at: fc.integer({ min: Date.parse("2026-01-22T00:00Z"), max: Date.parse("2026-05-09T00:00Z") }),
    in: fc.integer({ min: 0, max: 1e12 }),
    out: fc.integer({ min: 0, max: 1e12 }),
  }),
  { maxLength: 60 },
);
const offers: fc.Arbitrary<Offer> = fc.record({
  cycle: fc.record({
    unit: fc.constantFrom("day", "week", "month"),
    count: fc.integer({ min: 1, max: 5 }),
    from: fc.constantFrom("2025-12-31", "2024-02-29", "2026-03-15", "2027-01-01"),
  }),
  counts: fc.constantFrom("download", "upload", "both"),
  free: fc.array(
    fc.record({
      weekdays: fc.uniqueArray(fc.integer({ min: 1, max: 7 }), { minLength: 1 }),
      from: fc.integer({ min: 0, max: 23 }),
      to: fc.integer({ min: 1, max: 24 }),
    }),
    { maxLength: 2 },
  ),
  allowance: fc.option(fc.integer({ min: 1, max: 3e12 })),
  unit: fc.constantFrom(1000, 1024),
  overPrice: fc.option(fc.record({ perGb: fc.integer({ min: 0, max: 50 }) })),
  fee: fc.integer({ min: 0, max: 100 }),
});

test("each cycle costs its fee and what the uses of its days are over, in any zone and with any hours free", () => {
  fc.assert(
    fc.property(fc.constantFrom(...ZONES), offers, uses, (zone, offer, happened) => {
      const { calendar, days, hours } = stored(zone, happened);
      const { cycles, sum } = whatIf(offer, { from: FROM, to: TO, today: TO, calendar, days, hours });
      const price = offer.overPrice?.perGb ?? 0;
      let [used, cost, complete] = [0, 0, 0];
      for (const cycle of cycles) {
        const within = happened.filter(({ at }) => {
          const day = local(at, zone).toPlainDate().toString();
          return cycle.from <= day && day <= cycle.to;
        });
        const paid = within.filter(({ at }) => !naivelyFree(offer.free, local(at, zone)));
        const over = offer.allowance === null ? 0 : Math.max(0, counted(offer.counts, paid) - offer.allowance);
        expect(cycle.used).toBe(counted(offer.counts, paid));
        expect(cycle.free).toBe(counted(offer.counts, within) - cycle.used);
        expect(cycle.over).toBe(over);
        expect(cycle.cost).toBeCloseTo(offer.fee + (over / offer.unit ** 3) * price, 6);
        expect(cycle.estimatedDays).toBe(0);
        expect(cycle.isComplete).toBe(cycle.from >= FROM && cycle.to < TO);
        if (!cycle.isComplete) continue;
        used += cycle.used;
        cost += cycle.cost;
        complete += 1;
      }
      expect(sum).toMatchObject({ used, cycles: complete });
      expect(sum.cost).toBeCloseTo(cost, 6);
      // Nothing falls between two cycles.
      expect(cycles.reduce((all, one) => all + one.used + one.free, 0)).toBe(counted(offer.counts, happened));
    }),
    { numRuns: 200 },
  );
});

test("a year of months costs a month what a month costs, and so does a year of weeks by its days", () => {
  const none = { counts: "both", free: [], allowance: null, unit: 1000, overPrice: null } as const;
  const { calendar } = stored("UTC", []);
  const past = { from: "2025-01-01", to: "2025-12-31", today: "2026-01-01", calendar, days: [], hours: [] };
  const monthly = whatIf({ ...none, cycle: { unit: "month", count: 1, from: "2020-01-01" }, fee: 12 }, past).sum;
  expect(monthly).toMatchObject({ cycles: 12, days: 365, cost: 144 });
  expect(monthly.perMonth).toBeCloseTo((144 / 365) * (365.25 / 12), 9);
  const weekly = whatIf({ ...none, cycle: { unit: "week", count: 1, from: "2025-01-01" }, fee: 7 }, past).sum;
  expect(weekly).toMatchObject({ cycles: 52, days: 364, cost: 364 });
  expect(weekly.perMonth).toBeCloseTo(365.25 / 12, 9);
  const yearly = whatIf({ ...none, cycle: { unit: "month", count: 12, from: "2025-07-01" }, fee: 7 }, past).sum;
  expect(yearly).toMatchObject({ cycles: 0, cost: 0, perMonth: null });
});

test("days without hours get the share of free hours that their weekday has", () => {
  const date = Temporal.PlainDate.from("2026-03-02");
  // Four weeks: on weekdays a quarter of the use is at two at night, on weekends half of it.
  const happened = Array.from({ length: 28 }, (_, index) => date.add({ days: index })).flatMap((day) => {
    const night = day.dayOfWeek > 5 ? 50 : 25;
    const at = (hour: number) => Date.parse(`${day}T${String(hour).padStart(2, "0")}:00Z`);
    return [
      { at: at(2), in: night, out: 0 },
      { at: at(12), in: 100 - night, out: 0 },
    ];
  });
  const { calendar, days, hours } = stored("UTC", happened);
  const offer: Offer = {
    cycle: { unit: "week", count: 1, from: "2026-03-02" },
    counts: "both",
    free: [{ weekdays: [1, 2, 3, 4, 5, 6, 7], from: 1, to: 7 }],
    allowance: null,
    unit: 1000,
    overPrice: null,
    fee: 0,
  };
  const past = { from: "2026-03-02", to: "2026-03-29", today: "2026-03-30", calendar, days };
  const week = { used: 5 * 75 + 2 * 50, free: 5 * 25 + 2 * 50 };
  const kept = hours.filter(({ day }) => day >= "2026-03-16");
  const { cycles } = whatIf(offer, { ...past, hours: kept });
  expect(cycles.map(({ used, free }) => ({ used, free }))).toEqual([week, week, week, week]);
  expect(cycles.map(({ estimatedDays }) => estimatedDays)).toEqual([7, 7, 0, 0]);
  // Where only weekends are known, weekdays get their share; where nothing is, nothing is free.
  const weekend = whatIf(offer, { ...past, hours: hours.filter(({ day }) => day === "2026-03-28") }).cycles;
  expect(weekend[0]).toMatchObject({ used: 350, free: 350 });
  expect(whatIf(offer, { ...past, hours: [] }).cycles[0]).toMatchObject({ used: 700, free: 0, estimatedDays: 7 });
});
