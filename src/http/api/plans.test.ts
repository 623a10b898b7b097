import { expect, test } from "vitest";
import { EMPTY_HOUSEHOLD } from "../../household/document.ts";
import { daysFromTo } from "../../shared/calendar-days.ts";
import { type PlanReport, type PlansReport, planReportSchema, plansReportSchema } from "../../shared/plan-api.ts";
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
