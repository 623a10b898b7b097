import { expect, test } from "vitest";
import { EMPTY_HOUSEHOLD } from "../household/document.ts";
import { keepPlan } from "../http/api/plan-subjects.ts";
import type { LearntNames } from "../http/learnt-names.ts";
import { NOON, recordUses, testDeps, testStore, type Use } from "../http/testing.ts";
import type { AlertRules } from "../shared/alerts-api.ts";
import { addDays, daysFromTo } from "../shared/calendar-days.ts";
import type { Plan } from "../shared/plan-api.ts";
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

const PLAN: Plan = {
  name: null,
  cycle: { unit: "month", count: 1, from: "2021-03-20" },
  allowance: 100 * GB,
  unit: 1000,
  counts: "download",
  free: [],
  except: { owners: [], devices: [] },
  overPrice: null,
  corrections: [],
};
const ofLine = { of: "line", aliases: [] };

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

/** The devices that are new today, by whether each is probably known under another MAC, where these names were learnt. */
async function probablyKnown(
  deps: Awaited<ReturnType<typeof testDeps>>,
  names: ReadonlyMap<string, ReturnType<LearntNames["namesOf"]>>,
): Promise<ReadonlyMap<string, boolean>> {
  const facts = createAlertFacts({
    ...deps,
    nameOf: () => null,
    learnt: { learntName: () => null, namesOf: (key) => names.get(key) ?? [] },
    problems: () => [],
    readAt: () => null,
    startedAt: NOON,
  });
  const { newDevices } = await facts.gather(RULES);
  return new Map(newDevices?.map(({ key, isProbablyKnown }) => [key, isProbablyKnown]));
}

test("facts are those of the plan, of devices beyond a limit, of what is new, and of what the meter missed", async () => {
  const store = await testStore([...past, ...today]);
  await keepPlan(store, ofLine, PLAN);
  const clock = { now: NOON };
  const facts = await factsOn(store, clock);
  const first = await facts.gather(RULES);
  expect(first).toMatchObject({ now: NOON, today: TODAY, readAt: NOON - 5, unusual: [], problems: [] });
  // 12 days of 2 GB, and today.
  expect(first.plans).toMatchObject([
    { of: "line", name: null, from: "2021-03-20", to: "2021-04-19", used: 27 * GB, allowance: 100 * GB },
  ]);
  expect(first.plans?.[0]?.expected).toBeGreaterThan(50 * GB);
  expect(first.usage).toEqual([
    { until: TODAY, devices: [{ key: TV.mac, name: "tv.lan", bytes: 2 * GB }] },
    { until: "2021-04-19", devices: [] },
    { until: "2021-04-19", devices: [] },
  ]);
  expect(first.newDevices).toEqual([
    { key: PHONE.mac, name: PHONE.mac, firstDay: TODAY, privateMac: false, isProbablyKnown: false },
  ]);

  // Half a minute later nothing of it is asked for again; a minute later the amounts are.
  clock.now += 30_000;
  expect(await facts.gather(RULES)).toMatchObject({ plans: null, usage: null, newDevices: null, unusual: null });
  clock.now += 31_000;
  const later = await facts.gather(RULES);
  expect(later.plans).not.toBeNull();
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
    household: { load: async () => {}, document: () => document },
    problems: () => [],
    readAt: () => null,
    startedAt: NOON,
  });
  const limit = { device: null, bytes: 2.5 * GB, per: "day", counts: "download" } as const;
  const usage = [{ ...limit, owner: 3 }, { ...limit, owner: 4 }, limit];
  expect((await facts.gather({ ...RULES, usage })).usage).toEqual([
    { until: TODAY, devices: [{ key: "owner 3", name: "Kids", bytes: 3 * GB }] },
    { until: TODAY, devices: [] },
    { until: TODAY, devices: [] },
  ]);
});

