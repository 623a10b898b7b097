import { expect, test } from "vitest";
import type { StoreHarness } from "../harness.ts";
import { historyOf, importedDay } from "../imports.ts";
import { charge, charging, counted, DAY, LAPTOP, NOON, PHONE, remoteCharge, viewOf } from "../settlements.ts";
import { allDays, bytesByDevice, deviceId, EVER, usePlace } from "./place.ts";

const KEEP_ALL = { hoursFrom: null, remoteFrom: null, devicesFrom: null };

export function describeRemovals(create: () => Promise<StoreHarness>): void {
  const place = usePlace(create);
  const laptop = { mac: LAPTOP, ip: "192.168.1.21" };
  const remove = async (id: number, from: string, to: string, key = PHONE) =>
    place.store.removeFigures({ id, at: NOON, device: await deviceId(place.store, key), from, to });

  /** Days of the phone in two months and of the laptop, all counted by the meter. */
  async function fill(): Promise<void> {
    for (const [day, bytes] of [
      ["2025-12-30", 1],
      ["2026-01-10", 20],
      ["2026-01-20", 300],
      [DAY, 4000],
    ] as const) {
      const charges = [
        charge({ day, in: bytes, out: 2 }),
        charge({ ...laptop, day, in: 7, out: 0 }),
        remoteCharge({ day }),
      ];
      const all = charges.reduce((sum, one) => sum + one.in, 0);
      await place.store.record({ ...charging(...charges), counted: [counted({ day, bytes: all })] });
    }
  }
  const everything = async () => ({
    days: inOrder(await allDays(place.store)),
    hours: inOrder(await place.store.deviceHours(...EVER)),
    sums: inOrder(await place.store.deviceSums([{ from: EVER[0], to: EVER[1] }])),
    months: inOrder(await place.store.deviceSums([{ from: "2026-01-01", to: "2026-01-31" }])),
    line: await place.store.lineDays(...EVER),
    balances: await place.store.balances(...EVER),
    balance: await place.store.balanceSum(...EVER),
    devices: inOrder(await place.store.devices()),
    removals: await place.store.removals(),
  });

  test("a removed day is in no answer but the balance, which still adds up, and restored it is as before", async () => {
    await fill();
    // The open hour becomes rows by it, which is nothing that can be seen.
    const before = await everything();
    expect(await remove(5, "2026-01-15", "2026-01-25")).toEqual({ days: 1, in: 300, out: 2 });
    for (const crashes of [false, true]) {
      if (crashes) await place.crash();
      expect(await bytesByDevice(place.store)).toEqual({ [PHONE]: 4021, [LAPTOP]: 28 });
      expect(await place.store.deviceHours("2026-01-20", "2026-01-20")).toMatchObject([{ in: 7 }]);
      const sums = await place.store.deviceSums([{ from: "2026-01-01", to: "2026-01-31" }]);
      expect(sums.map((sum) => sum.in).sort()).toEqual([21, 4020]);
      expect(await place.store.lineDays("2026-01-20", "2026-01-20")).toEqual([{ day: "2026-01-20", in: 7, out: 0 }]);
      const [balance] = await place.store.balances("2026-01-20", "2026-01-20");
      expect(balance).toMatchObject({ devices: { in: 7, out: 0 }, removed: { in: 300, out: 2 } });
      expect(await place.store.balanceSum(...EVER)).toMatchObject({
        devices: { in: 4049 },
        removed: { in: 300, out: 2 },
        counted: before.balance?.counted,
      });
      expect(await place.store.removals()).toEqual([
        { id: 5, at: NOON, device: PHONE, from: "2026-01-15", to: "2026-01-25", days: 1, in: 300, out: 2 },
      ]);
    }
    expect(await place.store.restoreFigures(5)).toBe(true);
    await place.crash();
    expect(await everything()).toEqual(before);
    expect(await place.store.restoreFigures(5)).toBe(false);
  });

  test("a device of which all was removed stays known, so that it can be restored, and what it uses then counts", async () => {
    await fill();
    expect(await remove(1, ...EVER)).toEqual({ days: 4, in: 4321, out: 8 });
    expect((await place.store.devices()).map(({ key }) => key).sort()).toEqual([PHONE, LAPTOP].sort());
    await place.store.record(charging(charge({ in: 5, out: 0 })));
    expect(await bytesByDevice(place.store)).toEqual({ [PHONE]: 5, [LAPTOP]: 28 });
    // Removed once more, and both restored, the later before the earlier.
    expect(await remove(2, DAY, DAY)).toEqual({ days: 1, in: 5, out: 0 });
    expect((await place.store.removals()).map(({ id, in: down }) => [id, down])).toEqual([
      [2, 5],
      [1, 4321],
    ]);
    await place.store.restoreFigures(1);
    expect(await bytesByDevice(place.store)).toEqual({ [PHONE]: 4321, [LAPTOP]: 28 });
    await place.store.restoreFigures(2);
    expect(await bytesByDevice(place.store)).toEqual({ [PHONE]: 4326, [LAPTOP]: 28 });
    expect(await place.store.deviceHours(DAY, DAY)).toContainEqual(expect.objectContaining({ in: 4005 }));
  });

  test("nothing is kept of a removal of nothing", async () => {
    await fill();
    expect(await remove(1, "2026-01-11", "2026-01-19")).toEqual({ days: 0, in: 0, out: 0 });
    expect(await remove(2, DAY, "2026-01-01")).toEqual({ days: 0, in: 0, out: 0 });
    expect(await place.store.removals()).toEqual([]);
  });

  test("it goes with the interfaces that it was of, whoever they belong to later", async () => {
    await fill();
    await place.store.applyView(viewOf({ macMac: new Map([[LAPTOP, PHONE]]) }));
    expect(await remove(1, DAY, DAY)).toEqual({ days: 1, in: 4007, out: 2 });
    await place.store.applyView(viewOf());
    await place.store.restoreFigures(1);
    expect(await bytesByDevice(place.store)).toEqual({ [PHONE]: 4321, [LAPTOP]: 28 });
  });

  test("an import doesn't bring it back", async () => {
    const history = () => historyOf([importedDay(), importedDay({ ...laptop, in: 5 })]);
    await place.store.importHistory(history());
    await remove(1, ...EVER);
    expect(await place.store.importHistory(history())).toEqual({ added: 0, raised: 0, kept: 0 });
    expect(await bytesByDevice(place.store)).toEqual({ [LAPTOP]: 5 });
    await remove(2, ...EVER, LAPTOP);
    expect(await place.store.importHistory(history())).toEqual({ added: 0, raised: 0, kept: 0 });
    expect(await bytesByDevice(place.store)).toEqual({});
    // Nobody counted there: there is nothing to balance.
    expect(await place.store.balances(...EVER)).toEqual([]);
    await place.store.restoreFigures(1);
    await place.store.restoreFigures(2);
    expect(await bytesByDevice(place.store)).toEqual({ [PHONE]: 1000, [LAPTOP]: 5 });
  });

  test("it is pruned with the balance that it is a part of, and its hours when hours are", async () => {
    await fill();
    await remove(1, ...EVER);
    expect(await place.store.prune({ ...KEEP_ALL, hoursFrom: "2026-01-15" })).toBe(2 * 2);
    expect(await place.store.prune({ ...KEEP_ALL, devicesFrom: "2026-01-15" })).toBe(2 + 2 + 2);
    expect(await place.store.removals()).toMatchObject([{ days: 2, in: 4300 }]);
    await place.store.restoreFigures(1);
    expect(await bytesByDevice(place.store)).toEqual({ [PHONE]: 4300, [LAPTOP]: 14 });
    await remove(2, ...EVER);
    await place.store.prune({ ...KEEP_ALL, devicesFrom: "2026-02-01" });
    expect(await place.store.removals()).toEqual([]);
    expect(await place.store.restoreFigures(2)).toBe(false);
  });

  test("figures that nothing else speaks of stay restorable while their balance is kept", async () => {
    await place.store.record(charging(charge({ day: "2026-01-10" })));
    await remove(1, ...EVER);
    await place.store.record({ ...charging(charge({ ...laptop, day: DAY })), forgotten: ["192.168.1.20"] });
    // It becomes the address of an internet host, whose span is forgotten.
    const view = viewOf({ segments: [] });
    await place.store.applyView(view);
    await place.store.prune({ ...KEEP_ALL, remoteFrom: DAY });
    await place.store.applyView(viewOf());
    expect(await place.store.restoreFigures(1)).toBe(true);
    expect(await bytesByDevice(place.store)).toMatchObject({ [PHONE]: 1000 });
  });
}

function inOrder<Row>(rows: readonly Row[]): Row[] {
  return [...rows].sort((one, other) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1));
}
