import { expect, test } from "vitest";
import { DEFAULT_SEGMENTS, type Prefix, parsePrefix } from "../../accounting/address.ts";
import { lanNetworks } from "./lan.ts";

const prefix = (text: string) => parsePrefix(text) as Prefix;

test("the LAN is what the settings say, the interface's own networks, and what is no host's", () => {
  expect(lanNetworks(DEFAULT_SEGMENTS, ["192.168.1.1/24", "2001:db8:1::1/64"])).toMatchObject({
    ipv4: [
      "0.0.0.0/8",
      "10.0.0.0/8",
      "127.0.0.0/8",
      "169.254.0.0/16",
      "172.16.0.0/12",
      "192.168.0.0/16",
      "224.0.0.0/4",
      "255.255.255.255/32",
    ],
    ipv6: ["2001:db8:1::/64", "::/127", "fc00::/7", "fe80::/10", "ff00::/8"],
  });
});

test("a network within another is left out, and one that is named twice stands once: nftables refuses overlaps", () => {
  const { ipv4 } = lanNetworks([prefix("203.0.113.0/24"), prefix("203.0.113.64/26")], ["203.0.113.9/24"]);
  expect(ipv4.filter((text) => text.startsWith("203"))).toEqual(["203.0.113.0/24"]);
});

test("other networks have another fingerprint, the same ones in another order have the same", () => {
  const [one, two] = [prefix("203.0.113.0/24"), prefix("198.51.100.0/24")];
  expect(lanNetworks([one, two], []).fingerprint).toBe(lanNetworks([two, one], []).fingerprint);
  expect(lanNetworks([one], []).fingerprint).not.toBe(lanNetworks([two], []).fingerprint);
});
