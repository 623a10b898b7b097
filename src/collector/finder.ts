import { networkOf, parseAddress } from "../accounting/address.ts";
import type { Settlement } from "../accounting/types.ts";
import type { View } from "../accounting/view.ts";

/** Finds the LAN's segments in what is settled, for the settings file and `/json/lansegments`. */
export interface Finder {
  /** The segments that this settlement shows for the first time. */
  find(settlement: Pick<Settlement, "addresses">): string[];
  /** Every segment found so far, in the old notation: `192.168.1` stands for 192.168.1.0/24. */
  segments(): readonly string[];
}

/**
 * A segment is the /24 of an IPv4 address of the LAN that a device shows. What a router's MAC carries is no segment of ours:
 * a modem at 192.168.100.1 is seen through it.
 * @param deps.known the segments that the settings list, or that were found earlier
 * @param deps.isFixed the list is the user's: no segment is added to it
 */
export function createFinder(deps: {
  view: () => View;
  isRouter: (mac: string) => boolean;
  known: readonly string[];
  isFixed: boolean;
}): Finder {
  const segments = new Set(deps.known);
  /** What the addresses of the segments begin with. Nearly always one fits, and no address need be taken apart. */
  const beginnings = deps.known.filter((text) => /^\d+\.\d+\.\d+$/.test(text)).map((segment) => `${segment}.`);
  return {
    segments: () => [...segments],
    find({ addresses }) {
      const view = deps.view();
      const fresh: string[] = [];
      for (const { ip, mac } of deps.isFixed ? [] : addresses) {
        if (beginsWithAny(ip, beginnings) || (mac !== null && deps.isRouter(mac)) || view.placeOf(ip) !== "lan")
          continue;
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
