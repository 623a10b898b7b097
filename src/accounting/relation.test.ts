import { describe, expect, test } from "vitest";
import { type Doubt, RejectedReading } from "./rejection.ts";
import { PATIENCE_MS } from "./relation.ts";
import { needsSeries, settle } from "./settle.ts";
import {
  ANNA,
  BEN,
  booksOf,
  chargesOf,
  codesOf,
  countedOf,
  type Fields,
  host,
  MINUTE,
  NOON,
  next,
  PEER,
  policy,
  reading,
  talk,
} from "./testing-readings.ts";
import type { Books, HostRow, Reading } from "./types.ts";

/** Why the reading is rejected; fails when it is not. */
function rejectionOf(books: Books | null, rejected: Reading, doubt: Doubt | null = null): string {
  try {
    settle(books, rejected, policy, doubt);
  } catch (error) {
    if (error instanceof RejectedReading) return error.reason;
    throw error;
  }
  return "it was settled";
}

/** What a rejected reading is to the next one. */
function doubtOf(rejected: Reading, lastedMs = MINUTE / 2): Doubt {
  return { reading: rejected, lastedMs };
}

/** The reading half a minute after `next`. */
function afterNext(hosts: readonly HostRow[], rest: Fields = {}): Reading {
  return reading(hosts, { at: NOON + MINUTE, elapsedMs: MINUTE, uptimeSeconds: 90_060, ...rest });
}

describe("a new run", () => {
  const books = booksOf(talk("192.168.1.10", ANNA, 500, 50));

  test("charges every counter whole when nothing was imported, and notes the restart", () => {
    const restarted = next(talk("192.168.1.10", ANNA, 800, 20), { epoch: "run 2", uptimeSeconds: 20 });
    const settled = settle(books, restarted, policy);
    expect(chargesOf(settled)).toEqual([["192.168.1.10", 800, 20]]);
    expect(codesOf(settled)).toEqual(["meter-restarted"]);
  });

  test("under the same since-text is believed when a second reading continues it", () => {
    const young = next(talk("192.168.1.10", ANNA, 900, 60), { uptimeSeconds: 20 });
    expect(rejectionOf(books, young)).toBe("went-back");
    const older = afterNext(talk("192.168.1.10", ANNA, 1_000, 60), { uptimeSeconds: 50 });
    expect(rejectionOf(books, older)).toBe("went-back");
    const settled = settle(books, older, policy, doubtOf(young));
    expect(chargesOf(settled)).toEqual([["192.168.1.10", 1_000, 60]]);
  });

  test("under the same since-text that has overtaken the total that we knew is believed likewise", () => {
    const early = settle(null, reading(talk("192.168.1.10", ANNA, 500, 0), { uptimeSeconds: 10 }), policy).books;
    const rows = (down: number) => talk("192.168.1.11", BEN, down, 0);
    const young = reading(rows(500), { at: NOON + 30_000, elapsedMs: 30_000, uptimeSeconds: 15 });
    expect(rejectionOf(early, young)).toBe("hosts-ahead");
    const older = reading(rows(600), { at: NOON + 60_000, elapsedMs: 60_000, uptimeSeconds: 45 });
    const settled = settle(early, older, policy, doubtOf(young));
    expect(chargesOf(settled)).toEqual([["192.168.1.11", 600, 0]]);
    expect(codesOf(settled)).toContain("meter-restarted");
  });

  test("that began in the very second in which the one before began and died is believed likewise", () => {
    const early = settle(null, reading(talk("192.168.1.10", ANNA, 500, 0), { uptimeSeconds: 0 }), policy).books;
    const stale = reading(talk("192.168.1.10", ANNA, 300, 0), {
      at: NOON + 1_000,
      elapsedMs: 1_000,
      uptimeSeconds: 1,
      bytes: 0,
    });
    expect(rejectionOf(early, stale)).toBe("went-back");
    const next = reading(talk("192.168.1.10", ANNA, 340, 0), {
      at: NOON + 2_000,
      elapsedMs: 2_000,
      uptimeSeconds: 2,
      bytes: 40,
    });
    const settled = settle(early, next, policy, doubtOf(stale, 1_000));
    expect(codesOf(settled)).toContain("stale-import");
  });

  test("under the same since-text is no old page: that doesn't go on", () => {
    const stored = next(talk("192.168.1.10", ANNA, 400, 40), { uptimeSeconds: 20 });
    const again = afterNext(talk("192.168.1.10", ANNA, 400, 40), { uptimeSeconds: 20 });
    expect(rejectionOf(books, again, doubtOf(stored, PATIENCE_MS))).toBe("went-back");
  });

  test("at another address that ran already when we last read is another darkstat: a baseline only", () => {
    const other = next(talk("192.168.1.10", ANNA, 9_800, 20), { epoch: "since May", uptimeSeconds: 8e5, meter: "b" });
    const settled = settle(books, other, policy);
    expect(settled.charges).toEqual([]);
    expect(settled.counted).toEqual([]);
    expect(codesOf(settled)).toEqual(["other-meter"]);
  });

  test("at another address under the same since-text is told by its counters", () => {
    const same = next(talk("192.168.1.10", ANNA, 800, 70), { meter: "b" });
    expect(chargesOf(settle(books, same, policy))).toEqual([["192.168.1.10", 300, 20]]);
    const other = next(talk("192.168.1.10", ANNA, 20, 20), { meter: "b" });
    expect(rejectionOf(books, other)).toBe("went-back");
    const later = afterNext(talk("192.168.1.10", ANNA, 30, 20), { meter: "b" });
    expect(codesOf(settle(books, later, policy, doubtOf(other)))).toEqual(["other-meter"]);
  });

  test("at another address, where a proxy has stored the first page, is no new run", () => {
    const stored = next(talk("192.168.1.10", ANNA, 501, 50), { meter: "b", bytes: 550, uptimeSeconds: 90_000 });
    expect(rejectionOf(books, stored)).toBe("hosts-ahead");
    const fresh = afterNext(talk("192.168.1.10", ANNA, 502, 50), { meter: "b" });
    expect(chargesOf(settle(books, fresh, policy, doubtOf(stored)))).toEqual([["192.168.1.10", 2, 0]]);
  });

  test("at the same address that seems older than our last reading is charged whole when only our restart lies between", () => {
    const old = next(talk("192.168.1.10", ANNA, 9_800, 20), { epoch: "run 2", uptimeSeconds: 8e5, elapsedMs: null });
    expect(chargesOf(settle(books, old, policy))).toEqual([["192.168.1.10", 9_800, 20]]);
  });

  test("at the same address that is older by our own running clocks is never charged what it counted before", () => {
    const fields = { epoch: "since May", uptimeSeconds: 8e5 };
    const first = next(talk("192.168.1.10", ANNA, 9_800, 20), fields);
    expect(rejectionOf(books, first)).toBe("older-run");
    const later = afterNext(talk("192.168.1.10", ANNA, 9_900, 20), { ...fields, uptimeSeconds: 8e5 + 30 });
    expect(rejectionOf(books, later, doubtOf(first))).toBe("older-run");
    const settled = settle(books, later, policy, doubtOf(first, PATIENCE_MS));
    expect(settled.charges).toEqual([]);
    expect(codesOf(settled)).toEqual(["other-meter"]);
  });
});

