import type { Day } from "../../accounting/types.ts";
import type { View } from "../../accounting/view.ts";
import type { Engine, Value } from "../engine/engine.ts";
import { type EndpointKey, IMPORTED } from "../store.ts";
import type { InterfaceState } from "./state.ts";

const NAMES_OF_REPEATER = 3;

/** The interfaces, addresses and endpoints of an import: those that are there, and new ones. */
export interface ImportNames {
  interfaceOf(mac: string): InterfaceState;
  /** Takes the day into the endpoint's span of days. */
  endpointOf(row: EndpointKey & { readonly day: Day }): number;
  isRouter(mac: string): boolean;
  markRouter(mac: string, since: Day, networks: number): void;
  /** Writes what is new. */
  save(): Promise<void>;
  /** Writes the spans of days, the routers, and host names where there was none. */
  finish(hostnames: ReadonlyMap<string, string>): Promise<void>;
}

interface EndpointNames {
  readonly id: number;
  readonly interface: number;
  readonly ip: string;
  firstDay: Day | null;
  lastDay: Day | null;
}

export async function createImportNames(engine: Engine, view: View): Promise<ImportNames> {
  const interfaces = new Map<string, InterfaceState>();
  const rows = await engine.all<{ id: number; mac: string; device: number; router_since: Day | null }>(
    "SELECT id, mac, device, router_since FROM interface",
  );
  for (const { id, mac, device, router_since } of rows) {
    const one = { id, mac, device, routerSince: router_since, routerNetworks: 0, hostname: null, isStored: true };
    interfaces.set(mac, one);
  }
  const addresses = new Map<string, number>();
  for (const [id, ip] of await engine.tuples<[number, string]>("SELECT id, ip FROM address")) addresses.set(ip, id);
  const [source] = await engine.all<{ id: number }>("SELECT id FROM source WHERE name = ?", IMPORTED);
  const sourceId = source?.id ?? 0;
  /** By MAC, then by address. */
  const endpoints = new Map<string, Map<string, EndpointNames>>();
  const endpointsOf = (mac: string) => {
    let some = endpoints.get(mac);
    if (!some) {
      some = new Map();
      endpoints.set(mac, some);
    }
    return some;
  };
  const textOf = (ip: string, holder: number) => (holder === 0 ? ip : `${ip} ${holder}`);
  const known = await engine.tuples<[number, string, string, number, Day | null, Day | null, number]>(
    `SELECT e.id, i.mac, a.ip, e.held_by, e.first_day, e.last_day, e.interface FROM endpoint e
     JOIN interface i ON i.id = e.interface JOIN address a ON a.id = e.address WHERE e.source = ?`,
    sourceId,
  );
  for (const [id, mac, ip, heldBy, firstDay, lastDay, own] of known) {
    endpointsOf(mac).set(textOf(ip, heldBy), { id, interface: own, ip, firstDay, lastDay });
  }
  const [last] = await engine.all<{ id: number | null }>("SELECT max(id) AS id FROM endpoint");
  let nextEndpoint = (last?.id ?? 0) + 1;
  let nextInterface = [...interfaces.values()].reduce((most, { id }) => Math.max(most, id), 0) + 1;
  let nextAddress = [...addresses.values()].reduce((most, id) => Math.max(most, id), 0) + 1;
  let newInterfaces: InterfaceState[] = [];
  let newAddresses: Value[][] = [];
  let newEndpoints: Value[][] = [];
  const changed = new Set<EndpointNames>();

  function interfaceOf(mac: string): InterfaceState {
    const there = interfaces.get(mac);
    if (there) return there;
    const id = nextInterface++;
    const created = { id, mac, device: id, routerSince: null, routerNetworks: 0, hostname: null, isStored: false };
    interfaces.set(mac, created);
    newInterfaces.push(created);
    return created;
  }

  function addressOf(ip: string): number {
    const there = addresses.get(ip);
    if (there !== undefined) return there;
    const id = nextAddress++;
    addresses.set(ip, id);
    newAddresses.push([id, ip]);
    return id;
  }

  async function save(): Promise<void> {
    await engine.insert(
      "INSERT INTO interface (id, site, mac, device) VALUES (?, 1, ?, ?)",
      newInterfaces.map(({ id, mac, device }) => [id, mac, device]),
    );
    await engine.insert(
      "INSERT INTO device (id, site) VALUES (?, 1)",
      newInterfaces.map(({ id }) => [id]),
    );
    await engine.insert("INSERT INTO address (id, site, ip) VALUES (?, 1, ?)", newAddresses);
    await engine.insert(
      "INSERT INTO endpoint (id, source, interface, address, held_by, role, reported) VALUES (?, ?, ?, ?, ?, ?, ?)",
      newEndpoints,
    );
    newInterfaces = [];
    newAddresses = [];
    newEndpoints = [];
  }

  return {
    interfaceOf,
    endpointOf({ mac, ip, heldBy, day }) {
      const holder = heldBy === null ? 0 : interfaceOf(heldBy).id;
      const some = endpointsOf(mac ?? "");
      const key = textOf(ip, holder);
      let endpoint = some.get(key);
      if (!endpoint) {
        const own = interfaceOf(mac ?? "").id;
        endpoint = { id: nextEndpoint++, interface: own, ip, firstDay: null, lastDay: null };
        some.set(key, endpoint);
        // What it is, `classifyAll` says at the end.
        newEndpoints.push([endpoint.id, sourceId, own, addressOf(ip), holder, "group", view.reports(ip) ? 1 : 0]);
      }
      if (endpoint.firstDay === null || day < endpoint.firstDay) endpoint.firstDay = day;
      if (endpoint.lastDay === null || day > endpoint.lastDay) endpoint.lastDay = day;
      changed.add(endpoint);
      return endpoint.id;
    },
    isRouter: (mac) => (interfaces.get(mac)?.routerSince ?? null) !== null,
    markRouter(mac, since, networks) {
      const one = interfaceOf(mac);
      if (one.routerSince !== null) return;
      one.routerSince = since;
      one.routerNetworks = networks;
      one.isStored = false;
    },
    save,
    async finish(hostnames) {
      await save();
      for (const { id, firstDay, lastDay } of changed) {
        await engine.run("UPDATE endpoint SET first_day = ?, last_day = ? WHERE id = ?", firstDay, lastDay, id);
      }
      for (const { id, routerSince, routerNetworks, isStored } of interfaces.values()) {
        if (isStored || routerSince === null) continue;
        await engine.run(
          "UPDATE interface SET router_since = ?, router_networks = ? WHERE id = ?",
          routerSince,
          routerNetworks,
          id,
        );
      }
      for (const [ip, hostname] of hostnames) {
        await engine.run("UPDATE address SET hostname = ? WHERE ip = ? AND hostname IS NULL", hostname, ip);
      }
      await nameDevices(engine, [...changed], hostnames, view);
    },
  };
}

