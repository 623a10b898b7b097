import { describe, expect, test } from "vitest";
import { EMPTY_HOUSEHOLD, type HouseholdDocument } from "./document.ts";
import { HouseholdFileError, householdFile, readHouseholdFile, subjectIn } from "./file.ts";
import { rulesWithIds } from "./plan-owners.ts";

const [PHONE, OTHER, TV, CAM] = ["02:00:00:00:00:01", "02:00:00:00:00:02", "02:00:00:00:00:03", "02:00:00:00:00:04"];

const DOCUMENT: HouseholdDocument = {
  owners: { "3": { name: "Anna", colour: 2 }, "7": { name: "<script>", colour: 7 } },
  devices: { [PHONE]: { type: "phone", note: "two\nlines", hidden: true }, "192.168.1.9": { archived: true } },
  hands: {
    [PHONE]: [
      { from: null, owner: 3 },
      { from: "2026-03-01", owner: 7 },
      { from: "2026-04-01", owner: null },
    ],
  },
  merges: { [OTHER]: PHONE, [CAM]: CAM },
  notSame: { [`${PHONE} ${TV}`]: true },
  routers: { [TV]: false },
  settings: { units: 1024 },
};
const NAMES = new Map([[TV, "Living room TV"]]);
const NO_FILE = new Map<string, string>();

/** As it is written and read again. */
const through = (value: unknown) => readHouseholdFile(JSON.parse(JSON.stringify(value)));

test("what is written is read again, to the last entry, whatever the ids of owners are there", () => {
  const plan = { cycle: { unit: "month", count: 1, from: "2026-01-15" } };
  const others = new Map([
    ["owner:3", plan],
    [`device:${TV}`, plan],
    ["meter:lte: 2", plan],
  ]);
  const file = householdFile(DOCUMENT, NAMES, NO_FILE, plan, new Map([...others, ["owner:99", plan]]));
  expect(file.plans.map(({ of }) => of)).toEqual([{ owner: "Anna" }, { device: TV }, { meter: "lte: 2" }]);
  const read = through(file);
  expect(read.documentFor(DOCUMENT, 8, NO_FILE)).toEqual(DOCUMENT);
  expect(read.names).toEqual(NAMES);
  expect(read.plan).toEqual(plan);
  const elsewhere = read.documentFor({ ...EMPTY_HOUSEHOLD, owners: { "1": { name: "anna", colour: 1 } } }, 5, NO_FILE);
  expect(elsewhere.owners).toEqual({ "1": { name: "Anna", colour: 2 }, "5": { name: "<script>", colour: 7 } });
  expect(elsewhere.hands[PHONE]?.map(({ owner }) => owner)).toEqual([1, 5, null]);
  const there = new Map(read.plans.map((one) => [subjectIn(one, elsewhere), one.plan]));
  expect([...there.keys()]).toEqual(["owner:1", `device:${TV}`, "meter:lte: 2"]);
  expect(householdFile(elsewhere, NAMES, NO_FILE, plan, there)).toEqual(file);
});

test("what is written doesn't hang on the order in which it was said", () => {
  const written = (facts: HouseholdDocument["devices"][string], routers: HouseholdDocument["routers"]) => {
    const document = { ...DOCUMENT, devices: { [PHONE]: facts }, routers };
    return JSON.stringify(householdFile(document, NAMES, NO_FILE, null, new Map()));
  };
  expect(written({ archived: true, note: "old", type: "phone" }, { [TV]: false, [CAM]: true })).toBe(
    written({ type: "phone", note: "old", archived: true }, { [CAM]: true, [TV]: false }),
  );
});

test("limits of owners go by their names, and one of an owner who was deleted is left out", () => {
  const limit = { device: null, bytes: 50_000_000_000, per: "day", counts: "both" };
  const rules = {
    unusual: true,
    usage: [{ ...limit, owner: 7 }, { ...limit, owner: 99 }, { ...limit, owner: null }, limit],
  };
  const besides = { alerts: { rules, quiet: { from: 23, to: 7 } }, nameSources: { mdns: { on: true } } };
  const file = householdFile(DOCUMENT, NAMES, NO_FILE, null, new Map(), besides);
  const named = { unusual: true, usage: [{ ...limit, owner: "<script>" }, { ...limit, owner: null }, limit] };
  expect(file).toMatchObject({ ...besides, alerts: { ...besides.alerts, rules: named } });
  const read = through(file);
  const places = { unusual: true, usage: [{ ...limit, owner: 2 }, { ...limit, owner: null }, limit] };
  expect([read.alerts, read.nameSources]).toEqual([{ ...besides.alerts, rules: places }, besides.nameSources]);
  const elsewhere = read.documentFor({ ...EMPTY_HOUSEHOLD, owners: { "1": { name: "anna", colour: 1 } } }, 5, NO_FILE);
  const ids = rulesWithIds(places, read.ownerNames, elsewhere.owners);
  expect(ids).toEqual({ unusual: true, usage: [{ ...limit, owner: 5 }, { ...limit, owner: null }, limit] });
});

