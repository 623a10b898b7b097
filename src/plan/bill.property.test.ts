import * as fc from "fast-check";
import { Temporal } from "temporal-polyfill";
import { expect, test } from "vitest";
import { addDays } from "../accounting/calendar.ts";
import { type BillInput, type Cause, type CycleBalance, checkBill } from "./bill.ts";
import { counted, local, naivelyFree, stored, type Use } from "./testing.ts";
import type { CountingRule } from "./usage.ts";

const NONE = { in: 0, out: 0 };
const EMPTY: CycleBalance = {
  devices: NONE,
  hidden: NONE,
  routers: NONE,
  group: NONE,
  unattributed: NONE,
  unlisted: NONE,
  removed: NONE,
  counted: 0,
  captured: 0,
  dropped: 0,
  carried: 0,
  compared: 0,
};
/** Clocks are set within it in Berlin, and near its beginning in Los Angeles and Havana. */
const CYCLE = { from: "2026-03-08", to: "2026-04-07" };
const ZONES = ["UTC", "Europe/Berlin", "America/Los_Angeles", "America/Havana", "Pacific/Kiritimati"];

const uses: fc.Arbitrary<Use[]> = fc.array(
  fc.record({
    at: fc.integer({ min: Date.parse("2026-03-06T00:00Z"), max: Date.parse("2026-04-10T00:00Z") }),
    in: fc.integer({ min: 0, max: 1e11 }),
    out: fc.integer({ min: 0, max: 1e11 }),
  }),
  { maxLength: 60 },
);
const rules = fc.record({
  counts: fc.constantFrom("download", "upload", "both"),
  free: fc.array(
    fc.record({
      weekdays: fc.uniqueArray(fc.integer({ min: 1, max: 7 }), { minLength: 1 }),
      from: fc.integer({ min: 0, max: 23 }),
      to: fc.integer({ min: 1, max: 24 }),
    }),
    { maxLength: 2 },
  ),
});

function checked(zone: string, happened: readonly Use[], some: Partial<BillInput> & { bytes: number }) {
  const { calendar, days, hours } = stored(zone, happened);
  const rule: CountingRule = { counts: "both", free: [], corrections: [] };
  const near = days.filter(({ day }) => day >= addDays(CYCLE.from, -1) && day <= addDays(CYCLE.to, 1));
  return checkBill({
    rule,
    unit: 1000,
    cycle: CYCLE,
    today: "2026-05-01",
    calendar,
    days: near,
    hours,
    except: { days: [], hours: [] },
    measured: new Set(daysOf(CYCLE.from, CYCLE.to)),
    estimated: new Map(),
    balance: EMPTY,
    ...some,
  });
}

function daysOf(from: string, to: string): string[] {
  const days = [];
  for (let day = from; day <= to; day = addDays(day, 1)) days.push(day);
  return days;
}

/** How a provider counts that isn't quite ours: its days, which hours it counts, in which directions. */
interface Provider {
  readonly dayOf: (at: number) => string;
  readonly cycle: { readonly from: string; readonly to: string };
  readonly counts: CountingRule["counts"];
  readonly isFree: (at: number) => boolean;
}

const figureOf = ({ dayOf, cycle, counts, isFree }: Provider, happened: readonly Use[]): number =>
  counted(
    counts,
    happened.filter(({ at }) => dayOf(at) >= cycle.from && dayOf(at) <= cycle.to && !isFree(at)),
  );

const moved = (days: number) => ({ from: addDays(CYCLE.from, days), to: addDays(CYCLE.to, days) });
const OTHERWISE: Partial<Record<Cause["kind"], (provider: Provider, hour: number) => Partial<Provider>>> = {
  "day-earlier": () => ({ cycle: moved(-1) }),
  "day-later": () => ({ cycle: moved(1) }),
  "only-download": () => ({ counts: "download" }),
  "only-upload": () => ({ counts: "upload" }),
  both: () => ({ counts: "both" }),
  free: () => ({ isFree: () => false }),
  zone: (_, hour) => ({ dayOf: (at) => new Date(at + hour * 3_600_000).toISOString().slice(0, 10) }),
};

