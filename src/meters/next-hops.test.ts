import { expect, test } from "vitest";
import { arpNeighbours, createNextHops, gatewaysOf, ipv6Neighbours } from "./next-hops.ts";

const ROUTER = "02:ff:ff:ff:ff:01";
const SPARE = "02:ff:ff:ff:ff:02";

/** As Linux 6.1 writes them: a way out by cable and by radio, a VPN without a next hop, the LAN itself, and one that is down. */
const ROUTE = `Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT                                                       
eth0\t00000000\t0101A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0                                                                               
wlan0\t00000000\tFE02A8C0\t0003\t0\t0\t600\t00000000\t0\t0\t0                                                                              
tun0\t00000000\t00000000\t0001\t0\t0\t700\t00000000\t0\t0\t0                                                                               
eth1\t00000000\t0103A8C0\t0002\t0\t0\t50\t00000000\t0\t0\t0                                                                                
eth0\t0001A8C0\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0                                                                               
eth0\t0000000A\t0901A8C0\t0003\t0\t0\t0\t000000FF\t0\t0\t0                                                                                 
`;
const IPV6_ROUTE = `fd770000000000000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000001 00000000 00000001     eth0
00000000000000000000000000000000 00 00000000000000000000000000000000 00 fe800000000000000000000000000001 00000064 00000003 00000000 00000003     eth0
00000000000000000000000000000000 00 00000000000000000000000000000000 00 00000000000000000000000000000000 ffffffff 00000001 00000000 00200200       lo
`;
const ARP = `IP address       HW type     Flags       HW address            Mask     Device
192.168.1.1      0x1         0x2         02:ff:ff:ff:ff:01     *        eth0
192.168.1.10     0x1         0x2         02:1a:00:00:00:0a     *        eth0
192.168.1.77     0x1         0x0         00:00:00:00:00:00     *        eth0
192.168.2.254    0x1         0x6         02:FF:FF:FF:FF:02     *        wlan0
192.168.1.1      0x1         0x2         02:1a:00:00:00:0b     *        wlan0
`;
const NEIGHBOURS = `fe80::1 lladdr 02:ff:ff:ff:ff:02 router REACHABLE
fd77::11 lladdr 02:1a:00:00:00:0a STALE
fe80::dead FAILED
fe80::beef lladdr 00:00:00:00:00:00 NOARP
`;

const tables = { route: ROUTE, ipv6Route: IPV6_ROUTE };

test("the next hops of the default routes of an interface, and of no other, in either byte order", () => {
  expect(gatewaysOf(tables, ["eth0"], "LE")).toEqual([
    { iface: "eth0", ip: "192.168.1.1" },
    { iface: "eth0", ip: "fe80::1" },
  ]);
  expect(gatewaysOf(tables, ["wlan0", "tun0", "eth1", "lo"], "LE")).toEqual([{ iface: "wlan0", ip: "192.168.2.254" }]);
  const bigEndian = ROUTE.replace("0101A8C0", "C0A80101");
  expect(gatewaysOf({ route: bigEndian, ipv6Route: "" }, ["eth0"], "BE")).toEqual([
    { iface: "eth0", ip: "192.168.1.1" },
  ]);
  expect(gatewaysOf(tables, [], "LE")).toEqual([]);
  expect(gatewaysOf({ route: "", ipv6Route: "" }, ["eth0"], "LE")).toEqual([]);
  expect(gatewaysOf({ route: ROUTE.replace("0101A8C0", "01"), ipv6Route: "" }, ["eth0"], "LE")).toEqual([]);
});

test("neighbours that answered, by interface; a question without an answer is no MAC", () => {
  expect([...arpNeighbours(ARP)]).toEqual([
    ["eth0 192.168.1.1", ROUTER],
    ["eth0 192.168.1.10", "02:1a:00:00:00:0a"],
    ["wlan0 192.168.2.254", SPARE],
    ["wlan0 192.168.1.1", "02:1a:00:00:00:0b"],
  ]);
  expect([...ipv6Neighbours(NEIGHBOURS, "eth0")]).toEqual([
    ["eth0 fe80::1", SPARE],
    ["eth0 fd77::11", "02:1a:00:00:00:0a"],
  ]);
  // BusyBox's.
  const busybox = "fe80::1 lladdr 02:ff:ff:ff:ff:02 router ref 1 used 0/0/0 probes 0 REACHABLE\n";
  expect([...ipv6Neighbours(busybox, "eth0")]).toEqual([["eth0 fe80::1", SPARE]]);
  expect(arpNeighbours("").size + ipv6Neighbours("", "eth0").size).toBe(0);
});

/** A machine whose tables change. */
function machine() {
  const state = { ...tables, arp: ARP, neighbours: NEIGHBOURS, asked: [] as string[] };
  const hops = createNextHops({
    routes: async () => state,
    arp: async () => state.arp,
    async ipv6Neighbours(iface) {
      state.asked.push(iface);
      return state.neighbours;
    },
    order: "LE",
  });
  return { state, look: (...interfaces: string[]) => hops.look(interfaces) };
}

test("the MACs of both families' next hops on what is measured", async () => {
  const { state, look } = machine();
  expect(await look("eth0")).toEqual([ROUTER, SPARE]);
  expect(state.asked).toEqual(["eth0"]);
  expect(await machine().look("eth7")).toEqual([]);
});

test("without IPv6's neighbours, which take a program, IPv4's are known all the same", async () => {
  const { state, look } = machine();
  state.neighbours = "";
  expect(await look("eth0")).toEqual([ROUTER]);
});

test("a next hop that doesn't answer now, or a cable that is out, changes nothing; another router does", async () => {
  const { state, look } = machine();
  state.ipv6Route = "";
  expect(await look("eth0")).toEqual([ROUTER]);
  state.arp = ARP.replace("0x2         02:ff:ff:ff:ff:01", "0x0         00:00:00:00:00:00");
  expect(await look("eth0")).toEqual([ROUTER]);
  state.route = "";
  expect(await look("eth0")).toEqual([ROUTER]);
  state.route = ROUTE;
  state.arp = ARP.replace(ROUTER, SPARE);
  expect(await look("eth0")).toEqual([SPARE]);
});