test("a file without alert rules and name sources says nothing of them", () => {
  const read = through(householdFile(DOCUMENT, NAMES, NO_FILE, null, new Map()));
  expect([read.alerts, read.nameSources]).toEqual([undefined, undefined]);
});

test("merges of MAC_MAC.txt go along, and are not said twice where that file is", () => {
  const lines = new Map([[TV, PHONE]]);
  const read = through(householdFile({ ...DOCUMENT, notSame: {} }, new Map(), lines, null, new Map()));
  expect(read.documentFor(DOCUMENT, 8, lines).merges).toEqual(DOCUMENT.merges);
  expect(read.documentFor(EMPTY_HOUSEHOLD, 1, NO_FILE).merges).toEqual({ ...DOCUMENT.merges, [TV]: PHONE });
});

describe("a file with something wrong is refused whole, and all of it is told with its place", () => {
  const file = householdFile(DOCUMENT, NAMES, NO_FILE, null, new Map());
  const device = { key: PHONE };
  test.each([
    [null, /no object/],
    [[], /no object/],
    [{}, /doesn't begin with "whitestat"/],
    [{ ...file, version: 2 }, /doesn't begin with/],
    [{ ...file, secret: 1 }, /field "secret" is unknown/],
    [JSON.parse('{"__proto__": {"x": 1}, "whitestat": "household", "version": 1}'), /field "__proto__" is unknown/],
    [{ ...file, owners: {} }, /owners: it is a list/],
    [{ ...file, plans: [{ of: { owner: "Zoe" }, plan: {} }] }, /plans, row 1: "Zoe" is not among the owners/],
    [{ ...file, plans: [{ of: {}, plan: {} }] }, /plans, row 1: of is one of owner, device and meter/],
    [{ ...file, plans: [{ of: { owner: "Anna", device: PHONE }, plan: {} }] }, /of is one of owner, device and meter/],
    [{ ...file, plans: [{ of: { device: "toaster" }, plan: {} }] }, /plans, row 1: device: "toaster" is neither/],
    [{ ...file, owners: [...file.owners, { name: "ANNA", colour: 1 }] }, /owners, row 3: "ANNA" is there twice/],
    [{ ...file, owners: [...file.owners, { name: "x", colour: 8 }] }, /row 3: colour is a number from 1 to 7/],
    [{ ...file, owners: [...file.owners, { name: "a\u202eb", colour: 1 }] }, /row 3: .*U\+202E/],
    [{ ...file, owners: new Array(201).fill({ name: "x", colour: 1 }) }, /201 rows; at most 200/],
    [{ ...file, devices: [{ key: "toaster" }] }, /devices, row 1: key: "toaster" is neither a MAC nor an IP/],
    [{ ...file, devices: [{ key: "__proto__" }] }, /devices, row 1: key/],
    [{ ...file, devices: [device, { key: "02-00-00-00-00-01" }] }, /row 2: .* is there twice/],
    [{ ...file, devices: [{ ...device, type: "toaster" }] }, /type is one of phone, tablet/],
    [{ ...file, devices: [{ ...device, name: "a\nb" }] }, /row 1: .*U\+000A/],
    [{ ...file, devices: [{ ...device, note: 5 }] }, /note is a text/],
    [{ ...file, devices: [{ ...device, hidden: "yes" }] }, /hidden is true or false/],
    [{ ...file, devices: [{ ...device, owners: [{ from: null, owner: "Zoe" }] }] }, /"Zoe" is not among the owners/],
    [
      { ...file, devices: [{ ...device, owners: [{ from: "2026-02-30", owner: null }] }] },
      /"2026-02-30" isn't a valid date/,
    ],
    [
      { ...file, devices: [{ ...device, owners: [{ from: "2026-02-02" }, { from: "2026-02-01" }] }] },
      /in the order of their days/,
    ],
    [{ ...file, devices: [{ ...device, interfaces: [PHONE] }] }, /can't be part of/],
    [
      {
        ...file,
        devices: [
          { key: PHONE, interfaces: [OTHER] },
          { key: OTHER, interfaces: [PHONE] },
        ],
      },
      /would be part of itself/,
    ],
    [{ ...file, split: [OTHER] }, /split, row 1: .* is part of a device above/],
    [{ ...file, notSame: [[PHONE]] }, /notSame, row 1: the second/],
    [{ ...file, routers: [{ mac: "192.168.1.1", router: true }] }, /routers, row 1: .*isn't a MAC/],
    [{ ...file, units: 999 }, /units: it is 1000, 1024 or null/],
  ])("%#", (value, expected) => {
    let problems: readonly string[] = [];
    try {
      readHouseholdFile(value);
    } catch (error) {
      if (!(error instanceof HouseholdFileError)) throw error;
      ({ problems } = error);
    }
    expect(problems.join("\n")).toMatch(expected);
  });

  test("the first twenty of many", () => {
    const value = { ...file, devices: new Array(100).fill({ key: "x" }) };
    try {
      readHouseholdFile(value);
      expect.unreachable();
    } catch (error) {
      expect((error as HouseholdFileError).problems).toHaveLength(21);
      expect((error as HouseholdFileError).problems.at(-1)).toBe("And 80 more.");
    }
  });
});