test("a provider that counts otherwise in one way is found out: with that, the two figures are the same", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...(Object.keys(OTHERWISE) as Cause["kind"][])),
      fc.constantFrom(...ZONES),
      rules,
      uses,
      fc.integer({ min: -9, max: 13 }),
      (kind, zone, some, happened, hour) => {
        const rule: CountingRule = { ...some, corrections: [] };
        const offset =
          Temporal.Instant.from(`${CYCLE.from}T00:00Z`).toZonedDateTimeISO(zone).offsetNanoseconds / 3.6e12;
        // A day and more away it is another billing day.
        fc.pre(kind !== "zone" || (Math.abs(offset - hour) < 23 && some.free.length === 0));
        const own: Provider = {
          dayOf: (at) => local(at, zone).toPlainDate().toString(),
          cycle: CYCLE,
          counts: rule.counts,
          isFree: (at) => naivelyFree(rule.free, local(at, zone)),
        };
        const provider = { ...own, ...OTHERWISE[kind]?.(own, hour) };
        const bytes = figureOf(provider, happened);
        const check = checked(zone, happened, { rule, bytes });
        expect(check.ours).toBe(figureOf(own, happened));
        expect(check.difference).toBe(bytes - check.ours);
        if (check.difference === 0) return;
        expect(check.causes.find((cause) => cause.kind === kind)).toMatchObject({ explains: 1, leaves: 0 });
        expect(check.causes[0]?.explains).toBe(1);
      },
    ),
    { numRuns: 400 },
  );
});

test("the days add up to our figure, and spread over them, the provider's to the provider's", () => {
  fc.assert(
    fc.property(fc.constantFrom(...ZONES), rules, uses, fc.nat(1e13), (zone, some, happened, bytes) => {
      const { days, ours } = checked(zone, happened, { rule: { ...some, corrections: [] }, bytes });
      expect(days.map(({ day }) => day)).toEqual(daysOf(CYCLE.from, CYCLE.to));
      expect(days.reduce((sum, day) => sum + day.counted, 0)).toBe(ours);
      expect(days.at(-1)?.sum).toBe(ours);
      expect(days.reduce((sum, { spread }) => sum + (spread ?? 0), 0)).toBe(bytes);
      for (const day of days) {
        expect(day.spread).toBeGreaterThanOrEqual(0);
        if (ours > 0) expect(Math.abs((day.spread ?? 0) - (bytes * day.counted) / ours)).toBeLessThanOrEqual(1);
      }
    }),
    { numRuns: 100 },
  );
});

test("what a cause explains is never more than all, and what it leaves lies between its ends", () => {
  fc.assert(
    fc.property(fc.constantFrom(...ZONES), rules, uses, fc.nat(1e13), (zone, some, happened, bytes) => {
      const { causes, difference } = checked(zone, happened, { rule: { ...some, corrections: [] }, bytes });
      for (const { low, high, leaves, explains } of causes) {
        expect(low).toBeLessThanOrEqual(high);
        const value = (difference ?? 0) - leaves;
        expect(value >= low && value <= high).toBe(true);
        expect(explains >= 0 && explains <= 1).toBe(true);
        // The wrong way round explains nothing.
        if ((difference ?? 0) > 0 && high <= 0) expect(explains).toBe(0);
        if ((difference ?? 0) < 0 && low >= 0) expect(explains).toBe(0);
      }
      const order = causes.map(({ explains }) => explains);
      expect(order).toEqual([...order].sort((one, other) => other - one));
    }),
    { numRuns: 100 },
  );
});

/** Who sends packets to whom. An unlisted and an unattributed host are ours all the same; a group is at home. */
const HOSTS = ["device", "hidden", "router", "unlisted", "unattributed", "group", "internet"] as const;
type Host = (typeof HOSTS)[number];
interface Packet {
  readonly from: Host;
  readonly to: Host;
  readonly bytes: number;
}
const packetsBetween = (pairs: readonly (readonly [Host, Host])[]): fc.Arbitrary<Packet[]> =>
  fc.array(
    fc
      .record({ pair: fc.constantFrom(...pairs), bytes: fc.integer({ min: 64, max: 1500 }) })
      .map(({ pair, bytes }) => ({
        from: pair[0],
        to: pair[1],
        bytes,
      })),
    { maxLength: 40 },
  );

