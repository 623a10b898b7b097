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

/** Long after all of it. */
const TODAY = 400;
const proposeOn = (today: number, ...candidates: Candidate[]) =>
  proposeMerges(candidates, () => false, day(today)).map(({ devices }) => devices);
const propose = (...candidates: Candidate[]) => proposeOn(TODAY, ...candidates);

test("one begins where the other ends, and both call themselves alike: they are proposed, with the evidence", () => {
  const names = [{ kind: "mdns", name: "Annas-iPhone" }] as const;
  expect(proposeMerges([device(NEW, 31, 41, { names }), device(OLD, 0, 30)], () => false, day(51))).toEqual([
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
      propose(device(OLD, 0, 30, { lastHour: 14 }), device(NEW, 30, 41, { firstHour }));
    expect(begunIn(14)).toEqual([[OLD, NEW]]);
    expect(begunIn(13)).toEqual([]);
    expect(begunIn(null)).toEqual([[OLD, NEW]]);
  });

  test("two days on which both were active are one too many", () => {
    expect(propose(device(OLD, 0, 31), device(NEW, 30, 40))).toEqual([]);
  });

  test("it may be quiet between the two for as long as it is now and then, and for five days anyway", () => {
    expect(propose(device(OLD, 0, 30), device(NEW, 36, 47))).toEqual([[OLD, NEW]]);
    expect(propose(device(OLD, 0, 30), device(NEW, 37, 48))).toEqual([]);
    const away = [...daysFromTo(day(0), day(10)), ...daysFromTo(day(20), day(30))];
    expect(propose(device(OLD, 0, 30, { days: away }), device(NEW, 40, 60))).toEqual([[OLD, NEW]]);
    expect(propose(device(OLD, 0, 30, { days: away }), device(NEW, 41, 61))).toEqual([]);
  });
});

