import { describe, expect, it } from "vitest";
import { DEFAULT_SEGMENTS, parsePrefix } from "./address.ts";
import { createCalendar } from "./calendar.ts";
import { createPolicy, type PolicyOptions } from "./policy.ts";
import { ConservationError, needsSeries, rebase, settle } from "./settle.ts";
import { zoneOf } from "./testing.ts";
import type { Books, Charge, HostRow, Reading, Settlement, Totals } from "./types.ts";

const ROUTER = "02:ff:ff:ff:ff:01";
const ANNA = "02:1a:00:00:00:0a";
const BEN = "02:1a:00:00:00:0b";
/** 2026-06-15 12:10 in Berlin. */
const NOON = Date.UTC(2026, 5, 15, 10, 10);
const MINUTE = 60_000;

const calendar = createCalendar(zoneOf("Europe/Berlin"));
function policyWith(options: Partial<PolicyOptions> = {}) {
  return createPolicy({
    calendar,
    segments: DEFAULT_SEGMENTS,
    routers: { auto: true, macs: [] },
    ipFilter: /^([\d]+\.){3,3}\d+/,
    ipMac: new Map(),
    macMac: new Map(),
    ...options,
  });
}
const policy = policyWith();

function host(ip: string, mac: string | null, down: number, up: number, rest: Partial<HostRow> = {}): HostRow {
  return { ip, mac, in: down, out: up, hostname: null, lastSeenSeconds: 0, ...rest };
}

/** A reading whose totals fit its hosts: nothing imported, nothing evicted. */
function reading(hosts: HostRow[], rest: Partial<Reading> & { uptimeSeconds?: number; bytes?: number } = {}): Reading {
  const { uptimeSeconds = 600, bytes, ...fields } = rest;
  const sum = hosts.reduce((all, row) => all + row.in, 0);
  const totals: Totals = { bytes: bytes ?? sum, packets: 9, captured: 9, dropped: 0, uptimeSeconds };
  return {
    source: "home",
    at: NOON,
    elapsedMs: null,
    epoch: "run 1",
    before: totals,
    after: totals,
    hosts,
    series: [],
    ...fields,
  };
}

/** A device that talks to one host beyond the router. */
function talk(ip: string, mac: string, down: number, up: number): HostRow[] {
  return [host(ip, mac, down, up), host("198.51.100.1", ROUTER, up, down)];
}

/** Books that know the hosts, settled long after darkstat started. */
function booksOf(hosts: HostRow[], rest: Parameters<typeof reading>[1] = {}): Books {
  return settle(null, reading(hosts, { uptimeSeconds: 90_000, ...rest }), policy).books;
}

function next(hosts: HostRow[], rest: Parameters<typeof reading>[1] = {}): Reading {
  return reading(hosts, { at: NOON + MINUTE / 2, elapsedMs: MINUTE / 2, uptimeSeconds: 90_030, ...rest });
}

function chargesOf(settlement: Settlement, kind: Charge["kind"] = "device") {
  return settlement.charges
    .filter((charge) => charge.kind === kind)
    .map((charge) => [charge.device || charge.ip || charge.kind, charge.in, charge.out]);
}

describe("a first reading", () => {
  it("is a baseline only when darkstat started before today", () => {
    const settled = settle(null, reading(talk("192.168.1.10", ANNA, 500, 50), { uptimeSeconds: 90_000 }), policy);
    expect(settled.charges).toEqual([]);
    expect(settled.counted).toEqual([]);
    expect(settled.books.baselines.get("192.168.1.10")).toEqual({ in: 500, out: 50, holder: ANNA });
    expect(settled.notes.map((note) => note.code)).toContain("first-reading");
  });

  it("is today's whole usage when darkstat started today and imported nothing", () => {
    const settled = settle(null, reading(talk("192.168.1.10", ANNA, 500, 50)), policy);
    expect(chargesOf(settled)).toEqual([[ANNA, 500, 50]]);
    expect(settled.counted).toEqual([{ day: "2026-06-15", bytes: 550, captured: 9, dropped: 0 }]);
  });

  it("is a baseline only when darkstat imported, however young it is", () => {
    const settled = settle(null, reading(talk("192.168.1.10", ANNA, 500, 50), { bytes: 20 }), policy);
    expect(settled.charges).toEqual([]);
  });
});

