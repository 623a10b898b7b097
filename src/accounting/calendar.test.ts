import { describe, expect, it } from "vitest";
import { addDays, createCalendar, daysBetween, isDay } from "./calendar.ts";

describe("a calendar", () => {
  const berlin = createCalendar("Europe/Berlin");

  it("dates an instant by the zone, not by UTC", () => {
    const at = Date.parse("2026-06-15T23:30:00Z");
    expect(berlin.dayOf(at)).toBe("2026-06-16");
    expect(createCalendar("America/New_York").dayOf(at)).toBe("2026-06-15");
    expect(berlin.localText(at)).toBe("2026-06-16 01:30:00");
  });

  it.each([
    ["2026-03-29", 23],
    ["2026-06-15", 24],
    ["2026-10-25", 25],
  ])("gives %s %i clock hours in Berlin", (day, hours) => {
    const slots = berlin.slotsOf(day);
    expect(slots.map((slot) => slot.hour)).toEqual([...Array(hours).keys()]);
    expect(slots.every((slot) => slot.to - slot.from === 3_600_000)).toBe(true);
  });

  it("lays slots without gap or overlap in zones with odd shifts", () => {
    for (const [zone, day] of [
      ["Australia/Lord_Howe", "2026-04-05"],
      ["Asia/Kathmandu", "2026-01-01"],
      ["America/St_Johns", "2026-11-01"],
      ["Africa/Casablanca", "2026-02-15"],
    ] as const) {
      const calendar = createCalendar(zone);
      const slots = [...calendar.slotsOf(day), ...calendar.slotsOf(addDays(day, 1))];
      for (const [index, slot] of slots.entries()) {
        if (index > 0) expect(slot.from, `${zone} ${slot.day} ${slot.hour}`).toBe(slots[index - 1]?.to);
        expect(calendar.slotOf(slot.from)).toEqual(slot);
        expect(calendar.slotOf(slot.to - 1)).toEqual(slot);
      }
    }
  });

  it("starts its hours where the clock shows a full hour, also at half-hour offsets", () => {
    const slot = createCalendar("Asia/Kathmandu").slotOf(Date.parse("2026-01-01T06:20:00Z"));
    expect(slot).toEqual({
      day: "2026-01-01",
      hour: 12,
      from: Date.parse("2026-01-01T06:15:00Z"),
      to: Date.parse("2026-01-01T07:15:00Z"),
    });
  });

  it("cuts a span at every edge", () => {
    const slots = berlin.slotsBetween(Date.parse("2026-06-15T20:59:00Z"), Date.parse("2026-06-15T22:00:01Z"));
    expect(slots.map((slot) => `${slot.day} ${slot.hour}`)).toEqual(["2026-06-15 22", "2026-06-15 23", "2026-06-16 0"]);
    expect(berlin.slotsBetween(0, 0)).toHaveLength(1);
  });

  it("refuses a zone that does not exist", () => {
    expect(() => createCalendar("Europe/Atlantis")).toThrow(RangeError);
  });
});

describe("days", () => {
  it("are counted over months and years", () => {
    expect(addDays("2026-12-31", 1)).toBe("2027-01-01");
    expect(addDays("2026-03-01", -1)).toBe("2026-02-28");
    expect(daysBetween("2026-03-01", "2027-03-01")).toBe(365);
  });

  it("are real ones only", () => {
    expect(isDay("2024-02-29")).toBe(true);
    for (const text of ["2026-02-29", "2026-13-01", "2026-1-1", "", "2026-01-01T00:00"])
      expect(isDay(text)).toBe(false);
  });
});
