import { expect, test } from "vitest";
import { EMPTY_HOUSEHOLD } from "../../household/document.ts";
import { daysFromTo } from "../../shared/calendar-days.ts";
import {
  type BillCheck,
  type Plan,
  type PlanReport,
  type PlansReport,
  planReportSchema,
  plansReportSchema,
  type WhatIf,
} from "../../shared/plan-api.ts";
import type { Store } from "../../store/store.ts";
import { charge, charging, settlement, viewOf } from "../../store/testing/settlements.ts";
import { testApp, testDeps, testStore, type Use } from "../testing.ts";

/** 2021-04-01 12:00 in Berlin, a Thursday, is the present of these tests. */
const TODAY = "2021-04-01";
const [PHONE, TABLET, TV] = ["02:00:00:00:00:01", "02:00:00:00:00:02", "02:00:00:00:00:03"];
const MB = 1_000_000;
const WEEKLY = { cycle: { unit: "week", count: 1, from: "2021-03-29" }, allowance: 500 * MB };
const MONTHLY = { cycle: { unit: "month", count: 1, from: "2021-03-01" } };

const daily = (mac: string, ip: string, from: string, megabytes: number): Use[] =>
  daysFromTo(from, TODAY).map((day) => ({ mac, ip, day, in: megabytes * MB, out: 0 }));

/** The tablet was Anna's until the 30th, and is Ben's from then on; the phone was always Anna's. */
const HANDS = {
  [PHONE]: [{ from: null, owner: 1 }],
  [TABLET]: [
    { from: null, owner: 1 },
    { from: "2021-03-30", owner: 2 },
  ],
};
const OWNERS = { 1: { name: "Anna", colour: 1 }, 2: { name: "Ben", colour: 2 } };

const storeOfAll = () =>
  testStore([
    ...daily(PHONE, "192.168.1.20", "2021-03-01", 10),
    { mac: PHONE, ip: "2001:db8::20", day: TODAY, in: MB, out: MB },
    ...daily(TABLET, "192.168.1.21", "2021-03-01", 100),
    ...daily(TV, "192.168.1.22", "2021-03-31", 1000),
  ]);

async function appWith(owners: object = OWNERS, given?: Store) {
  const store = given ?? (await storeOfAll());
  const deps = await testDeps([], { store });
  const document = { ...EMPTY_HOUSEHOLD, owners: owners as typeof OWNERS, hands: HANDS };
  return { app: testApp({ ...deps, household: { ...deps.household, document: () => document } }), store };
}

type App = Awaited<ReturnType<typeof appWith>>["app"];

const put = (app: App, of: string, plan: unknown) =>
  app.request(`/api/v1/plan?of=${encodeURIComponent(of)}`, {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ plan }),
  });

async function set(app: App, of: string, plan: unknown): Promise<PlanReport> {
  const response = await put(app, of, plan);
  expect(response.status).toBe(200);
  return planReportSchema.parse(await response.json());
}

async function plansOf(app: App): Promise<PlansReport["plans"]> {
  return plansReportSchema.parse(await (await app.request("/api/v1/plans")).json()).plans;
}

test("an owner's plan counts what devices used while they were his, at all of their addresses", async () => {
  const { app } = await appWith();
  const anna = await set(app, "owner:1", WEEKLY);
  // Four days of the phone, a MB each way at an excluded address, and the tablet on the 29th.
  expect(anna).toMatchObject({ of: "owner:1", name: "Anna", cycle: { from: "2021-03-29", used: 142 * MB, over: 0 } });
  expect(anna.past[0]).toMatchObject({ from: "2021-03-22", used: 770 * MB, over: 270 * MB });
  const ben = await set(app, "owner:2", WEEKLY);
  // Nothing can be known of before it was his.
  expect(ben).toMatchObject({ name: "Ben", cycle: { used: 300 * MB, measuredFrom: "2021-03-30" }, past: [] });
});

