import { expect, test } from "vitest";
import { viewOf } from "../accounting/testing.ts";
import type { Settlement } from "../accounting/types.ts";
import { createSegmentFinder } from "./finder.ts";

const ROUTER = "02:ff:ff:ff:ff:01";
const view = viewOf();

function settlementOf(...hosts: [ip: string, mac: string, down?: number][]): Pick<Settlement, "addresses"> {
  return {
    addresses: hosts.map(([ip, mac, down = 1]) => ({ ip, mac, in: down, out: 1, hostname: null, seenAt: null })),
  };
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

function finderOf(known: string[], isFixed = false) {
  return createSegmentFinder({ view: () => view, routers: () => new Set([ROUTER]), known, isFixed });
}

test("finds the /24 of each address that a device holds, once", () => {
  const finder = finderOf([]);
  expect(finder.find(HOUSE)).toEqual(["192.168.1", "10.7.0"]);
  expect(finder.find(HOUSE)).toEqual([]);
  expect(finder.segments()).toEqual(["192.168.1", "10.7.0"]);
});

test("takes no beginning of an address for its segment", () => {
  expect(finderOf(["192.168", "10.7", "10.0.0.0/8"]).find(HOUSE)).toEqual(["192.168.1", "10.7.0"]);
});

test("takes no segment from an address that a device only sends with, as a VPN's", () => {
  expect(finderOf([]).find(settlementOf(["10.8.0.2", "02:1a:00:00:00:0a", 0]))).toEqual([]);
});

test("adds nothing to a list that the user has fixed", () => {
  const finder = finderOf(["192.168.0"], true);
  expect(finder.find(HOUSE)).toEqual([]);
  expect(finder.segments()).toEqual(["192.168.0"]);
});
