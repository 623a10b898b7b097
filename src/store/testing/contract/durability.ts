import { describe, expect, test } from "vitest";
import { MOST_GONE } from "../../write/ledger.ts";
import type { StoreHarness } from "../harness.ts";
import {
  charge,
  charging,
  counted,
  DAY,
  fact,
  type SettlementParts,
  settlement,
  temporaryFolder,
  viewOf,
} from "../settlements.ts";
import { allDays, bytesByDevice, deviceId, onlyDay, usePlace } from "./place.ts";

const hex = (byte: number) => byte.toString(16).padStart(2, "0");

export function describeDurability(create: () => Promise<StoreHarness>): void {
  const place = usePlace(create);
  const first = charging(charge());
  const second = settlement({ charges: [charge({ in: 5 })], addresses: [fact({ in: 1005 })] }, first);

  test("what was recorded is seen at once, and lost with its baselines when no checkpoint followed", async () => {
    await place.store.record(first);
    await place.store.checkpoint();
    await place.store.record(second);
    expect((await onlyDay(place.store)).in).toBe(1005);

    await place.crash();
    expect((await onlyDay(place.store)).in).toBe(1000);
    expect(await place.store.books("lan")).toEqual(first.books);
  });

  test("a checkpoint keeps everything since the one before, together", async () => {
    await place.store.record(first);
    await place.store.record(second);
    await place.store.checkpoint();
    await place.crash();
    expect((await onlyDay(place.store)).in).toBe(1005);
    expect(await place.store.books("lan")).toEqual(second.books);
  });

  test("a checkpoint of nothing does nothing", async () => {
    await place.store.checkpoint();
    await place.store.checkpoint();
    expect(await place.store.range()).toBeNull();
  });

  test("closing makes the last checkpoint", async () => {
    await place.store.record(first);
    await place.reopen();
    expect((await onlyDay(place.store)).in).toBe(1000);
  });

  test("hosts that were forgotten within the hour don't wait for its end when they are many, and may return in it", async () => {
    const many = Array.from({ length: MOST_GONE + 1 }, (_, n) => ({
      ip: `10.0.${n >> 8}.${n & 255}`,
      mac: `02:aa:00:00:${hex(n >> 8)}:${hex(n & 255)}`,
    }));
    const [one] = many as [(typeof many)[0]];
    const openEndpoints = async () => {
      const rows = (await place.harness.query("SELECT open_hour FROM source")) as { open_hour: string }[];
      return (JSON.parse(rows[0]?.open_hour ?? "{}") as { endpoints: unknown[] }).endpoints.length;
    };
    const came = charging(charge(), ...many.map((who) => charge({ ...who, in: 7, out: 1 })));
    await place.store.record(came);
    await place.store.checkpoint();
    expect(await openEndpoints()).toBe(MOST_GONE + 2);
    const went = settlement({ forgotten: many.map(({ ip }) => ip) }, came);
    await place.store.record(went);
    await place.store.checkpoint();
    expect(await openEndpoints()).toBe(1);
    const returned = settlement(
      { charges: [charge({ ...one, in: 100, out: 10 })], addresses: [fact({ ...one, in: 100, out: 10 })] },
      went,
    );
    await place.store.record(returned);
    await place.store.checkpoint();
    for (const isRead of [false, true]) {
      if (isRead) await place.crash();
      const used = await bytesByDevice(place.store);
      expect(Object.keys(used)).toHaveLength(MOST_GONE + 2);
      expect(Object.values(used).reduce((sum, down) => sum + down)).toBe(1000 + 7 * many.length + 100);
      expect(used[one.mac]).toBe(107);
      const hours = await place.store.hoursOf(await deviceId(place.store, one.mac), DAY, DAY);
      expect(hours).toMatchObject([{ hour: 12, in: 107, out: 11 }]);
      expect(await place.store.books("lan")).toEqual(returned.books);
    }
  });

  test("closing twice is no mistake; using a closed store is a clear one", async () => {
    await place.store.close();
    await place.store.close();
    await expect(place.store.books("lan")).rejects.toMatchObject({ name: "StoreError", code: "other" });
    await expect(place.store.record(settlement())).rejects.toThrow("closed");
  });

  test.each<[string, Pick<SettlementParts, "charges" | "addresses" | "counted">]>([
    ["a charge of no number", { charges: [charge({ in: Number.NaN })] }],
    ["a charge of less than nothing", { charges: [charge({ out: -1 })] }],
    ["a charge of half a byte", { charges: [charge({ in: 0.5 })] }],
    ["a charge on a day that is none", { charges: [charge({ day: "2026-02-30" })] }],
    ["a charge in an hour that is none", { charges: [charge({ hour: 25 })] }],
    ["a charge of no address", { charges: [charge({ ip: "" })] }],
    ["counters of less than nothing", { addresses: [fact({ in: -1 })] }],
    ["less than nothing counted", { counted: [counted({ bytes: -1 })] }],
    ["half a packet dropped", { counted: [counted({ dropped: 0.5 })] }],
    ["less than nothing unattributed", { counted: [counted({ unattributed: { in: 0, out: -1 } })] }],
    ["less than nothing unlisted", { counted: [counted({ unlisted: { in: -1, out: 0 } })] }],
    ["something counted on a day that is none", { counted: [counted({ day: "yesterday" })] }],
  ])("a settlement with %s is refused, and nothing since the checkpoint is kept", async (_, unfit) => {
    await place.store.record(first);
    await place.store.checkpoint();
    await place.store.record(second);
    const whole = { charges: [charge({ in: 2 })], addresses: [fact({ in: 1007 })] };
    const third = settlement(
      {
        charges: [...whole.charges, ...(unfit.charges ?? [])],
        addresses: [...whole.addresses, ...(unfit.addresses ?? [])],
        counted: unfit.counted ?? [],
      },
      second,
    );
    await expect(place.store.record(third)).rejects.toMatchObject({ name: "StoreError", code: "other" });

    expect((await onlyDay(place.store)).in).toBe(1000);
    expect(await place.store.books("lan")).toEqual(first.books);
    await place.store.record(settlement({ charges: [charge({ in: 7 })], addresses: [fact({ in: 1007 })] }, first));
    await place.store.checkpoint();
    expect((await onlyDay(place.store)).in).toBe(1007);
  });

  test("a backup holds the last checkpoint, and may be made while recording goes on", async (context) => {
    await place.store.record(first);
    await place.store.checkpoint();
    await place.store.record(second);
    if (place.harness.openBackup === undefined) return context.skip("this engine makes no backups");
    using folder = temporaryFolder();
    await place.store.backup(folder.file("copy.db"));
    const copy = await place.harness.openBackup(folder.file("copy.db"));
    expect((await onlyDay(copy)).in).toBe(1000);
    expect(await copy.books("lan")).toEqual(first.books);
    await copy.close();
    await place.store.checkpoint();
    expect((await onlyDay(place.store)).in).toBe(1005);
  });

  describe("the revision", () => {
    test("is another one after each settlement that brings news, and the same while there are none", async () => {
      const { store } = place;
      const seen = [await store.revision()];
      await store.record(first);
      seen.push(await store.revision());
      await store.record(second);
      seen.push(await store.revision());
      await store.prune({ hoursFrom: "2027-01-01", remoteFrom: null, devicesFrom: null });
      seen.push(await store.revision());
      await store.applyView(viewOf({ ipFilter: /^/ }));
      seen.push(await store.revision());
      expect(new Set(seen).size).toBe(5);
      await store.checkpoint();
      await store.record({ ...second, charges: [], addresses: [] });
      await store.applyView(viewOf({ ipFilter: /^/ }));
      await allDays(store);
      expect(await store.revision()).toBe(seen.at(-1));
    });

    test("is a new one, and none of before, when a settlement failed and took others with it", async () => {
      const { store } = place;
      await store.record(first);
      await store.checkpoint();
      const atCheckpoint = await store.revision();
      await store.record(second);
      const before = await store.revision();
      const unfit = settlement({ charges: [charge({ in: -1 })], addresses: [fact({ in: 1007 })] }, second);
      await expect(store.record(unfit)).rejects.toThrow("in");
      expect([atCheckpoint, before]).not.toContain(await store.revision());
    });
  });

  describe("what is remembered", () => {
    test("is null before, then any plain value, over a crash, and another one when it is remembered anew", async () => {
      expect(await place.store.recall("finder")).toBeNull();
      const value = { seen: [1, 2.5, null, "é'\""], nested: { yes: true } };
      await place.store.remember("finder", value);
      await place.store.remember("other", 7);
      await place.crash();
      expect(await place.store.recall("finder")).toEqual(value);
      await place.store.remember("finder", null);
      expect(await place.store.recall("finder")).toBeNull();
      expect(await place.store.recall("other")).toBe(7);
    });

    test("makes nothing else durable", async () => {
      await place.store.record(first);
      await place.store.checkpoint();
      await place.store.record(second);
      await place.store.remember("other", 7);
      await place.crash();
      expect(await place.store.books("lan")).toEqual(first.books);
      expect(await place.store.recall("other")).toBe(7);
    });
  });
}
