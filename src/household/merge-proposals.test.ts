import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { addDays, daysFromTo } from "../shared/calendar-days.ts";
import { type Candidate, comparableName, proposeMerges } from "./merge-proposals.ts";

const START = "2026-01-01";
const day = (number: number) => addDays(START, number);
const [OLD, NEW, NEWER, VENDOR] = ["a6:11:42:9c:00:03", "6e:3b:90:d1:00:0e", "1a:94:0b:e6:00:10", "3c:22:fb:10:20:02"];

/** A device that was active on all days from one to another. */
function device(key: string, from: number, to: number, some: Partial<Candidate> = {}): Candidate {
  return {
    key,
    interfaces: [key],
    names: [{ kind: "lease", name: "annas-iphone" }],
    days: daysFromTo(day(from), day(to)),
    firstHour: 8,
    lastHour: 22,
    ...some,
  };
}

const propose = (...candidates: Candidate[]) => proposeMerges(candidates, () => false).map(({ devices }) => devices);

test("one begins where the other ends, and both call themselves alike: they are proposed, with the evidence", () => {
  const names = [{ kind: "mdns", name: "Annas-iPhone" }] as const;
  expect(proposeMerges([device(NEW, 31, 40, { names }), device(OLD, 0, 30)], () => false)).toEqual([
    {
      devices: [OLD, NEW],
      name: "Annas-iPhone",
      kinds: ["lease", "mdns"],
      steps: [{ lastDay: day(30), firstDay: day(31), onOneDay: false }],
    },
  ]);
});

describe("the day on which one follows the other", () => {
  test("the later one may begin in the hour in which the earlier one was last, but not before", () => {
    const begunIn = (firstHour: number | null) =>
      propose(device(OLD, 0, 30, { lastHour: 14 }), device(NEW, 30, 40, { firstHour }));
    expect(begunIn(14)).toEqual([[OLD, NEW]]);
    expect(begunIn(13)).toEqual([]);
    expect(begunIn(null)).toEqual([[OLD, NEW]]);
  });

  test("two days on which both were active are one too many", () => {
    expect(propose(device(OLD, 0, 31), device(NEW, 30, 40))).toEqual([]);
  });

  test("it may be quiet between the two for as long as it is now and then, and for five days anyway", () => {
    expect(propose(device(OLD, 0, 30), device(NEW, 36, 46))).toEqual([[OLD, NEW]]);
    expect(propose(device(OLD, 0, 30), device(NEW, 37, 47))).toEqual([]);
    const away = [...daysFromTo(day(0), day(10)), ...daysFromTo(day(20), day(30))];
    expect(propose(device(OLD, 0, 30, { days: away }), device(NEW, 40, 50))).toEqual([[OLD, NEW]]);
    expect(propose(device(OLD, 0, 30, { days: away }), device(NEW, 41, 50))).toEqual([]);
  });
});

describe("what speaks against it", () => {
  test("a MAC of a vendor doesn't follow: it was not made up. What it is followed by may be", () => {
    expect(propose(device(OLD, 0, 30), device(VENDOR, 31, 40))).toEqual([]);
    expect(propose(device(VENDOR, 0, 30), device(NEW, 31, 40))).toEqual([[VENDOR, NEW]]);
  });

  test("a name that two devices had at a time says nothing of a third", () => {
    expect(propose(device(OLD, 0, 30), device(NEW, 31, 40), device(VENDOR, 20, 60))).toEqual([]);
  });

  test("a name that anybody has says nothing", () => {
    for (const name of ["iPhone", "android", "Android-2.lan", "ESP8266", "Galaxy", "tv", "", "iphone.fritz.box"]) {
      const names = [{ kind: "lease", name }] as const;
      expect(propose(device(OLD, 0, 30, { names }), device(NEW, 31, 40, { names }))).toEqual([]);
    }
    expect(comparableName("Annas-iPhone.fritz.box")).toBe("annas-iphone");
    expect(comparableName("android-2f3a9c11d0e4")).toBe("android-2f3a9c11d0e4");
  });

  test("guests with the model of phone of somebody who is away are not he", () => {
    const names = [{ kind: "lease", name: "Pixel-8a" }] as const;
    const resident = device(OLD, 0, 30, { names });
    expect(propose(resident, device(NEW, 32, 37, { names, firstHour: 15 }))).toEqual([]);
    expect(propose(resident, device(NEW, 32, 38, { names, firstHour: 15 }))).toEqual([[OLD, NEW]]);
    // Within the hour nobody comes by chance.
    const atOnce = { names, firstHour: 23 };
    expect(propose(resident, device(NEW, 30, 32, atOnce))).toEqual([[OLD, NEW]]);
    expect(propose(resident, device(NEW, 30, 31, atOnce))).toEqual([]);
    // A guest, and a new phone of somebody who lives here.
    expect(propose(device(OLD, 0, 19, { names }), device(NEW, 20, 90, { names }))).toEqual([]);
    expect(propose(device(OLD, 0, 20, { names }), device(NEW, 21, 90, { names }))).toEqual([[OLD, NEW]]);
  });

  test("what a person said is remembered, of each interface", () => {
    const merged = device(OLD, 0, 30, { interfaces: [OLD, NEWER] });
    const isNotSame = (one: string, other: string) => [one, other].sort().join() === [NEWER, NEW].sort().join();
    expect(proposeMerges([merged, device(NEW, 31, 40)], isNotSame)).toEqual([]);
    expect(proposeMerges([merged, device(NEW, 31, 40)], () => false)).toHaveLength(1);
  });

  test("without a name, or without activity, there is nothing to say", () => {
    expect(propose(device(OLD, 0, 30, { names: [] }), device(NEW, 31, 40, { names: [] }))).toEqual([]);
    expect(propose(device(OLD, 0, 30), device(NEW, 31, 40, { days: [] }))).toEqual([]);
  });
});

