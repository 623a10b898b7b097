import { describe, expect, test } from "vitest";
import { DEFAULT_SEGMENTS, type Prefix, parsePrefix } from "./address.ts";
import { viewOf as anyViewOf } from "./testing.ts";
import { isRouter, ownershipOf, type ViewOptions } from "./view.ts";

const ROUTER = "02:ff:ff:ff:ff:01";
const ANNA = "02:1a:00:00:00:0a";
const BEN = "02:1a:00:00:00:0b";
const LAPTOP = "02:1a:00:00:00:0c";

function prefixes(...texts: string[]): Prefix[] {
  return texts.map((text) => parsePrefix(text) as Prefix);
}

function viewOf(options: Partial<ViewOptions> = {}) {
  return anyViewOf({ ipFilter: /^([\d]+\.){3,3}\d+/, ...options });
}

const view = viewOf();
const routers = new Set([ROUTER]);

function whoIs(ip: string, mac: string | null, heldBy: string | null = null, asked = view) {
  const { role, owner } = ownershipOf({ mac, ip, heldBy }, routers, asked);
  return owner === null ? role : `${role} ${owner}`;
}

describe("an endpoint", () => {
  test("is the device of its MAC, whatever address it shows", () => {
    expect(whoIs("192.168.1.10", ANNA)).toBe(`device ${ANNA}`);
    expect(whoIs("100.72.14.9", ANNA)).toBe(`device ${ANNA}`);
    expect(whoIs("2001:db8::10", ANNA)).toBe(`device ${ANNA}`);
  });

  test("on a LAN with public addresses is a device, before the segment is named and after", () => {
    const named = viewOf({ segments: [...DEFAULT_SEGMENTS, ...prefixes("203.0.113.0/24")] });
    for (const asked of [view, named]) expect(whoIs("203.0.113.10", ANNA, null, asked)).toBe(`device ${ANNA}`);
    expect(whoIs("203.0.113.1", ROUTER)).toBe("internet");
    expect(whoIs("203.0.113.1", ROUTER, null, named)).toBe(`router ${ROUTER}`);
    expect(whoIs("203.0.113.255", ROUTER, null, named)).toBe("group");
  });

  test("that a router's MAC stands for is a host on the internet, or belongs to whoever holds the address", () => {
    expect(whoIs("198.51.100.1", ROUTER)).toBe("internet");
    expect(whoIs("2001:db8:ffff::1", ROUTER)).toBe("internet");
    expect(whoIs("192.168.1.10", ROUTER, ANNA)).toBe(`device ${ANNA}`);
    expect(whoIs("192.168.1.1", ROUTER)).toBe(`router ${ROUTER}`);
    expect(whoIs("192.168.1.1", ROUTER, "02:ff:ff:ff:ff:02")).toBe("device 02:ff:ff:ff:ff:02");
    const two = new Set([ROUTER, "02:ff:ff:ff:ff:02"]);
    const shared = { ip: "192.168.1.1", mac: ROUTER, heldBy: "02:ff:ff:ff:ff:02" };
    expect(ownershipOf(shared, two, view)).toEqual({ role: "router", owner: ROUTER });
  });

  test("of a phone that takes a switched-off laptop's address is the phone", () => {
    expect(whoIs("192.168.1.12", ANNA, LAPTOP)).toBe(`device ${ANNA}`);
  });

  test("behind a layer-3 switch is a device of its own where the user names the segment", () => {
    const named = viewOf({ namedSegments: prefixes("10.0.20.0/24") });
    expect(whoIs("10.0.20.5", ROUTER, null, named)).toBe("device 10.0.20.5");
    expect(whoIs("10.0.20.6", ROUTER, null, named)).toBe("device 10.0.20.6");
    expect(whoIs("10.0.30.6", ROUTER, null, named)).toBe(`router ${ROUTER}`);
    expect(whoIs("10.0.20.5", ROUTER)).toBe(`router ${ROUTER}`);
  });

  test("without a MAC is the device of its LAN address, or a host on the internet", () => {
    expect(whoIs("192.168.1.10", null)).toBe("device 192.168.1.10");
    expect(whoIs("192.168.1.255", null)).toBe("group");
    expect(whoIs("198.51.100.1", null)).toBe("internet");
    expect(whoIs("2001:db8::10", null)).toBe("internet");
  });

  test("that is multicast, broadcast or no address yet is nobody's, whoever it came from", () => {
    for (const ip of ["224.0.0.251", "255.255.255.255", "ff02::2", "0.0.0.0", "::", "127.0.0.1", "nonsense"]) {
      expect(whoIs(ip, ANNA)).toBe("group");
      expect(whoIs(ip, ROUTER)).toBe("group");
    }
    expect(whoIs("192.168.1.255", "ff:ff:ff:ff:ff:ff")).toBe("group");
  });

  test("whose frames were sent to a group still belongs to whoever holds the address", () => {
    expect(whoIs("192.168.1.10", "ff:ff:ff:ff:ff:ff", ANNA)).toBe(`device ${ANNA}`);
    expect(whoIs("192.168.1.10", "01:00:5e:00:00:fb", ROUTER)).toBe("group");
  });

  test("that IP_MAC.txt maps is that device where a router's MAC stands for it, also before it was mapped", () => {
    const mapped = viewOf({ ipMac: new Map([["198.51.100.7", BEN]]) });
    expect(whoIs("198.51.100.7", ROUTER, null, mapped)).toBe(`device ${BEN}`);
    expect(whoIs("198.51.100.7", BEN, null, mapped)).toBe(`device ${BEN}`);
    expect(whoIs("198.51.100.7", ANNA, null, mapped)).toBe(`device ${ANNA}`);
  });
});

