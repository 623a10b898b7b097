import { isIP } from "node:net";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type Address,
  contains,
  containsAny,
  DEFAULT_SEGMENTS,
  formatAddress,
  isBroadcastOf,
  isGroupMac,
  isLimitedBroadcast,
  isMulticast,
  isUnspecified,
  normaliseMac,
  parseAddress,
  parsePrefix,
} from "./address.ts";

const address = (text: string) => parseAddress(text) as Address;
const inside = (prefix: string, ip: string) => contains(parsePrefix(prefix) as never, address(ip));

describe("addresses", () => {
  test("an IPv4 address is one unsigned word", () => {
    expect(address("192.168.1.7")).toEqual({ family: 4, words: [0xc0a80107] });
    expect(address("255.255.255.255").words).toEqual([0xffffffff]);
  });

  test("an IPv6 address is four words, wherever the zeros are left out", () => {
    expect(address("2001:db8::1").words).toEqual([0x20010db8, 0, 0, 1]);
    expect(address("::").words).toEqual([0, 0, 0, 0]);
    expect(address("1::").words).toEqual([0x10000, 0, 0, 0]);
    expect(address("FE80::A:B").words).toEqual([0xfe800000, 0, 0, 0xa000b]);
    expect(address("1:2:3:4:5:6:7:8").words).toEqual([0x10002, 0x30004, 0x50006, 0x70008]);
    expect(address("64:ff9b::192.0.2.33").words).toEqual([0x64ff9b, 0, 0, 0xc0000221]);
  });

  test("an IPv4 address in IPv6 clothes is the IPv4 address, and a zone is left out", () => {
    expect(address("::ffff:192.168.1.7")).toEqual(address("192.168.1.7"));
    expect(address("::ffff:c0a8:107")).toEqual(address("192.168.1.7"));
    expect(address("fe80::1%eth0")).toEqual(address("fe80::1"));
    expect(address("0:0:1:0:0:ffff:c0a8:107").family).toBe(6);
    expect(address("0:1:0:0:0:ffff:c0a8:107").family).toBe(6);
  });

  test.each([
    "",
    "1.2.3",
    "1.2.3.4.5",
    "1.2.3.",
    ".1.2.3",
    "1..2.3",
    "256.1.1.1",
    "01.2.3.4",
    "1.2.3.4 ",
    "1.2.3.-4",
    "0x1.2.3.4",
    ":",
    ":::",
    "1::2::3",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "1:2:3:4:5:6:7::8",
    "12345::",
    "g::",
    "1.2.3.4::",
    "::1.2.3",
    "::1.2.3.4:5",
    "fe80::1%",
    "(none)",
  ])("%j is no address", (text) => {
    expect(parseAddress(text)).toBe(null);
  });

  test("what is read agrees with node's own reader, whatever the text", () => {
    const text = fc.oneof(
      fc.ipV4(),
      fc.ipV6(),
      fc.stringMatching(/^[0-9a-f:.]{1,20}$/),
      fc.stringMatching(/^\d{1,3}(\.\d{1,3}){2,4}$/),
    );
    fc.assert(
      fc.property(text, (ip) => {
        const read = parseAddress(ip);
        expect(read !== null).toBe(isIP(ip) !== 0);
      }),
      { numRuns: 2000 },
    );
  });

  test("an address survives being written and read again, and is written as RFC 5952 wants", () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (ip) => {
        expect(parseAddress(formatAddress(address(ip)))).toEqual(address(ip));
      }),
    );
    expect(formatAddress(address("2001:DB8:0:0:1:0:0:1"))).toBe("2001:db8::1:0:0:1");
    expect(formatAddress(address("2001:db8:0:1:1:1:1:1"))).toBe("2001:db8:0:1:1:1:1:1");
    expect(formatAddress(address("0:0:0:0:0:0:0:0"))).toBe("::");
    expect(formatAddress(address("fe80:0:0:0:0:0:0:0"))).toBe("fe80::");
    expect(formatAddress(address("255.0.10.1"))).toBe("255.0.10.1");
  });
});

