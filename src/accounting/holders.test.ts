import { describe, expect, test } from "vitest";
import { sharesOf } from "./holders.ts";
import { settle } from "./settle.ts";
import { policyIn } from "./testing.ts";
import type { Books, HolderRow, HostRow, Reading } from "./types.ts";

const [A, B, C] = ["02:00:00:00:00:0a", "02:00:00:00:00:0b", "02:00:00:00:00:0c"];
const IP = "192.168.1.10";
const NOON = Date.UTC(2026, 5, 1, 12);
const policy = policyIn("UTC");

/** The server's side of what the address carried: so each byte was sent by one and received by another. */
function readingOf(minutes: number, holders: readonly HolderRow[], more: Partial<Reading> = {}): Reading {
  const sum = (side: "in" | "out") => holders.reduce((total, holder) => total + holder[side], 0);
  const shown = { hostname: null, lastSeenSeconds: 0 };
  const host: HostRow = {
    ip: IP,
    mac: holders[0]?.mac ?? null,
    in: sum("in"),
    out: sum("out"),
    ...shown,
    ...(holders.length > 1 ? { holders } : {}),
  };
  const server: HostRow = { ip: "203.0.113.7", mac: "02:00:00:00:00:fe", in: host.out, out: host.in, ...shown };
  const bytes = host.in + host.out;
  const totals = { bytes, packets: 1, captured: 1, dropped: 0, uptimeSeconds: minutes * 60 };
  const at = NOON + minutes * 60_000;
  return {
    source: "kernel",
    meter: "kernel:br0",
    at,
    elapsedMs: null,
    epoch: "one",
    before: totals,
    after: totals,
    hosts: [host, server],
    series: [],
    ...more,
  };
}

/** What each MAC is charged at the address, reading by reading. */
function charged(readings: readonly Reading[], by = policy): Record<string, [number, number]>[] {
  let books: Books | null = null;
  return readings.map((reading) => {
    const settlement = settle(books, reading, by);
    // As the store keeps them: the baselines apart, the rest as JSON.
    const { baselines, ...rest } = settlement.books;
    books = { ...(JSON.parse(JSON.stringify(rest)) as Omit<Books, "baselines">), baselines };
    const own = settlement.charges.filter(({ ip }) => ip === IP);
    return Object.fromEntries(own.map(({ mac, in: down, out }) => [mac, [down, out]]));
  });
}

describe("an address that changes hands", () => {
  test("within one reading is charged to either holder exactly", () => {
    const first = readingOf(1, [{ mac: A, in: 1_000, out: 100 }]);
    const second = readingOf(2, [
      { mac: B, in: 700, out: 70 },
      { mac: A, in: 1_500, out: 150 },
    ]);
    expect(charged([first, second])).toEqual([{ [A]: [1_000, 100] }, { [A]: [500, 50], [B]: [700, 70] }]);
  });

  test("and back, and on, with both of them active: each goes on where it stood", () => {
    const readings = [
      readingOf(1, [{ mac: A, in: 10, out: 1 }]),
      readingOf(2, [
        { mac: B, in: 20, out: 2 },
        { mac: A, in: 10, out: 1 },
      ]),
      readingOf(3, [
        { mac: A, in: 110, out: 11 },
        { mac: B, in: 25, out: 3 },
      ]),
      readingOf(4, [
        { mac: C, in: 7, out: 7 },
        { mac: A, in: 110, out: 11 },
        { mac: B, in: 26, out: 3 },
      ]),
    ];
    expect(charged(readings)).toEqual([
      { [A]: [10, 1] },
      { [B]: [20, 2] },
      { [A]: [100, 10], [B]: [5, 1] },
      { [B]: [1, 0], [C]: [7, 7] },
    ]);
  });

  test("in a new run is charged whole to each", () => {
    const both = [
      { mac: B, in: 20, out: 2 },
      { mac: A, in: 10, out: 1 },
    ];
    expect(charged([readingOf(5, both), readingOf(1, both, { at: NOON + 600_000, epoch: "two" })])).toEqual([
      { [A]: [10, 1], [B]: [20, 2] },
      { [A]: [10, 1], [B]: [20, 2] },
    ]);
  });

  test("is the MAC's that IP_MAC.txt names, whoever showed it", () => {
    const named = policyIn("UTC", new Map([[IP, C]]));
    const readings = [
      readingOf(1, [{ mac: A, in: 10, out: 1 }]),
      readingOf(2, [
        { mac: B, in: 20, out: 2 },
        { mac: A, in: 15, out: 2 },
      ]),
    ];
    let books: Books | null = null;
    const sums = readings.map((reading) => {
      const { charges, books: next } = settle(books, reading, named);
      books = next;
      const own = charges.filter(({ ip }) => ip === IP);
      expect(own.every(({ mac }) => mac === C)).toBe(true);
      return own.reduce((sum, charge) => sum + charge.in, 0);
    });
    expect(sums).toEqual([10, 25]);
  });

  test("is the holder's also where a frame came by a group's MAC", () => {
    const readings = [
      readingOf(1, [{ mac: A, in: 10, out: 1 }]),
      readingOf(2, [
        { mac: A, in: 12, out: 1 },
        { mac: "ff:ff:ff:ff:ff:ff", in: 5, out: 0 },
      ]),
    ];
    let books: Books | null = null;
    const last = readings.map((reading) => {
      const settlement = settle(books, reading, policy);
      books = settlement.books;
      return settlement.charges.filter(({ ip }) => ip === IP);
    })[1];
    expect(last?.map(({ mac, in: down }) => [mac, down])).toEqual([
      [A, 2],
      [A, 5],
    ]);
  });

  test("whose counters by MAC don't explain what it grew by, is its present holder's", () => {
    const baseline = { in: 100, out: 10, mac: C, seenAt: null };
    const holders = [
      { mac: A, in: 50, out: 5 },
      { mac: B, in: 70, out: 7 },
    ];
    expect(sharesOf(holders, { in: 20, out: 2 }, undefined, baseline)).toEqual([{ mac: A, in: 20, out: 2 }]);
  });
});

test("a run that is known to continue the one before needs no note, any other does", () => {
  const books = settle(null, readingOf(5, [{ mac: A, in: 10, out: 1 }]), policy).books;
  const next = (more: Partial<Reading>) =>
    settle(books, readingOf(1, [{ mac: A, in: 3, out: 3 }], { at: NOON + 600_000, epoch: "two", ...more }), policy);
  expect(next({ continues: "one" }).notes).toEqual([]);
  expect(next({ continues: "another" }).notes.map(({ code }) => code)).toEqual(["meter-restarted"]);
  expect(next({ continues: "one" }).charges.filter(({ ip }) => ip === IP)).toMatchObject([{ mac: A, in: 3, out: 3 }]);
});
