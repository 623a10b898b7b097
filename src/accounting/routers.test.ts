import { describe, expect, test } from "vitest";
import { type Prefix, parsePrefix } from "./address.ts";
import { type EndpointBytes, FOREIGN_NETWORKS_OF_ROUTER, findRouters } from "./routers.ts";
import { viewOf } from "./testing.ts";

const ROUTER = "02:ff:ff:ff:ff:01";
const SPARE = "02:ff:ff:ff:ff:02";
const PHONE = "02:1a:00:00:00:0a";
const PCS = ["02:1a:00:00:00:01", "02:1a:00:00:00:02", "02:1a:00:00:00:03"] as const;
const HOSTS = ["198.51.100.1", "198.51.100.2", "192.0.2.7", "192.0.2.8", "203.0.113.50", "203.0.113.51"] as const;
const HOSTS6 = ["2a00:1450::1", "2606:4700::1", "2a02:26f0::1", "2a03:2880::1"] as const;

function figure(mac: string | null, ip: string, down = 1_000, up = 100): EndpointBytes {
  return { mac, ip, in: down, out: up };
}

/** Each of the hosts, as a MAC carries them. */
function carried(mac: string | null, hosts: readonly string[], down = 1_000, up = 100): EndpointBytes[] {
  return hosts.map((ip) => figure(mac, ip, down, up));
}

function found(figures: EndpointBytes[], view = viewOf()): string[] {
  return findRouters(figures, view).map(({ mac }) => mac);
}

describe("a router is found", () => {
  test("by the foreign hosts that it carries in both directions, with its reasons", () => {
    const figures = [figure(PHONE, "192.168.1.10"), figure(ROUTER, "192.168.1.1", 50, 50), ...carried(ROUTER, HOSTS)];
    expect(findRouters(figures, viewOf())).toEqual([
      { mac: ROUTER, networks: 6, examples: HOSTS.slice(0, 3), bytes: 6_600, segment: null },
    ]);
    const few = HOSTS.slice(0, FOREIGN_NETWORKS_OF_ROUTER - 1);
    expect(found([figure(PHONE, "192.168.1.10"), ...carried(ROUTER, few)])).toEqual([]);
  });

  test("by more than all the bytes of its own address, a few frames of which showed another MAC", () => {
    const own = [figure(ROUTER, "192.168.1.1", 2_150, 2_150), ...carried(ROUTER, HOSTS.slice(0, 4))];
    expect(found(own)).toEqual([ROUTER]);
    expect(found([...own, figure(PHONE, "192.168.1.1", 60, 60)])).toEqual([]);
  });

  test("where the way out is IPv6 only, and behind NAT64", () => {
    const lan = [figure(PHONE, "2001:db8::10", 9_000, 900), figure(PHONE, "fe80::10")];
    expect(found([...lan, figure(ROUTER, "fe80::1", 9, 9), ...carried(ROUTER, HOSTS6)])).toEqual([ROUTER]);
    const translated = ["64:ff9b::c633:6401", "64:ff9b::c633:6402", "64:ff9b::c000:207", "64:ff9b::c000:208"];
    expect(found([...lan, ...carried(ROUTER, translated)])).toEqual([ROUTER]);
  });

  test("on a LAN with public addresses, whose PCs are none", () => {
    const pcs = PCS.map((mac, index) => figure(mac, `203.0.113.1${index}`, 1_000_000, 1_000));
    expect(found([...pcs, figure(ROUTER, "203.0.113.1"), ...carried(ROUTER, HOSTS.slice(0, 4))])).toEqual([ROUTER]);
    const server = ["203.0.113.21", "203.0.113.22", "203.0.113.23", "203.0.113.24"];
    expect(found([...pcs, ...carried(PHONE, server, 1_000_000)])).toEqual([]);
  });

  test("that takes over in the middle of a day, beside the one before", () => {
    const morning = carried(ROUTER, HOSTS, 1_000_000);
    const evening = carried(SPARE, ["192.0.2.9", "192.0.2.10", ...HOSTS6], 5_000);
    expect(found([...morning, ...evening])).toEqual([ROUTER, SPARE]);
  });

  test("as the one MAC of a segment that the user names: a layer-3 switch", () => {
    const vlan = ["10.0.20.5", "10.0.20.6", "10.0.20.7"].map((ip) => figure(SPARE, ip, 9_000, 900));
    const named = viewOf({ namedSegments: [parsePrefix("10.0.20.0/24") as Prefix] });
    expect(findRouters(vlan, named)).toMatchObject([{ mac: SPARE, segment: "10.0.20.0/24", networks: 0 }]);
    expect(found(vlan)).toEqual([]);
    expect(found([...vlan, figure(PHONE, "10.0.20.8")], named)).toEqual([]);
    expect(found(vlan.slice(1), named)).toEqual([]);
  });
});