describe("what speaks against it", () => {
  test("a MAC of a vendor doesn't follow: it was not made up. What it is followed by may be", () => {
    expect(propose(device(OLD, 0, 30), device(VENDOR, 31, 41))).toEqual([]);
    expect(propose(device(VENDOR, 0, 30), device(NEW, 31, 41))).toEqual([[VENDOR, NEW]]);
  });

  test("a name that two devices had at a time says nothing of a third, for a month before and after", () => {
    const phone = [device(OLD, 0, 60), device(NEW, 61, 120)];
    const guest = (from: number, to: number) => device(VENDOR, from, to);
    expect(propose(...phone, guest(50, 70))).toEqual([]);
    expect(propose(...phone, guest(91, 93))).toEqual([]);
    expect(propose(...phone, guest(92, 94))).toEqual([[OLD, NEW]]);
    expect(propose(...phone, guest(28, 30))).toEqual([]);
    expect(propose(...phone, guest(27, 29))).toEqual([[OLD, NEW]]);
    // Of two the one that stays has the name for itself again.
    expect(propose(device(VENDOR, 0, 40), device(OLD, 35, 200), device(NEW, 201, 260))).toEqual([[OLD, NEW]]);
    // One that is gone after a day or two says nothing.
    expect(propose(...phone, guest(59, 60))).toEqual([[OLD, NEW]]);
    // There now and then, while the other is about, though never on one of its days.
    const away = [...daysFromTo(day(0), day(40)), ...daysFromTo(day(50), day(60))];
    const visits = device(OLD, 0, 60, { days: away });
    expect(propose(visits, device(NEW, 61, 120), guest(43, 46))).toEqual([]);
  });

  test("a name that anybody has says nothing", () => {
    for (const name of ["iPhone", "android", "Android-2.lan", "ESP8266", "Galaxy", "tv", "", "iphone.fritz.box"]) {
      const names = [{ kind: "lease", name }] as const;
      expect(propose(device(OLD, 0, 30, { names }), device(NEW, 31, 41, { names }))).toEqual([]);
    }
    expect(comparableName("tvx")).toBeNull();
    expect(comparableName("tvxy")).toBe("tvxy");
    expect(comparableName("Annas-iPhone.fritz.box")).toBe("annas-iphone");
    expect(comparableName("android-2f3a9c11d0e4")).toBe("android-2f3a9c11d0e4");
  });

  test("who takes over within the hour, or overnight, is no guest: three or seven days of it are enough", () => {
    const resident = device(OLD, 0, 41);
    expect(proposeOn(44, resident, device(NEW, 41, 43, { firstHour: 23 }))).toEqual([[OLD, NEW]]);
    expect(proposeOn(43, resident, device(NEW, 41, 42, { firstHour: 23 }))).toEqual([]);
    const overnight = (firstHour: number, last: number) =>
      proposeOn(last, resident, device(NEW, 42, last, { firstHour }));
    expect(overnight(3, 48)).toEqual([[OLD, NEW]]);
    expect(overnight(3, 47)).toEqual([]);
    expect(overnight(4, 48)).toEqual([]);
    const sameDay = (lastHour: number) =>
      proposeOn(48, device(OLD, 0, 41, { lastHour }), device(NEW, 41, 48, { firstHour: 23 }));
    expect(sameDay(22)).toEqual([[OLD, NEW]]);
    expect(sameDay(21)).toEqual([]);
    // From before noon to the small hours it is longer than half a day.
    const hours = { lastHour: 12 };
    expect(proposeOn(49, device(OLD, 0, 41, hours), device(NEW, 42, 49, { firstHour: 0 }))).toEqual([[OLD, NEW]]);
    expect(proposeOn(49, device(OLD, 0, 41, hours), device(NEW, 42, 49, { firstHour: 1 }))).toEqual([]);
  });

  test("anybody else may be the guest of one who is on holiday, and back within three weeks", () => {
    const resident = device(OLD, 0, 30);
    const guest = device(NEW, 32, 50, { firstHour: 15 });
    expect(proposeOn(50, resident, guest)).toEqual([]);
    expect(proposeOn(51, resident, guest)).toEqual([[OLD, NEW]]);
    const isBack = device(OLD, 0, 30, { days: [...daysFromTo(day(0), day(30)), day(51)] });
    expect(proposeOn(51, isBack, guest)).toEqual([]);
  });

  test("so does a room that is let to one party after the other: ten days are wanted of each, and 42 of both", () => {
    expect(propose(device(OLD, 0, 30), device(NEW, 32, 42))).toEqual([[OLD, NEW]]);
    expect(propose(device(OLD, 0, 29), device(NEW, 32, 42))).toEqual([]);
    expect(propose(device(OLD, 0, 40), device(NEW, 42, 51))).toEqual([[OLD, NEW]]);
    expect(propose(device(OLD, 0, 40), device(NEW, 42, 50))).toEqual([]);
    // All that is known to be one counts, on either side.
    expect(propose(device(OLD, 0, 12), device(NEW, 14, 26), device(NEWER, 28, 60))).toEqual([[OLD, NEW, NEWER]]);
    // Where a chain is taken apart, each part stands or falls by itself.
    expect(propose(device(VENDOR, 0, 6), device(OLD, 8, 40), device(NEW, 42, 60))).toEqual([[OLD, NEW]]);
  });

  test("a guest is no earlier phone of somebody who lives here, even if it went in the hour in which that came", () => {
    const atOnce = { firstHour: 22 };
    expect(propose(device(OLD, 0, 19), device(NEW, 19, 90, atOnce))).toEqual([]);
    expect(propose(device(OLD, 0, 20), device(NEW, 20, 90, atOnce))).toEqual([[OLD, NEW]]);
  });

  test("what a person said is remembered, of each interface", () => {
    const merged = device(OLD, 0, 30, { interfaces: [OLD, NEWER] });
    const isNotSame = (one: string, other: string) => [one, other].sort().join() === [NEWER, NEW].sort().join();
    expect(proposeMerges([merged, device(NEW, 31, 41)], isNotSame, day(TODAY))).toEqual([]);
    expect(proposeMerges([merged, device(NEW, 31, 41)], () => false, day(TODAY))).toHaveLength(1);
  });

  test("without a name, or without activity, there is nothing to say", () => {
    expect(propose(device(OLD, 0, 30, { names: [] }), device(NEW, 31, 41, { names: [] }))).toEqual([]);
    expect(propose(device(OLD, 0, 30), device(NEW, 31, 41, { days: [] }))).toEqual([]);
  });
});

