import { describe, expect, test } from "vitest";
import { addDays, daysFromTo, weekdayOf } from "../../shared/calendar-days.ts";
import { type Plan, type PlanReport, planReportSchema } from "../../shared/plan-api.ts";
import { copyStore } from "../../store/copy-store.ts";
import { openSqliteStore } from "../../store/sqlite-store.ts";
import { type Store, StoreError } from "../../store/store.ts";
import { temporaryFolder, viewOf } from "../../store/testing/settlements.ts";
import { recordUses, testApp, testDeps, testStore, type Use } from "../testing.ts";

/** 2021-04-01 12:00 in Berlin is the present of these tests. */
const TODAY = "2021-04-01";
const PHONE = { ip: "192.168.1.20", mac: "02:00:00:00:00:01" };
const GB = 1_000_000_000;
const MONTHLY: Pick<Plan, "cycle"> = { cycle: { unit: "month", count: 1, from: "2020-01-15" } };

type App = ReturnType<typeof testApp>;

async function put(app: App, plan: unknown, query = "", headers: Record<string, string> = {}): Promise<Response> {
  const init = { "content-type": "application/json", ...headers };
  return app.request(`/api/v1/plan${query}`, { method: "PUT", headers: init, body: JSON.stringify({ plan }) });
}

async function reportOf(response: Response | Promise<Response>): Promise<PlanReport> {
  const answer = await response;
  expect(answer.status).toBe(200);
  return planReportSchema.parse(await answer.json());
}

/** A device that downloads so much, and uploads a tenth of it, at ten on each day of a range. */
const daily = (from: string, to: string, bytesOf: (day: string) => number): Use[] =>
  daysFromTo(from, to).map((day) => ({ ...PHONE, day, in: bytesOf(day), out: bytesOf(day) / 10 }));

async function appWith(uses: readonly Use[], more: Parameters<typeof testDeps>[1] = {}) {
  return testApp(await testDeps(uses, more));
}

test("there is none at first, then the one that was set, until it is taken away", async () => {
  const app = await appWith(daily("2021-03-10", TODAY, () => GB));
  const none = {
    plan: null,
    today: TODAY,
    zone: "Europe/Berlin",
    cycle: null,
    forecast: null,
    past: [],
    pastCycles: 0,
  };
  expect(await reportOf(app.request("/api/v1/plan"))).toMatchObject(none);
  const set = await reportOf(put(app, { ...MONTHLY, allowance: 50 * GB }));
  expect(set.plan).toEqual({
    ...MONTHLY,
    name: null,
    allowance: 50 * GB,
    unit: 1000,
    counts: "both",
    free: [],
    except: { owners: [], devices: [] },
    overPrice: null,
    corrections: [],
  });
  expect(set.cycle).toMatchObject({ from: "2021-03-15", to: "2021-04-14", used: 18 * 1.1 * GB, over: 0, cost: null });
  expect(await reportOf(app.request("/api/v1/plan"))).toEqual(set);
  expect(await reportOf(put(app, null))).toMatchObject(none);
  expect(await reportOf(app.request("/api/v1/plan"))).toMatchObject(none);
});

test("another billing day cuts the whole past anew, to the byte", async () => {
  // Every day another amount, so that a day in the wrong cycle shows.
  const bytesOf = (day: string) => (Number(day.slice(8)) * 7 + Number(day.slice(5, 7)) * 1000) * 10;
  const first = "2019-11-20";
  const app = await appWith(daily(first, TODAY, bytesOf));
  for (const day of [1, 15, 29, 31]) {
    const from = `2020-01-${String(day).padStart(2, "0")}`;
    const { cycle, past, pastCycles } = await reportOf(
      put(app, { cycle: { unit: "month", count: 1, from }, counts: "download" }, "?past=all"),
    );
    const all = [...past, ...(cycle ? [cycle] : [])].sort((a, b) => (a.from < b.from ? -1 : 1));
    expect(past).toHaveLength(pastCycles);
    expect(past[0]?.to).toBe(addDays(cycle?.from ?? "", -1));
    for (const [index, one] of all.entries()) {
      // The billing day, or the last of a shorter month: the day after it is in another month.
      const date = Number(one.from.slice(8));
      expect(date === day || (date < day && addDays(one.from, 1).endsWith("-01"))).toBe(true);
      if (index > 0) expect(one.from).toBe(addDays(all[index - 1]?.to ?? "", 1));
      const days = daysFromTo(one.from, one.to).filter((each) => each >= first && each <= TODAY);
      expect(one.used).toBe(days.reduce((sum, each) => sum + bytesOf(each), 0));
      expect(one.measuredFrom).toBe(index === 0 && one.from < first ? first : null);
    }
  }
  expect((await reportOf(app.request("/api/v1/plan?past=2"))).past).toHaveLength(2);
  expect((await reportOf(app.request("/api/v1/plan?past=0"))).past).toEqual([]);
});

