import { networkOf, parseAddress } from "../accounting/address.ts";
import type { Settlement } from "../accounting/types.ts";
import type { View } from "../accounting/view.ts";

/** Finds the LAN's segments in what is settled, for the settings file and `/json/lansegments`. */
export interface SegmentFinder {
  /** The segments that this settlement shows for the first time. */
  find(settlement: Pick<Settlement, "addresses">): string[];
  /** Every segment found so far, in the old notation: `192.168.1` stands for 192.168.1.0/24. */
  segments(): readonly string[];
}

/**
 * A segment is the /24 of an IPv4 address that a device holds, and at which it has received and sent. What only a router
 * carries is no segment of ours: a modem at 192.168.100.1 is seen through it.
 * @param deps.view asked at each settlement: settings may have been edited
 * @param deps.routers the MACs that are routers by now
 * @param deps.known the segments that the settings list, or that were found earlier
 * @param deps.isFixed the list is the user's: no segment is added to it
 */
export function createSegmentFinder(deps: {
  readonly view: () => View;
  readonly routers: () => ReadonlySet<string>;
  readonly known: readonly string[];
  readonly isFixed: boolean;
}): SegmentFinder {
  const segments = new Set(deps.known);
  /** What the addresses of the segments begin with. Nearly always one fits, and no address need be taken apart. */
  const beginnings = deps.known.filter((text) => /^\d+\.\d+\.\d+$/.test(text)).map((segment) => `${segment}.`);
  return {
    segments: () => [...segments],
    find(settlement) {
      const fresh: string[] = [];
      if (deps.isFixed) return fresh;
      const [view, routers] = [deps.view(), deps.routers()];
      for (const { ip, mac, in: down, out: up } of settlement.addresses) {
        if (mac === null || down === 0 || up === 0 || beginsWithAny(ip, beginnings) || routers.has(mac)) continue;
        if (view.placeOf(ip) !== "lan") continue;
        const address = parseAddress(ip);
        if (address?.family !== 4) continue;
        const segment = networkOf(address, 24).text.split(".").slice(0, 3).join(".");
        if (segments.has(segment) || segment.startsWith("169.254.")) continue;
        segments.add(segment);
        beginnings.push(`${segment}.`);
        fresh.push(segment);
      }
      return fresh;
    },
  };
}

function beginsWithAny(text: string, beginnings: readonly string[]): boolean {
  for (const beginning of beginnings) if (text.startsWith(beginning)) return true;
  return false;
}
