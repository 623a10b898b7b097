import type { Day } from "../../accounting/types.ts";
import type { DayTotal, EndpointDay, EndpointHour } from "../store.ts";
import { type Context, laterOf, msOf } from "./context.ts";
import { keyOf, OF_ALL, usedDays } from "./endpoints.ts";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** See `Store.endpointDays`. Several sources may have seen one endpoint. */
export async function endpointDays(context: Context, from: Day, to: Day): Promise<EndpointDay[]> {
  const { open } = context;
  const days = new Map<string, Mutable<EndpointDay>>();
  for (const { endpoint, day, lastSeen, ...figures } of await usedDays(context, from, to, OF_ALL)) {
    const key = keyOf(endpoint, open);
    const id = `${day} ${key.mac} ${key.ip} ${key.heldBy}`;
    const row = days.get(id);
    if (!row) {
      const { role, reported, hostname } = endpoint;
      const device = endpoint.device === null ? null : (open.interfaceOf(endpoint.device)?.mac ?? null);
      days.set(id, { day, ...key, role, device, reported, hostname, ...figures, seenAt: msOf(lastSeen) });
      continue;
    }
    row.in += figures.in;
    row.out += figures.out;
    row.counterIn += figures.counterIn;
    row.counterOut += figures.counterOut;
    row.seenAt = laterOf(row.seenAt, msOf(lastSeen));
    row.estimated += figures.estimated;
    row.implausible ||= figures.implausible;
  }
  return inOrder(days.values());
}

type HourCells = [
  day: Day,
  hour: number,
  mac: string,
  ip: string,
  heldBy: number,
  bytesIn: number,
  bytesOut: number,
  estimated: number,
];

/** See `Store.endpointHours`. */
export async function endpointHours(
  { engine, open, ofEndpoints }: Context,
  from: Day,
  to: Day,
): Promise<EndpointHour[]> {
  const rows = await engine.tuples<HourCells>(
    `SELECT u.day, u.hour, i.mac, a.ip, e.held_by, sum(u.bytes_in), sum(u.bytes_out), sum(u.estimated)
     FROM usage_hour u JOIN endpoint e ON e.id = u.endpoint JOIN address a ON a.id = e.address
     JOIN interface i ON i.id = e.interface
     WHERE u.day BETWEEN ? AND ? AND ${ofEndpoints} GROUP BY u.day, u.hour, i.mac, a.ip, e.held_by ORDER BY u.day, u.hour`,
    from,
    to,
  );
  const hours = new Map<string, Mutable<EndpointHour>>();
  const add = (...[day, hour, mac, ip, heldBy, down, out, estimated]: HourCells) => {
    const key = keyOf({ mac, ip, heldBy }, open);
    const id = `${day} ${hour} ${key.mac} ${ip} ${key.heldBy}`;
    const row = hours.get(id) ?? { day, hour, ...key, in: 0, out: 0, estimated: 0 };
    row.in += down;
    row.out += out;
    row.estimated += estimated;
    hours.set(id, row);
  };
  for (const cells of rows) add(...cells);
  for (const { day, hour, mac, ip, heldBy, role, in: down, out } of open.usage(from, to)) {
    if (role === "device" || role === "router") add(day, hour, mac, ip, heldBy, down, out, 0);
  }
  return inOrder(hours.values());
}

/** See `Store.dayTotals`. */
export async function dayTotals({ engine, open, ofEndpoints }: Context, from: Day, to: Day): Promise<DayTotal[]> {
  const totals = await engine.tuples<[day: Day, rows: number, bytesIn: number, bytesOut: number]>(
    `SELECT day, count(*), sum(bytes_in), sum(bytes_out) FROM usage_day
     WHERE day BETWEEN ? AND ? AND endpoint IN (SELECT id FROM endpoint WHERE ${ofEndpoints}) GROUP BY day ORDER BY day`,
    from,
    to,
  );
  const days = new Map(
    totals.map(([day, rows, down, out]): [Day, Mutable<DayTotal>] => [day, { day, rows, in: down, out }]),
  );
  for (const { day, in: down, out } of open.usage(from, to)) {
    const row = days.get(day) ?? { day, rows: 0, in: 0, out: 0 };
    row.in += down;
    row.out += out;
    days.set(day, row);
  }
  return inOrder(days.values());
}

function inOrder<Row extends { readonly day: Day }>(rows: Iterable<Row>): Row[] {
  return [...rows].sort((one, other) => (one.day < other.day ? -1 : one.day > other.day ? 1 : 0));
}
