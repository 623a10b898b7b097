import { describe, expect, test } from "vitest";
import { addDays, clockHourOf, createCalendar, daysBetween, isDay } from "./calendar.ts";
import { referenceCalendar, zoneOf } from "./testing.ts";

describe("a calendar", () => {
  const berlin = createCalendar(zoneOf("Europe/Berlin"));

  test("dates an instant by the zone, not by UTC", () => {
    const at = Date.parse("2026-06-15T23:30:00Z");
    expect(berlin.dayOf(at)).toBe("2026-06-16");
    expect(createCalendar(zoneOf("America/New_York")).dayOf(at)).toBe("2026-06-15");
    expect(berlin.localText(at)).toBe("2026-06-16 01:30:00");
  });

  test("tells the hour that the clock shows, which comes twice or never when it is set", () => {
    const hoursOf = (day: string) => berlin.slotsOf(day).map(({ from }) => clockHourOf(berlin, from));
    expect(hoursOf("2026-03-29").slice(0, 4)).toEqual([0, 1, 3, 4]);
    expect(hoursOf("2026-10-25").slice(0, 5)).toEqual([0, 1, 2, 2, 3]);
    expect(berlin.offsetAt(Date.parse("2026-06-15T12:00:00Z"))).toBe(7_200_000);
  });

  test.each([
    ["2026-03-29", 23],
    ["2026-06-15", 24],
    ["2026-10-25", 25],
  ])("gives %s %i clock hours in Berlin", (day, hours) => {
    const slots = berlin.slotsOf(day);
    expect(slots.map((slot) => slot.hour)).toEqual([...Array(hours).keys()]);
    expect(slots.every((slot) => slot.to - slot.from === 3_600_000)).toBe(true);
  });

  test("lays slots without gap or overlap in zones with odd shifts", () => {
    for (const [zone, day] of [
      ["Australia/Lord_Howe", "2026-04-05"],
      ["Asia/Kathmandu", "2026-01-01"],
      ["America/St_Johns", "2026-11-01"],
      ["Africa/Casablanca", "2026-02-15"],
    ] as const) {
      const calendar = createCalendar(zoneOf(zone));
      const slots = [...calendar.slotsOf(day), ...calendar.slotsOf(addDays(day, 1))];
      for (const [index, slot] of slots.entries()) {
        if (index > 0) expect(slot.from, `${zone} ${slot.day} ${slot.hour}`).toBe(slots[index - 1]?.to);
        expect(calendar.slotOf(slot.from)).toEqual(slot);
        expect(calendar.slotOf(slot.to - 1)).toEqual(slot);
      }
    }
  });

  test("starts its hours where the clock shows a full hour, also at half-hour offsets", () => {
    const slot = createCalendar(zoneOf("Asia/Kathmandu")).slotOf(Date.parse("2026-01-01T06:20:00Z"));
    expect(slot).toEqual({
      day: "2026-01-01",
      hour: 12,
      from: Date.parse("2026-01-01T06:15:00Z"),
      to: Date.parse("2026-01-01T07:15:00Z"),
    });
  });

  test("cuts a span at every edge", () => {
    const slots = berlin.slotsBetween(Date.parse("2026-06-15T20:59:00Z"), Date.parse("2026-06-15T22:00:01Z"));
    expect(slots.map((slot) => `${slot.day} ${slot.hour}`)).toEqual(["2026-06-15 22", "2026-06-15 23", "2026-06-16 0"]);
    expect(berlin.slotsBetween(0, 0)).toHaveLength(1);
  });

  test("has the zone's name", () => {
    expect(berlin.zone).toBe("Europe/Berlin");
  });

  test("keeps a day whole when the clock is set back past midnight", () => {
    // In Newfoundland a minute after midnight: from then on it was the evening before once more.
    const calendar = createCalendar(zoneOf("America/St_Johns"));
    const [first, last] = [Date.parse("2010-11-07T02:30:00Z"), Date.parse("2010-11-08T03:30:00Z")];
    expect(calendar.localText(first)).toBe("2010-11-07 00:00:00");
    expect(calendar.localText(first + 60_000)).toBe("2010-11-06 23:01:00");
    expect(calendar.dayOf(first - 1)).toBe("2010-11-06");
    for (let at = first; at < last; at += 30_000) expect(calendar.dayOf(at)).toBe("2010-11-07");
    expect(calendar.dayOf(last)).toBe("2010-11-08");
    expect(calendar.slotsOf("2010-11-07")[0]?.from).toBe(first);
    expect(calendar.slotsOf("2010-11-07").at(-1)?.to).toBe(last);
  });

  test("has no hours on a day that was left out", () => {
    // Samoa crossed the date line at the end of the 29th.
    const apia = createCalendar(zoneOf("Pacific/Apia"));
    expect(apia.slotsOf("2011-12-30")).toEqual([]);
    const change = Date.parse("2011-12-30T10:00:00Z");
    expect(apia.slotsBetween(change - 1, change + 1).map(({ day, hour }) => `${day} ${hour}`)).toEqual([
      "2011-12-29 23",
      "2011-12-31 0",
    ]);
  });

  test.each([
    ["a shift of half an hour", "Australia/Lord_Howe", "2026-04-05"],
    ["midnight skipped", "America/Sao_Paulo", "2018-11-04"],
    ["midnight twice", "America/Havana", "2026-11-01"],
    ["the evening before, twice", "America/Sao_Paulo", "2018-02-17"],
    ["an hour of one minute", "America/St_Johns", "2010-11-07"],
    ["a new standard time", "Asia/Pyongyang", "2018-05-05"],
    ["quarters of an hour", "Asia/Kathmandu", "2026-01-01"],
    ["a day left out", "Pacific/Apia", "2011-12-30"],
    ["seconds", "Europe/Amsterdam", "1900-07-01"],
  ])("cuts days as Temporal does: %s, in %s around %s", (_, zone, day) => {
    const calendar = createCalendar(zoneOf(zone));
    const reference = referenceCalendar(zone);
    for (const count of [-1, 0, 1]) {
      expect(calendar.slotsOf(addDays(day, count))).toEqual(reference.slotsOf(addDays(day, count)));
    }
    const [from, to] = [Date.parse(day) - 86_400_000, Date.parse(day) + 2 * 86_400_000];
    expect(calendar.slotsBetween(from + 1, to - 1)).toEqual(reference.slotsBetween(from + 1, to - 1));
    for (let at = from; at < to; at += 1_234_567) {
      expect(calendar.slotOf(at)).toEqual(reference.slotOf(at));
      expect(calendar.localText(at)).toBe(reference.localText(at));
    }
  });

  test("refuses what is no instant and no day", () => {
    for (const at of [Number.NaN, Number.POSITIVE_INFINITY, 1e18]) {
      const calendar = createCalendar({ name: "UTC", offsetAt: () => 0 });
      expect(() => calendar.slotOf(at)).toThrow(RangeError);
      expect(() => calendar.localText(at)).toThrow(RangeError);
    }
    expect(() => berlin.slotsOf("2026-02-30")).toThrow(RangeError);
    expect(() => addDays("soon", 1)).toThrow(RangeError);
  });
});

