import type { Day } from "../../accounting/types.ts";
import { listOf } from "../engine/engine.ts";
import type { Device, DeviceAddress, FoundRouter, StoredNote, StoredSource } from "../store.ts";
import { type Context, hasCounts } from "./context.ts";

const EVER = ["", "9999-12-31"] as const;

/** See `Store.devices`. One that has no other interface, as all of a flood, takes no list of its own on the way. */
export async function devices({ engine, open, ofEndpoints }: Context): Promise<Device[]> {
  const spans = new Map<number, { first: Day; last: Day }>();
  for (const { device, day, firstDay } of open.usage(...EVER)) {
    if (device === null) continue;
    const span = spans.get(device) ?? { first: firstDay, last: day };
    spans.set(device, { first: earlierOf(firstDay, span.first), last: laterOf(day, span.last) });
  }
  const members = new Map<number, string[]>();
  for (const { id, mac, device } of open.interfaces()) {
    if (id === device) continue;
    const macs = members.get(device);
    if (macs) macs.push(mac);
    else members.set(device, [mac]);
  }
  const result: Device[] = [];
  const add = (id: number, firstDay: Day, lastDay: Day) => {
    const one = open.interfaceOf(id);
    if (!one) return;
    const { mac: key, hostname } = one;
    const others = members.get(id);
    // Of two that are merged into each other, neither has its own interface.
    const interfaces = one.device === id || others === undefined ? [key, ...(others ?? [])] : others;
    result.push({ id, key, interfaces, router: open.isRouter(one), hostname, firstDay, lastDay });
  };
  const rows = await engine.tuples<[device: number, first: Day, last: Day]>(
    `SELECT device, min(first_day), max(last_day) FROM endpoint
     WHERE device IS NOT NULL AND first_day IS NOT NULL AND ${ofEndpoints} GROUP BY device`,
  );
  for (const [device, first, last] of rows) {
    const span = spans.get(device);
    spans.delete(device);
    add(device, span ? earlierOf(first, span.first) : first, span ? laterOf(last, span.last) : last);
  }
  for (const [device, { first, last }] of spans) add(device, first, last);
  return result;
}

function earlierOf(one: Day, other: Day): Day {
  return one < other ? one : other;
}

function laterOf(one: Day, other: Day): Day {
  return one > other ? one : other;
}

/** See `Store.deviceNames`. */
export async function deviceNames({ engine }: Context): Promise<ReadonlyMap<string, string>> {
  return new Map(
    await engine.tuples<[key: string, name: string]>(
      "SELECT i.mac, d.name FROM device d JOIN interface i ON i.id = d.id WHERE d.name IS NOT NULL",
    ),
  );
}

/** See `Store.routers`. */
export function routers({ open }: Context): FoundRouter[] {
  return [...open.interfaces()]
    .filter((one) => one.mac !== "" && open.isRouter(one))
    .map(({ mac, routerSince, routerNetworks }) => ({ mac, since: routerSince, networks: routerNetworks }));
}

/** See `Store.addressesOf`. */
export async function addressesOf({ engine, open, ofEndpoints }: Context, device: number): Promise<DeviceAddress[]> {
  const rows = await engine.all<{ id: number; ip: string; hostname: string | null; first: Day; last: Day }>(
    `SELECT a.id, a.ip, a.hostname, min(e.first_day) AS first, max(e.last_day) AS last
     FROM endpoint e JOIN address a ON a.id = e.address
     WHERE e.device = ? AND e.first_day IS NOT NULL AND ${ofEndpoints} GROUP BY a.id, a.ip, a.hostname`,
    device,
  );
  const addresses = new Map<string, DeviceAddress>();
  for (const { id, ip, hostname, first, last } of rows) {
    addresses.set(ip, { ip, hostname: open.hostnameOf(id) ?? hostname, firstDay: first, lastDay: last });
  }
  for (const usage of open.usage(...EVER)) {
    if (usage.device !== device) continue;
    const { ip, hostname, day, firstDay } = usage;
    const known = addresses.get(ip);
    addresses.set(ip, {
      ip,
      hostname: hostname ?? known?.hostname ?? null,
      firstDay: [firstDay, known?.firstDay ?? firstDay].sort()[0] as Day,
      lastDay: [day, known?.lastDay ?? day].sort()[1] as Day,
    });
  }
  return [...addresses.values()].sort((a, b) =>
    a.lastDay === b.lastDay ? compare(a.ip, b.ip) : compare(b.lastDay, a.lastDay),
  );
}

/** See `Store.addressesBetween`. */
export async function addressesBetween(
  { engine, open, ofEndpoints }: Context,
  from: Day,
  to: Day,
  devices: readonly number[],
): Promise<{ device: number; ip: string }[]> {
  const rows = await engine.tuples<[device: number, ip: string, last: Day]>(
    `SELECT e.device, a.ip, max(e.last_day) FROM endpoint e JOIN address a ON a.id = e.address
     WHERE e.device IN ${engine.list.numbers} AND e.first_day <= ? AND e.last_day >= ? AND ${ofEndpoints} GROUP BY e.device, a.ip`,
    listOf(devices),
    to,
    from,
  );
  const used = new Map(rows.map(([device, ip, last]) => [`${device} ${ip}`, { device, ip, last }]));
  const asked = new Set<number | null>(devices);
  for (const { device, ip, day } of open.usage(from, to)) {
    if (device !== null && asked.has(device)) used.set(`${device} ${ip}`, { device, ip, last: day });
  }
  return [...used.values()]
    .sort((a, b) => compare(b.last, a.last) || compare(a.ip, b.ip))
    .map(({ device, ip }) => ({ device, ip }));
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

/** See `Store.notes`. */
export async function notes({ engine }: Context, limit: number): Promise<StoredNote[]> {
  const rows = await engine.all<{ name: string; at_ms: number; code: string; detail: string }>(
    `SELECT s.name, n.at_ms, n.code, n.detail FROM note n JOIN source s ON s.id = n.source
     ORDER BY n.at_ms DESC, n.id DESC LIMIT ?`,
    limit,
  );
  return rows.map(({ name, at_ms, code, detail }) => ({
    source: name,
    at: at_ms,
    code: code as StoredNote["code"],
    detail: JSON.parse(detail) as StoredNote["detail"],
  }));
}

/** See `Store.range`. */
export async function range({ engine, open }: Context): Promise<{ first: Day; last: Day } | null> {
  // Each in a query of its own: SQLite then looks at the ends of the table alone.
  const rows = await engine.all<{ day: Day | null }>(
    `SELECT min(day) AS day FROM usage_day UNION ALL SELECT max(day) FROM usage_day
     UNION ALL SELECT min(day) FROM balance_day UNION ALL SELECT max(day) FROM balance_day`,
  );
  const days = rows.flatMap(({ day }) => (day === null ? [] : [day]));
  for (const { day } of open.usage(...EVER)) days.push(day);
  for (const row of open.counts(...EVER)) if (hasCounts(row)) days.push(row.day);
  days.sort();
  const [first, last] = [days[0], days.at(-1)];
  return first === undefined || last === undefined ? null : { first, last };
}

/** See `Store.sources`. */
export function sources({ open }: Context): StoredSource[] {
  return open
    .sources()
    .filter(({ kind }) => kind !== "import")
    .map(({ name, kind, firstAt, books }) => ({
      source: name,
      firstAt,
      at: books.at,
      ...(kind === "view" ? { isView: true } : {}),
    }));
}
