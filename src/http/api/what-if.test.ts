import { expect, test } from "vitest";
import { daysFromTo } from "../../shared/calendar-days.ts";
import { type WhatIf, whatIfSchema } from "../../shared/plan-api.ts";
import { testApp, testDeps } from "../testing.ts";

/** 2021-04-01 12:00 in Berlin is the present of these tests. */
const TODAY = "2021-04-01";
const GB = 1_000_000_000;
const MONTHLY = { unit: "month", count: 1, from: "2020-01-15" };

/** 1 GB down at ten o'clock of each day, and 1 GB at three. */
async function appSince(first: string) {
  const uses = daysFromTo(first, TODAY).flatMap((day) =>
    [3, 10].map((hour) => ({ ip: "192.168.1.20", mac: "02:00:00:00:00:01", day, hour, in: GB, out: 0 })),
  );
  return testApp(await testDeps(uses));
}
type App = Awaited<ReturnType<typeof appSince>>;

const send = (app: App, method: "PUT" | "POST", path: string, body: unknown, headers: Record<string, string> = {}) =>
  app.request(path, {
    method,
    headers: { "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });

async function whatIf(app: App, body: unknown): Promise<WhatIf> {
  const answer = await send(app, "POST", "/api/v1/plan/what-if", body);
  expect(answer.status).toBe(200);
  return whatIfSchema.parse(await answer.json());
}

test("the same past under another plan, beside the one that is set: each cycle, and the complete ones together", async () => {
  const app = await appSince("2021-01-10");
  const plan = { cycle: MONTHLY, allowance: 50 * GB, overPrice: { perGb: 2, currency: "EUR" } };
  await send(app, "PUT", "/api/v1/plan", { plan });
  const answer = await whatIf(app, {
    plan: { cycle: { ...MONTHLY, from: "2020-01-01" }, allowance: 20 * GB, overPrice: { perGb: 1, currency: "EUR" } },
    fee: 10,
    ownFee: 30,
  });
  expect(answer).toMatchObject({ today: TODAY, from: "2021-01-10" });
  // 31, 28 days; 2 GB each. The running cycle and the one before the first reading are listed, and not summed up.
  expect(answer.own?.cycles.map(({ from, used, cost, isComplete }) => [from, used, cost, isComplete])).toEqual([
    ["2020-12-15", 10 * GB, 30, false],
    ["2021-01-15", 62 * GB, 54, true],
    ["2021-02-15", 56 * GB, 42, true],
    ["2021-03-15", 36 * GB, 30, false],
  ]);
  expect(answer.own?.sum).toMatchObject({ cycles: 2, days: 59, used: 118 * GB, over: 18 * GB, cost: 96 });
  expect(answer.other.cycles.map(({ from, used, isComplete }) => [from, used, isComplete])).toEqual([
    ["2021-01-01", 44 * GB, false],
    ["2021-02-01", 56 * GB, true],
    ["2021-03-01", 62 * GB, true],
    ["2021-04-01", 2 * GB, false],
  ]);
  expect(answer.other.sum).toMatchObject({ cycles: 2, days: 59, used: 118 * GB, over: 78 * GB, cost: 98 });
  // Nothing of it was saved.
  const kept = (await (await app.request("/api/v1/plan")).json()) as { plan: object };
  expect(kept.plan).toMatchObject(plan);
});

test("free hours are taken off, and without a plan of one's own there is the other alone", async () => {
  const app = await appSince("2021-01-10");
  const free = [{ weekdays: [1, 2, 3, 4, 5, 6, 7], from: 1, to: 7 }];
  const answer = await whatIf(app, { plan: { cycle: MONTHLY, free }, from: "2021-02-01" });
  expect(answer).toMatchObject({ from: "2021-02-01", own: null });
  expect(answer.other.cycles.map(({ used, free: bytes }) => [used, bytes])).toEqual([
    [14 * GB, 14 * GB],
    [28 * GB, 28 * GB],
    [18 * GB, 18 * GB],
  ]);
});

test("it looks a year back unless it is told otherwise", async () => {
  const app = await appSince("2019-12-01");
  const plan = { cycle: MONTHLY };
  expect((await whatIf(app, { plan })).from).toBe("2020-04-01");
  expect((await whatIf(app, { plan, from: "2000-01-01" })).from).toBe("2019-12-01");
  expect((await whatIf(app, { plan, from: "2030-01-01" })).from).toBe(TODAY);
});

test("what can't be tried is refused with what is allowed", async () => {
  const app = await appSince("2021-03-01");
  const plan = { cycle: MONTHLY };
  const refused = async (body: unknown, headers = {}) => {
    const answer = await send(app, "POST", "/api/v1/plan/what-if", body, headers);
    return { status: answer.status, ...((await answer.json()) as { error: object }).error };
  };
  expect(await refused("{")).toMatchObject({ status: 400, code: "bad-json" });
  expect(await refused({})).toMatchObject({ code: "bad-plan", message: "plan is missing or not allowed." });
  expect(await refused({ plan: null })).toMatchObject({ code: "bad-plan", hint: expect.stringContaining('"fee": 20') });
  expect(await refused({ plan: { ...plan, allowance: -1 } })).toMatchObject({
    code: "bad-plan",
    message: "plan.allowance is missing or not allowed.",
    hint: expect.stringContaining("Bytes of a cycle"),
  });
  expect(await refused({ plan, fee: -1 })).toMatchObject({
    code: "bad-plan",
    message: "fee is missing or not allowed.",
  });
  expect(await refused({ plan, price: 3 })).toMatchObject({
    code: "bad-plan",
    message: 'The body has a field "price", which is unknown.',
  });
  expect(await refused({ plan, from: "2021-02-30" })).toMatchObject({
    code: "bad-plan",
    message: "from is not a date, 1970 or later.",
  });
  expect(await refused({ plan }, { origin: "http://elsewhere.example" })).toMatchObject({ status: 403 });
});
