import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { addDays, countDays } from "../../../src/shared/calendar-days.ts";
import {
  changesFor,
  changesForCycle,
  changesForDays,
  changesForName,
  groupsFor,
  isMonthly,
  type QueryChanges,
  selectionOf,
  step,
} from "./ranges.ts";

const TODAY = "2026-11-22";
const read = (text: string, path = "/") => selectionOf(path, new URLSearchParams(text), TODAY);
const after = (changes: QueryChanges) =>
  read(new URLSearchParams(Object.entries(changes).flatMap(([k, v]) => (v === null ? [] : [[k, v]]))).toString());

describe("the range of an address", () => {
  test("is today where it names none, or one that is not known", () => {
    const today = { range: "today", from: TODAY, to: TODAY, group: null, remote: false, by: "device", owner: null };
    expect(read("")).toEqual(today);
    expect(read("range=century")).toEqual(today);
  });

  test.each([
    ["yesterday", "2026-11-21", "2026-11-21"],
    ["7d", "2026-11-16", TODAY],
    ["30d", "2026-10-24", TODAY],
    ["month", "2026-11-01", TODAY],
    ["last-month", "2026-10-01", "2026-10-31"],
  ])("%s goes from %s to %s", (range, from, to) => {
    expect(read(`range=${range}`)).toMatchObject({ range, from, to });
  });

  test("follows the server's day past midnight", () => {
    expect(selectionOf("/", new URLSearchParams("range=7d"), "2026-12-01")).toMatchObject({
      from: "2026-11-25",
      to: "2026-12-01",
    });
  });

  test("what figures are put together by, and whose they are, is read where it is one; a device's page is whosever", () => {
    expect(read("by=owner&owner=3")).toMatchObject({ by: "owner", owner: "3" });
    expect(read("owner=none")).toMatchObject({ by: "device", owner: "none" });
    for (const text of ["by=mac&owner=0", "owner=-1", "owner=1e3", "owner=<script>", "owner=1234567890123456"]) {
      expect(read(text)).toMatchObject({ by: "device", owner: null });
    }
    expect(read("by=owner&owner=3&device=02:00:00:00:00:01")).toMatchObject({ by: "device", owner: null });
  });

  test("custom days are put in order, and one that is no day is taken for the other", () => {
    expect(read("range=custom&from=2026-03-09&to=2026-02-01")).toMatchObject({ from: "2026-02-01", to: "2026-03-09" });
    expect(read("range=custom&from=2026-02-30&to=2026-03-09")).toMatchObject({ from: "2026-03-09", to: "2026-03-09" });
    expect(read("range=custom")).toMatchObject({ range: "custom", from: TODAY, to: TODAY });
  });

  test("carries the grouping and remote hosts when they are asked for in known words", () => {
    expect(read("range=7d&group=hour&remote=yes")).toMatchObject({ group: "hour", remote: true });
    expect(read("range=7d&group=week&remote=perhaps")).toMatchObject({ group: null, remote: false });
  });

  test("a grouping that the range is too long or too short for is taken for not asked", () => {
    expect(read("range=30d&group=hour").group).toBeNull();
    expect(read("group=month").group).toBeNull();
  });

  test.each([
    ["2026-11-22", "2026-11-22", ["hour"]],
    ["2026-11-16", "2026-11-22", ["hour", "day"]],
    ["2026-11-01", "2026-11-22", ["day"]],
    ["2026-01-01", "2026-11-22", ["day", "month"]],
    ["2021-01-01", "2026-11-22", ["month"]],
  ])("%s to %s can be grouped by %j", (from, to, groups) => {
    expect(groupsFor(from, to)).toEqual(groups);
  });
});

