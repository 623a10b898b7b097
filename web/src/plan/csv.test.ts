import { expect, test } from "vitest";
import type { BillCheck, Plan, WhatIf } from "../wire.ts";
import { billCsv } from "./bill-csv.ts";
import { whatIfCsv } from "./what-if-csv.ts";

const PLAN: Plan = {
  name: "=cmd|' /C calc'!A0",
  cycle: { unit: "month", count: 1, from: "2026-01-01" },
  allowance: null,
  unit: 1000,
  counts: "both",
  free: [],
  except: { owners: [], devices: [] },
  overPrice: { perGb: 2, currency: "EUR" },
  corrections: [],
};
const day = { download: 5, upload: 2, free: 1, counted: 6, spread: 7, measured: true };
const CHECK: BillCheck = {
  of: "line",
  plan: PLAN,
  notCounted: [],
  today: "2026-02-10",
  zone: "UTC",
  cycle: { from: "2026-01-30", to: "2026-01-31" },
  bytes: 14,
  ours: 12,
  difference: 2,
  days: [
    { ...day, day: "2026-01-30", sum: 6 },
    { ...day, day: "2026-01-31", sum: 12, measured: false },
  ],
  causes: [],
};

test("a bill's days are whole bytes, with their sums in the last line and a remark where nobody measured", () => {
  expect(billCsv(CHECK, "en").replace("\uFEFF", "").split("\r\n")).toEqual([
    "Day,Download (bytes),Upload (bytes),Free (bytes),Counts (bytes),Sum (bytes),Provider (bytes),Remark",
    "2026-01-30,5,2,1,6,6,7,",
    "2026-01-31,5,2,1,6,12,7,not measured",
    "Total,10,4,2,12,12,14,",
    "",
  ]);
});

test("without a provider's figure its column is empty", () => {
  const days = CHECK.days.map((one) => ({ ...one, spread: null }));
  const [, first] = billCsv({ ...CHECK, bytes: null, difference: null, days }, "en").split("\r\n");
  expect(first).toBe("2026-01-30,5,2,1,6,6,,");
});

test("costs have the reader's decimal sign, and a plan's name is no formula", () => {
  const cycle = { from: "2026-01-01", to: "2026-01-31", used: 3, free: 0, over: 1, cost: 12.5, estimatedDays: 0 };
  const sum = { cycles: 1, days: 31, used: 3, free: 0, over: 1, cost: 12.5, perMonth: 12.3 };
  const other = { plan: PLAN, notCounted: [], fee: 0, cycles: [{ ...cycle, isComplete: true }], sum };
  const own = {
    ...other,
    plan: { ...PLAN, name: null },
    cycles: [{ ...cycle, isComplete: false, estimatedDays: 2 }],
  };
  const both: WhatIf = { of: "line", today: "2026-02-10", zone: "UTC", from: "2026-01-01", own, other };
  const [, mine = "", theirs = ""] = whatIfCsv(both, "EUR", "de").split("\r\n");
  expect(mine).toBe(
    'Your plan;2026-01-01;2026-01-31;3;0;1;12,500000;EUR;"not complete; 2 days: free hours estimated"'.replace(
      "12,500000",
      '"12,500000"',
    ),
  );
  expect(theirs).toContain("'=cmd|");
  expect(theirs.split(";")[0]).toMatch(/^"?'=cmd/);
});

test("a fee of a plan without a price of its own is in the currency that was typed; without any price there is none", () => {
  const sum = { cycles: 0, days: 0, used: 0, free: 0, over: 0, cost: 0, perMonth: null };
  const cycle = { from: "2026-01-01", to: "2026-01-31", used: 3, free: 0, over: 0, cost: 30, estimatedDays: 0 };
  const other = { plan: PLAN, notCounted: [], fee: 30, cycles: [{ ...cycle, isComplete: true }], sum };
  const own = { ...other, plan: { ...PLAN, name: null, overPrice: null } };
  const both: WhatIf = { of: "line", today: "2026-02-10", zone: "UTC", from: "2026-01-01", own, other };
  const [, mine] = whatIfCsv(both, "USD", "en").split("\r\n");
  expect(mine).toBe("Your plan,2026-01-01,2026-01-31,3,0,0,30.000000,USD,");
  const [, unpriced] = whatIfCsv({ ...both, own: { ...own, fee: 0 } }, "USD", "en").split("\r\n");
  expect(unpriced).toBe("Your plan,2026-01-01,2026-01-31,3,0,0,,,");
});
