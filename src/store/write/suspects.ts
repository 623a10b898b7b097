import { findRouters, type RouterFinding, type View } from "../../accounting/view.ts";
import { type Engine, listOf } from "../engine/engine.ts";
import type { LedgerState } from "./load.ts";
import type { EndpointState, InterfaceState } from "./state.ts";

/** Interfaces that pass for devices and showed an address outside the LAN: they may be routers. */
export interface Suspects {
  notice(endpoint: EndpointState): void;
  /** Judges those that were noticed since the last call, by their whole day. What is found is marked in the state. */
  judge(): Promise<RouterFinding[]>;
}

type Figure = { mac: string; ip: string; in: number; out: number };

export function createSuspects(engine: Engine, state: LedgerState, view: View): Suspects {
  const noticed = new Set<InterfaceState>();

  /** What the interfaces did on the open days: closed hours from the rows, open ones from memory. */
  async function figuresOf(interfaces: ReadonlySet<InterfaceState>): Promise<Map<string, Figure[]>> {
    const days = new Map<string, Figure[]>();
    for (const { id, hour, open } of state.sources.values()) {
      if (hour === null) continue;
      const figures = days.get(hour.day) ?? [];
      days.set(hour.day, figures);
      const rows = await engine.all<{ mac: string; ip: string; bytes_in: number; bytes_out: number }>(
        `SELECT i.mac, a.ip, u.bytes_in, u.bytes_out FROM usage_day u JOIN endpoint e ON e.id = u.endpoint
         JOIN interface i ON i.id = e.interface JOIN address a ON a.id = e.address
         WHERE u.day = ? AND e.source = ? AND e.interface IN ${engine.list.numbers}`,
        hour.day,
        id,
        listOf([...interfaces].map((one) => one.id)),
      );
      for (const { mac, ip, bytes_in, bytes_out } of rows) figures.push({ mac, ip, in: bytes_in, out: bytes_out });
      for (const endpoint of open) {
        if (!interfaces.has(endpoint.interface)) continue;
        figures.push({ mac: endpoint.interface.mac, ip: endpoint.address.ip, in: endpoint.in, out: endpoint.out });
      }
    }
    return days;
  }

  return {
    notice({ interface: one, role, address }) {
      if (role !== "device" || one.mac === "" || one.routerSince !== null || !view.discoversRouters) return;
      if (view.placeOf(address.ip) !== "lan") noticed.add(one);
    },
    async judge() {
      if (noticed.size === 0) return [];
      const found: RouterFinding[] = [];
      for (const [day, figures] of await figuresOf(noticed)) {
        for (const finding of findRouters(addedUp(figures), view)) {
          const one = state.interfaces.get(finding.mac);
          if (!one || one.routerSince !== null) continue;
          one.routerSince = day;
          one.routerNetworks = finding.addresses;
          one.isStored = false;
          found.push(finding);
        }
      }
      noticed.clear();
      return found;
    },
  };
}

function addedUp(figures: readonly Figure[]): Iterable<Figure> {
  const sums = new Map<string, Figure>();
  for (const { mac, ip, in: down, out } of figures) {
    const sum = sums.get(`${mac} ${ip}`) ?? { mac, ip, in: 0, out: 0 };
    sum.in += down;
    sum.out += out;
    sums.set(`${mac} ${ip}`, sum);
  }
  return sums.values();
}
