import { describe, expect, test } from "vitest";
import { ConservationError } from "./amounts.ts";
import { rebase, settle } from "./settle.ts";
import { policyIn } from "./testing.ts";
import {
  ANNA,
  BEN,
  booksOf,
  chargesOf,
  codesOf,
  countedOf,
  host,
  MINUTE,
  next,
  PEER,
  policy,
  ROUTER,
  reading,
  talk,
} from "./testing-readings.ts";

describe("a first reading", () => {
  test("is a baseline only when darkstat started before today", () => {
    const settled = settle(null, reading(talk("192.168.1.10", ANNA, 500, 50), { uptimeSeconds: 90_000 }), policy);
    expect(settled.charges).toEqual([]);
    expect(settled.counted).toEqual([]);
    expect(settled.books.baselines.get("192.168.1.10")).toMatchObject({ in: 500, out: 50, mac: ANNA });
    expect(codesOf(settled)).toEqual(["first-reading"]);
  });

  test("is today's whole usage when darkstat started today and imported nothing", () => {
    const settled = settle(null, reading(talk("192.168.1.10", ANNA, 500, 50)), policy);
    expect(chargesOf(settled)).toEqual([["192.168.1.10", 500, 50]]);
    expect(settled.counted).toEqual([
      {
        day: "2026-06-15",
        bytes: 550,
        captured: 9,
        dropped: 0,
        unattributed: { in: 0, out: 0 },
        unlisted: { in: 0, out: 0 },
        carried: 0,
        compared: 0,
      },
    ]);
  });

  test("is a baseline only when darkstat imported, however young it is", () => {
    const settled = settle(null, reading(talk("192.168.1.10", ANNA, 500, 50), { bytes: 20 }), policy);
    expect(settled.charges).toEqual([]);
  });

  test("after a takeover is a baseline only when darkstat ran before the old file was last written", () => {
    const written = { ...booksOf([]), meter: "", epoch: "", uptimeSeconds: 0, counted: 0 };
    const first = next(talk("192.168.1.10", ANNA, 500, 50), { elapsedMs: null, uptimeSeconds: 2_527 });
    const settled = settle(written, first, policy);
    expect(settled.charges).toEqual([]);
    expect(codesOf(settled)).toEqual(["first-reading"]);
  });
});

