import { expect, test } from "vitest";
import { EMPTY_HOUSEHOLD } from "../household/document.ts";
import { savePlan } from "../http/api/plan.ts";
import { NOON, recordUses, testDeps, testStore, type Use } from "../http/testing.ts";
import type { AlertRules } from "../shared/alerts-api.ts";
import { addDays, daysFromTo } from "../shared/calendar-days.ts";
import { type Store, StoreError } from "../store/store.ts";
import { createAlertFacts } from "./alert-facts.ts";

/** 2021-04-01 12:00 in Berlin is the present of these tests. */
const TODAY = "2021-04-01";
const TV = { ip: "192.168.1.20", mac: "02:00:00:00:00:01" };
const PHONE = { ip: "192.168.1.21", mac: "00:11:32:00:00:02" };
const GB = 1_000_000_000;

const RULES: AlertRules = {
  plan: { percents: [80], forecast: true },
  usage: [
    { device: null, bytes: GB, per: "day", counts: "download" },
    { device: TV.mac, bytes: 30 * GB, per: "cycle", counts: "both" },
    { device: PHONE.mac, bytes: 100 * GB, per: "cycle", counts: "both" },
  ],
  newDevice: { privateMacs: true },
  unusual: true,
  silent: null,
  missed: { percent: 5 },
  books: true,
  store: true,
};

const past: Use[] = daysFromTo("2021-03-01", addDays(TODAY, -1)).map((day) => ({ ...TV, day, in: 2 * GB, out: 0 }));
const today: Use[] = [
  { ...TV, in: 2 * GB, out: GB / 2, hostname: "tv.lan" },
  { ...PHONE, in: GB, out: 0 },
];

async function factsOn(store: Store, clock: { now: number }) {
  const deps = await testDeps([], { store, now: () => clock.now });
  return createAlertFacts({
    ...deps,
    store,
    nameOf: () => null,
    problems: () => [],
    readAt: () => null,
    startedAt: NOON - 5,
  });
}

test("facts are those of the plan, of devices beyond a limit, of what is new, and of what the meter missed", async () => {
  const store = await testStore([...past, ...today]);
  await savePlan(
    { store },
    {
      name: null,
      cycle: { unit: "month", count: 1, from: "2021-03-20" },
      allowance: 100 * GB,
      unit: 1000,
      counts: "download",
      free: [],
      overPrice: null,
      corrections: [],
    },
  );
  const clock = { now: NOON };
  const facts = await factsOn(store, clock);
  const first = await facts.gather(RULES);
  expect(first).toMatchObject({ now: NOON, today: TODAY, readAt: NOON - 5, unusual: [], problems: [] });
  // 12 days of 2 GB, and today.
  expect(first.plan).toMatchObject({ from: "2021-03-20", to: "2021-04-19", used: 27 * GB, allowance: 100 * GB });
  expect(first.plan?.expected).toBeGreaterThan(50 * GB);
  expect(first.usage).toEqual([[{ key: TV.mac, name: "tv.lan", bytes: 2 * GB }], [], []]);
  expect(first.newDevices).toEqual([
    { key: PHONE.mac, name: PHONE.mac, firstDay: TODAY, privateMac: false, isKnownByName: false },
  ]);

  // Half a minute later nothing of it is asked for again; a minute later the amounts are.
  clock.now += 30_000;
  expect(await facts.gather(RULES)).toMatchObject({ plan: null, usage: null, newDevices: null, unusual: null });
  clock.now += 31_000;
  const later = await facts.gather(RULES);
  expect(later.plan).not.toBeNull();
  expect(later.newDevices).toBeNull();

  // A MAC that was never seen makes it look for what is new within a minute.
  facts.settled([{ mac: "02:00:00:00:00:77", ip: "192.168.1.77" }]);
  clock.now += 61_000;
  expect((await facts.gather(RULES)).newDevices).toHaveLength(1);
  facts.askAll();
  expect((await facts.gather(RULES)).usage).not.toBeNull();
});

test("an owner's limit is for his devices together", async () => {
  const store = await testStore(today);
  const hands = { [TV.mac]: [{ from: null, owner: 3 }], [PHONE.mac]: [{ from: null, owner: 3 }] };
  const document = { ...EMPTY_HOUSEHOLD, owners: { 3: { name: "Kids", colour: 1 } }, hands };
  const facts = createAlertFacts({
    ...(await testDeps([], { store })),
    store,
    nameOf: () => null,
    household: { document: () => document },
    problems: () => [],
    readAt: () => null,
    startedAt: NOON,
  });
  const limit = { device: null, bytes: 2.5 * GB, per: "day", counts: "download" } as const;
  const usage = [{ ...limit, owner: 3 }, { ...limit, owner: 4 }, limit];
  expect((await facts.gather({ ...RULES, usage })).usage).toEqual([
    [{ key: "owner 3", name: "Kids", bytes: 3 * GB }],
    [],
    [],
  ]);
});

test("on the meter's first day nothing is new, and what can't be read is not known", async () => {
  const store = await testStore(today);
  const clock = { now: NOON };
  expect((await (await factsOn(store, clock)).gather(RULES)).newDevices).toEqual([]);
  await recordUses(store, []);
  const broken: Store = {
    ...store,
    devices: async () => {
      throw new StoreError("busy", "busy", "Wait.");
    },
  };
  const facts = await factsOn(broken, clock);
  expect(await facts.gather(RULES)).toMatchObject({ usage: null, newDevices: null });
});
