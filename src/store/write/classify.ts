import { type Endpoint, ownershipOf, type Role, routersOf, type View } from "../../accounting/view.ts";
import { type Engine, listOf } from "../engine/engine.ts";

type InterfaceRow = { id: number; mac: string; device: number; router_since: string | null };
type EndpointRow = {
  id: number;
  interface: number;
  ip: string;
  held_by: number;
  role: Role;
  device: number | null;
  reported: number;
};

const AT_A_TIME = 5_000;

/**
 * What an endpoint is, and its device. A device is a router when the interface that it goes by is one: whatever is merged
 * into a router is the router's.
 */
export function classify(
  endpoint: Endpoint,
  routers: ReadonlySet<string>,
  view: View,
  deviceOf: (mac: string) => { readonly id: number; readonly mac: string },
): { role: Role; device: number | null } {
  const { role, owner } = ownershipOf(endpoint, routers, view);
  if (owner === null) return { role, device: null };
  const device = deviceOf(owner);
  return { role: routers.has(device.mac) ? "router" : "device", device: device.id };
}

/**
 * Works out anew what every endpoint is, whose, and whether it is reported, and which interfaces are one device. No figure
 * changes. Within a transaction of the caller's, with nothing of these tables held in memory.
 */
export async function classifyAll(engine: Engine, view: View): Promise<void> {
  const interfaces = await mergeInterfaces(engine, view);
  for (let after = 0; ; ) {
    const rows = await engine.all<EndpointRow>(
      `SELECT e.id, e.interface, a.ip, e.held_by, e.role, e.device, e.reported
       FROM endpoint e JOIN address a ON a.id = e.address WHERE e.id > ? ORDER BY e.id LIMIT ${AT_A_TIME}`,
      after,
    );
    const last = rows.at(-1);
    if (!last) break;
    after = last.id;
    const changed = rows.flatMap((row) => {
      const seen = { mac: interfaces.macOf(row.interface), ip: row.ip, heldBy: interfaces.macOf(row.held_by) };
      const { role, device } = classify(seen, interfaces.routers, view, interfaces.deviceOf);
      const reported = view.reports(row.ip) ? 1 : 0;
      const isSame = role === row.role && device === row.device && reported === row.reported;
      return isSame ? [] : [{ ...row, role, device, reported }];
    });
    await interfaces.saveNew();
    await updateEndpoints(engine, changed);
  }
  await interfaces.saveNew();
  const views = listOf([...view.meterViews]);
  await engine.run(
    `UPDATE source SET kind = CASE WHEN name IN ${engine.list.texts} THEN 'view' ELSE 'meter' END WHERE kind <> 'import'`,
    views,
  );
  await engine.run("UPDATE site SET view = ? WHERE id = 1", view.fingerprint);
}

/** One statement for all that become the same: a filter or a router changes thousands alike. */
async function updateEndpoints(engine: Engine, rows: readonly EndpointRow[]): Promise<void> {
  const alike = new Map<string, EndpointRow[]>();
  for (const row of rows) {
    const key = `${row.role} ${row.device} ${row.reported}`;
    const others = alike.get(key);
    if (others) others.push(row);
    else alike.set(key, [row]);
  }
  for (const some of alike.values()) {
    const { role, device, reported } = some[0] as EndpointRow;
    await engine.run(
      `UPDATE endpoint SET role = ?, device = ?, reported = ? WHERE id IN ${engine.list.numbers}`,
      role,
      device,
      reported,
      listOf(some.map(({ id }) => id)),
    );
  }
}

/** The interfaces, merged into devices as the view says. */
async function mergeInterfaces(engine: Engine, view: View) {
  const rows = await engine.all<InterfaceRow>("SELECT id, mac, device, router_since FROM interface");
  const byMac = new Map(rows.map((row) => [row.mac, row]));
  const byId = new Map(rows.map((row) => [row.id, row]));
  const found = rows.filter(({ router_since }) => router_since !== null).map(({ mac }) => mac);
  const routers = routersOf(found, view);
  let nextId = rows.reduce((last, { id }) => Math.max(last, id), 0) + 1;
  let created: InterfaceRow[] = [];

  function interfaceOf(mac: string): InterfaceRow {
    const known = byMac.get(mac);
    if (known) return known;
    const id = nextId++;
    const one: InterfaceRow = { id, mac, device: id, router_since: null };
    byMac.set(mac, one);
    byId.set(id, one);
    created.push(one);
    const target = view.merges.get(mac);
    if (target !== undefined) one.device = interfaceOf(target).id;
    return one;
  }

  const moved = new Map<number, number[]>();
  for (const row of rows) {
    const target = view.merges.get(row.mac);
    const device = target === undefined ? row.id : interfaceOf(target).id;
    if (device === row.device) continue;
    row.device = device;
    const others = moved.get(device);
    if (others) others.push(row.id);
    else moved.set(device, [row.id]);
  }
  for (const [device, ids] of moved) {
    await engine.run(`UPDATE interface SET device = ? WHERE id IN ${engine.list.numbers}`, device, listOf(ids));
  }
  return {
    routers,
    /** Null for none, and for "no MAC known". */
    macOf: (id: number) => byId.get(id)?.mac || null,
    deviceOf: (mac: string) => byId.get(interfaceOf(mac).device) as InterfaceRow,
    async saveNew() {
      await engine.insert(
        "INSERT INTO device (id, site) VALUES (?, 1)",
        created.map(({ id }) => [id]),
      );
      await engine.insert(
        "INSERT INTO interface (id, site, mac, device) VALUES (?, 1, ?, ?)",
        created.map(({ id, mac, device }) => [id, mac, device]),
      );
      created = [];
    },
  };
}
