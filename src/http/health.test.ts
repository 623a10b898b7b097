import { describe, expect, test } from "vitest";
import { assessHealth } from "./health.ts";
import { NOON, STATUS, testApp, testDeps } from "./testing.ts";

const read = (readAt: number | null, more: Partial<typeof STATUS> = {}) => ({
  ...STATUS,
  ...more,
  meter: { ...STATUS.meter, readAt },
});

describe("readings every 30 s", () => {
  test.each([
    ["12 s old", "ok", NOON - 12_000],
    ["100 s old", "ok", NOON - 100_000],
    ["a little older", "stale", NOON - 100_001],
    ["from an hour ahead, after the clock was set back,", "stale", NOON + 3_600_000],
  ])("%s are %s", (_age, state, readAt) => {
    expect(assessHealth(read(readAt), NOON).state).toBe(state);
  });

  test("may be missing for the first two intervals, and no longer", () => {
    expect(assessHealth(read(null, { startedAt: NOON - 59_999 }), NOON).state).toBe("starting");
    expect(assessHealth(read(null, { startedAt: NOON - 60_000 }), NOON).state).toBe("stale");
  });
});

test("fresh readings are 200 with what a monitor wants to know", async () => {
  const response = await testApp(await testDeps()).request("/healthz");
  expect(response.status).toBe(200);
  expect(response.headers.get("cache-control")).toBe("no-store");
  expect(await response.json()).toEqual({
    status: "ok",
    version: "12.0.0",
    meter: { kind: "darkstat", version: "3.0.719", interface: "eth0", seenShare: null },
    demo: false,
    readAt: "2021-04-01T09:59:48.000Z",
    problems: [],
  });
});

const gone = {
  code: "meter-unreachable",
  since: NOON - 7_200_000,
  message: "darkstat does not answer.",
  hint: "Start it.",
} as const;

test("stale readings are 503 with the reason, in the envelope of every error", async () => {
  const app = testApp(await testDeps([], { status: () => read(NOON - 7_200_000, { problems: [gone] }) }));
  const response = await app.request("/healthz");
  expect(response.status).toBe(503);
  expect(await response.json()).toMatchObject({
    status: "stale",
    since: "2021-04-01T08:00:00.000Z",
    error: { code: "readings-stale", message: "darkstat does not answer.", hint: "Start it." },
    problems: [{ code: "meter-unreachable" }],
  });
  const head = await app.request("/healthz", { method: "HEAD" });
  expect(head.status).toBe(503);
  expect(await head.text()).toBe("");
});

test("readings that can't be kept are 503 in the store's words, however fresh they are", async () => {
  const full = {
    code: "store",
    since: NOON - 60_000,
    message: "WhiteStat.db: no space is left on the disk.",
    hint: "Free some space.",
  } as const;
  const app = testApp(await testDeps([], { status: () => read(NOON - 1_000, { problems: [full] }) }));
  const response = await app.request("/healthz");
  expect(response.status).toBe(503);
  expect(await response.json()).toMatchObject({
    status: "unsaved",
    since: "2021-04-01T09:59:00.000Z",
    error: { code: "store", message: full.message, hint: full.hint },
    readAt: "2021-04-01T09:59:59.000Z",
  });
});

test("staleness has a message even when no problem was reported", async () => {
  const app = testApp(await testDeps([], { status: () => read(null) }));
  expect(await (await app.request("/healthz")).json()).toMatchObject({
    error: { message: "No reading of darkstat yet." },
  });
});

test("staleness of the kernel's counters is told in their name", async () => {
  const stale = read(null);
  const status = () => ({ ...stale, meter: { ...stale.meter, kind: "kernel" as const } });
  const app = testApp(await testDeps([], { status }));
  expect(await (await app.request("/healthz")).json()).toMatchObject({
    error: { message: "No reading of the kernel's counters yet." },
  });
});

test("why the kernel's counters are not used is told where they might be", async () => {
  const status = () => ({ ...STATUS, meter: { ...STATUS.meter, whyNotKernel: "nft isn't installed." } });
  const response = await testApp({ ...(await testDeps()), status }).request("/healthz");
  expect(await response.json()).toMatchObject({ meter: { kind: "darkstat", whyNotKernel: "nft isn't installed." } });
});