test("every device counts, at addresses that IPFilter leaves out as well; routers and remote hosts don't", async () => {
  const uses = [
    { ...PHONE, in: 100, out: 10 },
    { ip: "2001:db8::1", mac: PHONE.mac, in: 20, out: 2 },
    { ip: "192.168.1.1", mac: "02:ff:ff:ff:ff:01", in: 5000, out: 5000 },
    { ip: "8.8.8.8", mac: "02:ff:ff:ff:ff:01", in: 5000, out: 5000 },
  ];
  const { cycle } = await reportOf(put(await appWith(uses), MONTHLY));
  expect(cycle).toMatchObject({ download: 120, upload: 12, used: 132 });
});

test("what is beyond the allowance has its price, per GB or GiB", async () => {
  const app = await appWith(daily("2021-03-15", TODAY, () => GB));
  const plan = { ...MONTHLY, counts: "download", allowance: 16 * GB, overPrice: { perGb: 3, currency: "EUR" } };
  expect((await reportOf(put(app, plan))).cycle).toMatchObject({ used: 18 * GB, over: 2 * GB, cost: 6 });
  const binary = (await reportOf(put(app, { ...plan, unit: 1024 }))).cycle;
  expect(binary?.cost).toBeCloseTo((2 * GB * 3) / 1024 ** 3);
});

test("free hours don't count, and days whose hours are gone are counted whole and told", async () => {
  const night = daysFromTo("2021-03-15", "2021-03-31").map((day) => ({ ...PHONE, day, hour: 3, in: 500, out: 0 }));
  const app = await appWith([...daily("2021-03-15", TODAY, () => 1000), ...night]);
  const free = [{ weekdays: [1, 2, 3, 4, 5], from: 1, to: 7 }];
  const { cycle } = await reportOf(put(app, { ...MONTHLY, counts: "download", free }));
  const workdays = daysFromTo("2021-03-15", "2021-03-31").filter((day) => weekdayOf(day) < 6).length;
  expect(cycle).toMatchObject({ free: 500 * workdays, used: 18 * 1000 + 500 * (17 - workdays), wholeDays: 0 });

  const store = await testStore();
  await recordUses(store, [...daily("2021-03-15", TODAY, () => 1000), ...night]);
  await store.prune({ hoursFrom: "2021-03-25", remoteFrom: null, devicesFrom: null });
  const pruned = await reportOf(put(testApp(await testDeps([], { store })), { ...MONTHLY, counts: "download", free }));
  const left = daysFromTo("2021-03-25", "2021-03-31").filter((day) => weekdayOf(day) < 6).length;
  expect(pruned.cycle).toMatchObject({ free: 500 * left, wholeDays: 10 });
});

test("the provider's figure takes the place of what was measured by then, until the cycles are others", async () => {
  const app = await appWith(daily("2021-02-20", TODAY, () => GB));
  // Midnight in Berlin that begins 25 March.
  const at = Date.parse("2021-03-24T23:00:00Z");
  const plan = { ...MONTHLY, counts: "download", corrections: [{ at, cycle: "2021-03-15", bytes: 25 * GB }] };
  expect((await reportOf(put(app, plan))).cycle).toMatchObject({
    measured: 18 * GB,
    used: 33 * GB,
    correction: { at, bytes: 25 * GB },
  });
  const moved = { ...plan, cycle: { unit: "month", count: 1, from: "2020-01-20" } };
  expect((await reportOf(put(app, moved))).cycle).toMatchObject({ measured: 13 * GB, used: 13 * GB, correction: null });
});

test("days on which nobody measured are told, and a quiet day that was measured is none", async () => {
  const store = await testStore();
  const quiet = { ...PHONE, day: "2021-03-20", in: 0, out: 0 };
  await recordUses(store, [
    ...daily("2021-03-16", "2021-03-19", () => GB),
    quiet,
    ...daily("2021-03-24", TODAY, () => GB),
  ]);
  const { cycle } = await reportOf(put(testApp(await testDeps([], { store })), MONTHLY));
  expect(cycle).toMatchObject({ measuredFrom: "2021-03-16", unmeasuredDays: 3 });
});

test("the forecast goes by the days before, and needs some", async () => {
  const plan = { ...MONTHLY, counts: "download" };
  const steady = await reportOf(put(await appWith(daily("2021-01-01", TODAY, () => GB)), plan));
  // 18 days are used, of the last half is left, and 13 days come after it.
  expect(steady.forecast?.expected).toBeGreaterThan(31 * GB);
  expect(steady.forecast?.expected).toBeLessThan(32 * GB);
  expect(steady.forecast?.low).toBeLessThan(steady.forecast?.expected ?? 0);
  expect((await reportOf(put(await appWith(daily("2021-03-27", TODAY, () => GB)), plan))).forecast).toMatchObject({
    expected: null,
  });
  expect((await reportOf(put(await appWith(daily("2021-03-31", TODAY, () => GB)), plan))).forecast).toBeNull();
});

test("an empty store has a cycle without usage", async () => {
  const { cycle, past, forecast } = await reportOf(put(await appWith([]), { ...MONTHLY, allowance: GB }));
  expect(cycle).toMatchObject({ from: "2021-03-15", to: "2021-04-14", used: 0, unmeasuredDays: 0 });
  expect({ past, forecast }).toEqual({ past: [], forecast: null });
});