describe("networks", () => {
  test("a network holds its own addresses and not the neighbours'", () => {
    expect(inside("192.168.1.0/24", "192.168.1.255")).toBe(true);
    expect(inside("192.168.1.0/24", "192.168.2.0")).toBe(false);
    expect(inside("192.168.1.0/24", "192.168.100.1")).toBe(false);
    expect(inside("172.16.0.0/12", "172.31.255.255")).toBe(true);
    expect(inside("172.16.0.0/12", "172.32.0.0")).toBe(false);
    expect(inside("0.0.0.0/0", "255.255.255.255")).toBe(true);
    expect(inside("10.0.0.1", "10.0.0.1")).toBe(true);
    expect(inside("10.0.0.1", "10.0.0.2")).toBe(false);
    expect(inside("2001:db8:1:8000::/49", "2001:db8:1:ffff::1")).toBe(true);
    expect(inside("2001:db8:1:8000::/49", "2001:db8:1:7fff::1")).toBe(false);
    expect(inside("::/0", "2001::1")).toBe(true);
  });

  test("a network never holds an address of the other family, save IPv4 in IPv6 clothes", () => {
    expect(inside("0.0.0.0/0", "::1")).toBe(false);
    expect(inside("::/0", "1.2.3.4")).toBe(false);
    expect(inside("192.168.1.0/24", "::ffff:192.168.1.7")).toBe(true);
    expect(inside("::ffff:192.168.0.0/112", "192.168.200.7")).toBe(true);
  });

  test("bits behind the prefix are cleared, and the text stays as written", () => {
    expect(parsePrefix("192.168.1.7/24")).toEqual({
      family: 4,
      words: [0xc0a80100],
      bits: 24,
      text: "192.168.1.7/24",
    });
  });

  test.each([
    "192.168.1.0/33",
    "192.168.1.0/",
    "192.168.1.0/+8",
    "192.168.1.0/08",
    "fe80::/129",
    "10/8",
    "::ffff:1.2.3.4/80",
  ])("%j is no network", (text) => {
    expect(parsePrefix(text)).toBe(null);
  });

  test("membership agrees with bit strings for random networks and addresses", () => {
    const bitsOf = (a: Address) => a.words.map((word) => word.toString(2).padStart(32, "0")).join("");
    const word = fc.integer({ min: 0, max: 0xffffffff });
    const near = fc.tuple(word, word, word, word, fc.integer({ min: 0, max: 128 }), fc.integer({ min: 0, max: 127 }));
    fc.assert(
      fc.property(near, ([a, b, c, d, bits, flip]) => {
        const home: Address = { family: 6, words: [a, b, c, d] };
        const words = [a, b, c, d].map((w, i) => (i === flip >> 5 ? (w ^ (1 << (31 - (flip & 31)))) >>> 0 : w));
        const other: Address = { family: 6, words };
        const prefix = parsePrefix(`${formatAddress(home)}/${bits}`);
        if (prefix?.family !== 6) return;
        expect(contains(prefix, other)).toBe(bitsOf(home).slice(0, bits) === bitsOf(other).slice(0, bits));
      }),
    );
  });

  test.each([
    ["10.255.0.1", true],
    ["192.168.200.1", true],
    ["169.254.1.1", true],
    ["fd12::1", true],
    ["fe80::1", true],
    ["febf::1", true],
    ["100.64.0.1", false],
    ["198.51.100.2", false],
    ["2001:db8::1", false],
    ["fec0::1", false],
  ])("by default %s is LAN: %s", (ip, lan) => {
    expect(containsAny(DEFAULT_SEGMENTS, address(ip))).toBe(lan);
  });
});

describe("addresses that are no host's", () => {
  test("multicast", () => {
    for (const ip of ["224.0.0.251", "239.255.255.250", "ff02::fb"]) expect(isMulticast(address(ip))).toBe(true);
    for (const ip of ["223.255.255.255", "240.0.0.1", "fe80::1"]) expect(isMulticast(address(ip))).toBe(false);
  });

  test("broadcast, the limited one and a network's own", () => {
    expect(isLimitedBroadcast(address("255.255.255.255"))).toBe(true);
    expect(isLimitedBroadcast(address("255.255.255.254"))).toBe(false);
    const segment = parsePrefix("192.168.1.0/24") as never;
    expect(isBroadcastOf(segment, address("192.168.1.255"))).toBe(true);
    expect(isBroadcastOf(segment, address("192.168.1.254"))).toBe(false);
    expect(isBroadcastOf(segment, address("192.168.2.255"))).toBe(false);
    expect(isBroadcastOf(parsePrefix("192.168.1.254/31") as never, address("192.168.1.255"))).toBe(false);
    expect(isBroadcastOf(parsePrefix("0.0.0.0/0") as never, address("255.255.255.255"))).toBe(true);
  });

  test("unspecified", () => {
    expect(isUnspecified(address("0.0.0.0"))).toBe(true);
    expect(isUnspecified(address("::"))).toBe(true);
    expect(isUnspecified(address("0.0.0.1"))).toBe(false);
    expect(isUnspecified(address("::1"))).toBe(false);
  });

  test("a group's MAC has the lowest bit of its first octet set", () => {
    for (const mac of ["ff:ff:ff:ff:ff:ff", "01:00:5e:00:00:fb", "33:33:00:00:00:01"])
      expect(isGroupMac(mac)).toBe(true);
    for (const mac of ["02:1a:2b:00:00:00", "fe:ff:ff:ff:ff:ff"]) expect(isGroupMac(mac)).toBe(false);
  });
});

describe("MACs", () => {
  test.each([
    ["02:1a:2b:00:00:05", "02:1a:2b:00:00:05"],
    ["02-FF-0A-1B-2C-3D", "02:ff:0a:1b:2c:3d"],
    ["2:1A:2b:0:0:5", "02:1a:2b:00:00:05"],
    ["021A.2B00.0005", "02:1a:2b:00:00:05"],
    ["021a2b-000005".replace("-", ""), "02:1a:2b:00:00:05"],
    [" 02:1A:2B:00:00:05\r", "02:1a:2b:00:00:05"],
    ["00:00:00:00:00:00", "00:00:00:00:00:00"],
  ])("%j is %s", (text, mac) => {
    expect(normaliseMac(text)).toBe(mac);
  });

  test.each([
    "",
    "02:1a:2b:00:00",
    "02:1a:2b:00:00:05:06",
    "02:1a-2b:00:00:05",
    "02:1g:2b:00:00:05",
    "021:a:2b:0:0:5",
    "021a2b00005",
  ])("%j is no MAC", (text) => {
    expect(normaliseMac(text)).toBe(null);
  });
});
