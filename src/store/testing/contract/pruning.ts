import { expect, test } from "vitest";
import type { StoreHarness } from "../harness.ts";
import {
  charge,
  charging,
  counted,
  DAY,
  fact,
  LAPTOP,
  PHONE,
  ROUTER,
  remoteCharge,
  remoteFact,
  settlement,
  viewOf,
} from "../settlements.ts";
import { allDays, EVER, onlyDay, usePlace } from "./place.ts";

const KEEP_ALL = { hoursFrom: null, remoteFrom: null, devicesFrom: null };

export function describePruning(create: () => Promise<StoreHarness>): void {
  const place = usePlace(create);

  test("forgets hours, internet hosts and notes of earlier days, and no device's day; at once, and across a restart", async () => {
    for (const [index, day] of ["2026-01-20", "2026-01-25", "2026-01-31"].entries()) {
      const at = Date.UTC(2026, 0, [20, 25, 31][index]);
      const charges = charging(charge({ day }), remoteCharge({ day }));
      await place.store.record({ ...charges, notes: [{ at, code: "clock-jump", detail: {} }] });
    }
    const keep = { hoursFrom: "2026-01-31", remoteFrom: "2026-01-25", devicesFrom: null };
    expect(await place.store.prune(keep)).toBe(2 + 1 + 1);
    await place.crash();
    expect((await place.store.deviceHours(...EVER)).map((row) => row.day)).toEqual(["2026-01-31"]);
    expect((await place.store.remoteDays(...EVER)).map((row) => row.day).sort()).toEqual(["2026-01-25", "2026-01-31"]);
    expect(await place.store.notes(10)).toHaveLength(2);
    expect(await allDays(place.store)).toHaveLength(3);
    expect(await place.store.balances(...EVER)).toMatchObject([
      { remote: { in: 1000 } },
      { remote: { in: 1000 } },
      { remote: { in: 1000 } },
    ]);
    expect(await place.store.prune(keep)).toBe(0);
  });

  test("forgets devices' days and balances when told to, and the devices that have none left", async () => {
    const named = fact({ hostname: "phone" });
    const laptop = { mac: LAPTOP, ip: "192.168.1.21" };
    await place.store.record(
      settlement({
        charges: [charge({ day: "2026-01-20" }), charge({ ...laptop, day: "2026-01-20" })],
        addresses: [named, fact(laptop)],
        counted: [counted({ day: "2026-01-20", bytes: 2000 })],
      }),
    );
    const books = settlement({ charges: [charge(laptop)], addresses: [named, fact({ ...laptop, in: 2000 })] });
    await place.store.record(books);
    expect(await place.store.prune({ ...KEEP_ALL, devicesFrom: "2026-01-21" })).toBe(2 + 2 + 1);
    expect(await place.store.devices()).toMatchObject([{ key: LAPTOP, firstDay: "2026-01-20", lastDay: DAY }]);
    expect(await onlyDay(place.store)).toMatchObject({ in: 1000, day: DAY });
    expect(await place.store.range()).toEqual({ first: DAY, last: DAY });
    expect(await place.store.books("lan")).toEqual(books.books);
    await place.store.record(settlement({ charges: [charge({ in: 3 })], addresses: [fact({ in: 1003 })] }, books));
    expect((await allDays(place.store)).map((row) => row.in).sort()).toEqual([1000, 3]);
  });

  test("keeps the sums of the months that lost some of their days to those that are left", async () => {
    for (const [day, bytes] of [
      ["2025-12-31", 1],
      ["2026-01-10", 20],
      ["2026-01-20", 300],
      ["2026-02-01", 4000],
    ] as const) {
      await place.store.record(charging(charge({ day, in: bytes }), remoteCharge({ day, in: bytes })));
    }
    await place.store.prune({ ...KEEP_ALL, devicesFrom: "2026-01-20" });
    const year = { from: "2025-01-01", to: "2026-12-31" };
    expect(await place.store.deviceSums([year])).toMatchObject([{ in: 4300 }]);
    expect(await place.store.remoteSums(year.from, year.to, 1)).toMatchObject({ in: 4321 });
    await place.store.prune({ ...KEEP_ALL, remoteFrom: "2026-01-11" });
    expect(await place.store.deviceSums([year])).toMatchObject([{ in: 4300 }]);
    expect(await place.store.remoteSums(year.from, year.to, 1)).toMatchObject({ in: 4300 });
  });

  test("forgets with an internet host's days the hours from when it passed for a device", async () => {
    const device = charge({ mac: ROUTER, ip: "8.8.8.8" });
    await place.reopen(viewOf({ routers: { auto: false, macs: [] } }));
    await place.store.record(charging(device));
    await place.store.record(charging({ ...device, hour: 13 }));
    await place.store.applyView(viewOf());
    await place.store.prune({ ...KEEP_ALL, remoteFrom: "2026-02-01" });
    await place.store.applyView(viewOf({ routers: { auto: false, macs: [] } }));
    expect(await place.store.deviceHours(...EVER)).toEqual([]);
    expect(await place.store.devices()).toEqual([]);
  });

  test("a day of which only internet hosts are left is still a day", async () => {
    await place.store.record(charging(charge(), remoteCharge()));
    await place.store.prune({ ...KEEP_ALL, devicesFrom: "2026-02-01" });
    expect(await allDays(place.store)).toEqual([]);
    expect(await place.store.remoteDays(DAY, DAY)).toHaveLength(1);
    expect(await place.store.range()).toEqual({ first: DAY, last: DAY });
  });

  test("keeps the baseline of an address whose days are forgotten, and its name", async () => {
    const first = settlement({ charges: [remoteCharge()], addresses: [remoteFact({ hostname: "dns" })] });
    await place.store.record(first);
    await place.store.prune({ ...KEEP_ALL, remoteFrom: "2027-01-01" });
    expect(await place.store.remoteDays(...EVER)).toEqual([]);
    expect(await place.store.books("lan")).toEqual(first.books);
    await place.store.record(charging(remoteCharge()));
    expect(await place.store.remoteDays(...EVER)).toMatchObject([{ hostname: "dns" }]);
  });

  test("forgets the names of addresses and devices that nothing speaks of any more", async () => {
    const first = settlement({
      charges: [charge(), remoteCharge()],
      addresses: [fact({ hostname: "annas-phone" }), remoteFact({ hostname: "secret.example" })],
    });
    await place.store.record(first);
    await place.store.record(settlement({ forgotten: ["192.168.1.20", "8.8.8.8"] }, first));
    await place.store.prune({ hoursFrom: null, remoteFrom: "2026-02-01", devicesFrom: "2026-02-01" });
    for (const table of ["address", "endpoint", "interface", "device", "usage_hour", "usage_day", "usage_month"]) {
      expect(await place.harness.query(`SELECT * FROM ${table}`), table).toEqual([]);
    }
    await place.store.record(charging(charge()));
    expect(await place.store.devices()).toMatchObject([{ key: PHONE, hostname: null, firstDay: DAY }]);
  });
}
