import { isRouter, ownershipOf, type Role, type View } from "../../accounting/view.ts";
import { type Engine, listOf } from "../engine/engine.ts";

type InterfaceRow = { id: number; mac: string; device: number; router_since: string | null };
type EndpointRow = {
  id: number;
  interface: number;
  address: number;
  ip: string;
  held_by: number;
  last_day: string | null;
  role: Role;
  device: number | null;
  reported: number;
};

const AT_A_TIME = 5_000;

/**
 * Works out anew what every endpoint is, whose, and whether it is reported, and which interfaces are one device. No figure
 * changes. Within a transaction of the caller's, with nothing of these tables held in memory.
 */
export async function classifyAll(engine: Engine, view: View): Promise<void> {
  const interfaces = await createInterfaces(engine, view);
  const { routers } = interfaces;
  const holders = await lastHolders(engine, interfaces);
  for (let after = 0; ; ) {
    const rows = await engine.all<EndpointRow>(
      `SELECT e.id, e.interface, e.address, a.ip, e.held_by, e.last_day, e.role, e.device, e.reported
       FROM endpoint e JOIN address a ON a.id = e.address WHERE e.id > ? ORDER BY e.id LIMIT ${AT_A_TIME}`,
      after,
    );
    const last = rows.at(-1);
    if (!last) break;
    after = last.id;
    for (const row of rows) {
      const mac = interfaces.macOf(row.interface);
      const holder = row.held_by === 0 ? holders.get(row.address) : row.held_by;
      const heldBy = holder === undefined || holder === row.interface ? null : interfaces.macOf(holder);
      const { role, owner } = ownershipOf({ mac: mac === "" ? null : mac, ip: row.ip, heldBy }, routers, view);
      const device = owner === null ? null : await interfaces.deviceOf(owner);
      const reported = view.reports(row.ip) ? 1 : 0;
      if (role === row.role && device === row.device && reported === row.reported) continue;
      await engine.run(
        "UPDATE endpoint SET role = ?, device = ?, reported = ? WHERE id = ?",
        role,
        device,
        reported,
        row.id,
      );
    }
  }
  await engine.run("UPDATE site SET view = ? WHERE id = 1", view.fingerprint);
}

/** The interfaces, merged into devices as the view says. */
async function createInterfaces(engine: Engine, view: View) {
  const rows = await engine.all<InterfaceRow>("SELECT id, mac, device, router_since FROM interface");
  const byMac = new Map(rows.map((row) => [row.mac, row]));
  const byId = new Map(rows.map((row) => [row.id, row]));
  const routers = new Set<string>(view.routers);
  for (const { mac, router_since } of rows) if (isRouter(mac, router_since !== null, view)) routers.add(mac);
  for (const mac of view.notRouters) routers.delete(mac);
  let nextId = Math.max(0, ...byId.keys()) + 1;

  async function interfaceOf(mac: string): Promise<InterfaceRow> {
    const known = byMac.get(mac);
    if (known) return known;
    const id = nextId++;
    const created: InterfaceRow = { id, mac, device: id, router_since: null };
    byMac.set(mac, created);
    byId.set(id, created);
    await engine.run("INSERT INTO device (id, site) VALUES (?, 1)", id);
    await engine.run("INSERT INTO interface (id, site, mac, device) VALUES (?, 1, ?, ?)", id, mac, id);
    return created;
  }

  for (const row of rows) {
    const target = view.merges.get(row.mac);
    const device = target === undefined ? row.id : (await interfaceOf(target)).id;
    if (device === row.device) continue;
    row.device = device;
    await engine.run("UPDATE interface SET device = ? WHERE id = ?", device, row.id);
  }
  return {
    routers,
    macOf: (id: number) => byId.get(id)?.mac ?? "",
    deviceOf: async (mac: string) => (await interfaceOf(mac)).device,
  };
}

/** Of each address the interface, no router's, that held it last. */
async function lastHolders(
  engine: Engine,
  { routers, macOf }: { routers: ReadonlySet<string>; macOf(id: number): string },
): Promise<Map<number, number>> {
  const holders = new Map<number, number>();
  if (routers.size === 0) return holders;
  const rows = await engine.tuples<[address: number, own: number]>(
    `SELECT address, interface FROM endpoint
     WHERE address IN (SELECT e.address FROM endpoint e JOIN interface i ON i.id = e.interface
                       WHERE i.mac IN ${engine.list.texts})
     ORDER BY coalesce(last_day, ''), id`,
    listOf([...routers]),
  );
  for (const [address, own] of rows) {
    const mac = macOf(own);
    if (mac !== "" && !routers.has(mac)) holders.set(address, own);
  }
  return holders;
}
