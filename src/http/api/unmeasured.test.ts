import { describe, expect, test } from "vitest";
import { createCalendar } from "../../accounting/calendar.ts";
import { zoneOf } from "../../accounting/testing.ts";
import { type MeasuredFacts, unmeasuredDays, unmeasuredOf } from "./unmeasured.ts";

const berlin = createCalendar(zoneOf("Europe/Berlin"));
/** 2026-11-22 15:30 in Berlin. */
const NOW = Date.UTC(2026, 10, 22, 14, 30);
const at = (text: string) => Date.parse(`${text}+01:00`);

const daily = ["2026-11-18", "2026-11-19", "2026-11-20", "2026-11-21", "2026-11-22"];
const facts: MeasuredFacts = {
  notes: [],
  days: daily,
  known: { first: "2026-11-18", last: "2026-11-22" },
  sources: [{ firstAt: at("2026-11-18T09:00"), at: NOW - 30_000 }],
};

function unmeasured(from: string, to: string, changes: Partial<MeasuredFacts> = {}): string[] {
  return unmeasuredOf({ from, to }, NOW, berlin, { ...facts, ...changes }).map(
    (span) => `${berlin.localText(span.from).slice(0, 16)} to ${berlin.localText(span.to).slice(0, 16)}`,
  );
}

describe("what was not measured", () => {
  test("is nothing where darkstat was read all the time, and nothing of what is still to come", () => {
    expect(unmeasured("2026-11-19", "2026-11-22")).toEqual([]);
    expect(unmeasured("2026-12-01", "2026-12-31")).toEqual([]);
  });

  test("is what was before the first reading", () => {
    expect(unmeasured("2026-11-17", "2026-11-19")).toEqual(["2026-11-17 00:00 to 2026-11-18 09:00"]);
  });

  test("begins with the first day that came from an older version", () => {
    const known = { first: "2026-11-10", last: "2026-11-22" };
    expect(unmeasured("2026-11-08", "2026-11-22", { known })).toEqual(["2026-11-08 00:00 to 2026-11-10 00:00"]);
  });

  test("is none of what came from an older version, though nothing was read yet", () => {
    const known = { first: "2026-11-10", last: "2026-11-20" };
    expect(unmeasured("2026-11-10", "2026-11-20", { known, sources: [], days: [] })).toEqual([]);
  });

  test("is everything up to now while darkstat was never read", () => {
    expect(unmeasured("2026-11-22", "2026-11-22", { known: null, sources: [], days: [] })).toEqual([
      "2026-11-22 00:00 to 2026-11-22 15:30",
    ]);
  });

  test("is the time between two readings far apart, whether darkstat counted on or was restarted meanwhile", () => {
    const gap = { from: at("2026-11-19T22:00"), to: at("2026-11-20T04:00") };
    const restart = { since: 0, lastReadAt: at("2026-11-21T10:00") };
    const notes = [
      { at: gap.to, code: "gap-reconstructed", detail: gap },
      { at: at("2026-11-21T12:00"), code: "meter-restarted", detail: restart },
      { at: at("2026-11-21T13:00"), code: "clock-jump", detail: { seconds: 7200 } },
    ] as const;
    expect(unmeasured("2026-11-19", "2026-11-22", { notes })).toEqual([
      "2026-11-19 22:00 to 2026-11-20 04:00",
      "2026-11-21 10:00 to 2026-11-21 12:00",
    ]);
    expect(unmeasured("2026-11-20", "2026-11-20", { notes })).toEqual(["2026-11-20 00:00 to 2026-11-20 04:00"]);
  });

  test("is what is since the last reading, where that is long ago", () => {
    const sources = [{ firstAt: at("2026-11-18T09:00"), at: at("2026-11-22T11:15") }];
    expect(unmeasured("2026-11-22", "2026-11-22", { sources })).toEqual(["2026-11-22 11:15 to 2026-11-22 15:30"]);
    expect(unmeasured("2026-11-21", "2026-11-21", { sources })).toEqual([]);
  });

  test("is no pause of a few minutes, as an update takes", () => {
    const detail = { since: 0, lastReadAt: at("2026-11-21T11:55") };
    const notes = [{ at: at("2026-11-21T12:00"), code: "meter-restarted", detail }] as const;
    expect(unmeasured("2026-11-21", "2026-11-21", { notes })).toEqual([]);
  });

  test("are whole days without a balance, one stretch with the gap around them", () => {
    const days = daily.filter((day) => day !== "2026-11-20");
    expect(unmeasured("2026-11-18", "2026-11-22", { days })).toContain("2026-11-20 00:00 to 2026-11-21 00:00");
    const gap = { from: at("2026-11-19T22:00"), to: at("2026-11-21T04:00") };
    const notes = [{ at: gap.to, code: "gap-reconstructed", detail: gap }] as const;
    expect(unmeasured("2026-11-19", "2026-11-22", { days, notes })).toEqual(["2026-11-19 22:00 to 2026-11-21 04:00"]);
  });

  test("by the day are those that were not measured from their beginning to their end", () => {
    const gap = { from: at("2026-11-18T22:00"), to: at("2026-11-21T04:00") };
    const notes = [{ at: gap.to, code: "gap-reconstructed", detail: gap }] as const;
    const range = { from: "2026-11-18", to: "2026-11-22" };
    expect(unmeasuredDays(range, NOW, berlin, { ...facts, notes })).toEqual(["2026-11-19", "2026-11-20"]);
    expect(unmeasuredDays(range, NOW, berlin, facts)).toEqual([]);
  });
});