describe("within a run", () => {
  it("charges the difference, and nothing when nothing moved", () => {
    const books = booksOf(talk("192.168.1.10", ANNA, 500, 50));
    const settled = settle(books, next(talk("192.168.1.10", ANNA, 800, 70)), policy);
    expect(chargesOf(settled)).toEqual([[ANNA, 300, 20]]);
    expect(chargesOf(settled, "remote")).toEqual([["198.51.100.1", 20, 300]]);
    const still = settle(settled.books, next(talk("192.168.1.10", ANNA, 800, 70), { uptimeSeconds: 90_060 }), policy);
    expect(still.charges).toEqual([]);
    expect(still.addresses).toEqual([]);
    expect(still.books.baselines).toBe(settled.books.baselines);
  });

  it("charges both counters whole when either fell: the host was evicted and came back", () => {
    const books = booksOf(talk("192.168.1.10", ANNA, 500, 50));
    const settled = settle(books, next(talk("192.168.1.10", ANNA, 600, 10), { bytes: 9_000 }), policy);
    expect(chargesOf(settled)).toEqual([[ANNA, 600, 10]]);
  });

  it("charges a host that was seen gone from zero, even when it returns above its old counter", () => {
    const books = booksOf(talk("192.168.1.10", ANNA, 500, 50));
    const gone = settle(books, next([], { bytes: 550 }), policy);
    expect(gone.charges).toEqual([]);
    const back = settle(
      gone.books,
      next(talk("192.168.1.10", ANNA, 700, 60), { bytes: 1_310, uptimeSeconds: 90_060 }),
      policy,
    );
    expect(chargesOf(back)).toEqual([[ANNA, 700, 60]]);
  });

  it("charges a re-leased address's new device only what came after", () => {
    const books = booksOf(talk("192.168.1.10", ANNA, 500_000, 50));
    const settled = settle(books, next(talk("192.168.1.10", BEN, 500_300, 70)), policy);
    expect(chargesOf(settled)).toEqual([[BEN, 300, 20]]);
  });

  it("adds up the addresses of a device", () => {
    const rows = (n: number) => [...talk("192.168.1.10", ANNA, n, 0), host("fe80::1", ANNA, 0, n)];
    const books = booksOf(rows(100), { bytes: 100 });
    const settled = settle(books, next(rows(150), { bytes: 250 }), policy);
    expect(settled.charges.filter((c) => c.device === ANNA).map((c) => [c.ip, c.in, c.out, c.reported])).toEqual([
      ["192.168.1.10", 50, 0, true],
      ["fe80::1", 0, 50, false],
    ]);
  });

  it("never charges more than darkstat's total grew: a contradiction within a run is a new run", () => {
    const books = settle(null, reading(talk("192.168.1.10", ANNA, 500, 0), { uptimeSeconds: 10 }), policy).books;
    const later = reading(talk("192.168.1.11", BEN, 500, 0), {
      at: NOON + 30_000,
      elapsedMs: 30_000,
      uptimeSeconds: 15,
    });
    const settled = settle(books, later, policy);
    expect(settled.notes.map((note) => note.code)).toContain("darkstat-restarted");
    expect(chargesOf(settled)).toEqual([[BEN, 500, 0]]);
  });

  it("leaves its arguments as they are", () => {
    const books = booksOf(talk("192.168.1.10", ANNA, 500, 50));
    const before = new Map(books.baselines);
    settle(books, next(talk("192.168.1.11", BEN, 800, 70), { bytes: 5_000 }), policy);
    expect(books.baselines).toEqual(before);
  });
});