describe("the old address /history", () => {
  test.each([
    ["start=2021-01-30&end=2021-03-01", "2021-01-30", "2021-03-01"],
    ["start=2021-01-30T00:00:00&end=2021-01-31+00:00:00", "2021-01-30", "2021-01-31"],
    ["end=2021-01-30&start=2021-03-01", "2021-01-30", "2021-03-01"],
    ["end=2021-01-30", "2021-01-01", "2021-01-30"],
    ["start=2026-11-01", "2026-11-01", TODAY],
    ["", "2026-10-24", TODAY],
  ])("?%s opens %s to %s", (text, from, to) => {
    expect(read(text, "/history")).toMatchObject({ range: "custom", from, to });
    expect(read(text, "/below/history/")).toMatchObject({ range: "custom", from, to });
  });

  test("gives way to a range that is named", () => {
    expect(read("range=yesterday&start=2021-01-30", "/history")).toMatchObject({ range: "yesterday" });
  });
});

describe("addresses made for days", () => {
  test("today has none, yesterday its name, others their dates", () => {
    expect(changesFor(TODAY, TODAY, TODAY).range).toBeNull();
    expect(changesFor("2026-11-21", "2026-11-21", TODAY).range).toBe("yesterday");
    expect(changesFor("2026-11-01", "2026-11-20", TODAY)).toMatchObject({ range: "custom", from: "2026-11-01" });
  });

  test("a month that has a name gets it, an earlier one its dates", () => {
    expect(changesFor("2026-11-01", TODAY, TODAY)).toMatchObject({ range: "month", from: null });
    expect(changesFor("2026-10-01", "2026-10-31", TODAY)).toMatchObject({ range: "last-month", from: null });
    expect(changesFor("2026-09-01", "2026-09-30", TODAY)).toMatchObject({ range: "custom", to: "2026-09-30" });
  });

  test("lead to the same days again", () => {
    const day = fc.integer({ min: -4000, max: 0 }).map((days) => addDays(TODAY, days));
    fc.assert(
      fc.property(day, day, (a, b) => {
        const [from, to] = a < b ? [a, b] : [b, a];
        expect(after(changesFor(from, to, TODAY))).toMatchObject({ from, to });
      }),
    );
  });

  test("days that are typed stay grouped as before, unless they are too many or too few for it", () => {
    expect(changesForDays("2026-11-01", "2026-11-03", "hour")).toMatchObject({ range: "custom", group: "hour" });
    expect(changesForDays("2026-10-01", "2026-11-03", "hour")).toMatchObject({ range: "custom", group: null });
    expect(changesForDays("2026-11-01", "2026-11-01", "day")).toMatchObject({ from: "2026-11-01", group: null });
  });

  test("a named range forgets the dates and the grouping of the one before", () => {
    expect(changesForName("7d")).toEqual({ range: "7d", from: null, to: null, start: null, end: null, group: null });
  });
});

