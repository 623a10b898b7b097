import { beforeAll, expect, test } from "vitest";
import type { Days, Usage } from "../../shared/api.ts";
import { testApp, testDeps } from "../testing.ts";

/** More than are listed, each with some bytes more than the one before. */
const CROWD = 1_003;
const TODAY = "2021-04-01";
let app: ReturnType<typeof testApp>;

beforeAll(async () => {
  const uses = Array.from({ length: CROWD }, (_, n) => ({
    ip: `10.0.${n >> 8}.${n & 255}`,
    mac: `02:aa:00:00:${(n >> 8).toString(16).padStart(2, "0")}:${(n & 255).toString(16).padStart(2, "0")}`,
    in: 100 + n,
    out: 1,
  }));
  app = testApp(await testDeps(uses));
});

const get = async (path: string): Promise<unknown> => (await app.request(`/api/v1${path}`)).json();
const sumOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);

test.each(["hour", "day", "month"])(
  "by the %s the biggest thousand are listed, the others are one, and all add up",
  async (group) => {
    const usage = (await get(`/usage?from=${TODAY}&to=${TODAY}&group=${group}`)) as Usage;
    expect(usage.devices).toHaveLength(1_000);
    expect(usage.devices[0]?.download).toBe(100 + CROWD - 1);
    expect(usage.others).toMatchObject({ devices: 3, download: 100 + 101 + 102, upload: 3 });
    expect(sumOf(usage.others?.series.download ?? [])).toBe(303);
    const all = sumOf(Array.from({ length: CROWD }, (_, n) => 100 + n));
    expect(usage.totals).toEqual({ download: all, upload: CROWD, devices: CROWD });
    expect(sumOf(usage.devices.map(({ download }) => download)) + 303).toBe(all);
    expect(usage.balance.devices.in).toBe(all);
  },
);

test("of each day the biggest thousand are listed, and how many are not is said", async () => {
  const days = (await get(`/days?from=${TODAY}`)) as Days;
  expect(days.rows).toHaveLength(1_000);
  expect(days.devices).toHaveLength(1_000);
  expect(days.unlisted).toBe(3);
  expect(days.rows[0]?.[3]).toBe(100 + CROWD - 1);
  expect(days.rows.map((row) => row[1])).toEqual(days.rows.map((_, index) => index));
});

test("where all are listed there are no others", async () => {
  const one = testApp(await testDeps([{ ip: "10.0.0.1" }]));
  expect(((await (await one.request("/api/v1/usage")).json()) as Usage).others).toBeNull();
});
