import { describe, expect, test } from "vitest";
import type { AlertRules } from "../shared/alerts-api.ts";
import { type Alert, evaluate, type Facts, type NewDevice, NOTHING_TOLD, type Told } from "./evaluate.ts";

const GB = 1_000_000_000;
const NOON = Date.UTC(2026, 2, 16, 12);
const MINUTE = 60_000;

const OFF: AlertRules = {
  plan: null,
  usage: [],
  newDevice: null,
  unusual: false,
  silent: null,
  missed: null,
  books: false,
  store: false,
};
const QUIET: Facts = {
  now: NOON,
  today: "2026-03-16",
  plans: null,
  usage: null,
  newDevices: null,
  unusual: null,
  readAt: NOON,
  missedShare: null,
  problems: [],
};
const PLAN = {
  of: "line",
  name: null,
  from: "2026-03-01",
  to: "2026-03-31",
  used: 0,
  allowance: 500 * GB,
  expected: null,
  unit: 1000,
} as const;

/** Looks once after the other, and says what was told each time. What was told is written and read, as the store does. */
function story(rules: AlertRules, ...looks: readonly (Partial<Facts> & { rules?: AlertRules })[]): string[][] {
  let told: Told = NOTHING_TOLD;
  return looks.map(({ rules: own = rules, ...some }) => {
    const result = evaluate(own, { ...QUIET, readAt: some.now ?? NOON, ...some }, told);
    told = JSON.parse(JSON.stringify(result.told)) as Told;
    return result.alerts.map(({ title }) => title);
  });
}

const one = (rules: Partial<AlertRules>, facts: Partial<Facts>): Alert | undefined =>
  evaluate({ ...OFF, ...rules }, { ...QUIET, ...facts }, NOTHING_TOLD).alerts[0];

test("of a plan each share is told once a cycle, the highest of several, and again after the plan has changed", () => {
  const rules: AlertRules = { ...OFF, plan: { percents: [50, 80, 100], forecast: false } };
  const used = (bytes: number, more: object = {}) => ({ plans: [{ ...PLAN, used: bytes * GB, ...more }] });
  const next = { from: "2026-04-01", to: "2026-04-30" };
  expect(
    story(
      rules,
      used(249),
      used(250),
      used(260),
      { plans: null },
      used(500),
      used(501),
      used(501, { allowance: 600 * GB }),
      { ...used(10, next), today: "2026-04-01" },
      { ...used(300, next), today: "2026-04-10" },
      { ...used(300, next), today: "2026-04-10", rules: { ...OFF, plan: { percents: [50, 55], forecast: false } } },
    ),
  ).toEqual([
    [],
    ["Data plan: 50% used"],
    [],
    [],
    ["Data plan: 100% used"],
    [],
    ["Data plan: 80% used"],
    [],
    ["Data plan: 50% used"],
    ["Data plan: 55% used"],
  ]);
  expect(one(rules, used(510))).toMatchObject({
    level: "problem",
    text: "510 GB of 500 GB used: 10 GB over. The cycle ends on 2026-03-31.",
  });
  expect(one(rules, used(450))?.text).toBe("450 GB of 500 GB used, 50 GB left until 2026-03-31.");
  expect(one(rules, { plans: [{ ...PLAN, used: 900 * GB, allowance: null }] })).toBeUndefined();
});

test("that a cycle will go over is told once, and not when it already has", () => {
  const rules: AlertRules = { ...OFF, plan: { percents: [], forecast: true } };
  const at = (used: number, expected: number | null) => ({
    plans: [{ ...PLAN, used: used * GB, expected: expected && expected * GB }],
  });
  expect(story(rules, at(100, null), at(100, 499), at(100, 520), at(120, 480), at(130, 530))).toEqual([
    [],
    [],
    ["Data plan: likely to go over"],
    [],
    [],
  ]);
  expect(one(rules, at(501, 700))).toBeUndefined();
});

