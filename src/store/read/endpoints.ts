import type { Day } from "../../accounting/types.ts";
import type { Role } from "../../accounting/view.ts";
import type { Value } from "../engine/engine.ts";
import type { OpenHour, OpenUsage } from "../open-hour.ts";
import type { EndpointKey } from "../store.ts";
import { type Context, laterOf } from "./context.ts";

/** What questions need to know of an endpoint, apart from its bytes. */
export interface Endpoint {
  readonly id: number;
  readonly role: Role;
  readonly device: number | null;
  readonly reported: boolean;
  readonly address: number;
  readonly ip: string;
  readonly hostname: string | null;
  /** "" for "no MAC known". */
  readonly mac: string;
  /** Id of the interface that held the address before a router's MAC stood for it; 0 for none. */
  readonly heldBy: number;
}

/** A day of an endpoint, with the open hour in it. */
export interface UsedDay {
  readonly endpoint: Endpoint;
  readonly day: Day;
  readonly in: number;
  readonly out: number;
  readonly counterIn: number;
  readonly counterOut: number;
  /** s UTC */
  readonly lastSeen: number | null;
  readonly estimated: number;
  readonly implausible: boolean;
}

type DayCells = [
  day: Day,
  endpoint: number,
  bytesIn: number,
  bytesOut: number,
  counterIn: number,
  counterOut: number,
  lastSeen: number | null,
  estimated: number,
  implausible: number,
];

/** Which endpoints are asked for: a condition on the columns of `endpoint`, and the same for those of the open hour. */
export interface Which {
  readonly sql: string;
  holds(one: Pick<Endpoint, "role" | "device">): boolean;
}

/** Endpoints of devices (routers too), of hosts on the internet, and all. */
export const OF_DEVICES: Which = { sql: "device IS NOT NULL", holds: ({ device }) => device !== null };
export const OF_INTERNET: Which = { sql: "role = 'internet'", holds: ({ role }) => role === "internet" };
export const OF_ALL: Which = { sql: "1 = 1", holds: () => true };

/** What each endpoint did on each day of a range, in the order of the days. */
export async function usedDays(context: Context, from: Day, to: Day, which: Which): Promise<UsedDay[]> {
  const { sql, holds } = which;
  // Who asks for everything gets every row, also of a file in which somebody changed the days and not the spans.
  const endpoints = await (which === OF_ALL
    ? endpointsWhere(context, sql)
    : endpointsWhere(context, `${sql} AND first_day <= ? AND last_day >= ?`, to, from));
  const rows = `day BETWEEN ? AND ? AND endpoint IN (SELECT id FROM endpoint WHERE ${sql} AND ${context.ofEndpoints})`;
  return usedDaysWhere(context, endpoints, context.open.usage(from, to).filter(holds), rows, from, to);
}

/**
 * Endpoints by id. Asked for apart from the rows of usage, which then have a third of the columns: what costs is handing
 * cells over, not looking them up.
 * @param which a condition on the columns of `endpoint`
 */
export async function endpointsWhere(
  { engine, open, ofEndpoints }: Context,
  which: string,
  ...parameters: readonly Value[]
): Promise<Map<number, Endpoint>> {
  const rows = await engine.tuples<
    [number, Role, device: number | null, reported: number, number, string, string | null, string, heldBy: number]
  >(
    `SELECT e.id, e.role, e.device, e.reported, e.address, a.ip, a.hostname, i.mac, e.held_by
     FROM (SELECT * FROM endpoint WHERE ${which} AND ${ofEndpoints}) e JOIN address a ON a.id = e.address
     JOIN interface i ON i.id = e.interface`,
    ...parameters,
  );
  return new Map(
    rows.map(([id, role, device, reported, address, ip, stored, mac, heldBy]) => {
      const hostname = open.hostnameOf(address) ?? stored;
      return [id, { id, role, device, reported: reported === 1, address, ip, hostname, mac, heldBy }];
    }),
  );
}

/**
 * Days of these endpoints, in order, the open hour last where its day has no row yet.
 * @param which a condition on the columns of `usage_day`
 */
export async function usedDaysWhere(
  { engine }: Context,
  endpoints: ReadonlyMap<number, Endpoint>,
  open: readonly OpenUsage[],
  which: string,
  ...parameters: readonly Value[]
): Promise<UsedDay[]> {
  const rows = await engine.tuples<DayCells>(
    `SELECT day, endpoint, bytes_in, bytes_out, counter_in, counter_out, last_seen, estimated, implausible
     FROM usage_day WHERE ${which} ORDER BY day`,
    ...parameters,
  );
  const now = new Map(open.map((usage) => [usage.endpoint, usage]));
  const days: UsedDay[] = [];
  for (const [day, id, down, out, counterIn, counterOut, lastSeen, estimated, implausible] of rows) {
    const endpoint = endpoints.get(id);
    if (!endpoint) continue;
    const usage = now.get(id);
    const isOpen = usage?.day === day;
    if (isOpen) now.delete(id);
    days.push({
      endpoint,
      day,
      in: down + (isOpen ? usage.in : 0),
      out: out + (isOpen ? usage.out : 0),
      counterIn: isOpen ? usage.counterIn : counterIn,
      counterOut: isOpen ? usage.counterOut : counterOut,
      lastSeen: isOpen ? laterOf(lastSeen, usage.lastSeen) : lastSeen,
      estimated,
      implausible: implausible > 0,
    });
  }
  for (const { endpoint: id, day, in: down, out, counterIn, counterOut, lastSeen, ...rest } of now.values()) {
    const figures = { in: down, out, counterIn, counterOut, lastSeen, estimated: 0, implausible: false };
    days.push({ endpoint: { ...rest, id }, day, ...figures });
  }
  return days;
}

/** Which of several endpoints a day shows: the one seen last, of those the one with most bytes, then the oldest. */
export function isShownBefore(one: UsedDay, shown: UsedDay | null): boolean {
  if (shown === null) return true;
  const later = (one.lastSeen ?? 0) - (shown.lastSeen ?? 0);
  const bigger = one.in + one.out - (shown.in + shown.out);
  return later > 0 || (later === 0 && (bigger > 0 || (bigger === 0 && one.endpoint.id < shown.endpoint.id)));
}

/** An endpoint as an export names it. */
export function keyOf({ mac, ip, heldBy }: Pick<Endpoint, "mac" | "ip" | "heldBy">, open: OpenHour): EndpointKey {
  return { mac: mac === "" ? null : mac, ip, heldBy: heldBy === 0 ? null : (open.interfaceOf(heldBy)?.mac ?? null) };
}