test("a device's plan is its own, and a forecast waits for days on which it was there", async () => {
  const { app } = await appWith();
  const tv = await set(app, `device:${TV.toUpperCase()}`, { ...WEEKLY, allowance: 1500 * MB });
  expect(tv).toMatchObject({
    of: `device:${TV}`,
    cycle: { used: 2000 * MB, over: 500 * MB },
    forecast: null,
    past: [],
  });
  const phone = await set(app, `device:${PHONE}`, MONTHLY);
  expect(phone.forecast?.expected).toBeGreaterThan(250 * MB);
  expect(phone.forecast?.expected).toBeLessThan(350 * MB);
  const free = [{ weekdays: [1, 2, 3, 4, 5, 6, 7], from: 9, to: 12 }];
  expect((await set(app, `device:${PHONE}`, { ...WEEKLY, free })).cycle).toMatchObject({ free: 42 * MB, used: 0 });
  expect((await set(app, "owner:1", { ...WEEKLY, free })).cycle).toMatchObject({ free: 142 * MB, used: 0 });
});

test("all plans are listed, the line's first; each is taken away by itself, and the line's is as before", async () => {
  const { app } = await appWith();
  await set(app, "owner:1", WEEKLY);
  await set(app, `device:${TV}`, WEEKLY);
  const line = await set(app, "line", MONTHLY);
  expect(line).toMatchObject({ of: "line", name: null, cycle: { from: "2021-04-01", used: 1112 * MB } });
  const listed = await plansOf(app);
  expect(listed.map(({ of, cycle }) => [of, cycle.used])).toEqual([
    ["line", 1112 * MB],
    ["owner:1", 142 * MB],
    [`device:${TV}`, 2000 * MB],
  ]);
  expect(await set(app, "owner:1", null)).toMatchObject({ of: "owner:1", plan: null, cycle: null });
  expect((await plansOf(app)).map(({ of }) => of)).toEqual(["line", `device:${TV}`]);
  const alone = planReportSchema.parse(await (await app.request("/api/v1/plan")).json());
  expect(alone).toEqual(line);
});

test("the plan of an owner who is deleted is not told, and is there again when the deletion is undone", async () => {
  const { app, store } = await appWith();
  await set(app, "owner:2", WEEKLY);
  const without = (await appWith({ 1: OWNERS[1] }, store)).app;
  expect(await plansOf(without)).toEqual([]);
  expect((await put(without, "owner:2", null)).status).toBe(404);
  expect((await plansOf((await appWith(OWNERS, store)).app)).map(({ of }) => of)).toEqual(["owner:2"]);
});

test("the plan of a device that is merged into another is the other's then, and there is one of it", async () => {
  const { app, store } = await appWith();
  await set(app, `device:${PHONE}`, MONTHLY);
  await store.applyView(viewOf({ macMac: new Map([[PHONE, TV]]) }));
  const merged = await plansOf(app);
  expect(merged.map(({ of, cycle }) => [of, cycle.used])).toEqual([[`device:${TV}`, 1012 * MB]]);
  await set(app, `device:${TV}`, WEEKLY);
  expect(await plansOf(app)).toMatchObject([{ of: `device:${TV}`, plan: WEEKLY }]);
  await set(app, `device:${PHONE}`, null);
  expect(await plansOf(app)).toEqual([]);
});

