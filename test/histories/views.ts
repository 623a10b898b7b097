import type { Charge } from "../../src/accounting/types.ts";
import type { View } from "../../src/accounting/view.ts";
import type { Core } from "./core.ts";
import type { History } from "./history.ts";
import type { Amount } from "./meter.ts";
import { add, equal, must, NOTHING, sumOf } from "./must.ts";
import type { Ours } from "./replay.ts";
import { BROADCAST_MAC, ROUTER, SPARE_ROUTER, type World } from "./world.ts";

const ROUTERS: readonly string[] = [ROUTER, SPARE_ROUTER];

/** An endpoint on a day, as the store keeps it. */
interface Figure extends Amount {
  readonly day: string;
  readonly mac: string | null;
  readonly ip: string;
}

function viewOf(
  history: History,
  ipMac: ReadonlyMap<string, string>,
  core: Core,
  ipFilter = /^([\d]+\.){3,3}\d+/,
): View {
  const named = history.namesSegment ? [core.parsePrefix("10.0.20.0/24"), core.parsePrefix("fd00:20::/64")] : [];
  return core.createView({
    segments: core.defaultSegments,
    namedSegments: named.filter((prefix) => prefix !== null),
    routers: {
      auto: history.routers !== "named",
      macs: history.routers === "named" ? ROUTERS : [],
      nextHops: history.routers === "next hop" ? [ROUTER] : [],
    },
    ipFilter,
    ipMac: new Map(ipMac),
    macMac: new Map(),
  });
}

function figuresOf(charges: readonly Charge[], day?: string): Figure[] {
  const figures = new Map<string, Figure>();
  for (const { day: onDay, mac, ip, in: down, out } of charges) {
    if (day !== undefined && onDay !== day) continue;
    const key = `${onDay} ${mac} ${ip}`;
    const known = figures.get(key) ?? NOTHING;
    figures.set(key, { day: onDay, mac, ip, in: known.in + down, out: known.out + out });
  }
  return [...figures.values()];
}

/**
 * Looks for routers in the figures of the latest day, as the store does: no device is ever taken for one, and a router that
 * carries much is found.
 */
export function checkFoundRouters(
  world: World,
  history: History,
  { charges, routers }: Pick<Ours, "charges" | "routers">,
  ipMac: ReadonlyMap<string, string>,
  core: Core,
): ReadonlySet<string> {
  const day = charges
    .map((charge) => charge.day)
    .sort()
    .at(-1);
  const view = viewOf(history, ipMac, core);
  const figures = figuresOf(charges, day);
  const found = new Set(core.findRouters(figures, view).map(({ mac }) => mac));
  for (const mac of found) must(ROUTERS.includes(mac), `${mac} was taken for a router`);
  if (history.routers === "found" && carriesMuch(world, figures, view))
    must(found.has(ROUTER), "the router was not found");
  return new Set([...routers, ...found]);
}

const networkOf = (ip: string) => ip.slice(0, Math.max(ip.lastIndexOf("."), ip.lastIndexOf(":")));

/**
 * The router carried four remote hosts in both directions, each network alone, and more than anybody has at the LAN addresses
 * that it showed: those of an address that is its own but for a few frames are its own as well.
 */
function carriesMuch({ addresses }: World, figures: readonly Figure[], view: View): boolean {
  const carried = figures.filter(
    ({ mac, ip, in: down, out }) =>
      mac === ROUTER &&
      addresses.remote.includes(ip) &&
      down > 0 &&
      out > 0 &&
      figures.every((other) => other.mac === ROUTER || networkOf(other.ip) !== networkOf(ip)),
  );
  const shown = new Set(figures.filter(({ mac }) => mac === ROUTER).map(({ ip }) => ip));
  const local = figures.filter(({ ip }) => shown.has(ip) && view.placeOf(ip) === "lan");
  const size = (some: readonly Figure[]) => some.reduce((sum, { in: down, out }) => sum + down + out, 0);
  return carried.length >= 4 && size(carried) > size(local);
}

