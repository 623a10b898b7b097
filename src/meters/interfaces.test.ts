import { expect, test } from "vitest";
import { localNetworkOf, pickInterface, readNetworkState } from "./interfaces.ts";

const HEADER = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n";
const route4 = (name: string, metric: number, flags = "0003", destination = "00000000", mask = "00000000") =>
  `${name}\t${destination}\t010200C0\t${flags}\t0\t0\t${metric}\t${mask}\t0\t0\t0   \n`;
const route6 = (name: string, metric: string, flags = "00000003", prefix = "00") =>
  `${"0".repeat(32)} ${prefix} ${"0".repeat(32)} 00 fd000000000000000000000000000001 ${metric} 00000002 00000000 ${flags}     ${name}\n`;
const none = { route: HEADER, ipv6Route: "", forwards: false, interfaces: [] };
const lo = { name: "lo", flags: 0x49, operstate: "unknown" };

test("the IPv4 default route with the smallest metric wins", () => {
  const route =
    HEADER + route4("wlan0", 600) + route4("eth0", 100) + route4("tun0", 50, "0003", "0000000A", "000000FF");
  expect(pickInterface({ ...none, route, ipv6Route: route6("wwan0", "00000001") })).toBe("eth0");
});

test("a route that is down, rejects, or covers half of the net is no default route", () => {
  const route =
    HEADER + route4("eth1", 1, "0002") + route4("eth2", 2, "0203") + route4("tun0", 0, "0003", "00000000", "00000080");
  expect(pickInterface({ ...none, route: route + route4("eth0", 9) })).toBe("eth0");
  expect(pickInterface({ ...none, route })).toBeNull();
});

test("without an IPv4 default route that of IPv6 is taken, its metric read as hexadecimal", () => {
  const ipv6Route = route6("eth0", "00000400") + route6("eth1", "00000100") + route6("lo", "00000001", "00200203");
  expect(pickInterface({ ...none, ipv6Route })).toBe("eth1");
});

test("without any default route the first interface that is up and not the loopback is taken", () => {
  const interfaces = [
    lo,
    { name: "ifb0", flags: 0x82, operstate: "down" },
    { name: "eth0", flags: 0x1003, operstate: "down" },
    { name: "br0", flags: 0x1003, operstate: "up" },
    { name: "eth2", flags: 0x1003, operstate: "up" },
  ];
  expect(pickInterface({ ...none, interfaces })).toBe("br0");
  expect(pickInterface({ ...none, interfaces: [lo] })).toBeNull();
});

test("where this machine is the router, the LAN's side is taken, not the internet's", () => {
  const up = (name: string) => ({ name, flags: 0x1003, operstate: "up" });
  const has = (address: string) => [{ address, family: "IPv4" }] as never;
  const router = {
    ...none,
    forwards: true,
    route: HEADER + route4("wan", 100),
    interfaces: [lo, up("docker0"), up("wan"), up("lan2"), up("br0"), up("wlan0")],
  };
  const addresses = {
    docker0: has("172.17.0.1"),
    wan: has("203.0.113.77"),
    lan2: has("198.51.100.1"),
    br0: has("192.168.1.1"),
    wlan0: has("192.168.2.1"),
  };
  expect(pickInterface(router, addresses)).toBe("br0");
  expect(pickInterface({ ...router, forwards: false }, addresses)).toBe("wan");
  // Behind another router, or with containers only, nothing tells that this one has a LAN of its own.
  expect(pickInterface(router, { ...addresses, wan: has("192.168.178.20") })).toBe("wan");
  expect(pickInterface(router, { docker0: addresses.docker0, wan: addresses.wan })).toBe("wan");
});

test("this machine's own state can be read, and a missing one is empty", async () => {
  expect((await readNetworkState()).interfaces.map(({ name }) => name)).toContain("lo");
  expect(await readNetworkState("/nowhere/at/all")).toEqual({
    route: "",
    ipv6Route: "",
    forwards: false,
    interfaces: [],
  });
});

test("the local network is written as darkstat wants it", () => {
  const own = (address: string, netmask: string, family: "IPv4" | "IPv6" = "IPv4") =>
    ({ address, netmask, family, mac: "", internal: false, cidr: null, scopeid: 0 }) as never;
  expect(
    localNetworkOf("eth0", { eth0: [own("fd00::2", "ffff::", "IPv6"), own("192.168.17.77", "255.255.240.0")] }),
  ).toBe("192.168.16.0/255.255.240.0");
  expect(localNetworkOf("tun0", { tun0: [own("10.0.0.1", "255.255.255.255")] })).toBeNull();
  expect(localNetworkOf("eth1", {})).toBeNull();
});