test("one of two lines has a plan by its meter, a bill that is checked, and another plan that is tried", async () => {
  const store = await testStore();
  const of = (source: string, megabytes: number) => {
    const charged = charging(
      charge({ mac: PHONE, ip: "192.168.1.20", day: TODAY, hour: 10, in: megabytes * MB, out: 0 }),
    );
    return settlement({ ...charged, books: { ...charged.books, source, at: Date.UTC(2021, 3, 1, 9) } });
  };
  await store.record(of("fibre", 700));
  await store.record(of("lte", 40));
  const { app } = await appWith(OWNERS, store);
  expect(await set(app, "meter:lte", MONTHLY)).toMatchObject({
    of: "meter:lte",
    name: "lte",
    cycle: { used: 40 * MB },
  });
  expect(await set(app, "line", MONTHLY)).toMatchObject({ cycle: { used: 740 * MB } });
  const check = async (query: string) => (await app.request(`/api/v1/plan/check${query}`)).json();
  expect(await check(`?of=meter:lte&cycle=${TODAY}`)).toMatchObject({ of: "meter:lte", ours: 40 * MB });
  expect(await check(`?cycle=${TODAY}`)).toMatchObject({ of: "line", ours: 740 * MB });
  const tried = await app.request("/api/v1/plan/what-if?of=meter:lte", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ plan: MONTHLY }),
  });
  const { of: whose, other, own } = (await tried.json()) as { of: string; other: unknown; own: unknown };
  expect(whose).toBe("meter:lte");
  expect(other).toMatchObject({ cycles: [{ used: 40 * MB }] });
  expect(own).toMatchObject({ plan: MONTHLY });
  expect((await app.request("/api/v1/plan/check?of=owner:1")).status).toBe(400);
  // Of what doesn't count, a line leaves out what went over it.
  const except = { owners: [1], devices: [] };
  expect((await set(app, "meter:lte", { ...MONTHLY, except })).cycle).toMatchObject({ used: 0 });
  expect((await set(app, "line", { ...MONTHLY, except })).cycle).toMatchObject({ used: 0 });
  expect(await check(`?of=meter:lte&cycle=${TODAY}`)).toMatchObject({ ours: 0 });
});

/** Everything is 10 + 100 + 1000 MB a day since the 31st, and 2 MB today. */
const DAILY = { cycle: { unit: "day", count: 1, from: "2021-03-01" } };

test("a device and an owner don't count in the line's plan, to the byte, of an owner while it was hers", async () => {
  const { app } = await appWith();
  const except = { owners: [2], devices: [TV.toUpperCase(), TV] };
  const report = await set(app, "line", { ...DAILY, except });
  expect(report.plan?.except).toEqual({ owners: [2], devices: [TV] });
  expect(report.notCounted).toEqual([
    { of: "owner:2", name: "Ben" },
    { of: `device:${TV}`, name: expect.any(String) },
  ]);
  expect(report.cycle).toMatchObject({ used: 12 * MB, download: 11 * MB });
  // The tablet was Anna's until the 30th: before, it counts.
  expect(report.past.slice(0, 3).map(({ from, used }) => [from, used])).toEqual([
    ["2021-03-31", 10 * MB],
    ["2021-03-30", 10 * MB],
    ["2021-03-29", 110 * MB],
  ]);
  const anna = await set(app, "line", { ...DAILY, except: { owners: [1], devices: [PHONE] } });
  expect(anna.past.slice(0, 3).map(({ used }) => used)).toEqual([1100 * MB, 100 * MB, 0]);
  expect(anna.past[2]).toMatchObject({ from: "2021-03-29", unmeasuredDays: 0 });
  expect((await plansOf(app))[0]).toMatchObject({
    of: "line",
    notCounted: anna.notCounted,
    cycle: { used: 1100 * MB },
  });
  expect((await set(app, "line", DAILY)).cycle).toMatchObject({ used: 1112 * MB });
});

test("what doesn't count isn't in free hours either, nor in the provider's figure's rest", async () => {
  const { app } = await appWith();
  const free = [{ weekdays: [1, 2, 3, 4, 5, 6, 7], from: 9, to: 12 }];
  const except = { owners: [], devices: [TV] };
  expect((await set(app, "line", { ...DAILY, free, except })).cycle).toMatchObject({ free: 112 * MB, used: 0 });
  const corrections = [{ at: Date.UTC(2021, 3, 1, 7), cycle: TODAY, bytes: 5 * MB }];
  expect((await set(app, "line", { ...DAILY, corrections, except })).cycle).toMatchObject({ used: 117 * MB });
});

