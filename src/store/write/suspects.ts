import { findRouters, type RouterFinding } from "../../accounting/routers.ts";
import type { Bytes, Day } from "../../accounting/types.ts";
import type { View } from "../../accounting/view.ts";
import type { Engine } from "../engine/engine.ts";
import type { LedgerState } from "./load.ts";
import type { EndpointState, SourceState } from "./state.ts";

/** Watches for MACs that may be routers'. */
export interface Suspects {
  /** @param day the open day of the endpoint's source, which is when `bytes` were charged */
  notice(endpoint: EndpointState, day: Day, bytes: Bytes): void;
  /** Judges the open days of which anything new was noticed since the last call. What is found is marked in the state. */
  judge(): Promise<RouterFinding[]>;
}

type Figure = { mac: string; ip: string; in: number; out: number };

const RECEIVED = 1;
const SENT = 2;

export function createSuspects(engine: Engine, state: LedgerState, view: View): Suspects {
  /**
   * By source, its open day, and by endpoint the directions in which it was seen on it: only a new one can change the
   * judgement. Each source has its own: one may be a day behind the others.
   */
  const seen = new Map<SourceState, { readonly day: Day; readonly directions: Map<number, number> }>();
  /** Open days to be judged; at first all, for it may have been by other settings. */
  const suspicious = new Set([...state.sources.values()].flatMap(({ hour }) => hour?.day ?? []));

  function seenOn(source: SourceState, day: Day): Map<number, number> {
    const known = seen.get(source);
    if (known?.day === day) return known.directions;
    const directions = new Map<number, number>();
    seen.set(source, { day, directions });
    return directions;
  }

  return {
    notice({ id, source, interface: one, address }, day, bytes) {
      // Only who is none yet, and carries what a device need not, can be found to be a router.
      if (!view.discoversRouters || one.mac === "" || state.routers.has(one.mac)) return;
      const place = view.placeOf(address.ip);
      if (place === "group" || (place === "lan" && !view.isNamedLan(address.ip))) return;
      const directions = seenOn(source, day);
      const before = directions.get(id) ?? 0;
      const now = before | (bytes.in > 0 ? RECEIVED : 0) | (bytes.out > 0 ? SENT : 0);
      if (now === before) return;
      directions.set(id, now);
      suspicious.add(day);
    },
    async judge() {
      const found: RouterFinding[] = [];
      for (const day of suspicious) {
        for (const finding of findRouters(await figuresOn(day, engine, state), view)) {
          const one = state.interfaces.get(finding.mac);
          if (!one || one.routerSince !== null) continue;
          one.routerSince = day;
          one.routerNetworks = finding.networks;
          one.isStored = false;
          found.push(finding);
        }
      }
      suspicious.clear();
      return found;
    },
  };
}

/** What every endpoint did on a day, by the sources of which it is the open one: closed hours from the rows, open ones from memory. */
async function figuresOn(day: Day, engine: Engine, state: LedgerState): Promise<Iterable<Figure>> {
  const figures = new Map<string, Figure>();
  const add = (mac: string, ip: string, down: number, out: number) => {
    if (mac === "") return;
    const figure = figures.get(`${mac} ${ip}`) ?? { mac, ip, in: 0, out: 0 };
    figure.in += down;
    figure.out += out;
    figures.set(`${mac} ${ip}`, figure);
  };
  for (const { id, hour, open } of state.sources.values()) {
    if (hour?.day !== day) continue;
    const rows = await engine.tuples<[mac: string, ip: string, bytesIn: number, bytesOut: number]>(
      `SELECT i.mac, a.ip, u.bytes_in, u.bytes_out FROM usage_day u JOIN endpoint e ON e.id = u.endpoint
       JOIN interface i ON i.id = e.interface JOIN address a ON a.id = e.address WHERE u.day = ? AND e.source = ?`,
      day,
      id,
    );
    for (const [mac, ip, down, out] of rows) add(mac, ip, down, out);
    for (const { interface: one, address, in: down, out } of open) add(one.mac, address.ip, down, out);
  }
  return figures.values();
}
