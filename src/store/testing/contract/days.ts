import { expect, test } from "vitest";
import type { StoreHarness } from "../harness.ts";
import { charge, charging, counted, DAY, fact, LAPTOP, NOON, PHONE, settlement } from "../settlements.ts";
import { allDays, onlyDay, usePlace } from "./place.ts";

export function describeDays(create: () => Promise<StoreHarness>): void {
  const place = usePlace(create);

  test("add up the charges of a day over hours and addresses", async () => {
    await place.store.record(settlement({ charges: [charge(), charge({ ip: "192.168.1.30", in: 1, out: 2 })] }));
    await place.store.record(settlement({ charges: [charge({ hour: 13, in: 10, out: 20 })] }));
    await place.store.record(settlement({ charges: [charge({ hour: 11, in: 100, out: 200 })] }));
    expect(await onlyDay(place.store)).toMatchObject({ day: DAY, in: 1111, out: 322, ip: "192.168.1.20" });
  });

  test("are those of the range, both ends included", async () => {
    for (const day of ["2026-01-28", "2026-01-29", "2026-01-30", "2026-01-31"]) {
      await place.store.record(charging(charge({ day })));
    }
    expect((await allDays(place.store)).map((row) => row.day).sort()).toEqual([
      "2026-01-28",
      "2026-01-29",
      "2026-01-30",
      "2026-01-31",
    ]);
    const rows = await place.store.deviceDays("2026-01-29", "2026-01-30");
    expect(rows.map((row) => row.day).sort()).toEqual(["2026-01-29", "2026-01-30"]);
    expect(await place.store.range()).toEqual({ first: "2026-01-28", last: "2026-01-31" });
  });

  test("are measured when anything was counted on them, or as long as they are open", async () => {
    const measured = () => place.store.measuredDays("2026-01-30", "2026-02-28");
    expect(await measured()).toEqual([]);
    await place.store.record({ ...charging(charge()), counted: [counted({ bytes: 1100 })] });
    await place.store.record(charging(charge({ day: "2026-02-01", hour: 0 })));
    expect(await measured()).toEqual([DAY, "2026-02-01"]);
    await place.store.record(charging(charge({ day: "2026-02-01", hour: 1 })));
    await place.crash();
    expect(await measured()).toEqual([DAY, "2026-02-01"]);
    await place.store.record(settlement({ counted: [counted({ day: "2026-02-02", unlisted: { in: 1, out: 0 } })] }));
    expect(await measured()).toEqual([DAY, "2026-02-01", "2026-02-02"]);
  });

  test("name the reported address that was seen last; of those seen together the one that used most", async () => {
    const seen = (ip: string, seconds: number) => fact({ ip, seenAt: NOON + seconds * 1000 });
    await place.store.record(
      settlement({
        charges: [charge({ ip: "192.168.1.30", in: 999 }), charge(), charge({ ip: "fe80::1", in: 5000 })],
        addresses: [seen("192.168.1.30", 1), seen("192.168.1.20", 1), seen("fe80::1", 9)],
      }),
    );
    expect((await onlyDay(place.store)).ip).toBe("192.168.1.20");
    await place.store.record(
      settlement({ charges: [charge({ ip: "192.168.1.30", in: 0, out: 1 })], addresses: [seen("192.168.1.30", 2)] }),
    );
    expect((await onlyDay(place.store)).ip).toBe("192.168.1.30");
    await place.store.record(charging(charge({ ip: "192.168.1.20", hour: 13, in: 1 })));
    expect((await onlyDay(place.store)).ip).toBe("192.168.1.30");
  });

  test("name of two reported addresses alike the one that was known first", async () => {
    await place.store.record(charging(charge({ ip: "192.168.1.30" }), charge({ ip: "192.168.1.20" })));
    for (const isOver of [false, true]) {
      if (isOver) await place.store.record(charging(charge({ day: "2026-02-01" })));
      expect(await place.store.deviceDays(DAY, DAY)).toMatchObject([{ ip: "192.168.1.30" }]);
    }
  });

  test("keep what IPFilter hides apart, and out of the hours", async () => {
    await place.store.record(charging(charge({ ip: "2001:db8::1" })));
    const hidden = { in: 0, out: 0, hiddenIn: 1000, hiddenOut: 100, ip: null, counterIn: 0, counterOut: 0 };
    for (const isOver of [false, true]) {
      if (isOver) await place.store.record(charging(charge({ day: "2026-02-01", mac: LAPTOP })));
      expect(await place.store.deviceDays(DAY, DAY)).toMatchObject([hidden]);
      expect(await place.store.deviceHours(DAY, DAY)).toEqual([]);
    }
  });

  test("bytes stay with the device that held the address when they were charged", async () => {
    await place.store.record(charging(charge()));
    const moved = { mac: LAPTOP, in: 1005 };
    await place.store.record(settlement({ charges: [charge({ mac: LAPTOP, in: 5 })], addresses: [fact(moved)] }));
    const devices = new Map((await place.store.devices()).map((device) => [device.id, device.key]));
    const rows = (await allDays(place.store)).map((row) => [devices.get(row.device), row.in, row.counterIn]).sort();
    expect(rows).toEqual([
      [PHONE, 1000, 1000],
      [LAPTOP, 5, 1005],
    ]);
  });

  test("show the meter's counters when each reported address was charged last, added up", async () => {
    const first = settlement({
      charges: [charge(), charge({ ip: "192.168.1.30" }), charge({ ip: "fe80::1" })],
      addresses: [fact({ in: 900_000 }), fact({ ip: "192.168.1.30", in: 50 }), fact({ ip: "fe80::1", in: 7 })],
    });
    await place.store.record(first);
    expect(await onlyDay(place.store)).toMatchObject({ counterIn: 900_050, counterOut: 200 });
    const later = settlement({ charges: [charge({ hour: 13 })], addresses: [fact({ in: 900_500 })] }, first);
    await place.store.record(later);
    expect(await onlyDay(place.store)).toMatchObject({ counterIn: 900_550, counterOut: 200 });
    const next = { day: "2026-02-01", hour: 0 };
    await place.store.record(settlement({ charges: [charge(next)], addresses: [fact({ in: 901_000 })] }, later));
    const rows = (await allDays(place.store)).map(({ day, counterIn }) => [day, counterIn]).sort();
    expect(rows).toEqual([
      [DAY, 900_550],
      ["2026-02-01", 901_000],
    ]);
  });

  test("show for a day that was over when it was read the counters of the reading before", async () => {
    const first = charging(charge({ in: 10, out: 1 }));
    await place.store.record(first);
    const charges = [
      charge({ hour: 23, in: 3, reconstructed: "day" }),
      charge({ day: "2026-02-01", hour: 0, in: 4, reconstructed: "day" }),
    ];
    await place.store.record(settlement({ charges, addresses: [fact({ in: 17 })] }, first));
    const rows = (await allDays(place.store)).map(({ day, in: down, counterIn }) => [day, down, counterIn]).sort();
    expect(rows).toEqual([
      [DAY, 13, 10],
      ["2026-02-01", 4, 17],
    ]);
  });

  test("show when the device last sent, to the second, and never step back", async () => {
    await place.store.record(settlement({ charges: [charge()], addresses: [fact({ seenAt: NOON + 1999 })] }));
    expect((await onlyDay(place.store)).seenAt).toBe(NOON + 1000);
    for (const hour of [12, 13]) {
      const before = [fact({ seenAt: NOON - 60_000 })];
      await place.store.record(settlement({ charges: [charge({ hour })], addresses: before }));
      expect((await onlyDay(place.store)).seenAt).toBe(NOON + 1000);
    }
    await place.store.record(charging(charge({ day: "2026-02-01" })));
    expect(await place.store.deviceDays(DAY, DAY)).toMatchObject([{ seenAt: NOON + 1000 }]);
  });

  test("have no instant for a device that never sent", async () => {
    await place.store.record(settlement({ charges: [charge()], addresses: [fact({ seenAt: null })] }));
    expect((await onlyDay(place.store)).seenAt).toBeNull();
  });

  test("are marked when the day itself is an estimate, hours already when only they are", async () => {
    await place.store.record(charging(charge({ reconstructed: "hour" })));
    expect((await onlyDay(place.store)).reconstructed).toBe(false);
    expect(await place.store.deviceHours(DAY, DAY)).toMatchObject([{ hour: 12, reconstructed: true }]);
    await place.store.record(charging(charge({ hour: 11, reconstructed: "day" })));
    await place.store.record(charging(charge({ hour: 13 })));
    expect(await onlyDay(place.store)).toMatchObject({ reconstructed: true, in: 3000, implausible: false });
    const hours = (await place.store.deviceHours(DAY, DAY)).map(({ hour, reconstructed }) => [hour, reconstructed]);
    expect(hours.sort(([one], [other]) => Number(one) - Number(other))).toEqual([
      [11, true],
      [12, true],
      [13, false],
    ]);
  });

  test("hold amounts beyond 32 bits exactly, in the open hour and after it", async () => {
    const much = 9_000_000_000_000_001;
    await place.store.record(charging(charge({ in: much })));
    expect(await onlyDay(place.store)).toMatchObject({ in: much, counterIn: much });
    await place.store.record(charging(charge({ day: "2026-02-01" })));
    await place.reopen();
    expect(await place.store.deviceDays(DAY, DAY)).toMatchObject([{ in: much, counterIn: much }]);
  });

  test("hours add up the charges of each clock hour, also of a 25-hour day", async () => {
    for (const hour of [0, 12, 12, 24, 3]) await place.store.record(charging(charge({ hour })));
    const rows = (await place.store.deviceHours(DAY, DAY)).map(({ hour, in: down, out }) => [hour, down, out]);
    expect(rows.sort(([one = 0], [other = 0]) => one - other)).toEqual([
      [0, 1000, 100],
      [3, 1000, 100],
      [12, 2000, 200],
      [24, 1000, 100],
    ]);
  });
}