describe("a new run", () => {
  it("charges every counter whole when nothing was imported, and notes the restart", () => {
    const books = booksOf(talk("192.168.1.10", ANNA, 500, 50));
    const settled = settle(
      books,
      next(talk("192.168.1.10", ANNA, 800, 20), { epoch: "run 2", uptimeSeconds: 20 }),
      policy,
    );
    expect(chargesOf(settled)).toEqual([[ANNA, 800, 20]]);
    expect(settled.notes).toContainEqual(expect.objectContaining({ code: "darkstat-restarted" }));
  });

  it("is recognised by an uptime that ran backwards when the since-text is the same", () => {
    const books = booksOf(talk("192.168.1.10", ANNA, 500, 50));
    const settled = settle(books, next(talk("192.168.1.10", ANNA, 900, 60), { uptimeSeconds: 20 }), policy);
    expect(chargesOf(settled)).toEqual([[ANNA, 900, 60]]);
  });

  it("that ran already when we last read is another darkstat: a baseline only", () => {
    const books = booksOf(talk("192.168.1.10", ANNA, 500, 50));
    const settled = settle(
      books,
      next(talk("192.168.1.10", ANNA, 9_800, 20), { epoch: "since May", uptimeSeconds: 8e5 }),
      policy,
    );
    expect(settled.charges).toEqual([]);
    expect(settled.counted).toEqual([]);
    expect(settled.notes).toEqual([expect.objectContaining({ code: "other-darkstat" })]);
  });

  it("with a clean import charges known hosts the difference and unknown ones nothing", () => {
    const books = booksOf(talk("192.168.1.10", ANNA, 500, 50));
    const rows = [...talk("192.168.1.10", ANNA, 600, 60), host("192.168.1.11", BEN, 900, 90)];
    const settled = settle(books, next(rows, { epoch: "run 2", uptimeSeconds: 20, bytes: 40 }), policy);
    expect(chargesOf(settled)).toEqual([[ANNA, 100, 10]]);
    expect(settled.books.baselines.get("192.168.1.11")).toEqual({ in: 900, out: 90, holder: BEN });
  });

  it("with a stale import charges nobody and posts what darkstat saw since as unattributed", () => {
    const books = booksOf(talk("192.168.1.10", ANNA, 514_000, 50));
    const rows = talk("192.168.1.10", ANNA, 411_200, 50);
    const settled = settle(books, next(rows, { epoch: "run 2", uptimeSeconds: 20, bytes: 300 }), policy);
    expect(chargesOf(settled)).toEqual([]);
    expect(chargesOf(settled, "unattributed")).toEqual([["unattributed", 300, 300]]);
    expect(settled.notes).toContainEqual(expect.objectContaining({ code: "stale-import" }));
    const after = settle(
      settled.books,
      next(talk("192.168.1.10", ANNA, 411_300, 50), { epoch: "run 2", uptimeSeconds: 50, bytes: 400 }),
      policy,
    );
    expect(chargesOf(after)).toEqual([[ANNA, 100, 0]]);
  });

  it("that resumed an export of an older, larger run charges nobody", () => {
    const books = booksOf(talk("192.168.1.10", ANNA, 500, 50));
    const rows = talk("192.168.1.10", ANNA, 500_000_000_000, 50);
    const settled = settle(books, next(rows, { epoch: "run 2", uptimeSeconds: 20, bytes: 300 }), policy);
    expect(chargesOf(settled)).toEqual([]);
    expect(chargesOf(settled, "unattributed")).toEqual([["unattributed", 300, 300]]);
  });

  it("that lacks a host of ours did not resume what we saw", () => {
    const books = booksOf([...talk("192.168.1.10", ANNA, 500, 50), host("192.168.1.11", BEN, 9, 9)], { bytes: 559 });
    const rows = talk("192.168.1.10", ANNA, 600, 60);
    const settled = settle(books, next(rows, { epoch: "run 2", uptimeSeconds: 20, bytes: 40 }), policy);
    expect(chargesOf(settled)).toEqual([]);
    expect(chargesOf(settled, "unattributed")).toEqual([["unattributed", 40, 40]]);
  });
});

describe("routers", () => {
  it("are the MACs that carry addresses outside the LAN", () => {
    const settled = settle(null, reading(talk("192.168.1.10", ANNA, 500, 50)), policy);
    expect(settled.routers).toEqual([ROUTER]);
    expect(settled.books.routers).toEqual(new Set([ROUTER]));
  });

  it("leave a LAN address's bytes to the device that last held it", () => {
    const books = booksOf(talk("192.168.1.10", ANNA, 500, 50));
    const flipped = settle(books, next(talk("192.168.1.10", ROUTER, 800, 70)), policy);
    expect(chargesOf(flipped)).toEqual([[ANNA, 300, 20]]);
  });

  it("own a LAN address that never had another holder", () => {
    const rows = (n: number) => [...talk("192.168.1.10", ANNA, n, 0), host("192.168.1.1", ROUTER, n, 0)];
    const settled = settle(booksOf(rows(10)), next(rows(30)), policy);
    expect(chargesOf(settled)).toEqual([
      [ANNA, 20, 0],
      [ROUTER, 20, 0],
    ]);
  });

  it("make a global IPv6 address remote; with a device's own MAC it is the device's", () => {
    const rows = (n: number) => [
      ...talk("192.168.1.10", ANNA, n, 0),
      host("2001:db8::10", ANNA, n, 0),
      host("2001:db8:ffff::1", ROUTER, n, 0),
    ];
    const settled = settle(booksOf(rows(10)), next(rows(30)), policy);
    expect(settled.charges.map((c) => [c.kind, c.ip])).toEqual([
      ["device", "192.168.1.10"],
      ["remote", "198.51.100.1"],
      ["device", "2001:db8::10"],
      ["remote", "2001:db8:ffff::1"],
    ]);
  });

  it("named by the user are routers from the first reading, and then none is discovered", () => {
    const named = policyWith({ routers: { auto: false, macs: [ANNA] } });
    const settled = settle(null, reading(talk("192.168.1.10", BEN, 5, 5)), named);
    expect(settled.routers).toEqual([]);
    expect(settled.books.routers).toEqual(new Set([ANNA]));
  });
});

