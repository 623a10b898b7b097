import { expect, test } from "vitest";
import { type ClockGuard, startClockGuard, watchClock } from "./clock-guard.ts";

const NOW = Date.UTC(2026, 5, 15);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Looks at the clocks every minute for a while; the wall clock is off by so much. */
function watched(guard: ClockGuard, from: number, forMs: number, offMs = 0): ClockGuard {
  let seen = guard;
  for (let ms = MINUTE; ms <= forMs; ms += MINUTE) seen = watchClock(seen, NOW + from + ms + offMs, MINUTE);
  return seen;
}

test("trusts no date until one has stood for a day", () => {
  const guard = watched(startClockGuard(NOW), 0, DAY - MINUTE);
  expect(guard.trustedAt).toBeNull();
  expect(watched(guard, DAY - MINUTE, MINUTE).trustedAt).toBe(NOW);
  expect(watched(guard, DAY - MINUTE, DAY + MINUTE).trustedAt).toBe(NOW + DAY);
});

test("never trusts a clock that was years ahead for some seconds, or for an hour, whenever that was", () => {
  for (const before of [0, HOUR, DAY - MINUTE, DAY, DAY + HOUR]) {
    for (const ahead of [6_000, HOUR]) {
      for (const off of [70 * DAY, 3_650 * DAY]) {
        let guard = watched(startClockGuard(NOW), 0, before);
        guard = watchClock(guard, NOW + before + ahead + off, ahead);
        guard = watchClock(guard, NOW + before + ahead, 1_000);
        guard = watched(guard, before + ahead, 3 * DAY);
        expect(guard.trustedAt).toBeGreaterThan(NOW);
        expect(guard.trustedAt).toBeLessThan(NOW + 6 * DAY);
      }
    }
  }
});

test("is not fooled by a clock that is ahead again and again", () => {
  let guard = startClockGuard(NOW);
  for (let hour = 0; hour < 200; hour++) {
    guard = watchClock(guard, NOW + hour * HOUR + 3_650 * DAY, 30 * MINUTE);
    guard = watchClock(guard, NOW + hour * HOUR, 30 * MINUTE);
  }
  expect(guard.trustedAt ?? 0).toBeLessThan(NOW + 200 * HOUR);
});

test("takes a date back when the clock is set back behind it", () => {
  const guard = watched(startClockGuard(NOW + 70 * DAY), 70 * DAY, 2 * DAY);
  expect(guard.trustedAt).toBe(NOW + 71 * DAY);
  expect(watchClock(guard, NOW, MINUTE).trustedAt).toBe(NOW);
});

test("adds up the hours of a machine that sleeps, and of a program that is restarted", () => {
  let guard = startClockGuard(NOW);
  for (let day = 0; day < 5; day++) {
    guard = watchClock(guard, NOW + day * DAY, 0);
    guard = watchClock(guard, NOW + day * DAY + 8 * HOUR, 8 * HOUR);
  }
  expect(guard.trustedAt).toBe(NOW);
});
