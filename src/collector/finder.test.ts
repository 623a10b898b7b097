import { expect, it } from "vitest";
import { DEFAULT_SEGMENTS } from "../accounting/address.ts";
import { createCalendar } from "../accounting/calendar.ts";
import { createPolicy } from "../accounting/policy.ts";
import { settle } from "../accounting/settle.ts";
import { zoneOf } from "../accounting/testing.ts";
import { createFinder } from "./finder.ts";

const ROUTER = "02:ff:ff:ff:ff:01";
const policy = createPolicy({
  calendar: createCalendar(zoneOf("UTC")),
  segments: DEFAULT_SEGMENTS,
  routers: { auto: true, macs: [] },
  ipFilter: /./,
  ipMac: new Map(),
  macMac: new Map(),
});

function settlementOf(...hosts: [ip: string, mac: string][]) {
  const totals = { bytes: hosts.length, packets: 1, captured: 1, dropped: 0, uptimeSeconds: 5 };
  return settle(
    null,
    {
      source: "darkstat",
      at: Date.UTC(2026, 5, 15, 12),
      elapsedMs: null,
      epoch: "run 1",
      before: totals,
      after: totals,
      hosts: hosts.map(([ip, mac]) => ({ ip, mac, in: 1, out: 1, hostname: null, lastSeenSeconds: 0 })),
      series: [],
    },
    policy,
  );
}

const HOUSE = settlementOf(
  ["192.168.1.10", "02:1a:00:00:00:0a"],
  ["192.168.1.11", "02:1a:00:00:00:0b"],
  ["10.7.0.4", "02:1a:00:00:00:0c"],
  ["169.254.9.9", "02:1a:00:00:00:0d"],
  ["fd00::10", "02:1a:00:00:00:0a"],
  ["192.168.100.1", ROUTER],
  ["198.51.100.1", ROUTER],
);

it("finds the /24 of each address that a device holds, once, and the routers", () => {
  const finder = createFinder({ policy: () => policy, known: [], isFixed: false });
  expect(finder.find(HOUSE)).toEqual({ segments: ["192.168.1", "10.7.0"], routers: [ROUTER] });
  expect(finder.find({ ...HOUSE, routers: [] })).toBeNull();
  expect(finder.segments()).toEqual(["192.168.1", "10.7.0"]);
});

it("takes no beginning of an address for its segment", () => {
  const finder = createFinder({ policy: () => policy, known: ["192.168", "10.7", "10.0.0.0/8"], isFixed: false });
  expect(finder.find(HOUSE)?.segments).toEqual(["192.168.1", "10.7.0"]);
});

it("adds nothing to a list that the user has fixed", () => {
  const finder = createFinder({ policy: () => policy, known: ["192.168.0"], isFixed: true });
  expect(finder.find(HOUSE)).toEqual({ segments: [], routers: [ROUTER] });
  expect(finder.segments()).toEqual(["192.168.0"]);
});
