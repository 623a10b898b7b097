import { findRouters, type RouterFinding } from "../../accounting/routers.ts";
import type { Bytes, Day } from "../../accounting/types.ts";
import type { View } from "../../accounting/view.ts";
import type { Engine } from "../engine/engine.ts";
import type { LedgerState } from "./load.ts";
import type { EndpointState } from "./state.ts";

/** Watches for MACs that may be routers'. */
export interface Suspects {
  notice(endpoint: EndpointState, day: Day, bytes: Bytes): void;
  /** Judges the open days if any of what was noticed since the last call is new. What is found is marked in the state. */
  judge(): Promise<RouterFinding[]>;
}

type Figure = { mac: string; ip: string; in: number; out: number };

const RECEIVED = 1;
const SENT = 2;

export function createSuspects(engine: Engine, state: LedgerState, view: View): Suspects {
  /** By endpoint, the directions in which it was seen on the latest day: only a new one can change the judgement. */
  const seen = new Map<number, number>();
  let latest: Day = "";
  let isNew = true;

  return {
    notice({ id, interface: one, role, address }, day, bytes) {
      // Only who passes for a device, and carries what a device need not, can be found to be a router.
      if (role !== "device" || one.mac === "" || !view.discoversRouters || day < latest) return;
      if (view.placeOf(address.ip) === "lan" && !view.isNamedLan(address.ip)) return;
      if (day > latest) {
        seen.clear();
        latest = day;
      }
      const before = seen.get(id) ?? 0;
      const now = before | (bytes.in > 0 ? RECEIVED : 0) | (bytes.out > 0 ? SENT : 0);
      if (now === before) return;
      seen.set(id, now);
      isNew = true;
    },
    async judge() {
      if (!isNew || !view.discoversRouters) return [];
      isNew = false;
      const found: RouterFinding[] = [];
      for (const [day, figures] of await openDays(engine, state)) {
        for (const finding of findRouters(figures, view)) {
          const one = state.interfaces.get(finding.mac);
          if (!one || one.routerSince !== null) continue;
          one.routerSince = day;
          one.routerNetworks = finding.networks;
          one.isStored = false;
          found.push(finding);
        }
      }
      return found;
    },
  };
}

/** What every endpoint did on the days that are not over: closed hours from the rows, open ones from memory. */
async function openDays(engine: Engine, state: LedgerState): Promise<Map<Day, Iterable<Figure>>> {
  const days = new Map<Day, Map<string, Figure>>();
  const add = (day: Day, mac: string, ip: string, down: number, out: number) => {
    if (mac === "") return;
    const figures = days.get(day) ?? new Map<string, Figure>();
    days.set(day, figures);
    const figure = figures.get(`${mac} ${ip}`) ?? { mac, ip, in: 0, out: 0 };
    figure.in += down;
    figure.out += out;
    figures.set(`${mac} ${ip}`, figure);
  };
  for (const { id, hour, open } of state.sources.values()) {
    if (hour === null) continue;
    const rows = await engine.tuples<[mac: string, ip: string, bytesIn: number, bytesOut: number]>(
      `SELECT i.mac, a.ip, u.bytes_in, u.bytes_out FROM usage_day u JOIN endpoint e ON e.id = u.endpoint
       JOIN interface i ON i.id = e.interface JOIN address a ON a.id = e.address WHERE u.day = ? AND e.source = ?`,
      hour.day,
      id,
    );
    for (const [mac, ip, down, out] of rows) add(hour.day, mac, ip, down, out);
    for (const { interface: one, address, in: down, out } of open) add(hour.day, one.mac, address.ip, down, out);
  }
  return new Map([...days].map(([day, figures]) => [day, figures.values()]));
}