describe("a new run that imported", () => {
  const books = booksOf(talk("192.168.1.10", ANNA, 500, 50));
  const run2 = { epoch: "run 2", uptimeSeconds: 20 };

  test("what we saw, charges known hosts the difference", () => {
    const settled = settle(books, next(talk("192.168.1.10", ANNA, 600, 60), { ...run2, bytes: 40 }), policy);
    expect(chargesOf(settled)).toEqual([["192.168.1.10", 100, 10]]);
    expect(countedOf(settled)).toEqual({ bytes: 110, unattributed: 0, unlisted: 0 });
    expect(settled.notes).toMatchObject([{ code: "clean-import", detail: { unattributed: 0 } }]);
  });

  test("charges newcomers up to what its total leaves; the rest is unattributed, not lost", () => {
    const rows = [
      ...talk("192.168.1.10", ANNA, 510, 50),
      host("192.168.1.11", BEN, 900, 90),
      host("192.168.1.12", BEN, 300, 1_110),
    ];
    const fit = settle(books, next(rows, { ...run2, bytes: 1_210 }), policy);
    expect(chargesOf(fit)).toEqual([
      ["192.168.1.10", 10, 0],
      ["192.168.1.11", 900, 90],
      ["192.168.1.12", 300, 1_110],
    ]);
    expect(countedOf(fit)).toEqual({ bytes: 1_210, unattributed: 0, unlisted: 0 });
    const tight = settle(books, next(rows, { ...run2, bytes: 610 }), policy);
    expect(chargesOf(tight)).toEqual([
      ["192.168.1.10", 10, 0],
      ["192.168.1.11", 450, 45],
      ["192.168.1.12", 150, 555],
    ]);
    expect(tight.counted).toMatchObject([{ bytes: 1_210, unattributed: { in: 600, out: 600 } }]);
    expect(tight.books.baselines.get("192.168.1.11")).toMatchObject({ in: 900, out: 90 });
  });

  test("something older charges nobody, and posts what darkstat saw since as unattributed", () => {
    const large = booksOf(talk("192.168.1.10", ANNA, 514_000, 50));
    const rows = talk("192.168.1.10", ANNA, 411_200, 55);
    const settled = settle(large, next(rows, { ...run2, bytes: 300 }), policy);
    expect(settled.charges).toEqual([]);
    expect(countedOf(settled)).toEqual({ bytes: 300, unattributed: 300, unlisted: 0 });
    expect(settled.notes).toMatchObject([{ code: "stale-import", detail: { unattributed: 300 } }]);
    const after = next(talk("192.168.1.10", ANNA, 411_300, 55), { ...run2, uptimeSeconds: 50, bytes: 400 });
    expect(chargesOf(settle(settled.books, after, policy))).toEqual([["192.168.1.10", 100, 0]]);
  });

  test("something older whose counters have all overtaken ours has grown by less than its total", () => {
    const known = booksOf(talk("192.168.1.10", ANNA, 5_000, 500));
    const rows = talk("192.168.1.10", ANNA, 6_900, 1_100);
    const settled = settle(known, next(rows, { ...run2, bytes: 5_058 }), policy);
    expect(settled.charges).toEqual([]);
    expect(countedOf(settled)).toEqual({ bytes: 5_058, unattributed: 5_058, unlisted: 0 });
  });

  test("something larger of another run charges nobody when a host was seen earlier in it than we knew", () => {
    const seen = (seconds: number) =>
      talk("192.168.1.10", ANNA, 500, 50).map((row) => ({ ...row, lastSeenSeconds: seconds }));
    const known = booksOf(seen(3));
    const rows = (seconds: number) =>
      talk("192.168.1.10", ANNA, 29_000, 900).map((row) =>
        row.ip === PEER ? { ...row, lastSeenSeconds: seconds } : row,
      );
    const foreign = settle(known, next(rows(3_600), { ...run2, bytes: 200 }), policy);
    expect(foreign.charges).toEqual([]);
    expect(countedOf(foreign)).toEqual({ bytes: 200, unattributed: 200, unlisted: 0 });
    // 3 seconds then and 30 since: the host has not sent meanwhile.
    expect(codesOf(settle(known, next(rows(34), { ...run2, bytes: 200 }), policy))).toEqual(["clean-import"]);
  });

  test("more than the line can have carried besides charges nobody", () => {
    const rows = talk("192.168.1.10", ANNA, 500_000_000_000, 50);
    const settled = settle(books, next(rows, { ...run2, bytes: 300 }), policy);
    expect(settled.charges).toEqual([]);
    expect(countedOf(settled).unattributed).toBe(300);
  });

  test("a table without a host of ours did not resume what we saw", () => {
    const known = booksOf([...talk("192.168.1.10", ANNA, 500, 50), host("192.168.1.11", BEN, 9, 9)], { bytes: 559 });
    const settled = settle(known, next(talk("192.168.1.10", ANNA, 600, 60), { ...run2, bytes: 40 }), policy);
    expect(settled.charges).toEqual([]);
    expect(countedOf(settled).unattributed).toBe(40);
  });

  test("is no table of the old run that was stored on its way", () => {
    expect(rejectionOf(books, next(talk("192.168.1.10", ANNA, 500, 50), { ...run2, bytes: 40 }))).toBe("stale-table");
  });
});

