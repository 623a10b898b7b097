import type { Day } from "../../accounting/types.ts";
import type { Role } from "../../accounting/view.ts";
import type { OpenHour, OpenUsage } from "../open-hour.ts";
import type { DayTotal, EndpointDay, EndpointHour, EndpointKey } from "../store.ts";
import { type Context, laterOf, msOf } from "./context.ts";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type DayCells = [
  day: Day,
  endpoint: number,
  mac: string,
  ip: string,
  heldBy: number,
  role: Role,
  device: number | null,
  reported: number,
  address: number,
  hostname: string | null,
  bytesIn: number,
  bytesOut: number,
  counterIn: number,
  counterOut: number,
  lastSeen: number | null,
  estimated: number,
  implausible: number,
];

/** See `Store.endpointDays`. */
export async function endpointDays({ engine, open }: Context, from: Day, to: Day): Promise<EndpointDay[]> {
  const rows = await engine.tuples<DayCells>(
    `SELECT u.day, u.endpoint, i.mac, a.ip, e.held_by, e.role, e.device, e.reported, a.id, a.hostname,
            u.bytes_in, u.bytes_out, u.counter_in, u.counter_out, u.last_seen, u.estimated, u.implausible
     FROM usage_day u JOIN endpoint e ON e.id = u.endpoint JOIN address a ON a.id = e.address
     JOIN interface i ON i.id = e.interface
     WHERE u.day BETWEEN ? AND ? ORDER BY u.day`,
    from,
    to,
  );
  const days = new Map<string, Mutable<EndpointDay>>();
  const now = new Map(open.usage(from, to).map((usage) => [`${usage.day} ${usage.endpoint}`, usage]));
  for (const cells of rows) {
    const id = `${cells[0]} ${cells[1]}`;
    const usage = now.get(id);
    now.delete(id);
    addDay(days, rowOf(cells, open));
    if (usage === undefined) continue;
    // The counters of the open hour are the later ones.
    const { counterIn, counterOut } = usage;
    addDay(days, { ...openRowOf(usage, open), counterIn: counterIn - cells[12], counterOut: counterOut - cells[13] });
  }
  for (const usage of now.values()) addDay(days, openRowOf(usage, open));
  return [...days.values()].sort((one, other) => (one.day < other.day ? -1 : one.day > other.day ? 1 : 0));
}

function rowOf(cells: DayCells, open: OpenHour): EndpointDay {
  const [day, , mac, ip, heldBy, role, device, reported, address, hostname, ...figures] = cells;
  const [down, out, counterIn, counterOut, lastSeen, estimated, implausible] = figures;
  return {
    day,
    ...keyOf(mac, ip, heldBy, open),
    role,
    device: macOf(device, open),
    reported: reported === 1,
    hostname: open.hostnameOf(address) ?? hostname,
    in: down,
    out,
    counterIn,
    counterOut,
    seenAt: msOf(lastSeen),
    estimated,
    implausible: implausible === 1,
  };
}

function openRowOf(usage: OpenUsage, open: OpenHour): EndpointDay {
  const { day, mac, ip, heldBy, role, device, reported, hostname, in: down, out, counterIn, counterOut } = usage;
  return {
    day,
    ...keyOf(mac, ip, heldBy, open),
    role,
    device: macOf(device, open),
    reported,
    hostname,
    in: down,
    out,
    counterIn,
    counterOut,
    seenAt: msOf(usage.lastSeen),
    estimated: 0,
    implausible: false,
  };
}

/** Several sources may have seen one endpoint. */
function addDay(days: Map<string, Mutable<EndpointDay>>, more: EndpointDay): void {
  const id = `${more.day} ${more.mac} ${more.ip} ${more.heldBy}`;
  const row = days.get(id);
  if (!row) {
    days.set(id, { ...more });
    return;
  }
  row.in += more.in;
  row.out += more.out;
  row.counterIn += more.counterIn;
  row.counterOut += more.counterOut;
  row.seenAt = laterOf(row.seenAt, more.seenAt);
  row.estimated += more.estimated;
  row.implausible ||= more.implausible;
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
export async function endpointHours({ engine, open }: Context, from: Day, to: Day): Promise<EndpointHour[]> {
  const rows = await engine.tuples<HourCells>(
    `SELECT u.day, u.hour, i.mac, a.ip, e.held_by, sum(u.bytes_in), sum(u.bytes_out), sum(u.estimated)
     FROM usage_hour u JOIN endpoint e ON e.id = u.endpoint JOIN address a ON a.id = e.address
     JOIN interface i ON i.id = e.interface
     WHERE u.day BETWEEN ? AND ? GROUP BY u.day, u.hour, i.mac, a.ip, e.held_by ORDER BY u.day, u.hour`,
    from,
    to,
  );
  const hours = new Map<string, Mutable<EndpointHour>>();
  const add = (...[day, hour, mac, ip, heldBy, down, out, estimated]: HourCells) => {
    const key = keyOf(mac, ip, heldBy, open);
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
  return [...hours.values()].sort((one, other) => (one.day < other.day ? -1 : one.day > other.day ? 1 : 0));
}

/** See `Store.dayTotals`. */
export async function dayTotals({ engine, open }: Context, from: Day, to: Day): Promise<DayTotal[]> {
  const totals = await engine.tuples<[day: Day, rows: number, bytesIn: number, bytesOut: number]>(
    `SELECT day, count(*), sum(bytes_in), sum(bytes_out) FROM usage_day WHERE day BETWEEN ? AND ? GROUP BY day
     ORDER BY day`,
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
  return [...days.values()].sort((one, other) => (one.day < other.day ? -1 : 1));
}

function keyOf(mac: string, ip: string, heldBy: number, open: OpenHour): EndpointKey {
  return { mac: mac === "" ? null : mac, ip, heldBy: heldBy === 0 ? null : macOf(heldBy, open) };
}

function macOf(id: number | null, open: OpenHour): string | null {
  return id === null ? null : (open.interfaceOf(id)?.mac ?? null);
}