describe("several MACs", () => {
  test("are one proposal, the earliest first; one that is too new waits, and one that came and went is left out", () => {
    const inARow = [device(OLD, 0, 30), device(NEW, 31, 40)];
    expect(propose(device(NEWER, 41, 47), ...inARow)).toEqual([[OLD, NEW, NEWER]]);
    expect(propose(device(NEWER, 41, 46), ...inARow)).toEqual([[OLD, NEW]]);
    expect(propose(device(OLD, 0, 30), device(NEWER, 31, 32), device(NEW, 33, 60))).toEqual([[OLD, NEW]]);
  });

  test("a new one each day are one device, once they are seven in a row, of which the last ten are proposed", () => {
    const daily = (count: number, some: Partial<Candidate> = { firstHour: 0, lastHour: 23 }) =>
      Array.from({ length: count }, (_, i) => device(`02:00:00:00:00:${10 + i}`, i, i, some));
    expect(propose(...daily(6))).toEqual([]);
    expect(propose(...daily(7))).toEqual([daily(7).map(({ key }) => key)]);
    expect(propose(...daily(14))).toEqual([
      daily(14)
        .slice(4)
        .map(({ key }) => key),
    ]);
    // As guests come, in the afternoon.
    expect(propose(...daily(14, { firstHour: 15, lastHour: 22 }))).toEqual([]);
  });

  test("a row has five devices at least, of two days at most", () => {
    const inARow = (...days: readonly (readonly [from: number, to: number])[]) =>
      propose(
        ...days.map(([from, to], i) => device(`02:00:00:00:00:${10 + i}`, from, to, { firstHour: 0, lastHour: 23 })),
      ).map(({ length }) => length);
    expect(inARow([0, 1], [2, 3], [4, 5], [6, 7])).toEqual([]);
    expect(inARow([0, 1], [2, 3], [4, 5], [6, 7], [8, 9])).toEqual([5]);
    expect(inARow([0, 2], [3, 4], [5, 6], [7, 8], [9, 10])).toEqual([]);
  });

  test("it is never quiet between two for longer than three weeks, however long either was away", () => {
    const away = [...daysFromTo(day(0), day(30)), ...daysFromTo(day(61), day(80))];
    const left = device(OLD, 0, 30, { days: away });
    expect(propose(left, device(NEW, 102, 112))).toEqual([[OLD, NEW]]);
    expect(propose(left, device(NEW, 103, 112))).toEqual([]);
    const back = [...daysFromTo(day(47), day(60)), ...daysFromTo(day(77), day(90))];
    expect(propose(device(OLD, 0, 30), device(NEW, 0, 0, { days: back }))).toEqual([[OLD, NEW]]);
  });

  test("of more than a hundred of one name the latest are looked at", () => {
    const phone = [device(OLD, 0, 30), device(NEW, 31, 40)];
    const single = (count: number) =>
      Array.from({ length: count }, (_, i) => device(`02:00:00:00:00:0${i}`, 41 + i, 41 + i, { firstHour: 12 }));
    expect(propose(...phone, ...single(98))).toContainEqual([OLD, NEW]);
    expect(propose(...phone, ...single(99))).toEqual([]);
  });

  test("a flood of devices that take the name of a phone for an hour doesn't become one with it", () => {
    const phone = [device(OLD, 0, 30), device(NEW, 31, 40)];
    const flood = Array.from({ length: 2_000 }, (_, i) =>
      device(`02:00:00:00:${10 + (i % 90)}:${10 + Math.floor(i / 90)}`, 40, 40, { firstHour: 12, lastHour: 13 }),
    );
    for (const proposal of propose(...phone, ...flood)) expect(proposal).toEqual([OLD, NEW]);
  });
});

test("no device is in two proposals, whatever they are called, and those of a proposal follow each other", () => {
  const anyDevice = fc.record({
    from: fc.integer({ min: 0, max: 60 }),
    length: fc.integer({ min: 0, max: 20 }),
    names: fc.array(fc.constantFrom("annas-iphone", "bens-phone", "iphone", "tv-room"), { maxLength: 2 }),
    firstHour: fc.integer({ min: 0, max: 24 }),
    lastHour: fc.integer({ min: 0, max: 24 }),
  });
  fc.assert(
    fc.property(fc.array(anyDevice, { maxLength: 8 }), (all) => {
      const candidates = all.map(({ from, length, names, firstHour, lastHour }, i) =>
        device(`02:00:00:00:00:0${i}`, from, from + length, {
          names: names.map((name) => ({ kind: "lease", name })),
          firstHour,
          lastHour,
        }),
      );
      const proposals = proposeMerges(candidates, () => false);
      const keys = proposals.flatMap(({ devices }) => devices);
      expect(new Set(keys).size).toBe(keys.length);
      for (const { devices, steps } of proposals) {
        expect(devices.length).toBe(steps.length + 1);
        for (const { lastDay, firstDay } of steps) expect(firstDay >= lastDay).toBe(true);
      }
      expect(proposeMerges(candidates.toReversed(), () => false)).toEqual(proposals);
    }),
  );
});