/**
 * A device without a name takes that of the LAN address that it used last; not where several machines are behind one MAC
 * (a repeater, a virtual host), which show as many names on one day.
 */
async function nameDevices(
  engine: Engine,
  endpoints: readonly EndpointNames[],
  hostnames: ReadonlyMap<string, string>,
  view: View,
): Promise<void> {
  const latest = new Map<number, EndpointNames[]>();
  for (const endpoint of endpoints) {
    if (!hostnames.has(endpoint.ip) || view.placeOf(endpoint.ip) !== "lan") continue;
    const others = latest.get(endpoint.interface) ?? [];
    const day = endpoint.lastDay ?? "";
    const before = others[0]?.lastDay ?? "";
    if (others.length === 0 || day > before) latest.set(endpoint.interface, [endpoint]);
    else if (day === before) others.push(endpoint);
  }
  for (const [id, last] of latest) {
    const names = new Set(last.filter(({ ip }) => !ip.includes(":")).map(({ ip }) => hostnames.get(ip)));
    if (names.size >= NAMES_OF_REPEATER) continue;
    const name = hostnames.get(last.at(-1)?.ip ?? "") ?? null;
    await engine.run("UPDATE device SET hostname = ? WHERE id = ? AND hostname IS NULL", name, id);
  }
}
