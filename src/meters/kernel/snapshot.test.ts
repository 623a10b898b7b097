import fc from "fast-check";
import { expect, test } from "vitest";
import { keyOf } from "../../accounting/types.ts";
import type { Counted, Generation } from "./listing.ts";
import { figuresOf, sizeOf } from "./snapshot.ts";

const A = { mac: "02:00:00:00:00:0a", ip: "192.168.1.10" };
const B = { mac: "02:00:00:00:00:0b", ip: "192.168.1.11" };
const GATEWAY = "02:00:00:00:00:fe";
const SERVER = { mac: GATEWAY, ip: "203.0.113.7" };

type End = { readonly mac: string; readonly ip: string };
type Frame = { readonly from: End; readonly to: End; readonly bytes: number };

/** What the kernel would list if it had counted these frames for their senders, and those for their receivers. */
function listed(sent: readonly Frame[], received: readonly Frame[]): Generation {
  const of = (isMeant: (frame: Frame) => boolean) => ({
    sent: counted(sent.filter(isMeant).map(({ from, bytes }) => ({ ...from, bytes }))),
    received: counted(received.filter(isMeant).map(({ to, bytes }) => ({ ...to, bytes }))),
  });
  return {
    generation: 1,
    startedAtMs: 0,
    internet: of((frame) => !isLocal(frame)),
    lan: of(isLocal),
    unlisted: { bytes: 0, packets: 0 },
    foreign: { bytes: 0, packets: 0 },
  };
}

const isLocal = ({ from, to }: Frame) => from.ip !== SERVER.ip && to.ip !== SERVER.ip;

function counted(amounts: readonly (End & { bytes: number })[]): Map<string, Counted> {
  const sums = new Map<string, Counted>();
  amounts.forEach(({ mac, ip, bytes }, index) => {
    const key = `${mac} ${ip}`;
    const known = sums.get(key);
    const idleSeconds = amounts.length - 1 - index;
    sums.set(key, { mac, ip, bytes: bytes + (known?.bytes ?? 0), packets: 1 + (known?.packets ?? 0), idleSeconds });
  });
  return sums;
}

const still = (frames: readonly Frame[]) => figuresOf(listed(frames, frames), listed(frames, frames));

test("a host's row has what it sent and received, and when it sent last", () => {
  const { hosts, totals } = still([
    { from: A, to: SERVER, bytes: 100 },
    { from: SERVER, to: A, bytes: 1_000 },
    { from: B, to: SERVER, bytes: 7 },
  ]);
  expect(hosts).toEqual([
    { ip: A.ip, traffic: "internet", mac: A.mac, hostname: null, in: 1_000, out: 100, lastSeenSeconds: 2 },
    { ip: SERVER.ip, traffic: "internet", mac: GATEWAY, hostname: null, in: 107, out: 1_000, lastSeenSeconds: 1 },
    { ip: B.ip, traffic: "internet", mac: B.mac, hostname: null, in: 0, out: 7, lastSeenSeconds: 0 },
  ]);
  expect(totals).toEqual({ bytes: 1_107, packets: 3, captured: 3, dropped: 0 });
});

test("what two devices of the LAN exchange stands in rows of its own, and is in the total once", () => {
  const { hosts, totals } = still([
    { from: A, to: SERVER, bytes: 100 },
    { from: A, to: B, bytes: 1_000 },
    { from: B, to: A, bytes: 50 },
  ]);
  expect(hosts.map(({ ip, traffic, in: down, out }) => [ip, traffic, down, out])).toEqual([
    [A.ip, "internet", 0, 100],
    [SERVER.ip, "internet", 100, 0],
    [A.ip, "lan", 50, 1_000],
    [B.ip, "lan", 1_000, 50],
  ]);
  expect(totals.bytes).toBe(1_150);
});