/** Books of packets: each stands with its sender and its receiver, and was counted once. */
function booksOf(packets: readonly Packet[]): CycleBalance {
  const of = (host: Host) => ({
    in: packets.reduce((sum, { to, bytes }) => sum + (to === host ? bytes : 0), 0),
    out: packets.reduce((sum, { from, bytes }) => sum + (from === host ? bytes : 0), 0),
  });
  return {
    ...EMPTY,
    devices: of("device"),
    hidden: of("hidden"),
    routers: of("router"),
    group: of("group"),
    unlisted: of("unlisted"),
    unattributed: of("unattributed"),
    counted: packets.reduce((sum, { bytes }) => sum + bytes, 0),
    captured: packets.length,
  };
}

/** The line's own figures of packets: of devices at any address. */
function usesOf(balance: CycleBalance): Use[] {
  const { devices, hidden } = balance;
  return [{ at: Date.parse("2026-03-20T12:00Z"), in: devices.in + hidden.in, out: devices.out + hidden.out }];
}
const INLAND: Host[] = ["device", "hidden", "router", "unlisted", "unattributed"];
const throughTheLine = INLAND.flatMap((host) => [[host, "internet"] as const, ["internet", host] as const]);

test("packets of hosts that the meter can't tell are what is unlisted, and those of the router are the router's", () => {
  fc.assert(
    fc.property(packetsBetween(throughTheLine), (packets) => {
      const balance = booksOf(packets);
      const all = packets.reduce((sum, { bytes }) => sum + bytes, 0);
      const { causes } = checked("UTC", usesOf(balance), { balance, bytes: all });
      const of = (...hosts: Host[]) =>
        packets.reduce((sum, { from, to, bytes }) => sum + (hosts.includes(from) || hosts.includes(to) ? bytes : 0), 0);
      const high = (kind: Cause["kind"]) => causes.find((cause) => cause.kind === kind)?.high ?? 0;
      expect(high("unlisted")).toBe(of("unlisted", "unattributed"));
      expect(high("router")).toBe(of("router"));
      expect(high("between")).toBe(0);
    }),
    { numRuns: 200 },
  );
});

test("packets that never left the house are counted twice by us, and those to groups once", () => {
  const known: Host[] = ["device", "hidden"];
  const pairs = [
    ...known.flatMap((one) => known.map((other) => [one, other] as const)),
    ...known.flatMap((one) => [[one, "internet"] as const, ["internet", one] as const, [one, "group"] as const]),
  ];
  fc.assert(
    fc.property(packetsBetween(pairs), (packets) => {
      const balance = booksOf(packets);
      const isInternet = ({ from, to }: Packet) => from === "internet" || to === "internet";
      const isGroup = ({ to }: Packet) => to === "group";
      const sum = (some: readonly Packet[]) => some.reduce((all, { bytes }) => all + bytes, 0);
      const { causes, ours } = checked("UTC", usesOf(balance), { balance, bytes: sum(packets.filter(isInternet)) });
      const low = (kind: Cause["kind"]) => causes.find((cause) => cause.kind === kind)?.low ?? 0;
      expect(Math.abs(low("between"))).toBe(2 * sum(packets.filter((one) => !isInternet(one) && !isGroup(one))));
      expect(Math.abs(low("group"))).toBe(sum(packets.filter(isGroup)));
      expect(Math.abs(low("excluded"))).toBe(Math.min(ours, balance.hidden.in + balance.hidden.out));
    }),
    { numRuns: 200 },
  );
});

test("the zone that is named is the provider's, west or east of UTC", () => {
  // Every hour another amount, so that no other midnight comes to the same.
  const happened = Array.from({ length: 36 * 24 }, (_, hour) => ({
    at: Date.parse("2026-03-05T00:30Z") + hour * 3_600_000,
    in: (hour + 1) ** 3,
    out: 0,
  }));
  for (const hour of [-9, -5, 0, 3, 13]) {
    const dayOf = (at: number) => new Date(at + hour * 3_600_000).toISOString().slice(0, 10);
    const bytes = figureOf({ dayOf, cycle: CYCLE, counts: "both", isFree: () => false }, happened);
    const { causes } = checked("Europe/Berlin", happened, { bytes });
    expect(causes.find(({ kind }) => kind === "zone")).toMatchObject({ explains: 1, figure: hour });
  }
});
