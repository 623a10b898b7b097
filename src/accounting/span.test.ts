import { describe, expect, test } from "vitest";
import { clockDoubtMs } from "./clocks.ts";
import { needsSeries, settle } from "./settle.ts";
import { ANNA, booksOf, codesOf, HOUR, MINUTE, NOON, next, PEER, policy, talk } from "./testing-readings.ts";
import type { Reading, Settlement } from "./types.ts";

const at = (time: string) => Date.parse(`2026-06-15T${time}+02:00`);

/** What a device was charged: day, hour, bytes, reconstructed. */
function hoursOf(settlement: Settlement): string[] {
  return settlement.charges
    .filter(({ ip, in: down }) => ip !== PEER && down > 0)
    .map((charge) => `${charge.day} ${charge.hour} ${charge.in} ${charge.reconstructed}`);
}

/** Readings at the given Berlin times of 2026-06-15, a talk of 1,000 bytes between them. */
function between(from: string, to: string, rest: Partial<Reading> = {}) {
  const elapsed = at(to) - at(from);
  const books = booksOf(talk("192.168.1.10", ANNA, 500, 50), { at: at(from) });
  const later = next(talk("192.168.1.10", ANNA, 1_500, 50), {
    at: at(to),
    elapsedMs: elapsed,
    uptimeSeconds: 90_000 + elapsed / 1000,
    ...rest,
  });
  const settled = settle(books, later, policy);
  return { settled, later, books, hours: hoursOf(settled) };
}

describe("a span", () => {
  test("within an hour is that hour", () => {
    expect(between("12:10:00", "12:10:30").hours).toEqual(["2026-06-15 12 1000 no"]);
  });

  test("that ends at midnight's edge is of the day that ended", () => {
    expect(between("23:59:30", "23:59:59").hours).toEqual(["2026-06-15 23 1000 no"]);
    const books = booksOf(talk("192.168.1.10", ANNA, 0, 0), { at: at("23:59:30") });
    const edge = next(talk("192.168.1.10", ANNA, 1_000, 0), { at: at("23:59:30") + 30_400, elapsedMs: 30_400 });
    expect(hoursOf(settle(books, edge, policy))).toEqual(["2026-06-15 23 1000 no"]);
  });

  test("over an edge is divided by duration, marked, to the byte", () => {
    const { hours, settled, books, later } = between("12:45:00", "14:15:00");
    expect(hours).toEqual(["2026-06-15 12 166 hour", "2026-06-15 13 667 hour", "2026-06-15 14 167 hour"]);
    expect(codesOf(settled)).toEqual(["gap-reconstructed"]);
    expect(needsSeries(books, later, policy)).toBe(true);
    expect(needsSeries(books, { ...later, at: at("12:46:00"), elapsedMs: MINUTE }, policy)).toBe(false);
  });

  test("over an edge follows darkstat's series where it accounts for the bytes", () => {
    const series = [
      { from: at("14:00:00"), to: at("14:15:00"), bytes: 0 },
      { from: at("13:00:00"), to: at("14:00:00"), bytes: 900 },
      { from: at("12:00:00"), to: at("13:00:00"), bytes: 400 },
    ];
    expect(between("12:45:00", "14:15:00", { series }).hours).toEqual([
      "2026-06-15 12 100 hour",
      "2026-06-15 13 900 hour",
    ]);
    const thin = series.map((bucket) => ({ ...bucket, bytes: bucket.bytes / 100 }));
    expect(between("12:45:00", "14:15:00", { series: thin }).hours).toHaveLength(3);
  });

  test("over midnight marks the day as reconstructed", () => {
    const books = booksOf(talk("192.168.1.10", ANNA, 0, 0), { at: at("23:00:00") });
    const later = next(talk("192.168.1.10", ANNA, 1_000, 0), {
      at: at("23:00:00") + 2 * HOUR,
      elapsedMs: 2 * HOUR,
      uptimeSeconds: 97_200,
    });
    const settled = settle(books, later, policy);
    expect(hoursOf(settled)).toEqual(["2026-06-15 23 500 day", "2026-06-16 0 500 day"]);
    expect(settled.counted.map((counted) => [counted.day, counted.bytes])).toEqual([
      ["2026-06-15", 500],
      ["2026-06-16", 500],
    ]);
  });

  test("of seconds over an edge marks the bytes of those seconds, not of the hour", () => {
    const { hours, settled } = between("12:59:40", "13:00:10");
    expect(hours).toEqual(["2026-06-15 12 666 hour", "2026-06-15 13 334 hour"]);
    expect(codesOf(settled)).toEqual([]);
  });
});