describe("within a run", () => {
  test("charges the difference, and nothing when nothing moved", () => {
    const books = booksOf(talk("192.168.1.10", ANNA, 500, 50));
    const settled = settle(books, next(talk("192.168.1.10", ANNA, 800, 70)), policy);
    expect(settled.charges.map(({ mac, ip, in: down, out }) => [mac, ip, down, out])).toEqual([
      [ANNA, "192.168.1.10", 300, 20],
      [ROUTER, PEER, 20, 300],
    ]);
    const still = settle(settled.books, next(talk("192.168.1.10", ANNA, 800, 70), { uptimeSeconds: 90_060 }), policy);
    expect(still.charges).toEqual([]);
    expect(still.addresses).toEqual([]);
    expect(still.books.baselines).toBe(settled.books.baselines);
  });

  test("charges both counters whole when either fell: the host was evicted and came back", () => {
    const books = booksOf(talk("192.168.1.10", ANNA, 500, 50));
    const settled = settle(books, next(talk("192.168.1.10", ANNA, 600, 10), { bytes: 9_000 }), policy);
    expect(chargesOf(settled)).toEqual([["192.168.1.10", 600, 10]]);
  });

  test("charges a host that was seen gone from zero, even when it returns above its old counter", () => {
    const quiet = host("192.168.1.11", BEN, 1, 1);
    const books = booksOf([...talk("192.168.1.10", ANNA, 500, 50), quiet], { bytes: 551 });
    const gone = settle(books, next([{ ...quiet, in: 40 }], { bytes: 590 }), policy);
    expect(chargesOf(gone)).toEqual([["192.168.1.11", 39, 0]]);
    expect(gone.forgotten).toEqual(["192.168.1.10", PEER]);
    const rows = [...talk("192.168.1.10", ANNA, 700, 60), { ...quiet, in: 40 }];
    const back = settle(gone.books, next(rows, { bytes: 1_350, uptimeSeconds: 90_060 }), policy);
    expect(chargesOf(back)).toEqual([["192.168.1.10", 700, 60]]);
  });

  test("charges a re-leased address's new device only what came after", () => {
    const books = booksOf(talk("192.168.1.10", ANNA, 500_000, 50));
    const settled = settle(books, next(talk("192.168.1.10", BEN, 500_300, 70)), policy);
    expect(settled.charges[0]).toMatchObject({ mac: BEN, in: 300, out: 20 });
  });

  test("counts packets since the last reading, and goes on counting them through SIGUSR1", () => {
    const packets = (captured: number, dropped: number, counted: number) => ({
      before: { bytes: 0, packets: counted, captured, dropped, uptimeSeconds: 90_000 },
      after: { bytes: 0, packets: counted, captured, dropped, uptimeSeconds: 90_000 },
    });
    const books = booksOf([], packets(1_000, 100, 900));
    const settled = settle(books, next([], packets(1_050, 120, 930)), policy);
    expect(settled.counted).toMatchObject([{ captured: 50, dropped: 20 }]);
    const young = (fields: ReturnType<typeof packets>) => ({
      epoch: "run 2",
      before: { ...fields.before, uptimeSeconds: 9 },
      after: { ...fields.after, uptimeSeconds: 9 },
    });
    expect(settle(books, next([], young(packets(1_060, 110, 50))), policy).counted).toMatchObject([
      { captured: 60, dropped: 10 },
    ]);
    expect(settle(books, next([], young(packets(1_060, 110, 950))), policy).counted).toMatchObject([
      { captured: 1_060, dropped: 110 },
    ]);
  });

  test("keeps the MAC that holds an address when a frame to a group carries the address", () => {
    const books = booksOf(talk("192.168.1.10", ANNA, 500, 50));
    const settled = settle(books, next(talk("192.168.1.10", "ff:ff:ff:ff:ff:ff", 800, 70)), policy);
    expect(settled.charges[0]).toMatchObject({ mac: ANNA, ip: "192.168.1.10", in: 300 });
    const group = [host("224.0.0.251", "01:00:5e:00:00:fb", 10, 0)];
    expect(settle(null, reading(group, { bytes: 10 }), policy).charges).toMatchObject([{ mac: "01:00:5e:00:00:fb" }]);
  });

  test("charges the MAC that IP_MAC.txt names for an address", () => {
    const rewriting = policyIn("Europe/Berlin", new Map([["192.168.1.10", BEN]]));
    const settled = settle(null, reading(talk("192.168.1.10", ANNA, 5, 0)), rewriting);
    expect(settled.charges[0]).toMatchObject({ mac: BEN, ip: "192.168.1.10" });
    expect(settled.books.baselines.get("192.168.1.10")?.mac).toBe(BEN);
  });

  test("keeps when a host was last seen", () => {
    const rows = [host("192.168.1.10", ANNA, 5, 5, { lastSeenSeconds: 40 }), host("192.168.1.11", BEN, 0, 0)];
    const books = booksOf(rows, { bytes: 5 });
    expect(books.baselines.get("192.168.1.10")?.seenAt).toBe(books.at - 40_000);
    const never = [{ ...(rows[0] as (typeof rows)[0]), in: 9, lastSeenSeconds: null }];
    const settled = settle(books, next([...never, ...rows.slice(1)], { bytes: 9 }), policy);
    expect(settled.books.baselines.get("192.168.1.10")?.seenAt).toBe(books.at - 40_000);
  });

  test("leaves its arguments as they are", () => {
    const books = booksOf(talk("192.168.1.10", ANNA, 500, 50));
    const before = new Map(books.baselines);
    settle(
      books,
      next([...talk("192.168.1.10", ANNA, 800, 70), host("192.168.1.11", BEN, 9, 9)], { bytes: 879 }),
      policy,
    );
    expect(books.baselines).toEqual(before);
  });

  test("counts exactly what passed by the moment of the table when traffic flows during the reading", () => {
    const around = (before: number, after: number, uptimeSeconds: number) => {
      const totals = { packets: 9, captured: 9, dropped: 0, uptimeSeconds };
      return { before: { ...totals, bytes: before }, after: { ...totals, bytes: after } };
    };
    const books = booksOf(talk("192.168.1.10", ANNA, 500, 50), around(400, 900, 90_000));
    const first = settle(books, next(talk("192.168.1.10", ANNA, 800, 70), around(860, 1_000, 90_030)), policy);
    expect(countedOf(first)).toEqual({ bytes: 320, unattributed: 0, unlisted: 0 });
    const second = next(talk("192.168.1.10", ANNA, 900, 170), around(1_000, 2_000, 90_060));
    expect(countedOf(settle(first.books, second, policy))).toEqual({ bytes: 200, unattributed: 0, unlisted: 0 });
  });
});

