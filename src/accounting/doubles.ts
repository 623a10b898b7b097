import { isGroupMac } from "./address.ts";
import { type EndpointBytes, FOREIGN_NETWORKS_OF_ROUTER } from "./routers.ts";
import { ownershipOf, type View } from "./view.ts";

/** Signs in what darkstat shows that it listens in the wrong place: it sees frames twice, or none of the LAN. */

/** That frames pass darkstat twice: on their way to a gateway, and sent on by it. */
export interface SeenTwice {
  /** The MAC of the gateway that sends the frames on. */
  readonly gateway: string;
  /** The LAN addresses that showed now their own MAC, now the gateway's; and the bytes counted at them. */
  readonly addresses: readonly string[];
  readonly bytes: number;
}

/** Of an address's bytes, so much under either MAC: less is an address that changed hands. */
const EITHER_SHARE = 0.1;
/** Of all bytes at LAN addresses. */
const MOST_SHARE = 0.5;
const LEAST_BYTES = 100_000;

/**
 * Whether most of the LAN's traffic is counted twice, by the figures of one day: a router's MAC stands for a LAN address
 * only in a frame that it sends on, and then the frame that it received was counted as well. So it is with a gateway that
 * has one port, and where darkstat listens on both sides of a router without NAT. By how much figures are too high can't
 * be told: between one and two times.
 * @param figures the sums of one day, each endpoint once
 */
export function seenTwice(
  figures: Iterable<EndpointBytes>,
  routers: ReadonlySet<string>,
  view: View,
): SeenTwice | null {
  const addresses = new Map<string, { own: number; passedOn: Map<string, number> }>();
  for (const { mac, ip, in: down, out: up } of figures) {
    if (mac === null || isGroupMac(mac) || view.placeOf(ip) !== "lan") continue;
    const address = addresses.get(ip) ?? { own: 0, passedOn: new Map() };
    if (routers.has(mac)) address.passedOn.set(mac, (address.passedOn.get(mac) ?? 0) + down + up);
    else address.own += down + up;
    addresses.set(ip, address);
  }
  const twice: string[] = [];
  const gateways = new Map<string, number>();
  let [all, bytes] = [0, 0];
  for (const [ip, { own, passedOn }] of addresses) {
    if (own === 0) continue;
    const passed = [...passedOn.values()].reduce((sum, one) => sum + one, 0);
    all += own + passed;
    if (Math.min(own, passed) < (own + passed) * EITHER_SHARE) continue;
    twice.push(ip);
    bytes += own + passed;
    for (const [mac, part] of passedOn) gateways.set(mac, (gateways.get(mac) ?? 0) + part);
  }
  const gateway = [...gateways].sort(([, a], [, b]) => b - a)[0]?.[0];
  if (gateway === undefined || bytes < LEAST_BYTES || bytes < all * MOST_SHARE) return null;
  return { gateway, addresses: twice, bytes };
}

/** That two meters count the same packets. */
export interface SameTraffic {
  /** Devices of which both have nearly the same, and the bytes of them that are counted twice. */
  readonly devices: number;
  readonly bytes: number;
}

/** So close are two meters' bytes of one device and day where they saw the same packets: they are read at different instants. */
const ALIKE = 0.9;
const LEAST_OF_DEVICE = 100_000;
/** Of what the meter with less has counted. */
const LEAST_SHARE = 0.5;
const LEAST_ALIKE = 1_000_000;

/**
 * Whether two meters count the same packets, by their bytes of each device on one day: a gateway and an access point behind it
 * have the same of whoever uses that one. A device that roams from one to the other has different ones on each.
 * @param one bytes of a day, both ways, by device
 */
export function sameTraffic<Key>(one: ReadonlyMap<Key, number>, other: ReadonlyMap<Key, number>): SameTraffic | null {
  let [devices, bytes] = [0, 0];
  for (const [key, ofOne] of one) {
    const ofOther = other.get(key) ?? 0;
    const both = Math.min(ofOne, ofOther);
    if (both < LEAST_OF_DEVICE || both < ALIKE * Math.max(ofOne, ofOther)) continue;
    devices += 1;
    bytes += both;
  }
  const sum = (of: ReadonlyMap<Key, number>) => [...of.values()].reduce((all, some) => all + some, 0);
  const isMost = bytes >= LEAST_ALIKE && bytes >= LEAST_SHARE * Math.min(sum(one), sum(other));
  return isMost ? { devices, bytes } : null;
}

/**
 * The interfaces that darkstat listens on, by the text of its pages, when there are several: a frame that passes more than
 * one of them, such as a bridge and its port, is counted once for each. Null when there is one.
 */
export function severalInterfaces(text: string): string[] | null {
  const names = text.split(/[\s,]+/).filter((name) => name !== "");
  return names.length > 1 ? names : null;
}

/**
 * Whether darkstat sees the internet and no device but the machine that it runs on: this machine is a router, and darkstat
 * listens on its side of the internet.
 * @param own the MACs of that machine's network interfaces
 */
export function seesOnlyTheInternet(
  figures: Iterable<EndpointBytes>,
  routers: ReadonlySet<string>,
  own: ReadonlySet<string>,
  view: View,
): boolean {
  let foreign = 0;
  for (const { mac, ip } of figures) {
    const { role, owner } = ownershipOf({ mac, ip, heldBy: null }, routers, view);
    if (role === "internet") foreign++;
    else if (role === "device" && owner !== null && !own.has(owner)) return false;
  }
  return own.size > 0 && foreign >= FOREIGN_NETWORKS_OF_ROUTER;
}