describe("identity", () => {
  it("of multicast, broadcast and unspecified addresses is nobody's", () => {
    const rows = [
      host("224.0.0.251", "01:00:5e:00:00:fb", 10, 0),
      host("192.168.1.255", "ff:ff:ff:ff:ff:ff", 10, 0),
      host("ff02::2", "33:33:00:00:00:02", 10, 0),
      host("0.0.0.0", ANNA, 0, 30),
      host("::", ANNA, 0, 0),
    ];
    const settled = settle(null, reading(rows), policy);
    expect(new Set(settled.charges.map((charge) => charge.kind))).toEqual(new Set(["group"]));
  });

  it("is the IP where darkstat shows no MAC", () => {
    const settled = settle(null, reading([host("192.168.1.10", null, 5, 6), host("198.51.100.1", null, 6, 5)]), policy);
    expect(chargesOf(settled)).toEqual([["192.168.1.10", 5, 6]]);
    expect(chargesOf(settled, "remote")).toEqual([["198.51.100.1", 6, 5]]);
  });

  it("is rewritten by IP_MAC and then by MAC_MAC, each once, without chains", () => {
    const rewriting = policyWith({
      ipMac: new Map([["192.168.1.10", "02:00:00:00:00:01"]]),
      macMac: new Map([
        ["02:00:00:00:00:01", "02:00:00:00:00:02"],
        ["02:00:00:00:00:02", "02:00:00:00:00:03"],
      ]),
    });
    const rows = [...talk("192.168.1.10", ANNA, 5, 0), host("192.168.1.11", "02:00:00:00:00:02", 7, 0)];
    expect(chargesOf(settle(null, reading(rows), rewriting))).toEqual([
      ["02:00:00:00:00:02", 5, 0],
      ["02:00:00:00:00:03", 7, 0],
    ]);
  });

  it("follows LAN_SEGMENT_MASKS: 192.168.1 is not 192.168.100", () => {
    const segments = ["192.168.1.0/24", "fe80::/10"].map(parsePrefix).filter((segment) => segment !== null);
    const narrow = policyWith({ segments });
    expect(narrow.placeOf("192.168.1.7")).toBe("lan");
    expect(narrow.placeOf("192.168.100.7")).toBe("remote");
    expect(narrow.placeOf("10.0.0.1")).toBe("remote");
    expect(narrow.placeOf("fe80::1")).toBe("lan");
  });
});

