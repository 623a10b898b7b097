import type { NetworkInterfaceInfo } from "node:os";
import { expect, test } from "vitest";
import { dashboardAddresses } from "./addresses.ts";

const at = (address: string, internal = false): NetworkInterfaceInfo => ({
  address,
  internal,
  mac: "02:00:00:00:00:01",
  netmask: "",
  cidr: null,
  ...(address.includes(":") ? { family: "IPv6", scopeid: 0 } : { family: "IPv4" }),
});
const PI = {
  lo: [at("127.0.0.1", true), at("::1", true)],
  docker0: [at("172.17.0.1")],
  "br-0a1b2c": [at("172.18.0.1")],
  eth0: [at("192.168.1.5"), at("2001:db8::5"), at("fe80::5")],
  wlan0: [at("169.254.7.7"), at("192.168.2.5")],
};
const every = { port: 777, listenAddress: null, basePath: "" };

test("the addresses by which other devices reach this machine come before localhost", () => {
  expect(dashboardAddresses(every, PI)).toEqual([
    "http://192.168.1.5:777/",
    "http://192.168.2.5:777/",
    "http://localhost:777/",
  ]);
});

test("where there is only IPv6, its addresses are named", () => {
  expect(dashboardAddresses(every, { eth0: [at("fe80::5"), at("2001:db8::5")] })).toEqual([
    "http://[2001:db8::5]:777/",
    "http://localhost:777/",
  ]);
  expect(dashboardAddresses({ ...every, listenAddress: "0.0.0.0" }, { eth0: [at("2001:db8::5")] })).toEqual([
    "http://localhost:777/",
  ]);
});

test("an address that was chosen is the only one, and a path belongs to each", () => {
  expect(dashboardAddresses({ port: 8080, listenAddress: "::1", basePath: "/w" }, PI)).toEqual([
    "http://[::1]:8080/w/",
  ]);
  expect(dashboardAddresses({ ...every, listenAddress: "::", basePath: "/w" }, PI)[0]).toBe(
    "http://192.168.1.5:777/w/",
  );
});

test("of many addresses three are enough, of none localhost is left", () => {
  const many = Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`eth${i}`, [at(`10.0.${i}.1`)]]));
  expect(dashboardAddresses(every, many)).toHaveLength(4);
  expect(dashboardAddresses(every, {})).toEqual(["http://localhost:777/"]);
});
