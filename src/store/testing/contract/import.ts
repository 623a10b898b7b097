import { expect, test } from "vitest";
import type { StoreHarness } from "../harness.ts";
import { historyOf, importedDay, importedHour, LONG_AGO } from "../imports.ts";
import {
  charge,
  charging,
  counted,
  DAY,
  fact,
  LAPTOP,
  NOON,
  PHONE,
  ROUTER,
  remoteCharge,
  settlement,
} from "../settlements.ts";
import { allDays, bytesByDevice, deviceId, EVER, onlyDay, usePlace } from "./place.ts";

export function describeImport(create: () => Promise<StoreHarness>): void {
  const place = usePlace(create);
  const remote = importedDay({ mac: ROUTER, ip: "8.8.8.8" });
  const group = importedDay({ mac: "01:00:5e:00:00:fb", ip: "224.0.0.251" });

  test("into an empty store gives its days back, durably, and the meter reads on from when it was written", async () => {
    const seenAt = Date.UTC(2025, 11, 1, 9, 30);
    const device = importedDay({ seenAt, counterIn: 70, counterOut: 7, estimated: 1100, implausible: true });
    const next = importedDay({ day: "2025-12-02", mac: LAPTOP, ip: "192.168.1.21", in: 5 });
    const result = await place.store.importHistory(historyOf([device, remote, group, next]));
    expect(result).toEqual({ added: 4, raised: 0, kept: 0 });
    await place.crash();
    expect(await bytesByDevice(place.store)).toEqual({ [PHONE]: 1000, [LAPTOP]: 5 });
    expect(await place.store.deviceDays(LONG_AGO, LONG_AGO)).toEqual([
      {
        device: await deviceId(place.store, PHONE),
        day: LONG_AGO,
        ip: "192.168.1.20",
        in: 1000,
        out: 100,
        hiddenIn: 0,
        hiddenOut: 0,
        seenAt,
        counterIn: 70,
        counterOut: 7,
        reconstructed: true,
        implausible: true,
      },
    ]);
    expect(await place.store.deviceSums([{ from: LONG_AGO, to: DAY }])).toHaveLength(2);
    expect(await place.store.remoteDays(...EVER)).toMatchObject([{ ip: "8.8.8.8", mac: ROUTER, in: 1000 }]);
    expect(await place.store.range()).toEqual({ first: LONG_AGO, last: "2025-12-02" });
    expect(await place.store.sources()).toEqual([{ source: "lan", firstAt: NOON - 1e9, at: NOON - 60_000 }]);
    expect(await place.store.books("lan")).toMatchObject({ at: NOON - 60_000, epoch: "", counted: 0 });
    // Nobody counted there: there is nothing to balance.
    expect(await place.store.balances(...EVER)).toEqual([]);
    expect(await place.store.balanceSum(...EVER)).toBeNull();
  });

  test("twice changes nothing the second time", async () => {
    const rows = [importedDay(), importedDay({ ip: "192.168.1.21", in: 1 }), remote, importedDay({ day: DAY })];
    const whole = () => historyOf(rows, { hours: [importedHour()] });
    await place.store.importHistory(whole());
    const [days, hours] = [await allDays(place.store), await place.store.deviceHours(...EVER)];
    expect(await place.store.importHistory(whole())).toEqual({ added: 0, raised: 0, kept: 0 });
    expect(await allDays(place.store)).toEqual(days);
    expect(await place.store.deviceHours(...EVER)).toEqual(hours);
    expect(await place.store.remoteDays(...EVER)).toMatchObject([{ in: 1000 }]);
  });

  test("of two figures for an interface and day the greater stays, in each direction", async () => {
    await place.store.importHistory(historyOf([importedDay(), remote]));
    // The same device's day, which another program put into one row, and another way round.
    const other = importedDay({ ip: "192.168.1.77", in: 1500, out: 30 });
    const result = await place.store.importHistory(historyOf([other, { ...remote, in: 1, out: 2000 }]));
    expect(result).toEqual({ added: 0, raised: 2, kept: 0 });
    expect(await onlyDay(place.store)).toMatchObject({ in: 1500, out: 100 });
    expect(await place.store.remoteDays(...EVER)).toMatchObject([{ in: 1000, out: 2000 }]);
    expect(await place.store.deviceSums([{ from: "2025-01-01", to: "2026-12-31" }])).toMatchObject([
      { in: 1500, out: 100 },
    ]);
    const smaller = historyOf([importedDay({ in: 999, out: 99 })]);
    expect(await place.store.importHistory(smaller)).toEqual({ added: 0, raised: 0, kept: 0 });
  });

  test("rows of one interface are compared together, internet hosts each by itself", async () => {
    const both = [importedDay({ in: 600, out: 0 }), importedDay({ ip: "192.168.1.21", in: 500, out: 0 })];
    const hosts = [remote, { ...remote, ip: "9.9.9.9" }];
    await place.store.importHistory(historyOf([...both, ...hosts]));
    const again = historyOf([importedDay({ in: 1000, out: 0 }), { ...remote, ip: "9.9.9.9", in: 1200 }]);
    expect(await place.store.importHistory(again)).toEqual({ added: 0, raised: 1, kept: 0 });
    expect(await bytesByDevice(place.store)).toEqual({ [PHONE]: 1100 });
    const sums = await place.store.remoteSums(LONG_AGO, LONG_AGO, 9);
    expect(sums.hosts.map(({ ip, in: down }) => [ip, down])).toEqual([
      ["9.9.9.9", 1200],
      ["8.8.8.8", 1000],
    ]);
  });

  test("what was measured here stays from the second day of our own books on", async () => {
    const days = ["2026-01-30", DAY];
    for (const day of days) {
      await place.store.record({ ...charging(charge({ day })), counted: [counted({ day, bytes: 1000 })] });
    }
    const rows = days.flatMap((day) => [
      importedDay({ day, in: 5000 }),
      importedDay({ day, mac: LAPTOP, ip: "192.168.1.21", in: 7 }),
    ]);
    expect(await place.store.importHistory(historyOf(rows))).toEqual({ added: 2, raised: 1, kept: 1 });
    const byDay = (await allDays(place.store)).map(({ day, in: down }) => [day, down]);
    expect(byDay.sort()).toEqual([
      ["2026-01-30", 5000],
      ["2026-01-30", 7],
      [DAY, 1000],
      [DAY, 7],
    ]);
    // The balance is of what our meters counted.
    expect(await place.store.balances(DAY, DAY)).toMatchObject([{ devices: { in: 1000 }, counted: 1000 }]);
  });

  test("leaves the open hour and the books as they are, and what was recorded since the last checkpoint", async () => {
    const first = charging(charge());
    await place.store.record(first);
    await place.store.importHistory(historyOf([importedDay()]));
    expect(await place.store.books("lan")).toEqual(first.books);
    expect(await place.store.sources()).toEqual([{ source: "lan", firstAt: NOON, at: NOON }]);
    const second = settlement({ charges: [charge({ in: 5 })], addresses: [fact({ in: 1005 })] }, first);
    await place.store.record(second);
    await place.reopen();
    expect(await bytesByDevice(place.store)).toEqual({ [PHONE]: 2005 });
    expect(await place.store.deviceHours(...EVER)).toMatchObject([{ day: DAY, in: 1005 }]);
    expect(await place.store.books("lan")).toEqual(second.books);
  });

  test("tried out tells the same and changes nothing, what was recorded since the last checkpoint included", async () => {
    await place.store.record(charging(charge({ in: 400 })));
    await place.store.checkpoint();
    const first = charging(charge({ in: 600 }));
    await place.store.record(first);
    const trial = historyOf([importedDay(), remote], {
      hours: [importedHour()],
      hostnames: new Map([["8.8.8.8", "dns"]]),
      routers: [LAPTOP],
      note: { at: NOON, code: "imported", detail: {} },
      rejected: [{ file: "a", place: "b", reason: "c", content: "{}" }],
      source: "attic",
      dryRun: true,
    });
    expect(await place.store.importHistory(trial)).toEqual({ added: 2, raised: 0, kept: 0 });
    for (const crashes of [false, true]) {
      if (crashes) await place.crash();
      expect(await place.store.books("lan")).toEqual(first.books);
      expect(await bytesByDevice(place.store)).toEqual({ [PHONE]: 1000 });
      expect(await place.store.sources()).toHaveLength(1);
      expect(await place.store.routers()).toEqual([]);
      expect(await place.store.notes(9)).toEqual([]);
      expect(await place.store.remoteDays(...EVER)).toEqual([]);
      expect(await place.harness.query("SELECT * FROM rejected")).toEqual([]);
    }
  });

  test.each([
    ["less than nothing", importedDay({ day: "2025-12-02", in: -1 })],
    ["half a byte", importedDay({ day: "2025-12-02", out: 0.5 })],
    ["a counter that is none", importedDay({ day: "2025-12-02", counterIn: Number.NaN })],
    ["a day that is none", importedDay({ day: "2025-12-32" })],
    ["no address", importedDay({ day: "2025-12-02", ip: "" })],
    ["an earlier day than the row before", importedDay({ day: "2025-11-30" })],
  ])("with a row of %s is refused whole, and nothing recorded is lost", async (_, unfit) => {
    await place.store.record(charging(charge({ in: 400 })));
    await place.store.checkpoint();
    const first = charging(charge({ in: 600 }));
    await place.store.record(first);
    const rows = historyOf([importedDay(), unfit]);
    await expect(place.store.importHistory(rows)).rejects.toMatchObject({ name: "StoreError", code: "other" });
    expect(await bytesByDevice(place.store)).toEqual({ [PHONE]: 1000 });
    expect(await place.store.range()).toEqual({ first: DAY, last: DAY });
    expect(await place.store.books("lan")).toEqual(first.books);
  });

  test.each([
    ["less than nothing", importedHour({ in: -1 })],
    ["an hour that is none", importedHour({ hour: 25 })],
    ["half an hour", importedHour({ hour: 7.5 })],
  ])("with an hour of %s is refused whole", async (_, unfit) => {
    const history = historyOf([importedDay()], { hours: [importedHour(), unfit] });
    await expect(place.store.importHistory(history)).rejects.toMatchObject({ name: "StoreError", code: "other" });
    expect(await place.store.range()).toBeNull();
  });

  test("takes the hours of the days that are new, and none of days that stood here", async () => {
    await place.store.importHistory(historyOf([importedDay({ day: "2025-12-02" })]));
    const rows = [importedDay(), importedDay({ day: "2025-12-02", in: 2000 })];
    const hours = [
      importedHour(),
      importedHour({ hour: 24, estimated: 4, in: 3 }),
      importedHour({ day: "2025-12-02" }),
      importedHour({ day: "2025-12-03" }),
      importedHour({ ip: "192.168.1.99" }),
    ];
    await place.store.importHistory(historyOf(rows, { hours }));
    const found = (await place.store.deviceHours(...EVER)).map((row) => [
      row.day,
      row.hour,
      row.in,
      row.out,
      row.reconstructed,
    ]);
    expect(found.sort()).toEqual([
      [LONG_AGO, 24, 3, 1, true],
      [LONG_AGO, 8, 10, 1, false],
    ]);
  });

  test("a remote host's bytes of an import are in no balance, also once they are pruned", async () => {
    await place.store.record({ ...charging(remoteCharge()), counted: [counted({ bytes: 1000 })] });
    await place.store.importHistory(historyOf([importedDay({ day: DAY, mac: ROUTER, ip: "9.9.9.9", in: 7 })]));
    const remotes = async () => (await place.store.balances(DAY, DAY)).map((row) => row.remote.in);
    expect(await remotes()).toEqual([1000]);
    await place.store.prune({ hoursFrom: null, remoteFrom: "2026-02-01", devicesFrom: null });
    expect(await remotes()).toEqual([1000]);
  });
}