test("a bill and another plan go by who counts, each by its own", async () => {
  const { app } = await appWith();
  await set(app, "line", { ...DAILY, except: { owners: [], devices: [TV] } });
  const check = (await (
    await app.request(`/api/v1/plan/check?cycle=2021-03-31&bytes=${1110 * MB}`)
  ).json()) as BillCheck;
  expect(check).toMatchObject({ ours: 110 * MB, notCounted: [{ of: `device:${TV}` }] });
  expect(check.causes[0]).toMatchObject({ kind: "not-counted", low: 1000 * MB, explains: 1, leaves: 0 });
  const tried = await app.request("/api/v1/plan/what-if", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ plan: { ...DAILY, except: { owners: [1], devices: [] } } }),
  });
  const { own, other } = (await tried.json()) as WhatIf;
  expect(own?.cycles.at(-2)).toMatchObject({ from: "2021-03-31", used: 110 * MB });
  expect(other.cycles.at(-2)).toMatchObject({ from: "2021-03-31", used: 1100 * MB });
  expect(other.notCounted).toEqual([{ of: "owner:1", name: "Anna" }]);
});

test("who can't be left out is refused with what is allowed; one who went since stays", async () => {
  const { app, store } = await appWith();
  for (const [of, except, said] of [
    ["line", { owners: [99] }, /no owner 99.*GET household/],
    ["line", { devices: ["02:00:00:00:00:99"] }, /no device 02:00:00:00:00:99/],
    ["line", { devices: ["tv"] }, /\\"tv\\" is neither a MAC nor an IP/],
    ["line", { owners: ["Anna"] }, /except: Who doesn't count/],
    ["owner:1", { devices: [TV] }, /plans of lines/],
    [`device:${TV}`, { owners: [1] }, /plans of lines/],
  ] as const) {
    const response = await put(app, of, { ...MONTHLY, except });
    expect(response.status).toBe(400);
    expect(await response.text()).toMatch(said);
  }
  expect(await plansOf(app)).toEqual([]);
  await set(app, "line", { ...DAILY, except: { owners: [2], devices: [] } });
  const without = (await appWith({ 1: OWNERS[1] }, store)).app;
  const kept = await set(without, "line", { ...DAILY, name: "Fibre", except: { owners: [2], devices: [] } });
  expect(kept).toMatchObject({ notCounted: [{ of: "owner:2", name: null }] });
});

test("a plan from before there were exceptions is read as one without", async () => {
  const { app, store } = await appWith();
  const { except: _, ...old } = (await set(app, "line", DAILY)).plan as Plan;
  await store.remember("plan", { line: old });
  expect((await plansOf(app))[0]).toMatchObject({ plan: { except: { owners: [], devices: [] } }, notCounted: [] });
});

test("whose it can't be is refused with what is allowed", async () => {
  const { app } = await appWith();
  for (const [of, status, said] of [
    ["everybody", 400, /of is line \(the default.*owner:ID/],
    ["owner:0", 400, /of is line/],
    ["owner:99", 404, /There is no owner 99/],
    ["device:02:00:00:00:00:99", 404, /02:00:00:00:00:99/],
    ["meter:nowhere", 400, /nowhere.*is no meter/],
    [`meter:${"x".repeat(200)}`, 400, /is no meter/],
  ] as const) {
    const response = await put(app, of, MONTHLY);
    expect([of, response.status]).toEqual([of, status]);
    expect(await response.text()).toMatch(said);
  }
});

test("fifty are followed beside the line's, and no more", async () => {
  const { app, store } = await appWith();
  const others = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`owner:${index + 10}`, MONTHLY]));
  await store.remember("plan", { line: null, others });
  const refused = await put(app, "owner:1", MONTHLY);
  expect(refused.status).toBe(400);
  expect(await refused.text()).toContain("50 plans");
});