/** At the end, through the view: everything belongs to whoever used it, and nothing is lost on the way. */
export function checkOwners(
  world: World,
  history: History,
  ours: Ours,
  ipMac: ReadonlyMap<string, string>,
  core: Core,
): void {
  const view = viewOf(history, ipMac, core);
  const figures = figuresOf(ours.charges);
  const macs = new Set(figures.flatMap(({ mac }) => mac ?? []));
  const routers = new Set([...macs, ...ROUTERS].filter((mac) => core.isRouter(mac, ours.routers.has(mac), view)));
  const named = { found: [], named: ROUTERS, "next hop": [ROUTER] }[history.routers];
  must(
    named.every((mac) => routers.has(mac)),
    "a router that the user names, or a next hop, is none",
  );
  const byOwner = new Map<string, Amount>();
  for (const figure of figures) {
    const { mac, ip } = figure;
    const heldBy = holderOf(figure, figures, routers);
    const { role, owner } = core.ownershipOf({ mac, ip, heldBy }, routers, view);
    must((owner === null) === (role === "internet" || role === "group"), `${role} is owned by ${owner}`);
    const who = expectedOwners(world, history, figure, figures, routers, ipMac);
    must(
      who.includes(owner ?? role),
      () => `${ip} at ${mac} (held by ${heldBy}) belongs to ${owner ?? role}, not to ${who.join(" or ")}`,
    );
    add(byOwner, owner ?? role, figure);
  }
  equal(sumOf(byOwner.values()), sumOf(ours.charges), "the view loses bytes");
  const all = viewOf(history, ipMac, core, /./);
  must(
    figures.every(({ ip }) => all.reports(ip) && view.reports(ip) === !ip.includes(":")),
    "IPFilter reports other addresses than it says",
  );
}

/** The MAC, no router's, that holds an address: on the same day, else the last before, else the first after. */
function holderOf(figure: Figure, figures: readonly Figure[], routers: ReadonlySet<string>): string | null {
  const holders = figures.filter(
    ({ ip, mac }) => ip === figure.ip && mac !== null && mac !== BROADCAST_MAC && !routers.has(mac),
  );
  const size = ({ in: down, out }: Figure) => down + out;
  const same = holders.filter(({ day }) => day === figure.day).sort((a, b) => size(b) - size(a));
  const before = holders.filter(({ day }) => day < figure.day).sort((a, b) => (a.day < b.day ? 1 : -1));
  const after = holders.filter(({ day }) => day > figure.day).sort((a, b) => (a.day < b.day ? -1 : 1));
  return (same[0] ?? before[0] ?? after[0])?.mac ?? null;
}

/** Whose an endpoint is by what really happened. Several where the address changed hands. */
function expectedOwners(
  { addresses, options }: World,
  history: History,
  { mac, ip }: Figure,
  figures: readonly Figure[],
  routers: ReadonlySet<string>,
  ipMac: ReadonlyMap<string, string>,
): string[] {
  if (ip === addresses.group.ip || ip === "0.0.0.0" || ip === "::") return ["group"];
  const isRemote = addresses.remote.includes(ip) || addresses.leaked.includes(ip);
  const isGlobal = ip === "2001:db8::10" || ip === "2001:db8::11";
  if (!options.showsMacs && mac === null) return [isRemote || isGlobal ? "internet" : ip];
  const shown = mac as string;
  const isDevice = !ROUTERS.includes(shown) && shown !== BROADCAST_MAC;
  // darkstat shows the MAC of the last frame: a device that sends with the address of another is charged.
  if (isDevice) return [shown];
  if (shown === BROADCAST_MAC) return ["group", ...holders(ip, figures, routers)];
  if (!routers.has(shown)) return [shown];
  const mapped = ipMac.get(ip);
  if (mapped !== undefined) return [mapped];
  if (isRemote || isGlobal) return ["internet"];
  // A client that a router's MAC stood for: known as soon as it was seen itself, before or after. A spare router that was
  // not found yet seems to be one, too.
  const known = holders(ip, figures, routers);
  if (known.length > 0) return known;
  return [addresses.routed.includes(ip) && history.namesSegment ? ip : shown];
}

function holders(ip: string, figures: readonly Figure[], routers: ReadonlySet<string>): string[] {
  return figures.flatMap((figure) =>
    figure.ip === ip && figure.mac !== null && figure.mac !== BROADCAST_MAC && !routers.has(figure.mac)
      ? figure.mac
      : [],
  );
}