test("a device that used more than so much is told once a day or cycle, and again with another limit", () => {
  const rule = { device: null, bytes: 50 * GB, per: "day", counts: "download" } as const;
  const rules: AlertRules = { ...OFF, usage: [rule] };
  const used = (tv: number, pc = 0, until = "2026-03-16") => ({
    usage: [
      {
        until,
        devices: [
          { key: "aa", name: "TV", bytes: tv * GB },
          { key: "bb", name: "PC", bytes: pc * GB },
        ],
      },
    ],
  });
  const title = (name: string, gb = 50) => `${name}: more than ${gb} GB today`;
  expect(
    story(
      rules,
      used(50),
      used(51),
      used(60, 70),
      { usage: null },
      { ...used(51), today: "2026-03-17" },
      { ...used(51), today: "2026-03-17", rules: { ...OFF, usage: [{ ...rule, bytes: 20 * GB }] } },
    ),
  ).toEqual([[], [title("TV")], [title("PC")], [], [title("TV")], [title("TV", 20)]]);
  const cycle: AlertRules = { ...OFF, usage: [{ ...rule, per: "cycle", device: "aa" }] };
  const inCycle = used(60, 0, "2026-03-31");
  expect(story(cycle, inCycle, { ...inCycle, today: "2026-03-31" }, { ...inCycle, today: "2026-04-01" })).toEqual(
    [["TV: more than 50 GB in this cycle"], [], ["TV: more than 50 GB in this cycle"]]
      .slice(0, 2)
      .concat([["TV: more than 50 GB in this cycle"]]),
  );
});

test("plans of owners and devices are told by their names, each for itself", () => {
  const rules: AlertRules = { ...OFF, plan: { percents: [80], forecast: true } };
  const kids = { ...PLAN, of: "owner:1", name: "Kids", allowance: 50 * GB, used: 45 * GB };
  const tv = { ...PLAN, of: "device:aa", name: "TV", allowance: 50 * GB, used: 10 * GB, expected: 60 * GB };
  const plans = [{ ...PLAN, used: 450 * GB }, kids, tv];
  expect(story(rules, { plans }, { plans }, { plans: [{ ...kids, allowance: 40 * GB }] })).toEqual([
    ["Data plan: 80% used", "Data plan of Kids: 80% used", "Data plan of TV: likely to go over"],
    [],
    ["Data plan of Kids: 80% used"],
  ]);
});

describe("a new device", () => {
  const device = (key: string, more: Partial<NewDevice> = {}): NewDevice => ({
    key,
    name: key,
    firstDay: "2026-03-16",
    privateMac: false,
    isProbablyKnown: false,
    ...more,
  });
  const rules: AlertRules = { ...OFF, newDevice: { privateMacs: true } };

  test("is told once; what is there at the first look is not, nor what came while the rule was off", () => {
    const later = { now: NOON + 20 * MINUTE };
    expect(
      story(
        rules,
        { newDevices: [device("old")] },
        { newDevices: [device("old"), device("a", { name: "Phone" })] },
        { newDevices: null },
        { newDevices: [device("a"), device("old")] },
        { ...later, newDevices: [device("a"), device("b")], rules: OFF },
        { ...later, newDevices: [device("b")] },
      ),
    ).toEqual([[], ["New device: Phone"], [], [], [], []]);
  });

  test("those that follow within a quarter of an hour are told together, with a few of their names", () => {
    const crowd = ["b", "c", "d", "e", "f", "g", "h"].map((key) => device(key));
    const looks = [
      { newDevices: [] },
      { newDevices: [device("a")] },
      { now: NOON + 5 * MINUTE, newDevices: [device("a"), ...crowd.slice(0, 3)] },
      { now: NOON + 16 * MINUTE, newDevices: [device("a"), ...crowd] },
      { now: NOON + 40 * MINUTE, newDevices: [device("a"), ...crowd] },
    ];
    expect(story(rules, ...looks)).toEqual([[], ["New device: a"], [], ["7 new devices"], []]);
    const { told } = evaluate(rules, { ...QUIET, newDevices: [] }, NOTHING_TOLD);
    expect(evaluate(rules, { ...QUIET, newDevices: crowd }, told).alerts[0]?.text).toBe(
      "b, c, d, e, f and 2 more: never seen before.",
    );
  });

  test("is quiet where it may be a known one under another private MAC, or where private MACs are not wanted", () => {
    const looks = [{ newDevices: [] }, { newDevices: [device("a", { privateMac: true })] }];
    expect(story(rules, ...looks)[1]).toHaveLength(1);
    expect(story({ ...OFF, newDevice: { privateMacs: false } }, ...looks)[1]).toEqual([]);
    const known = device("a", { privateMac: true, isProbablyKnown: true });
    expect(story(rules, { newDevices: [] }, { newDevices: [known] })[1]).toEqual([]);
    const all = { ...OFF, newDevice: { privateMacs: true, proposed: true } };
    expect(story(all, { newDevices: [] }, { newDevices: [known] })[1]).toHaveLength(1);
  });
});

