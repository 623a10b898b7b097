import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Store } from "./store.ts";
import { charge, DAY, fact, NOON, settlement } from "./testing.ts";

/** One place in which an engine keeps a store, for the length of a test. */
export interface StoreHarness {
  /** Opens the store of this place. */
  open(): Promise<Store>;
  /** Ends the open store as a power cut would, and opens what is left of it. */
  crash(): Promise<Store>;
  dispose(): Promise<void>;
}

const PHONE = "02:00:00:00:00:01";
const LAPTOP = "02:00:00:00:00:02";
const ROUTER = "02:ff:ff:ff:ff:01";

/** What every engine must do. `create` makes an empty place. */
export function describeStore(name: string, create: () => Promise<StoreHarness>): void {
  describe(name, () => {
    let harness: StoreHarness;
    let store: Store;
    beforeEach(async () => {
      harness = await create();
      store = await harness.open();
    });
    afterEach(() => harness.dispose());

    const days = (some: Store = store) => some.deviceDays("2020-01-01", "2030-01-01");
    const onlyDay = async (some: Store = store) => {
      const rows = await days(some);
      expect(rows).toHaveLength(1);
      return rows[0] as NonNullable<(typeof rows)[0]>;
    };

    describe("books", () => {
      test("a source that was never read has none, and asking makes none", async () => {
        expect(await store.books("lan")).toBeNull();
        expect(await store.sources()).toEqual([]);
        expect(await store.range()).toBeNull();
      });

      test("are given back as they were recorded, baselines and routers included", async () => {
        const first = settlement({
          addresses: [
            fact(),
            fact({ ip: "192.168.1.21", holder: LAPTOP }),
            fact({ ip: "8.8.8.8", holder: null, mac: ROUTER }),
          ],
          routers: [ROUTER],
        });
        await store.record(first);
        expect(await store.books("lan")).toEqual(first.books);

        const second = settlement(
          { addresses: [fact({ in: 5, out: 7, holder: LAPTOP })], forgotten: ["8.8.8.8"] },
          first,
        );
        await store.record(second);
        expect(await store.books("lan")).toEqual(second.books);

        await store.close();
        store = await harness.open();
        expect(await store.books("lan")).toEqual(second.books);
      });

      test("of two sources stay apart, though they know the same addresses", async () => {
        const attic = settlement({ charges: [charge()], addresses: [fact()], books: { source: "attic" } });
        const cellar = settlement({
          charges: [charge({ in: 7 })],
          addresses: [fact({ in: 7 })],
          books: { source: "cellar" },
        });
        await store.record(attic);
        await store.record(cellar);
        expect(await store.books("attic")).toEqual(attic.books);
        expect(await store.books("cellar")).toEqual(cellar.books);
        const devices = await store.devices();
        expect(devices.map(({ source, key }) => [source, key])).toEqual([
          ["attic", PHONE],
          ["cellar", PHONE],
        ]);
        const byDevice = new Map((await days()).map((row) => [row.device, row.in]));
        expect(devices.map(({ id }) => byDevice.get(id))).toEqual([1000, 7]);
      });

      test("a source says since when it is read, and when last", async () => {
        await store.record(settlement({ charges: [charge()], addresses: [fact()] }));
        await store.record(settlement({ books: { at: NOON + 30_000 } }));
        expect(await store.sources()).toEqual([{ source: "lan", firstAt: NOON, at: NOON + 30_000 }]);
        await store.close();
        store = await harness.open();
        expect(await store.sources()).toEqual([{ source: "lan", firstAt: NOON, at: NOON + 30_000 }]);
      });
    });

    describe("durability", () => {
      test("what was recorded is seen at once, and lost with its baselines when no checkpoint followed", async () => {
        const first = settlement({ charges: [charge()], addresses: [fact()] });
        await store.record(first);
        await store.checkpoint();
        await store.record(settlement({ charges: [charge({ in: 5 })], addresses: [fact({ in: 1005 })] }, first));
        expect((await onlyDay()).in).toBe(1005);

        store = await harness.crash();
        expect((await onlyDay()).in).toBe(1000);
        expect(await store.books("lan")).toEqual(first.books);
      });

      test("a checkpoint keeps everything since the one before, together", async () => {
        const first = settlement({ charges: [charge()], addresses: [fact()] });
        const second = settlement({ charges: [charge({ in: 5 })], addresses: [fact({ in: 1005 })] }, first);
        await store.record(first);
        await store.record(second);
        await store.checkpoint();
        store = await harness.crash();
        expect((await onlyDay()).in).toBe(1005);
        expect(await store.books("lan")).toEqual(second.books);
      });

      test("a checkpoint of nothing does nothing", async () => {
        await store.checkpoint();
        await store.checkpoint();
        expect(await store.range()).toBeNull();
      });

      test("closing makes the last checkpoint", async () => {
        await store.record(settlement({ charges: [charge()], addresses: [fact()] }));
        await store.close();
        store = await harness.open();
        expect((await onlyDay()).in).toBe(1000);
      });

      test("closing twice is no mistake; using a closed store is a clear one", async () => {
        await store.close();
        await store.close();
        await expect(store.books("lan")).rejects.toMatchObject({ name: "StoreError", code: "other" });
        await expect(store.record(settlement())).rejects.toThrow("closed");
      });

      test.each([
        ["no number", charge({ ip: "192.168.1.21", in: Number.NaN })],
        ["less than nothing", charge({ ip: "192.168.1.21", out: -1 })],
        ["half a byte", charge({ ip: "192.168.1.21", in: 0.5 })],
        ["a day that is none", charge({ ip: "192.168.1.21", day: "2026-02-30" })],
        ["an hour that is none", charge({ ip: "192.168.1.21", hour: 25 })],
        ["nobody", charge({ ip: "192.168.1.21", device: "" })],
      ])("a settlement with a charge of %s is refused, and nothing since the checkpoint is kept", async (_, unfit) => {
        const first = settlement({ charges: [charge()], addresses: [fact()] });
        await store.record(first);
        await store.checkpoint();
        const second = settlement({ charges: [charge({ in: 5 })], addresses: [fact({ in: 1005 })] }, first);
        await store.record(second);
        const third = settlement({ charges: [charge({ in: 2 }), unfit], addresses: [fact({ in: 1007 })] }, second);
        await expect(store.record(third)).rejects.toMatchObject({ name: "StoreError", code: "other" });

        expect((await onlyDay()).in).toBe(1000);
        expect(await store.books("lan")).toEqual(first.books);
        await store.record(settlement({ charges: [charge({ in: 7 })], addresses: [fact({ in: 1007 })] }, first));
        await store.checkpoint();
        expect((await onlyDay()).in).toBe(1007);
      });

      test("a backup holds the last checkpoint, and nothing recorded since", async () => {
        await store.record(settlement({ charges: [charge()], addresses: [fact()] }));
        await store.checkpoint();
        await store.record(settlement({ charges: [charge({ in: 5 })], addresses: [fact({ in: 1005 })] }));
        // Where a backup can be opened is the engine's to say; that it may be made while recording is for all.
        const { mkdtempSync, rmSync } = await import("node:fs");
        const { tmpdir } = await import("node:os");
        const folder = mkdtempSync(`${tmpdir()}/whitestat-contract-`);
        try {
          await store.backup(`${folder}/copy`);
        } finally {
          rmSync(folder, { recursive: true });
        }
        await store.checkpoint();
        expect((await onlyDay()).in).toBe(1005);
      });
    });

    describe("the revision", () => {
      const first = settlement({ charges: [charge()], addresses: [fact()] });
      const second = settlement({ charges: [charge({ in: 5 })], addresses: [fact({ in: 1005 })] }, first);

      test("is another one after each settlement that brings news, and the same while there are none", async () => {
        const seen = [await store.revision()];
        await store.record(first);
        seen.push(await store.revision());
        await store.record(second);
        seen.push(await store.revision());
        await store.prune({ hoursFrom: "2027-01-01", remoteFrom: null, devicesFrom: null });
        seen.push(await store.revision());
        expect(new Set(seen).size).toBe(4);
        await store.checkpoint();
        await store.record({ ...second, charges: [], addresses: [] });
        await days();
        expect(await store.revision()).toBe(seen.at(-1));
      });

      test("is a new one, and none of before, when a settlement failed and took others with it", async () => {
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

    describe("device days", () => {
      test("add up the charges of a day over hours and addresses", async () => {
        await store.record(settlement({ charges: [charge(), charge({ ip: "192.168.1.30", in: 1, out: 2 })] }));
        await store.record(settlement({ charges: [charge({ hour: 13, in: 10, out: 20 })] }));
        await store.record(settlement({ charges: [charge({ hour: 11, in: 100, out: 200 })] }));
        expect(await onlyDay()).toMatchObject({ day: DAY, in: 1111, out: 322, ip: "192.168.1.20" });
      });

      test("are those of the range, both ends included", async () => {
        for (const day of ["2026-01-28", "2026-01-29", "2026-01-30", "2026-01-31"]) {
          await store.record(settlement({ charges: [charge({ day })], addresses: [fact()] }));
        }
        expect((await days()).map((row) => row.day).sort()).toEqual([
          "2026-01-28",
          "2026-01-29",
          "2026-01-30",
          "2026-01-31",
        ]);
        const rows = await store.deviceDays("2026-01-29", "2026-01-30");
        expect(rows.map((row) => row.day).sort()).toEqual(["2026-01-29", "2026-01-30"]);
        expect(await store.range()).toEqual({ first: "2026-01-28", last: "2026-01-31" });
      });

      test("name the reported address that was charged last", async () => {
        await store.record(
          settlement({
            charges: [charge({ ip: "192.168.1.30" }), charge(), charge({ ip: "fe80::1", reported: false })],
            addresses: [fact({ ip: "192.168.1.30" }), fact(), fact({ ip: "fe80::1" })],
          }),
        );
        expect((await onlyDay()).ip).toBe("192.168.1.20");
        await store.record(
          settlement({ charges: [charge({ ip: "192.168.1.30" })], addresses: [fact({ ip: "192.168.1.30" })] }),
        );
        expect((await onlyDay()).ip).toBe("192.168.1.30");
      });

      test("keep what IPFilter hides apart, and out of the hours", async () => {
        const hidden = { ip: "2001:db8::1", reported: false };
        await store.record(settlement({ charges: [charge(hidden)], addresses: [fact({ ip: hidden.ip })] }));
        expect(await onlyDay()).toMatchObject({
          in: 0,
          out: 0,
          hiddenIn: 1000,
          hiddenOut: 100,
          ip: null,
          counterIn: 0,
        });
        expect(await store.deviceHours(DAY, DAY)).toEqual([]);
      });

      test("a change of IPFilter moves nothing that was charged before it", async () => {
        await store.record(settlement({ charges: [charge()], addresses: [fact()] }));
        await store.record(
          settlement({ charges: [charge({ in: 5, reported: false })], addresses: [fact({ in: 1005 })] }),
        );
        expect(await onlyDay()).toMatchObject({ in: 1000, hiddenIn: 5 });
      });

      test("bytes stay with the device that held the address when they were charged", async () => {
        await store.record(settlement({ charges: [charge()], addresses: [fact()] }));
        const moved = { holder: LAPTOP, in: 1005 };
        await store.record(settlement({ charges: [charge({ device: LAPTOP, in: 5 })], addresses: [fact(moved)] }));
        const devices = new Map((await store.devices()).map((device) => [device.id, device.key]));
        const rows = (await days()).map((row) => [devices.get(row.device), row.in, row.counterIn]).sort();
        expect(rows).toEqual([
          [PHONE, 1000, 0],
          [LAPTOP, 5, 1005],
        ]);
      });

      test("show darkstat's counters of the day's last reading, of all reported addresses held", async () => {
        const first = settlement({
          charges: [charge(), charge({ ip: "192.168.1.30" }), charge({ ip: "fe80::1", reported: false })],
          addresses: [fact({ in: 900_000 }), fact({ ip: "192.168.1.30", in: 50 }), fact({ ip: "fe80::1", in: 7 })],
        });
        await store.record(first);
        expect(await onlyDay()).toMatchObject({ counterIn: 900_050, counterOut: 200 });
        const next = { day: "2026-02-01", hour: 0 };
        await store.record(settlement({ charges: [charge(next)], addresses: [fact({ in: 901_000 })] }, first));
        const rows = (await days()).map(({ day, counterIn }) => [day, counterIn]).sort();
        expect(rows).toEqual([
          [DAY, 900_050],
          ["2026-02-01", 901_050],
        ]);
      });

      test("count an address among the counters once it was charged with a baseline", async () => {
        const other = "192.168.1.30";
        await store.record(settlement({ charges: [charge({ ip: other })] }));
        const first = settlement({ charges: [charge()], addresses: [fact(), fact({ ip: other, in: 50 })] });
        await store.record(first);
        expect((await onlyDay()).counterIn).toBe(1000);
        const second = settlement(
          { charges: [charge({ ip: other, in: 5 })], addresses: [fact({ ip: other, in: 55 })] },
          first,
        );
        await store.record(second);
        expect((await onlyDay()).counterIn).toBe(1055);
      });

      test("show when the device last sent, to the second, and never step back", async () => {
        await store.record(settlement({ charges: [charge()], addresses: [fact({ seenAt: NOON + 1999 })] }));
        expect((await onlyDay()).seenAt).toBe(NOON + 1000);
        const before = [fact({ seenAt: NOON - 60_000 })];
        await store.record(settlement({ charges: [charge({ hour: 13 })], addresses: before }));
        expect((await onlyDay()).seenAt).toBe(NOON + 1000);
      });

      test("have no instant for a device that never sent", async () => {
        await store.record(settlement({ charges: [charge()], addresses: [fact({ seenAt: null })] }));
        expect((await onlyDay()).seenAt).toBeNull();
      });

      test("are marked when the day itself is a reconstruction, hours already when only they are", async () => {
        await store.record(settlement({ charges: [charge({ reconstructed: "hour" })], addresses: [fact()] }));
        expect((await onlyDay()).reconstructed).toBe(false);
        expect(await store.deviceHours(DAY, DAY)).toMatchObject([{ hour: 12, reconstructed: true }]);
        await store.record(
          settlement({ charges: [charge({ reconstructed: "day" })], addresses: [fact({ in: 2000 })] }),
        );
        await store.record(settlement({ charges: [charge()], addresses: [fact({ in: 3000 })] }));
        expect(await onlyDay()).toMatchObject({ reconstructed: true, in: 3000, implausible: false });
      });

      test("hold amounts beyond 32 bits exactly", async () => {
        const much = 9_000_000_000_000_001;
        await store.record(settlement({ charges: [charge({ in: much })], addresses: [fact({ in: much })] }));
        expect(await onlyDay()).toMatchObject({ in: much, counterIn: much });
      });
    });

    describe("device hours", () => {
      test("add up the charges of each clock hour, also of a 25-hour day", async () => {
        for (const hour of [0, 12, 12, 24, 3]) {
          await store.record(settlement({ charges: [charge({ hour })], addresses: [fact()] }));
        }
        const rows = (await store.deviceHours(DAY, DAY)).map(({ hour, in: down, out }) => [hour, down, out]);
        expect(rows.sort(([one = 0], [other = 0]) => one - other)).toEqual([
          [0, 1000, 100],
          [3, 1000, 100],
          [12, 2000, 200],
          [24, 1000, 100],
        ]);
      });
    });

    describe("remote days", () => {
      test("a remote host is one row of its day, whatever hour it is", async () => {
        const remote = { ip: "8.8.8.8", holder: null } as const;
        const at = (bytes: number) => fact({ ...remote, in: bytes, out: 0 });
        const used = (bytes: number) =>
          charge({ kind: "remote", device: "", ip: remote.ip, hour: 0, in: bytes, out: 0 });
        const noon = settlement({ charges: [charge(), used(10)], addresses: [fact(), at(10)] });
        await store.record(noon);
        const later = charge({ hour: 13, in: 1, out: 0 });
        await store.record(settlement({ charges: [later, used(5)], addresses: [fact({ in: 1001 }), at(15)] }, noon));
        await store.checkpoint();
        store = await harness.crash();
        const rows = await store.remoteDays(DAY, DAY);
        expect(rows).toMatchObject([{ ip: "8.8.8.8", in: 15, out: 0, counterIn: 15 }]);
      });

      const remote = { kind: "remote", device: "", ip: "203.0.113.5" } as const;
      const host = (some = {}) => fact({ ip: remote.ip, holder: null, mac: ROUTER, ...some });

      test("tell the host, the router it came through, its counters and whether IPFilter shows it", async () => {
        await store.record(
          settlement({ charges: [charge(remote)], addresses: [host({ hostname: "cdn.example", in: 4000 })] }),
        );
        const row = {
          source: "lan",
          day: DAY,
          ip: remote.ip,
          mac: ROUTER,
          hostname: "cdn.example",
          in: 1000,
          out: 100,
          reported: true,
          seenAt: NOON,
          counterIn: 4000,
          counterOut: 100,
          reconstructed: false,
        };
        expect(await store.remoteDays(DAY, DAY)).toEqual([row]);
        expect(await days()).toEqual([]);
        await store.record(
          settlement({ charges: [charge({ ...remote, hour: 13, reported: false })], addresses: [host()] }),
        );
        expect(await store.remoteDays(DAY, DAY)).toMatchObject([{ in: 2000, reported: false, counterIn: 1000 }]);
      });

      test("keep each day's counters", async () => {
        await store.record(settlement({ charges: [charge(remote)], addresses: [host({ in: 10 })] }));
        const next = charge({ ...remote, day: "2026-02-01", hour: 0 });
        await store.record(settlement({ charges: [next], addresses: [host({ in: 20 })] }));
        const rows = (await store.remoteDays(DAY, "2026-02-01")).map(({ day, counterIn }) => [day, counterIn]);
        expect(rows.sort()).toEqual([
          [DAY, 10],
          ["2026-02-01", 20],
        ]);
      });
    });

    describe("balances", () => {
      test("put devices, hidden bytes, routers, remote hosts and the rest against what darkstat counted", async () => {
        await store.record(
          settlement({
            charges: [
              charge({ in: 1, out: 2 }),
              charge({ ip: "fe80::1", reported: false, in: 4, out: 8 }),
              charge({ device: ROUTER, ip: "192.168.1.1", in: 16, out: 32 }),
              charge({ device: ROUTER, ip: "fe80::ff", reported: false, in: 64, out: 128 }),
              charge({ kind: "remote", device: "", ip: "8.8.8.8", in: 256, out: 512 }),
              charge({ kind: "remote", device: "", ip: "2001:db8::8", reported: false, in: 1024, out: 2048 }),
              charge({ kind: "group", device: "", ip: "", in: 4096, out: 8192 }),
              charge({ kind: "unattributed", device: "", ip: "", in: 16_384, out: 32_768 }),
            ],
            addresses: [fact(), fact({ ip: "192.168.1.1", holder: ROUTER })],
            routers: [ROUTER],
            counted: [{ day: DAY, bytes: 21_845, captured: 30, dropped: 2 }],
          }),
        );
        const balance = {
          source: "lan",
          day: DAY,
          devices: { in: 1, out: 2 },
          hidden: { in: 4, out: 8 },
          routers: { in: 80, out: 160 },
          remote: { in: 1280, out: 2560 },
          group: { in: 4096, out: 8192 },
          unattributed: { in: 16_384, out: 32_768 },
          counted: 21_845,
          captured: 30,
          dropped: 2,
        };
        expect(await store.balances(DAY, DAY)).toEqual([balance]);
        expect(await store.balances("2026-02-01", "2026-02-02")).toEqual([]);
      });

      test("a device found to be a router later is one on the days before, too", async () => {
        const first = settlement({ charges: [charge()], addresses: [fact()] });
        await store.record(first);
        expect(await store.balances(DAY, DAY)).toMatchObject([{ devices: { in: 1000 }, routers: { in: 0 } }]);
        await store.record(settlement({ routers: [PHONE] }, first));
        expect(await store.balances(DAY, DAY)).toMatchObject([{ devices: { in: 0 }, routers: { in: 1000 } }]);
        expect(await store.devices()).toMatchObject([{ key: PHONE, router: true }]);
      });
    });

    describe("devices", () => {
      test("span the days on which they were charged, whatever the order", async () => {
        for (const day of ["2026-01-30", "2026-02-02", "2026-01-29"]) {
          await store.record(settlement({ charges: [charge({ day })], addresses: [fact()] }));
        }
        expect(await store.devices()).toMatchObject([{ firstDay: "2026-01-29", lastDay: "2026-02-02" }]);
        const [device] = await store.devices();
        expect(await store.addressesOf(device?.id ?? -1)).toEqual([
          { ip: "192.168.1.20", hostname: null, firstDay: "2026-01-29", lastDay: "2026-02-02" },
        ]);
      });

      test("a MAC that only stands before remote hosts, or only has a baseline, is none yet", async () => {
        await store.record(
          settlement({
            charges: [charge({ kind: "remote", device: "", ip: "8.8.8.8" })],
            addresses: [fact({ ip: "8.8.8.8", holder: null, mac: ROUTER }), fact()],
            routers: [ROUTER],
          }),
        );
        expect(await store.devices()).toEqual([]);
      });

      test("carry the newest name of any of their addresses, and keep it while there is none", async () => {
        const names: [string, string | null][] = [
          ["192.168.1.20", "phone"],
          ["192.168.1.30", "phone-two"],
          ["192.168.1.20", null],
        ];
        for (const [ip, hostname] of names) {
          await store.record(settlement({ charges: [charge({ ip })], addresses: [fact({ ip, hostname })] }));
        }
        expect(await store.devices()).toMatchObject([{ hostname: "phone-two" }]);
        const [device] = await store.devices();
        const addresses = await store.addressesOf(device?.id ?? -1);
        expect(addresses.map(({ ip, hostname }) => [ip, hostname])).toEqual([
          ["192.168.1.20", "phone"],
          ["192.168.1.30", "phone-two"],
        ]);
      });

      test("list the address used last first", async () => {
        await store.record(settlement({ charges: [charge({ day: "2026-01-29" })], addresses: [fact()] }));
        await store.record(
          settlement({ charges: [charge({ ip: "10.0.0.9" })], addresses: [fact({ ip: "10.0.0.9" })] }),
        );
        const [device] = await store.devices();
        const addresses = await store.addressesOf(device?.id ?? -1);
        expect(addresses.map(({ ip }) => ip)).toEqual(["10.0.0.9", "192.168.1.20"]);
      });

      test("take any name, and give it back unchanged", async () => {
        const hostname = `'); DROP TABLE device; -- <script>"🦊\u202e`;
        await store.record(settlement({ charges: [charge()], addresses: [fact({ hostname })] }));
        expect(await store.devices()).toMatchObject([{ hostname }]);
      });
    });

    describe("notes", () => {
      test("come newest first, as many as asked for", async () => {
        const at = [NOON, NOON + 2, NOON + 1];
        const notes = at.map((instant) => ({ at: instant, code: "clock-jump" as const, detail: { seconds: instant } }));
        await store.record(settlement({ notes }));
        expect((await store.notes(2)).map((note) => note.at)).toEqual([NOON + 2, NOON + 1]);
        expect(await store.notes(1)).toEqual([
          { source: "lan", at: NOON + 2, code: "clock-jump", detail: { seconds: NOON + 2 } },
        ]);
      });
    });

    describe("pruning", () => {
      test("forgets hours, remote hosts and notes of earlier days, and no device's day", async () => {
        const remote = { kind: "remote", device: "", ip: "8.8.8.8" } as const;
        for (const [index, day] of ["2026-01-20", "2026-01-25", "2026-01-31"].entries()) {
          const at = Date.UTC(2026, 0, [20, 25, 31][index]);
          await store.record(
            settlement({
              charges: [charge({ day }), charge({ ...remote, day })],
              addresses: [fact(), fact({ ip: "8.8.8.8", holder: null })],
              notes: [{ at, code: "clock-jump", detail: {} }],
            }),
          );
        }
        expect(await store.prune({ hoursFrom: "2026-01-31", remoteFrom: "2026-01-25", devicesFrom: null })).toBe(
          2 + 1 + 1,
        );
        await store.checkpoint();
        store = await harness.crash();
        const all = ["2020-01-01", "2030-01-01"] as const;
        expect((await store.deviceHours(...all)).map((row) => row.day)).toEqual(["2026-01-31"]);
        expect((await store.remoteDays(...all)).map((row) => row.day).sort()).toEqual(["2026-01-25", "2026-01-31"]);
        expect(await store.notes(10)).toHaveLength(2);
        expect(await days()).toHaveLength(3);
        expect(await store.balances(...all)).toMatchObject([
          { remote: { in: 1000 } },
          { remote: { in: 1000 } },
          { remote: { in: 1000 } },
        ]);
      });

      test("forgets devices' days and balances when told to, and the devices that have none left", async () => {
        await store.record(
          settlement({
            charges: [charge({ day: "2026-01-20" }), charge({ device: LAPTOP, ip: "192.168.1.21", day: "2026-01-20" })],
            addresses: [fact({ hostname: "phone" }), fact({ ip: "192.168.1.21", holder: LAPTOP })],
          }),
        );
        const books = settlement({
          charges: [charge({ device: LAPTOP, ip: "192.168.1.21" })],
          addresses: [fact({ hostname: "phone" }), fact({ ip: "192.168.1.21", holder: LAPTOP, in: 2000 })],
        });
        await store.record(books);
        expect(await store.prune({ hoursFrom: null, remoteFrom: null, devicesFrom: "2026-01-21" })).toBe(2 + 2 + 1);
        expect(await store.devices()).toMatchObject([{ key: LAPTOP, firstDay: "2026-01-20", lastDay: DAY }]);
        expect(await onlyDay()).toMatchObject({ in: 1000, day: DAY });
        expect(await store.range()).toEqual({ first: DAY, last: DAY });
        expect(await store.books("lan")).toEqual(books.books);
        await store.record(settlement({ charges: [charge({ in: 3 })], addresses: [fact({ in: 1003 })] }, books));
        expect((await days()).map((row) => row.in).sort()).toEqual([1000, 3]);
      });

      test("a day of which only hosts beyond the router are left is still a day", async () => {
        await store.record(
          settlement({
            charges: [charge(), charge({ kind: "remote", device: "", ip: "8.8.8.8" })],
            addresses: [fact(), fact({ ip: "8.8.8.8", holder: null })],
          }),
        );
        await store.prune({ hoursFrom: null, remoteFrom: null, devicesFrom: "2026-02-01" });
        expect(await days()).toEqual([]);
        expect(await store.remoteDays(DAY, DAY)).toHaveLength(1);
        expect(await store.range()).toEqual({ first: DAY, last: DAY });
      });

      test("keeps the baseline of an address whose days are forgotten", async () => {
        const first = settlement({
          charges: [charge({ kind: "remote", device: "", ip: "8.8.8.8" })],
          addresses: [fact({ ip: "8.8.8.8", holder: null, hostname: "dns" })],
        });
        await store.record(first);
        await store.prune({ hoursFrom: null, remoteFrom: "2027-01-01", devicesFrom: null });
        expect(await store.remoteDays("2020-01-01", "2030-01-01")).toEqual([]);
        expect(await store.books("lan")).toEqual(first.books);
      });
    });
  });
}