describe("a reading that contradicts itself", () => {
  const rows = [...talk("192.168.1.10", ANNA, 500, 50), host("192.168.1.11", BEN, 9, 9)];
  const books = booksOf(rows, { bytes: 559 });
  const grown = [...talk("192.168.1.10", ANNA, 700, 50), host("192.168.1.11", BEN, 9, 9)];

  test("by an empty table is rejected, and the next one charges what came meanwhile", () => {
    const empty = next([], { bytes: 559 });
    expect(rejectionOf(books, empty)).toBe("empty-table");
    const settled = settle(books, afterNext(grown, { bytes: 759 }), policy, doubtOf(empty));
    expect(chargesOf(settled)).toEqual([["192.168.1.10", 200, 0]]);
    expect(rejectionOf(null, empty)).toBe("empty-table");
    // It proves nothing of an old table that shows as much as passed.
    const older = afterNext(talk("192.168.1.10", ANNA, 400, 50), { bytes: 559 + 450 });
    expect(rejectionOf(books, older, doubtOf(empty))).toBe("stale-table");
    expect(rejectionOf(null, empty, doubtOf(empty, PATIENCE_MS))).toBe("it was settled");
  });

  test("by an old table is rejected, whether hosts are below their counters or all as they were", () => {
    const older = [...talk("192.168.1.10", ANNA, 400, 50), host("192.168.1.11", BEN, 9, 9)];
    expect(rejectionOf(books, next(older, { bytes: 1_500 }))).toBe("stale-table");
    expect(rejectionOf(books, next(rows.slice(0, 2), { bytes: 900 }))).toBe("stale-table");
    expect(rejectionOf(books, next(rows, { bytes: 900 }))).toBe("stale-table");
  });

  test("by a table that is older than the totals is rejected, unless the next reading says the same", () => {
    const early = next(grown, { bytes: 900 });
    expect(rejectionOf(books, early)).toBe("short-table");
    const further = [...talk("192.168.1.10", ANNA, 1_000, 50), host("192.168.1.11", BEN, 9, 9)];
    const whole = settle(books, afterNext(further, { bytes: 1_059 }), policy, doubtOf(early));
    expect(countedOf(whole)).toEqual({ bytes: 500, unattributed: 0, unlisted: 0 });
    const short = settle(books, afterNext(further, { bytes: 1_200 }), policy, doubtOf(early));
    expect(countedOf(short)).toEqual({ bytes: 641, unattributed: 141, unlisted: 0 });
    expect(codesOf(short)).toEqual(["darkstat-forgot"]);
  });

  test("by hosts that grew by more than the total is rejected: the first page is an old one", () => {
    expect(rejectionOf(books, next(grown, { bytes: 559 }))).toBe("hosts-ahead");
    expect(rejectionOf(books, next(grown, { bytes: 300 }))).toBe("went-back");
    expect(rejectionOf(books, next(grown, { uptimeSeconds: 80_000, bytes: 759 }))).toBe("went-back");
  });

  test("for good, in a run that began before our last reading, starts afresh without charging anybody", () => {
    const wrong = { ...books, counted: 5_000 };
    const first = next(grown, { bytes: 5_100 });
    const later = [...talk("192.168.1.10", ANNA, 800, 50), host("192.168.1.11", BEN, 9, 9)];
    const second = afterNext(later, { bytes: 5_200 });
    expect(rejectionOf(wrong, first)).toBe("hosts-ahead");
    expect(rejectionOf(wrong, second, doubtOf(first))).toBe("hosts-ahead");
    const settled = settle(wrong, second, policy, doubtOf(first, PATIENCE_MS));
    expect(settled.charges).toEqual([]);
    expect(countedOf(settled)).toEqual({ bytes: 200, unattributed: 200, unlisted: 0 });
    expect(codesOf(settled)).toEqual(["books-violated"]);
  });

  test("in a run that began after our last reading is settled as soon as the next reading agrees", () => {
    const short = (down: number) => talk("192.168.1.10", ANNA, down, 0);
    const first = next(short(80), { epoch: "run 2", uptimeSeconds: 20, bytes: 500 });
    expect(rejectionOf(books, first)).toBe("short-table");
    const second = afterNext(short(100), { epoch: "run 2", uptimeSeconds: 50, bytes: 600 });
    const settled = settle(books, second, policy, doubtOf(first));
    expect(chargesOf(settled)).toEqual([["192.168.1.10", 100, 0]]);
    expect(countedOf(settled)).toEqual({ bytes: 600, unattributed: 500, unlisted: 0 });
  });

  test("needs no series", () => {
    const late = { at: NOON + 2 * 60 * MINUTE, elapsedMs: 2 * 60 * MINUTE, uptimeSeconds: 97_200 };
    expect(needsSeries(books, next(grown, { ...late, bytes: 759 }), policy)).toBe(true);
    expect(needsSeries(books, next(rows, { ...late, bytes: 759 }), policy)).toBe(false);
  });
});