describe("a view", () => {
  test("follows LAN_SEGMENT_MASKS: 192.168.1 is not 192.168.100", () => {
    const narrow = viewOf({ segments: prefixes("192.168.1.0/24", "fe80::/10") });
    expect(narrow.placeOf("192.168.1.7")).toBe("lan");
    expect(narrow.placeOf("192.168.100.7")).toBe("remote");
    expect(narrow.placeOf("10.0.0.1")).toBe("remote");
    expect(narrow.placeOf("fe80::1")).toBe("lan");
  });

  test("reports what IPFilter lets through", () => {
    expect(view.reports("192.168.1.7")).toBe(true);
    expect(view.reports("fe80::1")).toBe(false);
  });

  test("has another fingerprint as soon as an answer may be another one", () => {
    const views = [
      view,
      viewOf({ segments: prefixes("192.168.1.0/24") }),
      viewOf({ namedSegments: prefixes("192.168.1.0/24") }),
      viewOf({ routers: { auto: false, macs: [] } }),
      viewOf({ routers: { auto: true, macs: [ROUTER] } }),
      viewOf({ routers: { auto: true, macs: [], none: [ROUTER] } }),
      viewOf({ routers: { auto: true, macs: [], nextHops: [ROUTER] } }),
      viewOf({ ipFilter: /./ }),
      viewOf({ ipMac: new Map([["192.168.1.7", BEN]]) }),
      viewOf({ ipMac: new Map([["192.168.1.7", ANNA]]) }),
      viewOf({ macMac: new Map([[ANNA, BEN]]) }),
    ];
    expect(new Set(views.map(({ fingerprint }) => fingerprint)).size).toBe(views.length);
    expect(viewOf().fingerprint).toBe(view.fingerprint);
  });
});

describe("a MAC is a router's", () => {
  test("by the user's word, which contradicts what was found", () => {
    expect(isRouter(ROUTER, false, viewOf({ routers: { auto: false, macs: [ROUTER] } }))).toBe(true);
    expect(isRouter(ANNA, true, viewOf({ routers: { auto: true, macs: [ANNA], none: [ANNA] } }))).toBe(false);
  });

  test("by what was found or as the next hop of a default route, while routers are looked for", () => {
    const looking = viewOf({ routers: { auto: true, macs: [], nextHops: [ROUTER] } });
    const fixed = viewOf({ routers: { auto: false, macs: [], nextHops: [ROUTER] } });
    expect([isRouter(ANNA, true, looking), isRouter(ROUTER, false, looking)]).toEqual([true, true]);
    expect([isRouter(ANNA, true, fixed), isRouter(ROUTER, false, fixed)]).toEqual([false, false]);
    expect(isRouter(ANNA, false, looking)).toBe(false);
  });
});