describe("clocks", () => {
  const books = booksOf(talk("192.168.1.10", ANNA, 0, 0));
  const later = (rest: Parameters<typeof next>[1]) => next(talk("192.168.1.10", ANNA, 1_000, 0), rest);

  test("set while we ran are noted, and the monotonic clock measures the span", () => {
    const settled = settle(books, later({ at: NOON + 5 * HOUR }), policy);
    expect(hoursOf(settled)).toEqual(["2026-06-15 17 1000 no"]);
    expect(settled.notes).toMatchObject([{ code: "clock-jump", detail: { seconds: 17_970 } }]);
    const back = settle(books, later({ at: NOON - 5 * HOUR }), policy);
    expect(hoursOf(back)).toEqual(["2026-06-15 7 1000 no"]);
    expect(codesOf(back)).toEqual(["clock-jump"]);
  });

  test("that our machine slept through date the whole span: darkstat's uptime bears the wall clock out", () => {
    const settled = settle(books, later({ at: NOON + 2 * HOUR, uptimeSeconds: 97_200 }), policy);
    expect(codesOf(settled)).toEqual(["gap-reconstructed"]);
    expect(hoursOf(settled)).toHaveLength(3);
  });

  test("say nothing when darkstat restarted while our machine slept: nobody knows whether the clock was set", () => {
    const settled = settle(books, later({ at: NOON + 2 * HOUR, epoch: "run 2", uptimeSeconds: 20 }), policy);
    expect(codesOf(settled)).toEqual(["meter-restarted"]);
    expect(hoursOf(settled)).toEqual(["2026-06-15 14 1000 no"]);
  });

  test("across our own restart date nothing before the books, whatever darkstat's uptime says", () => {
    const threeDays = settle(books, later({ elapsedMs: null, uptimeSeconds: 90_000 + 3 * 86_400 }), policy);
    expect(hoursOf(threeDays)).toEqual(["2026-06-15 12 1000 no"]);
    expect(codesOf(threeDays)).toEqual(["clock-jump"]);
    const ahead = settle(books, later({ at: NOON + 5 * HOUR, elapsedMs: null }), policy);
    expect(hoursOf(ahead)).toEqual(["2026-06-15 17 1000 no"]);
    const newRun = later({ elapsedMs: null, epoch: "run 2", uptimeSeconds: 8 * 3_600 });
    expect(hoursOf(settle(books, newRun, policy))).toEqual(["2026-06-15 12 1000 no"]);
  });

  test("are in doubt across our own restart when darkstat's uptime contradicts them by more than two minutes", () => {
    const doubtOf = (rest: Parameters<typeof next>[1]) => clockDoubtMs(books, later({ elapsedMs: null, ...rest }));
    expect(doubtOf({})).toBeNull();
    expect(doubtOf({ uptimeSeconds: 90_130 })).toBeNull();
    expect(doubtOf({ uptimeSeconds: 93_600 })).toBe(-3_570_000);
    expect(doubtOf({ at: NOON + HOUR })).toBe(3_570_000);
    expect(doubtOf({ epoch: "run 2", uptimeSeconds: 3_600 })).toBe(-3_570_000);
    expect(doubtOf({ epoch: "run 2", uptimeSeconds: 5, at: NOON + HOUR })).toBeNull();
    expect(doubtOf({ uptimeSeconds: 3_600 })).toBe(-3_570_000);
    expect(doubtOf({ uptimeSeconds: 93_600, meter: "b" })).toBeNull();
    expect(clockDoubtMs(books, later({ uptimeSeconds: 93_600 }))).toBeNull();
    expect(clockDoubtMs({ ...books, epoch: "" }, later({ elapsedMs: null, uptimeSeconds: 93_600 }))).toBeNull();
    expect(clockDoubtMs(null, later({ elapsedMs: null }))).toBeNull();
  });

  test("are in doubt while we run when they leap ahead by more than a month, which is no machine that slept", () => {
    const [day, year] = [24 * HOUR, 365 * 24 * HOUR];
    expect(clockDoubtMs(books, later({ at: NOON + year }))).toBe(year - 30_000);
    expect(clockDoubtMs(books, later({ at: NOON + 20 * day }))).toBeNull();
    expect(clockDoubtMs(books, later({ at: NOON - year }))).toBeNull();
    const slept = { at: NOON + year, uptimeSeconds: 90_000 + year / 1_000 };
    expect(clockDoubtMs(books, later(slept))).toBeNull();
  });
});