describe("a step", () => {
  test.each([
    ["2026-11-22", "2026-11-22", "2026-11-21", "2026-11-21"],
    ["2026-11-16", "2026-11-22", "2026-11-09", "2026-11-15"],
    ["2026-11-01", "2026-11-22", "2026-10-01", "2026-10-31"],
    ["2026-03-01", "2026-03-31", "2026-02-01", "2026-02-28"],
    ["2026-03-02", "2026-03-31", "2026-01-31", "2026-03-01"],
  ])("back from %s to %s shows %s to %s", (from, to, before, until) => {
    expect(step({ range: "custom", from, to }, -1, TODAY)).toMatchObject({ from: before, to: until });
  });

  test("forward never leads beyond today", () => {
    const forward = (from: string, to: string) => step({ range: "custom", from, to }, 1, TODAY);
    expect(forward(TODAY, TODAY)).toBeNull();
    expect(forward("2026-10-01", "2026-10-31")).toMatchObject({ from: "2026-11-01", to: TODAY });
    expect(forward("2026-11-09", "2026-11-18")).toMatchObject({ from: "2026-11-19", to: TODAY });
  });

  test("from month to month stays with months, on the first of one too", () => {
    const read = (text: string, today: string) => selectionOf("/", new URLSearchParams(text), today);
    for (const today of ["2026-11-01", "2026-11-22", "2026-11-30"]) {
      const back = step(read("range=month", today), -1, today);
      expect(back?.changes).toEqual({ range: "last-month", from: null, to: null, start: null, end: null });
      const further = step(read("range=last-month", today), -1, today);
      expect(further).toMatchObject({ from: "2026-09-01", to: "2026-09-30", changes: { range: "custom" } });
      expect(isMonthly({ range: "custom", from: "2026-09-01", to: "2026-09-30" }, today)).toBe(true);
      expect(step(read("range=last-month", today), 1, today)?.changes).toMatchObject({ range: "month" });
    }
    expect(isMonthly({ range: "today", from: "2026-11-01", to: "2026-11-01" }, "2026-11-01")).toBe(false);
    expect(isMonthly({ range: "custom", from: "2026-11-01", to: "2026-11-21" }, TODAY)).toBe(false);
  });

  test("keeps the grouping, which fits a range of the same length", () => {
    expect(step({ range: "7d", from: "2026-11-16", to: TODAY }, -1, TODAY)?.changes).not.toHaveProperty("group");
  });

  test("back meets the range without a gap", () => {
    const day = fc.integer({ min: -4000, max: 0 }).map((days) => addDays(TODAY, days));
    fc.assert(
      fc.property(day, day, (a, b) => {
        const [from, to] = a < b ? [a, b] : [b, a];
        const back = step({ range: "custom", from, to }, -1, TODAY);
        expect(back?.to).toBe(addDays(from, -1));
        expect(countDays(back?.from ?? "", back?.to ?? "")).toBeGreaterThan(0);
      }),
    );
  });
});

describe("cycles of a plan", () => {
  const CYCLES = { unit: "month", count: 1, from: "2020-01-31" } as const;
  const named = (range: string, today = TODAY) => selectionOf("/", new URLSearchParams({ range }), today, CYCLES);

  test("the running one ends today, the last is whole; without a plan both are today", () => {
    expect(named("cycle")).toMatchObject({ range: "cycle", from: "2026-10-31", to: TODAY });
    expect(named("last-cycle")).toMatchObject({ range: "last-cycle", from: "2026-09-30", to: "2026-10-30" });
    expect(read("range=cycle")).toMatchObject({ range: "today", from: TODAY, to: TODAY });
  });

  test("each has the shortest address, and all days of it lead there", () => {
    expect(changesForCycle(TODAY, TODAY, CYCLES)).toMatchObject({ range: "cycle", from: null });
    expect(changesForCycle("2026-10-05", TODAY, CYCLES)).toMatchObject({ range: "last-cycle", to: null });
    expect(changesForCycle("2026-03-01", TODAY, CYCLES)).toMatchObject({
      range: "custom",
      from: "2026-02-28",
      to: "2026-03-30",
    });
  });

  test("the arrows go from cycle to cycle, whichever way it was opened, and not into the future", () => {
    const back = (shown: Parameters<typeof step>[0]) => step(shown, -1, TODAY, CYCLES);
    expect(back(named("cycle"))?.changes).toMatchObject({ range: "last-cycle" });
    const before = back(named("last-cycle"));
    expect(before).toMatchObject({ from: "2026-08-31", to: "2026-09-29" });
    expect(step({ range: "custom", from: "2026-08-31", to: "2026-09-29" }, 1, TODAY, CYCLES)?.changes).toMatchObject({
      range: "last-cycle",
    });
    expect(step(named("last-cycle"), 1, TODAY, CYCLES)).toMatchObject({ to: TODAY, changes: { range: "cycle" } });
    expect(step(named("cycle"), 1, TODAY, CYCLES)).toBeNull();
    // Other days are as many days further, plan or not.
    expect(step({ range: "custom", from: "2026-08-30", to: "2026-09-29" }, -1, TODAY, CYCLES)).toEqual(
      step({ range: "custom", from: "2026-08-30", to: "2026-09-29" }, -1, TODAY),
    );
  });
});
