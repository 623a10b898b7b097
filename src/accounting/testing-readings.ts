import { settle } from "./settle.ts";
import { policyIn } from "./testing.ts";
import type { Books, HostRow, Reading, Settlement, Totals } from "./types.ts";

/** Readings for tests of the accounting, in a house in Berlin. */

export const ROUTER = "02:ff:ff:ff:ff:01";
export const ANNA = "02:1a:00:00:00:0a";
export const BEN = "02:1a:00:00:00:0b";
export const PEER = "198.51.100.1";
/** 2026-06-15 12:10 in Berlin. */
export const NOON = 1_781_518_200_000;
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;

export const policy = policyIn("Europe/Berlin");
export const { calendar } = policy;

export function host(ip: string, mac: string | null, down: number, up: number, rest: Partial<HostRow> = {}): HostRow {
  return { ip, mac, in: down, out: up, hostname: null, lastSeenSeconds: 0, ...rest };
}

/** A device that talks to one host on the internet. */
export function talk(ip: string, mac: string, down: number, up: number): HostRow[] {
  return [host(ip, mac, down, up), host(PEER, ROUTER, up, down)];
}

/** Fields of a reading; `uptimeSeconds` and `bytes` stand in both of its totals. */
export type Fields = Partial<Reading> & { uptimeSeconds?: number; bytes?: number };

/** A reading whose totals fit its hosts: nothing imported, nothing evicted. */
export function reading(hosts: readonly HostRow[], rest: Fields = {}): Reading {
  const { uptimeSeconds = 600, bytes, ...fields } = rest;
  const sum = hosts.reduce((all, row) => all + row.in, 0);
  const totals: Totals = { bytes: bytes ?? sum, packets: 9, captured: 9, dropped: 0, uptimeSeconds };
  return {
    source: "home",
    meter: "http://192.168.1.2:667/",
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

/** Books that know the hosts, settled long after darkstat started. */
export function booksOf(hosts: readonly HostRow[], rest: Fields = {}): Books {
  return settle(null, reading(hosts, { uptimeSeconds: 90_000, ...rest }), policy).books;
}

/** The reading half a minute after that of `booksOf`. */
export function next(hosts: readonly HostRow[], rest: Fields = {}): Reading {
  return reading(hosts, { at: NOON + MINUTE / 2, elapsedMs: MINUTE / 2, uptimeSeconds: 90_030, ...rest });
}

/** What was charged at local addresses: address, download, upload. */
export function chargesOf(settlement: Settlement): [ip: string, down: number, up: number][] {
  return settlement.charges.filter(({ ip }) => ip !== PEER).map(({ ip, in: down, out: up }) => [ip, down, up]);
}

/** What darkstat counted, and what of it is unattributed and unlisted, by the larger direction. */
export function countedOf({ counted }: Settlement) {
  const sum = (of: (one: (typeof counted)[number]) => number) => counted.reduce((all, one) => all + of(one), 0);
  return {
    bytes: sum(({ bytes }) => bytes),
    unattributed: sum(({ unattributed }) => Math.max(unattributed.in, unattributed.out)),
    unlisted: sum(({ unlisted }) => Math.max(unlisted.in, unlisted.out)),
  };
}

export function codesOf({ notes }: Settlement): string[] {
  return notes.map(({ code }) => code);
}