describe("a darkstat that forgets hosts", () => {
  const books = booksOf(talk("192.168.1.10", ANNA, 500, 50));

  test("leaves what nobody is charged for unattributed, and says so once a day", () => {
    const settled = settle(books, next([host("192.168.1.11", BEN, 30, 3)], { bytes: 1_550 }), policy);
    expect(chargesOf(settled)).toEqual([["192.168.1.11", 30, 3]]);
    expect(settled.counted).toMatchObject([
      { bytes: 1_000, unattributed: { in: 970, out: 997 }, unlisted: { in: 0, out: 0 } },
    ]);
    expect(settled.books).toMatchObject({ forgotHosts: 2, unlistedBytes: 997 });
    expect(settled.notes).toEqual([
      expect.objectContaining({ code: "darkstat-forgot", detail: { since: "run 1", hosts: 2, bytes: 997 } }),
    ]);
    const more = next([host("192.168.1.12", BEN, 70, 7)], { bytes: 2_000, uptimeSeconds: 90_060 });
    expect(codesOf(settle(settled.books, more, policy))).toEqual([]);
    const tomorrow = { ...more, at: more.at + 86_400_000, elapsedMs: 86_400_000 };
    expect(codesOf(settle(settled.books, tomorrow, policy))).toContain("darkstat-forgot");
  });

  test("is told from one that lists local hosts only, of which nothing is said", () => {
    const local = booksOf([host("192.168.1.10", ANNA, 500, 50)], { bytes: 550 });
    const settled = settle(local, next([host("192.168.1.10", ANNA, 800, 70)], { bytes: 870 }), policy);
    expect(settled.counted).toMatchObject([
      { bytes: 320, unattributed: { in: 0, out: 0 }, unlisted: { in: 20, out: 300 } },
    ]);
    expect(codesOf(settled)).toEqual([]);
    expect(settled.books.forgotHosts).toBe(0);
  });

  test("that lists local hosts only, and none of them has moved, is waited for", () => {
    const local = booksOf([host("192.168.1.10", ANNA, 500, 50)], { bytes: 550 });
    const settled = settle(local, next([host("192.168.1.10", ANNA, 500, 50)], { bytes: 600 }), policy);
    expect(settled.books).toBe(local);
    expect(settled.counted).toEqual([]);
  });

  test("that lists no host at all leaves everything unlisted", () => {
    const none = { ...booksOf([]), unlistedBytes: 900, counted: 900 };
    const settled = settle(none, next([], { bytes: 1_000 }), policy);
    expect(countedOf(settled)).toEqual({ bytes: 100, unattributed: 0, unlisted: 100 });
  });
});

describe("rebase", () => {
  test("gives a reading up: nobody is charged, what darkstat counted is unattributed, and the next reading is settled", () => {
    const books = booksOf(talk("192.168.1.10", ANNA, 500, 50));
    const given = rebase(books, next(talk("192.168.1.10", ANNA, 800, 70)), policy, "a test");
    expect(given.charges).toEqual([]);
    expect(countedOf(given)).toEqual({ bytes: 320, unattributed: 320, unlisted: 0 });
    expect(given.notes).toEqual([expect.objectContaining({ code: "books-violated", detail: { reason: "a test" } })]);
    const later = settle(given.books, next(talk("192.168.1.10", ANNA, 900, 70), { uptimeSeconds: 90_060 }), policy);
    expect(chargesOf(later)).toEqual([["192.168.1.10", 100, 0]]);
  });

  test("leaves a new run's total unattributed", () => {
    const books = booksOf(talk("192.168.1.10", ANNA, 500, 50));
    const given = rebase(
      books,
      next(talk("192.168.1.10", ANNA, 80, 7), { epoch: "run 2", uptimeSeconds: 9 }),
      policy,
      "",
    );
    expect(countedOf(given)).toEqual({ bytes: 87, unattributed: 87, unlisted: 0 });
  });

  test("is what a caller does when settling would break a promise", () => {
    const books = booksOf(talk("192.168.1.10", ANNA, 500, 50));
    const rows = talk("192.168.1.10", ANNA, 0.5, 0.5);
    expect(() => settle(books, next(rows, { epoch: "run 2", bytes: 1, uptimeSeconds: 3 }), policy)).toThrow(
      ConservationError,
    );
  });
});

test("charges nothing twice and loses nothing over many readings", () => {
  let books = booksOf(talk("192.168.1.10", ANNA, 0, 0));
  let down = 0;
  for (let minute = 1; minute <= 60; minute++) {
    const rows = talk("192.168.1.10", ANNA, minute * 1_000, minute);
    const settled = settle(
      books,
      next(rows, { at: books.at + MINUTE, elapsedMs: MINUTE, uptimeSeconds: 90_000 + minute * 60 }),
      policy,
    );
    down += chargesOf(settled).reduce((sum, [, bytes]) => sum + bytes, 0);
    books = settled.books;
  }
  expect(down).toBe(60_000);
});
