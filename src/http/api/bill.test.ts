import { expect, test } from "vitest";
import { addDays, daysFromTo } from "../../shared/calendar-days.ts";
import { type BillCheck, billCheckSchema } from "../../shared/plan-api.ts";
import { recordUses, testApp, testDeps, testStore, type Use } from "../testing.ts";

/** 2021-04-01 12:00 in Berlin is the present of these tests. */
const TODAY = "2021-04-01";
const PHONE = { ip: "192.168.1.20", mac: "02:00:00:00:00:01" };
const GB = 1_000_000_000;
const MONTHLY = { cycle: { unit: "month", count: 1, from: "2020-01-15" } };

type App = ReturnType<typeof testApp>;

/** 1 GB down and 0.1 GB up at ten o'clock of each day; 2 GB on the days named. */
const daily = (from: string, to: string, double: readonly string[] = []): Use[] =>
  daysFromTo(from, to).map((day) => {
    const bytes = double.includes(day) ? 2 * GB : GB;
    return { ...PHONE, day, in: bytes, out: bytes / 10 };
  });

async function appWith(uses: readonly Use[], plan: object | null): Promise<App> {
  const app = testApp(await testDeps(uses));
  const headers = { "content-type": "application/json" };
  const body = JSON.stringify({ plan });
  expect((await app.request("/api/v1/plan", { method: "PUT", headers, body })).status).toBe(200);
  return app;
}

async function checkOf(app: App, query = ""): Promise<BillCheck> {
  const answer = await app.request(`/api/v1/plan/check${query}`);
  expect(answer.status).toBe(200);
  return billCheckSchema.parse(await answer.json());
}

async function refusal(app: App, query: string) {
  const answer = await app.request(`/api/v1/plan/check${query}`);
  return {
    status: answer.status,
    ...((await answer.json()) as { error: { code: string; message: string; hint: string } }).error,
  };
}

test("without a provider's figure it is ours of the last finished cycle, day by day", async () => {
  const check = await checkOf(
    await appWith(daily("2021-02-01", TODAY, ["2021-02-20"]), { ...MONTHLY, counts: "download" }),
  );
  expect(check).toMatchObject({
    cycle: { from: "2021-02-15", to: "2021-03-14" },
    bytes: null,
    ours: 29 * GB,
    difference: null,
    causes: [],
  });
  expect(check.days.map(({ day }) => day)).toEqual(daysFromTo("2021-02-15", "2021-03-14"));
  expect(check.days[5]).toEqual({
    day: "2021-02-20",
    download: 2 * GB,
    upload: 0.2 * GB,
    free: 0,
    counted: 2 * GB,
    sum: 7 * GB,
    spread: null,
    measured: true,
  });
});

test("a provider that counts both directions is told from one that counts a day more", async () => {
  const app = await appWith(daily("2021-02-01", TODAY, ["2021-02-14"]), { ...MONTHLY, counts: "download" });
  // 28 days of 1.1 GB.
  const both = await checkOf(app, `?cycle=2021-03-01&bytes=${30.8 * GB}`);
  expect(both).toMatchObject({ difference: 2.8 * GB });
  expect(both.causes[0]).toMatchObject({ kind: "both", explains: 1, leaves: 0 });
  expect(both.days.reduce((sum, { spread }) => sum + (spread ?? 0), 0)).toBe(30.8 * GB);
  const earlier = await checkOf(app, `?cycle=2021-03-01&bytes=${29 * GB}`);
  expect(earlier.difference).toBe(GB);
  expect(earlier.causes[0]).toMatchObject({ kind: "day-earlier", low: GB, high: GB, explains: 1 });
});

test("the running cycle goes up to now, and a figure of yesterday is one of its causes", async () => {
  const app = await appWith(daily("2021-03-01", TODAY), { ...MONTHLY, counts: "download" });
  const check = await checkOf(app, `?cycle=${TODAY}&bytes=${17 * GB}`);
  expect(check).toMatchObject({ cycle: { from: "2021-03-15", to: "2021-04-14" }, ours: 18 * GB, difference: -GB });
  expect(check.days.at(-1)?.day).toBe(TODAY);
  expect(check.causes.find(({ kind }) => kind === "delay")).toMatchObject({ low: -2 * GB, high: 0, explains: 1 });
});

test("days that nobody measured are worth a usual day each, also before the first", async () => {
  const uses = daily("2021-02-17", TODAY).filter(({ day }) => day !== "2021-03-02" && day !== "2021-03-03");
  const check = await checkOf(await appWith(uses, { ...MONTHLY, counts: "download" }), `?bytes=${28 * GB}`);
  expect(check.days.filter(({ measured }) => !measured).map(({ day }) => day)).toEqual([
    "2021-02-15",
    "2021-02-16",
    "2021-03-02",
    "2021-03-03",
  ]);
  expect(check.causes[0]).toEqual({ kind: "unmeasured", low: 4 * GB, high: 4 * GB, explains: 1, leaves: 0, figure: 4 });
});

test("addresses that IPFilter leaves out, and bytes that may be of the day before, are among the causes", async () => {
  const uses = daily("2021-02-10", TODAY).map((use) =>
    use.day === "2021-02-15" ? { ...use, reconstructed: "day" as const } : use,
  );
  const hidden = { ...PHONE, ip: "2001:db8::20", day: "2021-02-20", in: 5 * GB, out: 0 };
  const store = await testStore();
  await recordUses(store, [...uses, hidden]);
  const app = testApp(await testDeps([], { store }));
  const body = JSON.stringify({ plan: { ...MONTHLY, counts: "download" } });
  await app.request("/api/v1/plan", { method: "PUT", headers: { "content-type": "application/json" }, body });
  const check = await checkOf(app, `?bytes=${28 * GB}`);
  expect(check.ours).toBe(33 * GB);
  expect(check.causes.find(({ kind }) => kind === "excluded")).toMatchObject({ low: -5 * GB, explains: 1 });
  expect(check.causes.find(({ kind }) => kind === "estimated")).toMatchObject({ low: -GB, high: 0 });
});

test("what can't be checked is refused with what can", async () => {
  const none = testApp(await testDeps(daily("2021-03-01", TODAY)));
  expect(await refusal(none, "")).toMatchObject({ status: 404, code: "no-plan" });
  const app = await appWith(daily("2021-03-01", TODAY), MONTHLY);
  for (const bytes of ["-1", "1.5", "1e9", "lots", "9007199254740993", ""]) {
    expect(await refusal(app, `?bytes=${bytes}`)).toMatchObject({ status: 400, code: "bad-request" });
  }
  expect(await refusal(app, "?cycle=2021-02-30")).toMatchObject({ status: 400, code: "bad-date" });
  expect(await refusal(app, `?cycle=${addDays(TODAY, 14)}`)).toMatchObject({
    status: 400,
    code: "bad-range",
    message: "The cycle of 2021-04-15 has not begun.",
  });
  const long = await appWith(daily("2021-03-01", TODAY), { cycle: { unit: "month", count: 13, from: "2020-01-15" } });
  expect(await refusal(long, `?cycle=${TODAY}`)).toMatchObject({ status: 400, code: "bad-range" });
});