describe("days", () => {
  test("are counted over months and years", () => {
    expect(addDays("2026-12-31", 1)).toBe("2027-01-01");
    expect(addDays("2026-03-01", -1)).toBe("2026-02-28");
    expect(daysBetween("2026-03-01", "2027-03-01")).toBe(365);
    expect(daysBetween("2027-03-01", "2026-03-01")).toBe(-365);
    expect(addDays("9999-12-31", 1)).toBe("+010000-01-01");
    expect(addDays("+010000-01-01", -1)).toBe("9999-12-31");
    expect(addDays("0000-01-01", -1)).toBe("-000001-12-31");
  });

  test("are those of the calendar, one after another", () => {
    // Two rounds of the leap years' cycle of 400 years.
    const from = Date.UTC(1600, 0, 1) / 86_400_000;
    for (let number = from; number < from + 2 * 146_097; number++) {
      const day = new Date(number * 86_400_000).toISOString().slice(0, 10);
      if (addDays("1970-01-01", number) !== day || daysBetween("1970-01-01", day) !== number) expect.fail(day);
    }
  });

  test("are real ones only", () => {
    expect(isDay("2024-02-29")).toBe(true);
    for (const text of [
      "2026-02-29",
      "2026-02-30",
      "1900-02-29",
      "2026-04-31",
      "2026-13-01",
      "2026-00-10",
      "2026-01-00",
      "2026-1-1",
      "+002026-01-01",
      "",
      "2026-01-01T00:00",
    ])
      expect(isDay(text)).toBe(false);
  });
});
