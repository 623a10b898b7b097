import { expect, test } from "vitest";
import type { HouseholdRow, HouseholdRows } from "../../store.ts";
import type { StoreHarness } from "../harness.ts";
import { charge, charging, LAPTOP, PHONE } from "../settlements.ts";
import { usePlace } from "./place.ts";

const NOTHING: HouseholdRow = { name: null, type: null, note: null, hidden: false, archived: false, owners: [] };

export function describeHousehold(create: () => Promise<StoreHarness>): void {
  const place = usePlace(create);
  const keep = (owners: HouseholdRows["owners"], devices: readonly [string, Partial<HouseholdRow>][]) =>
    place.store.keepHousehold({
      owners,
      devices: new Map(devices.map(([key, said]) => [key, { ...NOTHING, ...said }])),
    });
  const asked = () =>
    place.harness.query(
      `SELECT i.mac, d.name, d.type, d.note, d.hidden, d.archived FROM device d JOIN interface i ON i.id = d.id ORDER BY i.mac`,
    );
  const hands = () =>
    place.harness.query(
      `SELECT i.mac, h.from_day, o.name FROM device_owner h JOIN interface i ON i.id = h.device
       LEFT JOIN owner o ON o.id = h.owner ORDER BY i.mac, h.from_day`,
    );

  test("what people say stands in the tables, for whoever queries the database, and what they take back doesn't", async () => {
    await place.store.record(charging(charge(), charge({ mac: LAPTOP, ip: "192.168.1.21" })));
    await place.store.checkpoint();
    const [anna, ben] = [
      { id: 1, name: "Anna", colour: 3 },
      { id: 4, name: "<b>Ben</b>", colour: 1 },
    ];
    const phone = {
      name: "Anna's phone",
      type: "phone",
      note: "two\nlines",
      hidden: true,
      owners: [
        { from: null, owner: 1 },
        { from: "2026-01-15", owner: 4 },
        { from: "2026-01-20", owner: null },
      ],
    };
    const plain = { name: null, type: null, note: null, hidden: 0, archived: 0 };
    await keep(
      [anna, ben],
      [
        [PHONE, phone],
        [LAPTOP, { archived: true }],
        ["02:00:00:00:00:77", { name: "unseen" }],
      ],
    );
    expect(await asked()).toEqual([
      { ...plain, mac: PHONE, name: "Anna's phone", type: "phone", note: "two\nlines", hidden: 1 },
      { ...plain, mac: LAPTOP, archived: 1 },
    ]);
    const owned = [
      { mac: PHONE, from_day: "0001-01-01", name: "Anna" },
      { mac: PHONE, from_day: "2026-01-15", name: "<b>Ben</b>" },
      { mac: PHONE, from_day: "2026-01-20", name: null },
    ];
    expect(await hands()).toEqual(owned);
    // Two owners change their names.
    await keep(
      [
        { ...anna, name: ben.name },
        { ...ben, name: anna.name },
      ],
      [[PHONE, phone]],
    );
    expect((await hands()).map((row) => (row as { name: string }).name)).toEqual(["<b>Ben</b>", "Anna", null]);
    await keep([], []);
    expect(await asked()).toEqual([
      { ...plain, mac: PHONE },
      { ...plain, mac: LAPTOP },
    ]);
    expect(await hands()).toEqual([]);
  });

  test("what is said anew takes the place of what was said before, name and note alike", async () => {
    await place.store.record(charging(charge()));
    await place.store.checkpoint();
    await keep([], [[PHONE, { note: "a note" }]]);
    await keep([], [[PHONE, { name: "Anna's phone", note: "a note" }]]);
    expect(await asked()).toMatchObject([{ name: "Anna's phone", note: "a note" }]);
    await keep([], [[PHONE, { name: "Anna's phone" }]]);
    expect(await asked()).toMatchObject([{ name: "Anna's phone", note: null }]);
  });
}
