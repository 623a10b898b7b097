import type { Day } from "../../accounting/types.ts";
import type { Device, DeviceAddress, FoundRouter, StoredNote, StoredSource } from "../store.ts";
import { type Context, hasCounts } from "./context.ts";

const EVER = ["", "9999-12-31"] as const;

/** See `Store.devices`. */
export async function devices({ engine, open }: Context): Promise<Device[]> {
  const rows = await engine.tuples<[device: number, first: Day, last: Day]>(
    `SELECT device, min(first_day), max(last_day) FROM endpoint
     WHERE device IS NOT NULL AND first_day IS NOT NULL GROUP BY device`,
  );
  const spans = new Map(rows.map(([device, first, last]) => [device, { first, last }]));
  for (const { device, day, firstDay } of open.usage(...EVER)) {
    if (device === null) continue;
    const span = spans.get(device) ?? { first: firstDay, last: day };
    spans.set(device, { first: [firstDay, span.first].sort()[0] as Day, last: [day, span.last].sort()[1] as Day });
  }
  const members = new Map<number, string[]>();
  for (const { id, mac, device } of open.interfaces()) {
    const macs = members.get(device) ?? [];
    if (id === device) macs.unshift(mac);
    else macs.push(mac);
    members.set(device, macs);
  }
  return [...spans].flatMap(([id, { first, last }]): Device[] => {
    const one = open.interfaceOf(id);
    if (!one) return [];
    const { mac: key, hostname } = one;
    const interfaces = members.get(id) ?? [key];
    return [{ id, key, interfaces, router: open.isRouter(one), hostname, firstDay: first, lastDay: last }];
  });
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
export async function addressesOf({ engine, open }: Context, device: number): Promise<DeviceAddress[]> {
  const rows = await engine.all<{ id: number; ip: string; hostname: string | null; first: Day; last: Day }>(
    `SELECT a.id, a.ip, a.hostname, min(e.first_day) AS first, max(e.last_day) AS last
     FROM endpoint e JOIN address a ON a.id = e.address
     WHERE e.device = ? AND e.first_day IS NOT NULL GROUP BY a.id, a.ip, a.hostname`,
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
  { engine, open }: Context,
  from: Day,
  to: Day,
): Promise<{ device: number; ip: string }[]> {
  const rows = await engine.tuples<[device: number, ip: string, last: Day]>(
    `SELECT e.device, a.ip, max(e.last_day) FROM endpoint e JOIN address a ON a.id = e.address
     WHERE e.device IS NOT NULL AND e.first_day <= ? AND e.last_day >= ? GROUP BY e.device, a.ip`,
    to,
    from,
  );
  const used = new Map(rows.map(([device, ip, last]) => [`${device} ${ip}`, { device, ip, last }]));
  for (const { device, ip, day } of open.usage(from, to)) {
    if (device !== null) used.set(`${device} ${ip}`, { device, ip, last: day });
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
    .map(({ name, firstAt, books }) => ({ source: name, firstAt, at: books.at }));
}
