import { type Engine, listOf, type Value } from "../engine/engine.ts";
import type { HouseholdRows } from "../store.ts";

/** The day from which something holds that held from the beginning. */
const EVER = "0001-01-01";

type DeviceRow = Record<"name" | "type" | "note", string | null> & {
  readonly id: number;
  readonly mac: string;
  readonly hidden: number;
  readonly archived: number;
};

/** See `Store.keepHousehold`. Within a transaction of the caller's. */
export async function keepHousehold(engine: Engine, household: HouseholdRows): Promise<void> {
  const rows = await engine.all<DeviceRow>(
    `SELECT d.id, i.mac, d.name, d.type, d.note, d.hidden, d.archived FROM device d JOIN interface i ON i.id = d.id`,
  );
  const hands: Value[][] = [];
  for (const { id, mac, ...stored } of rows) {
    const said = household.devices.get(mac);
    const wanted = {
      name: said?.name ?? null,
      type: said?.type ?? null,
      note: said?.note ?? null,
      hidden: said?.hidden === true ? 1 : 0,
      archived: said?.archived === true ? 1 : 0,
    };
    for (const { from, owner } of said?.owners ?? []) hands.push([id, from ?? EVER, owner]);
    const names = Object.keys(wanted) as (keyof typeof wanted)[];
    if (names.every((name) => wanted[name] === stored[name])) continue;
    await engine.run(
      "UPDATE device SET name = ?, type = ?, note = ?, hidden = ?, archived = ? WHERE id = ?",
      ...Object.values(wanted),
      id,
    );
  }
  const owners = household.owners.map(({ id, name, colour }): Value[] => [id, name, colour]);
  if (await isKept(engine, owners, hands)) return;
  // All anew: two owners may have changed their names with each other.
  await engine.run("DELETE FROM device_owner");
  await engine.run("DELETE FROM owner");
  await engine.insert("INSERT INTO owner (id, site, name, colour) VALUES (?, 1, ?, ?)", owners);
  await engine.insert("INSERT INTO device_owner (device, from_day, owner) VALUES (?, ?, ?)", hands);
}

async function isKept(engine: Engine, owners: readonly Value[][], hands: readonly Value[][]): Promise<boolean> {
  const keptOwners = await engine.tuples<Value[]>("SELECT id, name, colour FROM owner");
  const keptHands = await engine.tuples<Value[]>("SELECT device, from_day, owner FROM device_owner");
  return asText(keptOwners) === asText(owners) && asText(keptHands) === asText(hands);
}

function asText(rows: readonly (readonly Value[])[]): string {
  return listOf(rows.map((row) => JSON.stringify(row)).sort());
}
