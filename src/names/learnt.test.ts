import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { NAME_KINDS } from "../shared/name-kinds.ts";
import type { FoundName } from "./found-name.ts";
import {
  bestName,
  forgetNames,
  type Holders,
  type LearntNames,
  learnNames,
  namesFromJson,
  namesToJson,
} from "./learnt.ts";

const PHONE = "a6:11:42:9c:00:03";
const TV = "04:5d:4b:10:20:01";
const NOBODY: LearntNames = new Map();

const holders: Holders = {
  has: (key) => key === PHONE || key === TV,
  holderOf: (ip) => ({ "192.168.1.22": PHONE, "192.168.1.20": TV })[ip] ?? null,
};
const of = (kind: FoundName["kind"], who: string, name: string): FoundName =>
  who.includes(":") ? { kind, mac: who, ip: null, name } : { kind, mac: null, ip: who, name };
const learn = (known: LearntNames, from: string, ...names: FoundName[]) => learnNames(known, { from, names }, holders);

describe("whose a name is", () => {
  test("a name of an address is of the interface that used it last; one of somebody unknown is nobody's", () => {
    const known = learn(
      NOBODY,
      "/etc/hosts",
      of("hosts", "192.168.1.20", "tv"),
      of("hosts", "192.168.1.99", "x"),
      of("lease", "02:00:00:00:00:09", "y"),
    );
    expect(namesToJson(known)).toEqual({ [TV]: [{ kind: "hosts", from: "/etc/hosts", name: "tv" }] });
  });

  test("of leases that are appended the last counts, of a hosts file the first line", () => {
    const known = learn(
      NOBODY,
      "f",
      of("lease", PHONE, "old"),
      of("lease", PHONE, "new"),
      of("hosts", "192.168.1.22", "one"),
      of("hosts", "192.168.1.22", "two"),
    );
    expect(known.get(PHONE)?.map(({ name }) => name)).toEqual(["one", "new"]);
  });
});

describe("which name is the best", () => {
  test("what a person wrote goes before what the device says, and that before what name servers know", () => {
    let known = NOBODY;
    for (const kind of NAME_KINDS.toReversed()) {
      known = learn(known, kind, of(kind, PHONE, `by ${kind}`));
      expect(bestName(known, [PHONE])?.name).toBe(`by ${kind}`);
    }
    expect(known.get(PHONE)?.map(({ kind }) => kind)).toEqual([...NAME_KINDS]);
  });

  test("of several interfaces of a device the best name counts, of equals that of the first", () => {
    const known = learn(NOBODY, "f", of("mdns", PHONE, "phone"), of("lease", TV, "tv"));
    expect(bestName(known, [PHONE, TV])?.name).toBe("tv");
    const equal = learn(NOBODY, "f", of("lease", PHONE, "phone"), of("lease", TV, "tv"));
    expect([bestName(equal, [PHONE, TV])?.name, bestName(equal, [TV, PHONE])?.name]).toEqual(["phone", "tv"]);
    expect(bestName(equal, ["02:00:00:00:00:09"])).toBeNull();
  });

  test("two places that disagree don't take turns", () => {
    const one = learn(learn(NOBODY, "a", of("lease", PHONE, "by a")), "b", of("lease", PHONE, "by b"));
    const again = learn(learn(one, "b", of("lease", PHONE, "by b")), "a", of("lease", PHONE, "by a"));
    expect(again).toBe(one);
    expect(bestName(one, [PHONE])?.name).toBe("by a");
  });
});

describe("how long a name holds", () => {
  test("what a person wrote elsewhere holds for as long as it stands there", () => {
    const before = learn(NOBODY, "f", of("static", TV, "tv"), of("hosts", "192.168.1.22", "phone"));
    expect(learn(before, "f")).toEqual(NOBODY);
    expect(learn(before, "another")).toBe(before);
  });

  test("what a device called itself stays, until it calls itself otherwise", () => {
    const before = learn(NOBODY, "f", of("lease", PHONE, "phone"), of("mdns", TV, "tv"));
    expect(learn(before, "f")).toBe(before);
    expect(bestName(learn(before, "f", of("lease", PHONE, "new")), [PHONE])?.name).toBe("new");
  });

  test("what is switched off is forgotten", () => {
    const before = learn(learn(NOBODY, "a", of("lease", PHONE, "phone")), "b", of("mdns", PHONE, "other"));
    expect(
      bestName(
        forgetNames(before, (from) => from === "a"),
        [PHONE],
      )?.name,
    ).toBe("other");
    expect(forgetNames(before, () => true)).toEqual(NOBODY);
    expect(forgetNames(before, (from) => from === "c")).toBe(before);
  });
});

test("what is remembered is read back as it was, and what is none of ours is left out", () => {
  const known = learn(NOBODY, "f", of("lease", PHONE, "phone"), of("mdns", TV, "tv"));
  expect(namesFromJson(JSON.parse(JSON.stringify(namesToJson(known))))).toEqual(known);
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      for (const names of namesFromJson(value).values()) expect(names.length).toBeGreaterThan(0);
    }),
  );
  expect(
    namesFromJson({ [TV]: [{ kind: "x", from: "f", name: "tv" }, { kind: "lease", from: 1, name: "tv" }, null] }),
  ).toEqual(NOBODY);
});

test("the same reading twice changes nothing the second time", () => {
  const name = fc.record({
    kind: fc.constantFrom(...NAME_KINDS),
    who: fc.constantFrom(PHONE, TV, "192.168.1.22", "192.168.1.20", "192.168.1.9"),
    name: fc.constantFrom("a", "b", "c"),
  });
  const reading = fc.record({ from: fc.constantFrom("f", "g"), names: fc.array(name, { maxLength: 8 }) });
  fc.assert(
    fc.property(fc.array(reading, { maxLength: 6 }), (readings) => {
      let known = NOBODY;
      for (const { from, names } of readings) {
        const all = names.map(({ kind, who, name: text }) => of(kind, who, text));
        known = learn(known, from, ...all);
        expect(learn(known, from, ...all)).toBe(known);
      }
    }),
  );
});