describe("several MACs", () => {
  test("are one proposal, the earliest first; one that is too new waits, and one that came and went is left out", () => {
    const inARow = [device(OLD, 0, 30), device(NEW, 31, 41)];
    const night = { firstHour: 0 };
    expect(propose(device(NEWER, 42, 48, night), ...inARow)).toEqual([[OLD, NEW, NEWER]]);
    expect(propose(device(NEWER, 42, 47, night), ...inARow)).toEqual([[OLD, NEW]]);
    expect(propose(device(OLD, 0, 30), device(NEWER, 31, 32), device(NEW, 33, 60))).toEqual([[OLD, NEW]]);
    // Three days, that go on as another one within the hour, are enough, too.
    const brief = (lastHour: number) =>
      propose(device(OLD, 0, 41), device(NEW, 43, 45, { lastHour }), device(NEWER, 45, 60, { firstHour: 23 }));
    expect(brief(22)).toEqual([[OLD, NEW, NEWER]]);
    expect(brief(21)).toEqual([[OLD, NEWER]]);
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
    // What was there in the last two days may be one that stays.
    expect(proposeOn(8, ...daily(7))).toEqual([]);
    expect(proposeOn(9, ...daily(7))).toEqual([daily(7).map(({ key }) => key)]);
  });

  describe("a day in such a row is left out where it could be a guest's", () => {
    const KEYS = Array.from({ length: 20 }, (_, i) => `02:00:00:00:00:${10 + i}`);
    const row = (some: (at: number) => Partial<Candidate>) =>
      propose(...KEYS.slice(0, 9).map((key, at) => device(key, at, at, { firstHour: 0, lastHour: 23, ...some(at) })));
    const withoutFourth = [KEYS.slice(0, 9).filter((_, at) => at !== 4)];
    const whole = [KEYS.slice(0, 9)];
    const fourth = (some: Partial<Candidate>, before: Partial<Candidate> = {}) =>
      row((at) => (at === 4 ? some : at === 3 ? before : {}));

    test("it begins overnight, and before ten: nobody comes to visit then", () => {
      expect(fourth({ firstHour: 9, lastHour: 20 }, { lastHour: 21 })).toEqual(whole);
      expect(fourth({ firstHour: 9, lastHour: 20 }, { lastHour: 20 })).toEqual(withoutFourth);
      expect(fourth({ firstHour: 10, lastHour: 20 }, { lastHour: 23 })).toEqual(withoutFourth);
    });

    test("it begins between midnight and four, after however long", () => {
      expect(fourth({ firstHour: 3, lastHour: 20 }, { lastHour: 12 })).toEqual(whole);
      expect(fourth({ firstHour: 4, lastHour: 20 }, { lastHour: 12 })).toEqual(withoutFourth);
    });

    test("or the next one goes on within the hour, as a new MAC at midnight does", () => {
      expect(fourth({ firstHour: 15, lastHour: 23 })).toEqual(whole);
      expect(fourth({ firstHour: 15, lastHour: 22 })).toEqual(withoutFourth);
    });

    test("but not when it was there in the evening of a day on which another one was", () => {
      const evening = device(KEYS[9] ?? "", 4, 4, { firstHour: 20, lastHour: 23 });
      const all = KEYS.slice(0, 9).map((key, at) =>
        device(key, at, at, { firstHour: 0, lastHour: at === 4 ? 17 : 23 }),
      );
      expect(propose(...all, evening)).toEqual(whole);
    });

    test("within the hour it goes on by day, too", () => {
      const afternoon = (firstHour: number) =>
        fourth({ days: [day(3)], firstHour, lastHour: 20 }, { lastHour: 14, firstHour: 0 });
      expect(afternoon(15)).toEqual(whole);
      expect(afternoon(16)).toEqual(withoutFourth);
    });

    test("two of one day are in the order of their hours, and of one hour in any, but always the same", () => {
      const halves = (hour: number) =>
        row((at) => {
          if (at === 3) return { days: [day(4)], firstHour: 12, lastHour: 23 };
          return at === 4 ? { firstHour: hour, lastHour: 12 } : {};
        });
      expect(halves(0)).toEqual([
        KEYS.slice(0, 9)
          .with(3, KEYS[4] ?? "")
          .with(4, KEYS[3] ?? ""),
      ]);
      const noon = { firstHour: 12, lastHour: 12 };
      const all = KEYS.slice(0, 9).map((key, at) => device(key, Math.min(at, 7), Math.min(at, 7), noon));
      const nights = all.map((one, at) => (at < 7 ? { ...one, firstHour: 0, lastHour: 23 } : one));
      const same = [...nights.slice(0, 7), ...nights.slice(7).map((one) => ({ ...one, firstHour: 0, lastHour: 0 }))];
      expect(propose(...same)).toEqual([KEYS.slice(0, 9)]);
      expect(propose(...same.toReversed())).toEqual([KEYS.slice(0, 9)]);
    });

    test("two such rows at a time are nobody's", () => {
      const daily = (first: number, some: Partial<Candidate>) =>
        KEYS.slice(first, first + 9).map((key, at) => device(key, at, at, { firstHour: 0, lastHour: 23, ...some }));
      expect(propose(...daily(0, {}), ...daily(10, {}))).toEqual([]);
    });

    test("its hours are not known any more", () => {
      expect(fourth({ firstHour: null, lastHour: null })).toEqual(withoutFourth);
    });

    test("it came for two days far apart", () => {
      const last = (days: readonly string[]) => row((at) => (at === 8 ? { days } : {}));
      expect(last([day(8), day(14)])).toEqual(whole);
      expect(last([day(8), day(15)])).toEqual([KEYS.slice(0, 8)]);
    });
  });

  test("a row has five devices at least, of two days at most", () => {
    const inARow = (...days: readonly (readonly [from: number, to: number])[]) =>
      propose(
        ...days.map(([from, to], i) => device(`02:00:00:00:00:${10 + i}`, from, to, { firstHour: 0, lastHour: 23 })),
      ).map(({ length }) => length);
    expect(inARow([0, 1], [2, 3], [4, 5], [6, 7])).toEqual([]);
    expect(inARow([0, 1], [2, 3], [4, 5], [6, 7], [8, 9])).toEqual([5]);
    expect(inARow([0, 2], [3, 4], [5, 6], [7, 8], [9, 10])).toEqual([]);
    // Active on six days of ten, and on five.
    expect(inARow([0, 0], [1, 1], [4, 4], [5, 5], [8, 8], [9, 9])).toEqual([6]);
    expect(inARow([0, 0], [1, 1], [4, 4], [5, 5], [9, 9])).toEqual([]);
  });

  test("it is never quiet between two for longer than three weeks, however long either was away", () => {
    const away = [...daysFromTo(day(0), day(30)), ...daysFromTo(day(61), day(80))];
    const left = device(OLD, 0, 30, { days: away });
    expect(propose(left, device(NEW, 102, 112))).toEqual([[OLD, NEW]]);
    expect(propose(left, device(NEW, 103, 113))).toEqual([]);
    const back = [...daysFromTo(day(47), day(60)), ...daysFromTo(day(77), day(90))];
    expect(propose(device(OLD, 0, 30), device(NEW, 0, 0, { days: back }))).toEqual([[OLD, NEW]]);
  });

  test("of more than a hundred of one name the latest are looked at", () => {
    const phone = [device(OLD, 0, 30), device(NEW, 31, 41)];
    const single = (count: number) =>
      Array.from({ length: count }, (_, i) => device(`02:00:00:00:00:0${i}`, 42 + i, 42 + i, { firstHour: 12 }));
    expect(propose(...phone, ...single(98))).toContainEqual([OLD, NEW]);
    expect(propose(...phone, ...single(99))).toEqual([]);
  });

  test("a flood of devices that take the name of a phone for an hour doesn't become one with it", () => {
    const phone = [device(OLD, 0, 30), device(NEW, 31, 41)];
    const flood = Array.from({ length: 2_000 }, (_, i) =>
      device(`02:00:00:00:${10 + (i % 90)}:${10 + Math.floor(i / 90)}`, 41, 41, { firstHour: 12, lastHour: 13 }),
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
      const proposals = proposeMerges(candidates, () => false, day(TODAY));
      const keys = proposals.flatMap(({ devices }) => devices);
      expect(new Set(keys).size).toBe(keys.length);
      for (const { devices, steps } of proposals) {
        expect(devices.length).toBe(steps.length + 1);
        for (const { lastDay, firstDay } of steps) expect(firstDay >= lastDay).toBe(true);
      }
      expect(proposeMerges(candidates.toReversed(), () => false, day(TODAY))).toEqual(proposals);
    }),
  );
});