test("it is still there after a restart, in a backup, and in a copy", async () => {
  using folder = temporaryFolder();
  const uses = daily("2021-03-15", TODAY, () => GB);
  const open = (name: string) => openSqliteStore({ path: folder.file(name), view: viewOf() });
  const first = open("first.db");
  await recordUses(first, uses);
  const set = await reportOf(put(testApp(await testDeps([], { store: first })), { ...MONTHLY, allowance: 3 * GB }));
  await first.checkpoint();
  await first.backup(folder.file("backup.db"));
  await first.close();
  await copyStore({
    from: { file: folder.file("first.db") },
    to: { file: folder.file("copy.db") },
    clock: { mono: () => 0, sleep: async () => {} },
    holder: { pid: process.pid, host: "here", since: 0 },
    onProgress: () => {},
  });
  for (const name of ["first.db", "backup.db", "copy.db"]) {
    const store = open(name);
    expect(await reportOf(testApp(await testDeps([], { store })).request("/api/v1/plan"))).toEqual(set);
    await store.close();
  }
});

describe("a plan that can't be is refused with what is allowed, and the one before stays", () => {
  const cycle = (some: object) => ({ cycle: { ...MONTHLY.cycle, ...some } });
  test.each([
    ["no cycle", {}, /plan\.cycle/, /days, weeks or months/],
    ["a month of no days", cycle({ count: 0 }), /plan\.cycle\.count/, /1 to 366/],
    ["a 30th of February", cycle({ from: "2021-02-30" }), /plan\.cycle\.from/, /1970 to 2199/],
    ["a day before days", cycle({ from: "0001-01-01" }), /plan\.cycle\.from/, /1970 to 2199/],
    ["a unit nobody knows", cycle({ unit: "fortnight" }), /plan\.cycle\.unit/, /weeks/],
    ["less than nothing", { ...MONTHLY, allowance: -1 }, /plan\.allowance/, /Bytes of a cycle/],
    ["half a byte", { ...MONTHLY, allowance: 0.5 }, /plan\.allowance/, /Bytes of a cycle/],
    [
      "a weekday too many",
      { ...MONTHLY, free: [{ weekdays: [8], from: 1, to: 7 }] },
      /free\.0\.weekdays\.0/,
      /1 \(Monday\)/,
    ],
    ["an hour too late", { ...MONTHLY, free: [{ weekdays: [1], from: 24, to: 7 }] }, /free\.0\.from/, /0 to 23/],
    ["a price without a currency", { ...MONTHLY, overPrice: { perGb: 3 } }, /overPrice\.currency/, /EUR/],
    [
      "an instant beyond all",
      { ...MONTHLY, corrections: [{ at: 9e15, cycle: TODAY, bytes: 1 }] },
      /corrections\.0\.at/,
      /at/,
    ],
    ["a field that is none", { ...MONTHLY, alowance: 5 }, /"alowance"/, /allowance/],
  ])("%s", async (_, plan, message, hint) => {
    const app = await appWith([]);
    const before = await reportOf(put(app, MONTHLY));
    const answer = await put(app, plan);
    expect(answer.status).toBe(400);
    const { error } = (await answer.json()) as { error: { code: string; message: string; hint: string } };
    expect(error.code).toBe("bad-plan");
    expect(error.message).toMatch(message);
    expect(error.hint).toMatch(hint);
    expect(await reportOf(app.request("/api/v1/plan"))).toEqual(before);
  });

  test("what is no JSON, no plan at all, or asks for a strange past", async () => {
    const app = await appWith([]);
    const headers = { "content-type": "application/json" };
    const send = async (body: string) => (await app.request("/api/v1/plan", { method: "PUT", headers, body })).json();
    expect(await send("{")).toMatchObject({ error: { code: "bad-json" } });
    expect(await send("[]")).toMatchObject({ error: { code: "bad-plan" } });
    expect(await send("{}")).toMatchObject({ error: { code: "bad-plan" } });
    for (const past of ["-1", "many", "5001"]) {
      expect((await app.request(`/api/v1/plan?past=${past}`)).status).toBe(400);
    }
  });
});

test("pages of other sites can't set it, nor forms", async () => {
  const app = await appWith([]);
  expect((await put(app, MONTHLY, "", { "sec-fetch-site": "cross-site" })).status).toBe(403);
  expect((await put(app, MONTHLY, "", { "content-type": "text/plain" })).status).toBe(415);
  expect(await reportOf(app.request("/api/v1/plan"))).toMatchObject({ plan: null });
});

test("where the store can't keep it, that is said", async () => {
  const store: Store = {
    ...(await testStore()),
    remember: async () => {
      throw new StoreError("full", "disk full", "Make room on the disk.");
    },
  };
  const answer = await put(await appWith([], { store }), MONTHLY);
  expect(answer.status).toBe(503);
  expect(await answer.json()).toMatchObject({ error: { code: "store", hint: "Make room on the disk." } });
});
