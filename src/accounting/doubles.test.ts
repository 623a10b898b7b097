import { describe, expect, test } from "vitest";
import { sameTraffic, seenTwice, seesOnlyTheInternet, severalInterfaces } from "./doubles.ts";
import type { EndpointBytes } from "./routers.ts";
import { viewOf } from "./testing.ts";

const ROUTER = "02:ff:ff:ff:ff:01";
const GATEWAY = "02:ff:ff:ff:ff:02";
const [ANNA, BEN, OWN] = ["02:1a:00:00:00:0a", "02:1a:00:00:00:0b", "02:1a:00:00:00:0c"];
const view = viewOf();
const routers = new Set([ROUTER, GATEWAY]);

function figure(mac: string | null, ip: string, down: number, up = 0): EndpointBytes {
  return { mac, ip, in: down, out: up };
}

describe("traffic is seen twice", () => {
  const passedOn = [
    figure(ANNA, "192.168.1.10", 900_000, 5_000),
    figure(GATEWAY, "192.168.1.10", 700_000, 4_000),
    figure(BEN, "192.168.1.11", 50_000),
    figure(GATEWAY, "192.168.1.11", 40_000),
    figure(ROUTER, "198.51.100.1", 9_000, 1_600_000),
  ];

  test("where a router's MAC stands for LAN addresses that also show their own", () => {
    expect(seenTwice(passedOn, routers, view)).toEqual({
      gateway: GATEWAY,
      addresses: ["192.168.1.10", "192.168.1.11"],
      bytes: 1_699_000,
    });
  });

  test("but not where an address only changed hands, or a router is addressed itself", () => {
    const ordinary = [
      figure(ANNA, "192.168.1.10", 900_000),
      figure(BEN, "192.168.1.10", 700_000),
      figure(ANNA, "192.168.1.12", 800_000),
      figure(ROUTER, "192.168.1.12", 2_000),
      figure(ROUTER, "192.168.1.1", 3_000_000),
      figure(ROUTER, "10.0.20.5", 3_000_000),
      figure("ff:ff:ff:ff:ff:ff", "192.168.1.10", 5_000_000),
    ];
    expect(seenTwice(ordinary, routers, view)).toBeNull();
    expect(seenTwice([...passedOn, figure(ANNA, "192.168.1.13", 9_000_000)], routers, view)).toBeNull();
    expect(seenTwice(passedOn.slice(2, 4), routers, view)).toBeNull();
  });
});

describe("two meters count the same packets", () => {
  const gateway = new Map([
    [ANNA, 9_000_000],
    [BEN, 1_000_000],
    [OWN, 50_000_000],
  ]);

  test("where they have nearly the same of most devices of the one that has less", () => {
    const accessPoint = new Map([
      [ANNA, 8_800_000],
      [BEN, 1_050_000],
      [GATEWAY, 3_000_000],
    ]);
    expect(sameTraffic(gateway, accessPoint)).toEqual({ devices: 2, bytes: 9_800_000 });
    expect(sameTraffic(accessPoint, gateway)).toEqual({ devices: 2, bytes: 9_800_000 });
  });

  test.each([
    ["a device that roams has different amounts on each", new Map([[ANNA, 4_000_000]])],
    [
      "one alike among many others is chance",
      new Map([
        [ANNA, 9_000_000],
        [GATEWAY, 20_000_000],
      ]),
    ],
    ["of so little nothing can be said", new Map([[BEN, 99_000]])],
    ["others are others", new Map([[ROUTER, 9_000_000]])],
  ])("but not otherwise: %s", (_, other) => {
    expect(sameTraffic(gateway, other)).toBeNull();
  });
});

test("several interfaces are named by darkstat's pages", () => {
  expect(severalInterfaces("br0, wsp1, wsp2")).toEqual(["br0", "wsp1", "wsp2"]);
  expect(severalInterfaces("br0")).toBeNull();
});

describe("darkstat sees only the internet", () => {
  const hosts = [1, 2, 3, 4].map((n) => figure(ROUTER, `198.51.100.${n}`, 500, 9_000));
  const wan = [figure(OWN as string, "203.0.113.77", 36_000, 2_000), figure("ff:ff:ff:ff:ff:ff", "255.255.255.255", 9)];
  const own = new Set([OWN as string]);

  test("where no device but this machine is seen beside hosts on the internet", () => {
    expect(seesOnlyTheInternet([...wan, ...hosts], routers, own, view)).toBe(true);
  });

  test("but not where any device is seen, or hardly a host, or nothing is known of this machine", () => {
    const lan = [...wan, ...hosts, figure(ANNA as string, "192.168.1.10", 1)];
    expect(seesOnlyTheInternet(lan, routers, own, view)).toBe(false);
    expect(seesOnlyTheInternet([...wan, ...hosts.slice(1)], routers, own, view)).toBe(false);
    expect(seesOnlyTheInternet(hosts, routers, new Set(), view)).toBe(false);
  });
});
