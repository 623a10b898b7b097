import { expect, it } from "vitest";
import { DEFAULT_SEGMENTS } from "../accounting/address.ts";
import { createView } from "../accounting/view.ts";
import { createFinder } from "./finder.ts";

const ROUTER = "02:ff:ff:ff:ff:01";
const view = createView({
  segments: DEFAULT_SEGMENTS,
  routers: { auto: true, macs: [] },
  ipFilter: /./,
  ipMac: new Map(),
  macMac: new Map(),
});

function addressesOf(...hosts: [ip: string, mac: string][]) {
  return { addresses: hosts.map(([ip, mac]) => ({ ip, mac, in: 1, out: 1, hostname: null, seenAt: null })) };
}

function finderWith(known: string[], isFixed: boolean) {
  return createFinder({ view: () => view, isRouter: (mac) => mac === ROUTER, known, isFixed });
}

const HOUSE = addressesOf(
  ["192.168.1.10", "02:1a:00:00:00:0a"],
  ["192.168.1.11", "02:1a:00:00:00:0b"],
  ["10.7.0.4", "02:1a:00:00:00:0c"],
  ["169.254.9.9", "02:1a:00:00:00:0d"],
  ["fd00::10", "02:1a:00:00:00:0a"],
  ["192.168.100.1", ROUTER],
  ["198.51.100.1", ROUTER],
);

it("finds the /24 of each address of the LAN that is no router's, once", () => {
  const finder = finderWith([], false);
  expect(finder.find(HOUSE)).toEqual(["192.168.1", "10.7.0"]);
  expect(finder.find(HOUSE)).toEqual([]);
  expect(finder.segments()).toEqual(["192.168.1", "10.7.0"]);
});

it("takes no beginning of an address for its segment", () => {
  expect(finderWith(["192.168", "10.7", "10.0.0.0/8"], false).find(HOUSE)).toEqual(["192.168.1", "10.7.0"]);
});

it("adds nothing to a list that the user has fixed", () => {
  const finder = finderWith(["192.168.0"], true);
  expect(finder.find(HOUSE)).toEqual([]);
  expect(finder.segments()).toEqual(["192.168.0"]);
});