test("the unusual is told once a day for a device and direction, in its sentence", () => {
  const rules: AlertRules = { ...OFF, unusual: true };
  const fact = { key: "aa", name: "TV", direction: "download", sentence: "TV downloaded 41 GB." } as const;
  const upload = { ...fact, direction: "upload" } as const;
  expect(
    story(
      rules,
      { unusual: [fact] },
      { unusual: [fact] },
      { unusual: [fact, upload] },
      { unusual: [fact], today: "2026-03-17" },
    ),
  ).toEqual([["Unusual: TV"], [], ["Unusual: TV"], ["Unusual: TV"]]);
  expect(one(rules, { unusual: [fact] })?.text).toBe("TV downloaded 41 GB.");
  expect(one(OFF, { unusual: [fact] })).toBeUndefined();
});

test("a silent meter is told with its reason, and told when it is back; what flaps is told once an hour", () => {
  const rules: AlertRules = { ...OFF, silent: { minutes: 30 } };
  const at = (minutes: number, silentFor: number) => ({
    now: NOON + minutes * MINUTE,
    readAt: NOON + (minutes - silentFor) * MINUTE,
  });
  expect(
    story(rules, at(0, 29), at(1, 30), at(20, 49), at(21, 0), at(55, 34), at(56, 0), at(95, 31), at(96, 0)),
  ).toEqual([
    [],
    ["No reading for 30 minutes"],
    [],
    ["Readings are back"],
    [],
    [],
    ["No reading for 31 minutes"],
    ["Readings are back"],
  ]);
  const problems = [{ code: "darkstat-unreachable", message: "Can't reach it.", hint: "Start it." }];
  expect(one(rules, { ...at(0, 40), problems })?.text).toBe("Can't reach it. Start it.");
});

test("missed packets are told once a day, and books and database when they begin and end to be in trouble", () => {
  const missed: AlertRules = { ...OFF, missed: { percent: 5 } };
  expect(
    story(
      missed,
      { missedShare: 0.05 },
      { missedShare: 0.061 },
      { missedShare: 0.2 },
      { missedShare: 0.2, today: "2026-03-17" },
    ),
  ).toEqual([[], ["6.1% of packets missed"], [], ["20.0% of packets missed"]]);
  const rules: AlertRules = { ...OFF, books: true, store: true };
  const full = { problems: [{ code: "store", message: "Disk full.", hint: "Make room." }] };
  const books = { problems: [{ code: "books", message: "A reading broke.", hint: "Report it." }] };
  expect(story(rules, full, full, {}, books, {})).toEqual([
    ["Database in trouble"],
    [],
    ["Database is well again"],
    ["Figures don't add up"],
    ["Figures add up again"],
  ]);
  expect(story(OFF, full, books, { missedShare: 0.5 })).toEqual([[], [], []]);
});

test("where nothing is new, what was told stays the same object: nothing need be written", () => {
  const rules: AlertRules = { ...OFF, unusual: true, silent: { minutes: 5 } };
  const first = evaluate(rules, { ...QUIET, newDevices: [] }, NOTHING_TOLD).told;
  expect(evaluate(rules, { ...QUIET, newDevices: [] }, first).told).toBe(first);
});

test("that packets were missed is over on the first later day with few missed, told once, and again after the next time", () => {
  const rules: AlertRules = { ...OFF, missed: { percent: 5 } };
  const on = (today: string, missedShare: number | null) => ({ today, missedShare });
  expect(
    story(
      rules,
      on("2026-03-16", 0.07),
      // Later on the same day the share is smaller, and the day is still one with too many.
      on("2026-03-16", 0.04),
      on("2026-03-17", null),
      on("2026-03-17", 0.06),
      on("2026-03-19", null),
      on("2026-03-19", 0.01),
      on("2026-03-19", 0.01),
      on("2026-03-20", 0.2),
      { ...on("2026-03-21", 0.01), rules: OFF },
      on("2026-03-21", 0.01),
    ),
  ).toEqual([
    ["7.0% of packets missed"],
    [],
    [],
    ["6.0% of packets missed"],
    [],
    ["Packets are counted again"],
    [],
    ["20.0% of packets missed"],
    [],
    [],
  ]);
});
