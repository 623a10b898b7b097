import { describe, expect, test } from "vitest";
import type { Plan, PlanReport } from "../wire.ts";
import { cycleIn, type Draft, draftOf, planOf } from "./draft.ts";
import { verdictOf } from "./verdict.ts";

const TODAY = "2026-11-22";
const NOW = Date.UTC(2026, 10, 22, 10);
const PLAN: Plan = {
  name: "Fibre",
  cycle: { unit: "month", count: 1, from: "2025-07-31" },
  allowance: 250 * 1024 ** 3,
  unit: 1024,
  counts: "download",
  free: [{ weekdays: [1], from: 22, to: 6 }],
  except: { owners: [2], devices: ["02:00:00:00:00:01"] },
  overPrice: { perGb: 0.5, currency: "EUR" },
  corrections: [{ at: 1, cycle: "2025-07-31", bytes: 7 }],
};
const read = (draft: Draft, before: Plan | null = null) => planOf(draft, before, NOW, () => "2026-11-01");

test.each<[string, Partial<Plan>]>([
  ["as it is", {}],
  ["quarterly", { cycle: { unit: "month", count: 3, from: "2025-07-31" } }],
  ["yearly", { cycle: { unit: "month", count: 12, from: "2024-02-29" } }],
  ["weekly", { cycle: { unit: "week", count: 1, from: "2025-07-31" } }],
  ["every 28 days", { cycle: { unit: "day", count: 28, from: "2025-07-31" } }],
  ["without limit, name and price", { allowance: null, name: null, overPrice: null }],
])("a plan that is opened and saved is the same: %s", (_, some) => {
  const plan = { ...PLAN, ...some };
  expect(read(draftOf(plan, TODAY), plan)).toEqual(plan);
});

test("a new plan is monthly from the first on, with neither limit nor price", () => {
  expect(read(draftOf(null, TODAY))).toMatchObject({
    cycle: { unit: "month", count: 1 },
    allowance: null,
    overPrice: null,
  });
  expect(cycleIn(draftOf(null, TODAY))?.from.slice(8)).toBe("01");
});

test("amounts are in the unit of the plan, and the provider's figure is of now and of the running cycle", () => {
  const draft = { ...draftOf(PLAN, TODAY), allowance: "1.5", unit: 1000 as const, provider: "0.25", currency: "usd" };
  expect(read(draft, PLAN)).toMatchObject({
    allowance: 1_500_000_000,
    overPrice: { perGb: 0.5, currency: "USD" },
    corrections: [PLAN.corrections[0], { at: NOW, cycle: "2026-11-01", bytes: 250_000_000 }],
  });
});

describe("a field that can't be so is named", () => {
  test.each<[string, Partial<Draft>]>([
    ["billingDay", { billingDay: "0" }],
    ["billingDay", { billingDay: "1.5" }],
    ["billingDay", { billingDay: "" }],
    ["from", { kind: "year", from: "" }],
    ["from", { kind: "week", from: "0026-01-01" }],
    ["days", { kind: "days", days: "367" }],
    ["allowance", { allowance: "0" }],
    ["allowance", { allowance: "much" }],
    ["weekdays", { free: [{ weekdays: [], from: 1, to: 7 }] }],
    ["price", { price: "-1" }],
    ["currency", { currency: "€" }],
    ["provider", { provider: "-5" }],
  ])("%s %j", (field, some) => {
    expect(read({ ...draftOf(PLAN, TODAY), ...some })).toMatchObject({ field, message: expect.any(String) });
  });

  test("but a currency nobody needs may be anything", () => {
    expect(read({ ...draftOf(PLAN, TODAY), price: "", currency: "" })).toMatchObject({ overPrice: null });
  });
});

test.each([
  ["over", 301, { expected: 500, low: 450, high: 550 }],
  ["certain", 100, { expected: 500, low: 301, high: 550 }],
  ["likely", 100, { expected: 301, low: 250, high: 550 }],
  ["possible", 100, { expected: 299, low: 250, high: 301 }],
  ["fine", 100, { expected: 200, low: 150, high: 300 }],
  ["likely", 100, { expected: null, low: 200, high: 500 }],
  ["none", 100, null],
] as const)("a cycle of 300 is %s at %d with the forecast %j", (verdict, used, forecast) => {
  const report = { plan: { ...PLAN, allowance: 300 }, cycle: { used }, forecast } as unknown as PlanReport;
  expect(verdictOf(report)).toBe(verdict);
  expect(verdictOf({ ...report, plan: PLAN.allowance === null ? null : { ...PLAN, allowance: null } })).toBe("none");
});
