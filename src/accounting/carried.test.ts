import { expect, test } from "vitest";
import { seenShare } from "./carried.ts";
import { settle } from "./settle.ts";
import { ANNA, booksOf, HOUR, MINUTE, NOON, next, policy, talk } from "./testing-readings.ts";
import type { Carried, Settlement } from "./types.ts";

const carriedAt = (bytes: number, more: Partial<Carried> = {}): Carried => ({
  life: "boot eth0:2",
  bytes,
  headerBytes: 0,
  ...more,
});
/** Of a device at 1,000 bytes, with the interface at 50,000. */
const books = booksOf(talk("192.168.1.10", ANNA, 800, 200), { carried: carriedAt(50_000) });
const comparisonOf = ({ counted }: Settlement) => counted.map(({ carried, compared }) => ({ carried, compared }));
const later = (carried: Carried | undefined, more = {}) =>
  settle(books, next(talk("192.168.1.10", ANNA, 1_500, 500), { carried, ...more }), policy);

test("what the interface carried between two readings stands beside what the meter counted of it", () => {
  expect(comparisonOf(later(carriedAt(54_000)))).toEqual([{ carried: 4_000, compared: 1_000 }]);
});

test("both sides are compared without headers, where the interface counts other packets than the meter", () => {
  const { before, after } = next(talk("192.168.1.10", ANNA, 1_500, 500));
  const totals = { before: { ...before, packets: 14 }, after: { ...after, packets: 14 } };
  // 9 packets in the books: 5 are new.
  expect(comparisonOf(later(carriedAt(54_000, { headerBytes: 72 }), totals))).toEqual([
    { carried: 4_000, compared: 1_000 - 5 * 72 },
  ]);
});

test.each([
  ["the interface was made anew, or the machine started again", carriedAt(54_000, { life: "boot eth0:3" })],
  ["its counters fell: they were reset, or wrapped", carriedAt(49_000)],
  ["nothing is known of them", undefined],
])("nothing is compared where %s, and the next reading begins anew", (_, carried) => {
  const settled = later(carried);
  expect(comparisonOf(settled)).toEqual([{ carried: 0, compared: 0 }]);
  const third = settle(
    settled.books,
    next(talk("192.168.1.10", ANNA, 2_500, 500), {
      at: NOON + MINUTE,
      uptimeSeconds: 90_060,
      carried: carried && { ...carried, bytes: carried.bytes + 2_000 },
    }),
    policy,
  );
  expect(comparisonOf(third)).toEqual([carried ? { carried: 2_000, compared: 1_000 } : { carried: 0, compared: 0 }]);
});

test("nothing is compared over a restart of the meter, unless its new run continues the one before", () => {
  const anew = { epoch: "run 2", uptimeSeconds: 10, carried: carriedAt(54_000) };
  const hosts = talk("192.168.1.10", ANNA, 300, 100);
  expect(comparisonOf(settle(books, next(hosts, anew), policy))).toEqual([{ carried: 0, compared: 0 }]);
  expect(comparisonOf(settle(books, next(hosts, { ...anew, continues: "run 1" }), policy))).toEqual([
    { carried: 4_000, compared: 400 },
  ]);
});

test("over our own restart it goes on, and what fell on two days is divided as the rest is", () => {
  const night = 12 * HOUR;
  const settled = later(carriedAt(54_000), { at: NOON + 2 * night, elapsedMs: null, uptimeSeconds: 90_000 + 86_400 });
  const days = settled.counted.map(({ day }) => day);
  expect(days).toEqual(["2026-06-15", "2026-06-16"]);
  const sum = (of: "carried" | "compared") => settled.counted.reduce((all, one) => all + one[of], 0);
  expect([sum("carried"), sum("compared")]).toEqual([4_000, 1_000]);
  for (const { carried } of settled.counted) expect(carried).toBeGreaterThan(0);
});

test("a share is told from 10 MB on, and is never above all", () => {
  expect(seenShare({ carried: 20_000_000, compared: 10_000_000 })).toBe(0.5);
  expect(seenShare({ carried: 20_000_000, compared: 20_000_100 })).toBe(1);
  expect(seenShare({ carried: 9_999_999, compared: 0 })).toBeNull();
});
