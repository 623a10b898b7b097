import { expect, test } from "vitest";
import type { StoreHarness } from "../harness.ts";
import { charge, charging, fact, LAPTOP, NOON, PHONE, remoteFact, settlement } from "../settlements.ts";
import { allDays, bytesByDevice, usePlace } from "./place.ts";

export function describeBooks(create: () => Promise<StoreHarness>): void {
  const place = usePlace(create);

  test("a source that was never read has none, and asking makes none", async () => {
    expect(await place.store.books("lan")).toBeNull();
    expect(await place.store.sources()).toEqual([]);
    expect(await place.store.range()).toBeNull();
  });

  test("are given back as they were recorded, with every baseline", async () => {
    const first = settlement({
      addresses: [
        fact({ seenAt: NOON + 123 }),
        fact({ ip: "192.168.1.21", mac: LAPTOP, seenAt: null }),
        fact({ ip: "192.168.1.22", mac: null }),
        remoteFact(),
      ],
    });
    await place.store.record(first);
    expect(await place.store.books("lan")).toEqual(first.books);

    const second = settlement({ addresses: [fact({ in: 5, out: 7, mac: LAPTOP })], forgotten: ["8.8.8.8"] }, first);
    await place.store.record(second);
    expect(await place.store.books("lan")).toEqual(second.books);

    await place.reopen();
    expect(await place.store.books("lan")).toEqual(second.books);
  });

  test("keep a baseline over the hours in which its address is silent, and forget it when told to", async () => {
    const first = charging(charge(), charge({ ip: "192.168.1.21", mac: LAPTOP }));
    await place.store.record(first);
    const second = settlement({ charges: [charge({ hour: 13 })], addresses: [fact({ in: 2000 })] }, first);
    await place.store.record(second);
    await place.crash();
    expect(await place.store.books("lan")).toEqual(second.books);

    const third = settlement({ forgotten: ["192.168.1.21"] }, second);
    await place.store.record(third);
    await place.reopen();
    expect(await place.store.books("lan")).toEqual(third.books);
    const fourth = settlement({ charges: [charge({ hour: 14 })], addresses: [fact({ in: 3000 })] }, third);
    await place.store.record(fourth);
    await place.reopen();
    expect(await place.store.books("lan")).toEqual(fourth.books);
  });

  test("keep the baseline of an address that moves from MAC to MAC and back over the hours", async () => {
    let last = charging(charge());
    await place.store.record(last);
    for (const [hour, mac] of [LAPTOP, PHONE, LAPTOP, LAPTOP, PHONE].entries()) {
      const moved = fact({ mac, in: 2000 + hour });
      last = settlement({ charges: [charge({ mac, hour: 13 + hour })], addresses: [moved] }, last);
      await place.store.record(last);
      await place.reopen();
      expect(await place.store.books("lan")).toEqual(last.books);
    }
  });

  test("of two sources stay apart, while a device that both see is one whose days add up", async () => {
    const attic = {
      ...charging(charge()),
      books: settlement({ addresses: [fact()], books: { source: "attic" } }).books,
    };
    const cellar = settlement({
      charges: [charge({ in: 7 })],
      addresses: [fact({ in: 7 })],
      books: { source: "cellar", epoch: "another" },
    });
    await place.store.record(attic);
    await place.store.record(cellar);
    for (const reopens of [false, true]) {
      if (reopens) await place.reopen();
      expect(await place.store.books("attic")).toEqual(attic.books);
      expect(await place.store.books("cellar")).toEqual(cellar.books);
      expect(await bytesByDevice(place.store)).toEqual({ [PHONE]: 1007 });
      expect(await allDays(place.store)).toMatchObject([{ in: 1007, out: 200, counterIn: 1007 }]);
    }
  });

  test("a source says since when it is read, and when last", async () => {
    await place.store.record(charging(charge()));
    await place.store.record(settlement({ books: { at: NOON + 30_000 } }));
    expect(await place.store.sources()).toEqual([{ source: "lan", firstAt: NOON, at: NOON + 30_000 }]);
    await place.reopen();
    expect(await place.store.sources()).toEqual([{ source: "lan", firstAt: NOON, at: NOON + 30_000 }]);
  });
}
