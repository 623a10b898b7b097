import { isGroupMac } from "./address.ts";
import type { Policy } from "./policy.ts";
import type { Baseline, HostRow } from "./types.ts";

/** Who is charged for the bytes of a row. */
export interface Identity {
  readonly kind: "device" | "remote" | "group";
  /** Device key: MAC, or IP where darkstat shows no MAC. Null for remote hosts and groups. */
  readonly device: string | null;
}

const GROUP: Identity = { kind: "group", device: null };
const REMOTE: Identity = { kind: "remote", device: null };

/**
 * The routers after this reading: those known before, and every MAC that carries an address outside the LAN.
 * An address that the user maps to a MAC by hand says nothing about routers.
 */
export function findRouters(
  hosts: readonly HostRow[],
  known: ReadonlySet<string>,
  policy: Policy,
): { routers: ReadonlySet<string>; found: string[] } {
  const found = new Set<string>();
  if (!policy.discoversRouters) return { routers: policy.routers, found: [] };
  for (const host of hosts) {
    if (host.mac === null || policy.isMapped(host.ip) || policy.placeOf(host.ip) !== "remote") continue;
    const mac = policy.rewrite(host.ip, host.mac);
    if (mac !== null && !isGroupMac(mac) && !known.has(mac) && !policy.routers.has(mac)) found.add(mac);
  }
  return { routers: new Set([...known, ...policy.routers, ...found]), found: [...found] };
}

/**
 * Says who a row's bytes belong to. An address belongs to the device that holds it now; where the row shows a router's
 * MAC (a gateway that sends the frames on), to the device that held it last.
 *
 * @param mac the row's MAC after rewrites
 */
export function identify(
  ip: string,
  mac: string | null,
  baseline: Baseline | undefined,
  routers: ReadonlySet<string>,
  policy: Policy,
): Identity {
  const place = policy.placeOf(ip);
  if (place === "group" || isGroupTraffic(ip, mac)) return GROUP;
  if (policy.isMapped(ip)) return { kind: "device", device: mac };
  const behindRouter = mac !== null && routers.has(mac);
  if (place === "remote" || (place === "global" && (mac === null || behindRouter))) return REMOTE;
  const holder = baseline?.holder ?? null;
  if (mac === null) return { kind: "device", device: holder ?? ip };
  if (behindRouter && holder !== null && !routers.has(holder)) return { kind: "device", device: holder };
  return { kind: "device", device: mac };
}

/** By the MAC where there is one. Without, the last address of a /24 is taken for its broadcast address. */
function isGroupTraffic(ip: string, mac: string | null): boolean {
  return mac === null ? ip.endsWith(".255") : isGroupMac(mac);
}