test("an address that two MACs showed has the counters of each, the one that sent last first", () => {
  const { hosts } = still([
    { from: A, to: SERVER, bytes: 100 },
    { from: SERVER, to: A, bytes: 1_000 },
    { from: { mac: B.mac, ip: A.ip }, to: SERVER, bytes: 5 },
  ]);
  expect(hosts[0]).toEqual({
    ip: A.ip,
    traffic: "internet",
    mac: B.mac,
    hostname: null,
    in: 1_000,
    out: 105,
    lastSeenSeconds: 0,
    holders: [
      { mac: B.mac, in: 0, out: 5 },
      { mac: A.mac, in: 1_000, out: 100 },
    ],
  });
});

test("a frame to everybody's MAC takes no address from its holder", () => {
  const { hosts } = still([
    { from: A, to: SERVER, bytes: 100 },
    { from: SERVER, to: { mac: "ff:ff:ff:ff:ff:ff", ip: A.ip }, bytes: 9 },
  ]);
  expect(hosts[0]).toMatchObject({ ip: A.ip, mac: A.mac, in: 9, out: 100 });
});

test("whatever passes while the counters are listed: sent and received are the same, nothing shrinks, the rest follows", () => {
  const end = fc.constantFrom<End>(A, B, SERVER, { mac: B.mac, ip: A.ip });
  const frame = fc.record({ from: end, to: end, bytes: fc.integer({ min: 20, max: 65_535 }) });
  // For each poll: frames before it, and between each two of its four sets.
  const poll = fc.array(fc.array(frame, { maxLength: 6 }), { minLength: 4, maxLength: 4 });
  fc.assert(
    fc.property(fc.array(poll, { minLength: 1, maxLength: 6 }), (polls) => {
      const all: Frame[] = [];
      let before = new Map<string, { in: number; out: number }>();
      for (const [first = [], second = [], third = [], fourth = []] of [...polls, [[], [], [], []]]) {
        const at = [first, second, third, fourth].map((frames) => {
          all.push(...frames);
          return [...all];
        }) as [Frame[], Frame[], Frame[], Frame[]];
        const { hosts, totals } = figuresOf(listed(at[0], at[1]), listed(at[2], at[3]));
        const sum = (side: "in" | "out") => hosts.reduce((total, host) => total + host[side], 0);
        expect(sum("in")).toBe(sum("out"));
        expect(totals.bytes).toBe(sum("out"));
        expect(totals.bytes).toBe(at[2].reduce((total, { bytes }) => total + bytes, 0));
        for (const host of hosts) {
          expect(host.in).toBeGreaterThanOrEqual(before.get(keyOf(host))?.in ?? 0);
          expect(host.out).toBeGreaterThanOrEqual(before.get(keyOf(host))?.out ?? 0);
        }
        before = new Map(hosts.map((host) => [keyOf(host), host]));
      }
      // The last one was in peace.
      for (const host of still(all).hosts)
        expect(before.get(keyOf(host))).toMatchObject({ in: host.in, out: host.out });
    }),
  );
});

test("what a listing overlooked is what it was in the one before", () => {
  const frames = [
    { from: A, to: SERVER, bytes: 100 },
    { from: SERVER, to: A, bytes: 50 },
  ];
  const second = listed(frames, frames);
  (second.internet.sent as Map<string, Counted>).delete(`${A.mac} ${A.ip}`);
  (second.internet.received as Map<string, Counted>).delete(`${A.mac} ${A.ip}`);
  expect(figuresOf(listed(frames, frames), second).hosts).toEqual(still(frames).hosts);
});

test("what the sets had no room for is in the total, and in nobody's row", () => {
  const frames = [{ from: A, to: SERVER, bytes: 100 }];
  const full = { ...listed(frames, frames), unlisted: { bytes: 40, packets: 2 } };
  expect(figuresOf(full, full).totals).toEqual({ bytes: 140, packets: 3, captured: 3, dropped: 0 });
  // The receiver had no room: the frame is counted once all the same.
  const half = { ...listed(frames, []), unlisted: { bytes: 100, packets: 1 } };
  expect(figuresOf(half, half).hosts).toMatchObject([{ ip: A.ip, in: 0, out: 100 }]);
});

test("its size is that of its largest table", () => {
  const frames = [
    { from: A, to: SERVER, bytes: 1 },
    { from: B, to: SERVER, bytes: 1 },
  ];
  expect(sizeOf(listed(frames, frames))).toBe(2);
});