test("a limit in a cycle is for that of a plan of its own, or else the line's", async () => {
  const store = await testStore([...past, ...today]);
  const weekly = { ...PLAN, cycle: { unit: "week", count: 1, from: "2021-03-29" } } as const;
  await keepPlan(store, { of: `device:${TV.mac}`, aliases: [] }, weekly);
  const limit = { bytes: 5 * GB, per: "cycle", counts: "download" } as const;
  const usage = [
    { ...limit, device: TV.mac },
    { ...limit, device: null },
  ];
  const clock = { now: NOON };
  const tv = { key: TV.mac, name: "tv.lan" };
  // Three days of 2 GB, and today.
  const ofWeek = { until: "2021-04-04", devices: [{ ...tv, bytes: 8 * GB }] };
  const gather = async () => (await factsOn(store, clock)).gather({ ...RULES, usage });
  expect((await gather()).usage).toEqual([ofWeek, { until: TODAY, devices: [] }]);
  await keepPlan(store, ofLine, PLAN);
  const { plans, usage: found } = await gather();
  expect(found).toEqual([ofWeek, { until: "2021-04-19", devices: [{ ...tv, bytes: 26 * GB }] }]);
  expect(plans?.map(({ of, name, used }) => [of, name, used])).toEqual([
    ["line", null, 27 * GB],
    [`device:${TV.mac}`, "tv.lan", 8 * GB],
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

test("a private MAC that is proposed as a known device's new one is probably known", async () => {
  const [old, fresh] = ["02:00:00:00:00:21", "02:00:00:00:00:22"];
  const store = await testStore([
    ...daysFromTo("2021-03-01", addDays(TODAY, -1)).map((day) => ({ mac: old, ip: "192.168.1.30", day })),
    { mac: fresh, ip: "192.168.1.31" },
    { mac: "02:00:00:00:00:23", ip: "192.168.1.32" },
  ]);
  const deps = await testDeps([], { store });
  const names = new Map(
    [old, fresh].map((key) => [key, [{ name: "mias-ipad", kind: "lease", from: "dnsmasq" } as const]]),
  );
  expect([...(await probablyKnown(deps, names))]).toEqual([
    [fresh, true],
    ["02:00:00:00:00:23", false],
  ]);
});

test("a private MAC with a known device's hostname is probably known; a maker's own MAC, or a name of another kind, is not", async () => {
  const [old, fresh, card, other] = [
    "02:00:00:00:00:21",
    "02:00:00:00:00:22",
    "00:11:32:00:00:23",
    "02:00:00:00:00:24",
  ];
  const store = await testStore([
    { mac: "02:00:00:00:00:01", ip: "192.168.1.20", day: "2021-03-01" },
    { mac: old, ip: "192.168.1.30", day: addDays(TODAY, -9), hostname: "tablet.lan" },
    { mac: fresh, ip: "192.168.1.31", hostname: "tablet.lan" },
    { mac: card, ip: "192.168.1.32", hostname: "tablet.lan" },
    { mac: other, ip: "192.168.1.33" },
  ]);
  const deps = await testDeps([], { store });
  const names = new Map([old, other].map((key) => [key, [{ name: "tablet", kind: "hosts", from: "hosts" } as const]]));
  expect(await probablyKnown(deps, names)).toEqual(
    new Map([
      [fresh, true],
      [card, false],
      [other, false],
    ]),
  );
});

test("a private MAC is no known device's where that came on the same day, or where a person said that they are two", async () => {
  const [old, fresh, twin, merged] = ["21", "22", "23", "24"].map((end) => `02:00:00:00:00:${end}`) as [
    string,
    string,
    string,
    string,
  ];
  const second = "02:00:00:00:00:25";
  const store = await testStore([
    { mac: "02:00:00:00:00:01", ip: "192.168.1.20", day: "2021-03-01" },
    { mac: old, ip: "192.168.1.30", day: addDays(TODAY, -9), hostname: "tablet.lan" },
    { mac: fresh, ip: "192.168.1.31", hostname: "twin.lan" },
    { mac: twin, ip: "192.168.1.32", hostname: "twin.lan" },
    { mac: merged, ip: "192.168.1.33" },
    { mac: second, ip: "192.168.1.34" },
  ]);
  const deps = await testDeps([], { store });
  // What calls itself alike may be any of a device's interfaces.
  const names = new Map(
    [old, second].map((key) => [key, [{ name: "mias-ipad", kind: "lease", from: "dnsmasq" } as const]]),
  );
  const found = async () => Object.fromEntries(await probablyKnown(deps, names));
  await deps.household.change([{ do: "merge", device: merged, with: [second] }]);
  expect(await found()).toEqual({ [fresh]: false, [twin]: false, [merged]: true });
  await deps.household.change([{ do: "not-same", devices: [old, second] }]);
  expect(await found()).toEqual({ [fresh]: false, [twin]: false, [merged]: false });
});