describe("dates", () => {
  /** Readings at the given Berlin times of 2026-06-15, a talk of 1,000 bytes between them. */
  function between(from: string, to: string, rest: Partial<Reading> = {}) {
    const at = (time: string) => Date.parse(`2026-06-15T${time}+02:00`);
    const elapsed = at(to) - at(from);
    const books = booksOf(talk("192.168.1.10", ANNA, 500, 50), { at: at(from) });
    const later = next(talk("192.168.1.10", ANNA, 1_500, 50), {
      at: at(to),
      elapsedMs: elapsed,
      uptimeSeconds: 90_000 + elapsed / 1000,
      ...rest,
    });
    const settled = settle(books, later, policy);
    return { settled, later, books, hours: chargedHours(settled) };
  }
  function chargedHours(settlement: Settlement) {
    return settlement.charges
      .filter((charge) => charge.kind === "device")
      .map((charge) => `${charge.day} ${charge.hour} ${charge.in} ${charge.reconstructed}`);
  }

  it("of a span within an hour is that hour", () => {
    expect(between("12:10:00", "12:10:30").hours).toEqual(["2026-06-15 12 1000 no"]);
  });

  it("of a reading taken at midnight's edge is the day that ended", () => {
    expect(between("23:59:30", "23:59:59").hours).toEqual(["2026-06-15 23 1000 no"]);
    const books = booksOf(talk("192.168.1.10", ANNA, 0, 0), { at: Date.parse("2026-06-15T23:59:30+02:00") });
    const edge = next(talk("192.168.1.10", ANNA, 1_000, 0), {
      at: Date.parse("2026-06-16T00:00:00.4+02:00"),
      elapsedMs: 30_400,
    });
    expect(chargedHours(settle(books, edge, policy))).toEqual(["2026-06-15 23 1000 no"]);
  });

  it("of a span over an edge are divided by duration, marked, to the byte", () => {
    const { hours, settled, books, later } = between("12:45:00", "14:15:00");
    expect(hours).toEqual(["2026-06-15 12 166 hour", "2026-06-15 13 667 hour", "2026-06-15 14 167 hour"]);
    expect(settled.notes.map((note) => note.code)).toContain("gap-reconstructed");
    expect(needsSeries(books, later, policy)).toBe(true);
  });

  it("of a span over an edge follow darkstat's series where it accounts for the bytes", () => {
    const at = (time: string) => Date.parse(`2026-06-15T${time}+02:00`);
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

  it("of a span over midnight mark the day as reconstructed", () => {
    const books = booksOf(talk("192.168.1.10", ANNA, 0, 0), { at: Date.parse("2026-06-15T23:00:00+02:00") });
    const later = next(talk("192.168.1.10", ANNA, 1_000, 0), {
      at: Date.parse("2026-06-16T01:00:00+02:00"),
      elapsedMs: 7_200_000,
      uptimeSeconds: 97_200,
    });
    const settled = settle(books, later, policy);
    expect(chargedHours(settled)).toEqual(["2026-06-15 23 500 day", "2026-06-16 0 500 day"]);
    expect(settled.counted.map((counted) => [counted.day, counted.bytes])).toEqual([
      ["2026-06-15", 500],
      ["2026-06-16", 500],
    ]);
  });

  it("of a span with a clock set in it are those of the span that the monotonic clock measured", () => {
    const books = booksOf(talk("192.168.1.10", ANNA, 0, 0));
    const later = next(talk("192.168.1.10", ANNA, 1_000, 0), { at: NOON + 5 * 3_600_000 });
    const settled = settle(books, later, policy);
    expect(chargedHours(settled)).toEqual(["2026-06-15 17 1000 no"]);
    expect(settled.notes).toContainEqual(expect.objectContaining({ code: "clock-jump", detail: { seconds: 17_970 } }));
  });

  it("of a span that our machine slept through are the whole span's: darkstat's uptime bears the wall clock out", () => {
    const books = booksOf(talk("192.168.1.10", ANNA, 0, 0));
    const later = next(talk("192.168.1.10", ANNA, 1_000, 0), { at: NOON + 2 * 3_600_000, uptimeSeconds: 97_200 });
    const settled = settle(books, later, policy);
    expect(settled.notes.map((note) => note.code)).toEqual(["gap-reconstructed"]);
    expect(settled.charges.filter((charge) => charge.kind === "device").length).toBe(3);
  });

  it("across our own restart are measured by darkstat's uptime when the wall clock was set", () => {
    const books = booksOf(talk("192.168.1.10", ANNA, 0, 0));
    const later = next(talk("192.168.1.10", ANNA, 1_000, 0), { at: NOON + 5 * 3_600_000, elapsedMs: null });
    expect(chargedHours(settle(books, later, policy))).toEqual(["2026-06-15 17 1000 no"]);
  });
});

describe("rebase", () => {
  it("gives a reading up: nobody is charged, what darkstat counted is unattributed, and the next reading is settled", () => {
    const books = booksOf(talk("192.168.1.10", ANNA, 500, 50));
    const given = rebase(books, next(talk("192.168.1.10", ANNA, 800, 70)), policy, "a test");
    expect(chargesOf(given)).toEqual([]);
    expect(chargesOf(given, "unattributed")).toEqual([["unattributed", 320, 320]]);
    expect(given.notes).toContainEqual(
      expect.objectContaining({ code: "books-violated", detail: { reason: "a test" } }),
    );
    const later = settle(given.books, next(talk("192.168.1.10", ANNA, 900, 70), { uptimeSeconds: 90_060 }), policy);
    expect(chargesOf(later)).toEqual([[ANNA, 100, 0]]);
  });

  it("is what a caller does when settling would break a promise", () => {
    const books = booksOf(talk("192.168.1.10", ANNA, 500, 50));
    const rows = talk("192.168.1.10", ANNA, 0.5, 0.5);
    expect(() => settle(books, next(rows, { epoch: "run 2", bytes: 9, uptimeSeconds: 3 }), policy)).toThrow(
      ConservationError,
    );
  });
});