describe("no router is", () => {
  const house = [figure(ROUTER, "192.168.1.1", 9, 9), ...carried(ROUTER, HOSTS, 1_000_000)];

  test("a device that leaks a foreign address or two", () => {
    const phone = [figure(PHONE, "192.168.1.10", 3_000_000), figure(PHONE, "100.72.14.9", 0, 84)];
    expect(found([...house, ...phone])).toEqual([ROUTER]);
    expect(found([...house, figure(PHONE, "100.72.14.9"), figure(PHONE, "10.8.0.2")])).toEqual([ROUTER]);
  });

  test("a device that sends with thousands of source addresses, for nothing comes back to it", () => {
    const spoofed = Array.from({ length: 5_000 }, (_, n) => `100.64.${n >> 8}.${n & 255}`);
    expect(found([...house, figure(PHONE, "192.168.1.10"), ...carried(PHONE, spoofed, 0, 60)])).toEqual([ROUTER]);
  });

  test("a device that sends with the addresses of hosts that it talks to itself, to be hidden behind them", () => {
    const talk = [
      figure(PHONE, "192.168.1.10", 40_000, 4_000),
      ...carried(PHONE, ["9.9.9.1", "9.9.9.2", "9.9.9.3", "9.9.9.4"], 1_000, 9_000),
    ];
    expect(found([...house, ...talk])).toEqual([ROUTER]);
  });

  test("a device that sends with the addresses of hosts that a router carries more of", () => {
    expect(found([...house, figure(PHONE, "192.168.1.10", 1, 1), ...carried(PHONE, HOSTS)])).toEqual([ROUTER]);
  });

  test("a device with many IPv6 addresses of its provider, or one that IP_MAC.txt maps", () => {
    const many = Array.from({ length: 40 }, (_, n) => `2001:db8:${n}::10`);
    expect(found([...house, ...carried(PHONE, many)])).toEqual([ROUTER]);
    const mapped = viewOf({ ipMac: new Map(HOSTS.map((ip) => [ip, PHONE])) });
    expect(found(carried(PHONE, HOSTS), mapped)).toEqual([]);
  });

  test("a group, a host without a MAC, or one that the user speaks of", () => {
    expect(found(carried("ff:ff:ff:ff:ff:ff", HOSTS))).toEqual([]);
    expect(found(carried(null, HOSTS))).toEqual([]);
    expect(found(house, viewOf({ routers: { auto: true, macs: [ROUTER] } }))).toEqual([]);
    expect(found(house, viewOf({ routers: { auto: true, macs: [], none: [ROUTER] } }))).toEqual([]);
    expect(found(house, viewOf({ routers: { auto: false, macs: [] } }))).toEqual([]);
  });
});

test("leaves a gateway with one port out of account for what its clients hold themselves", () => {
  const clients = PCS.flatMap((mac, index) => [
    figure(mac, `192.168.1.1${index}`, 1_000_000, 10_000),
    figure(SPARE, `192.168.1.1${index}`, 2_000_000, 10_000),
  ]);
  const shared = HOSTS.flatMap((ip) => [figure(ROUTER, ip, 5_000, 300_000), figure(SPARE, ip, 5_100, 300_000)]);
  expect(found([...clients, ...shared])).toEqual([SPARE]);
});
