import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Settlement } from "../../accounting/types.ts";
import { type Store, StoreError } from "../store.ts";
import { charge, counted, fact, settlement as settlementOf } from "../testing/settlements.ts";
import { backUpDaily } from "./backups.ts";
import { openOrRecover, type Recovery } from "./recover.ts";
import { createReopeningStore } from "./reopening.ts";

let dir = "";
let store: Store;
let recoveries: Recovery[];
let refusals: number;
const FILE = "WhiteStat.db";
const DAY = "2026-06-15";
const NOON = Date.UTC(2026, 5, 15, 12);

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "reopening-"));
  recoveries = [];
  refusals = 0;
  store = createReopeningStore({
    async open(suspect) {
      if (refusals-- > 0) throw new StoreError("read-only", "the disk is read-only", "Mount it again.");
      const log = { info: () => {}, error: () => {} };
      return openOrRecover({ dir, file: FILE, now: () => NOON, log, suspect });
    },
    onRecovery: (recovery) => recoveries.push(recovery),
  });
});

afterEach(async () => {
  await store.close();
  rmSync(dir, { recursive: true });
});

/** The device's counters stand at `bytes`, all of them charged since `before`. */
function settlement(bytes: number, before: number): Settlement {
  const addresses = [fact({ in: bytes, out: 0, seenAt: null })];
  const charges = [charge({ in: bytes - before, out: 0, day: DAY })];
  const books = { source: "darkstat", at: NOON + bytes, counted: bytes };
  return settlementOf({ charges, addresses, counted: [counted({ day: DAY, bytes: bytes - before })], books });
}

const inAll = async () => (await store.deviceDays(DAY, DAY)).reduce((sum, day) => sum + day.in, 0);

test("says why it can't be opened, and opens when it can", async () => {
  refusals = 2;
  await expect(store.books("darkstat")).rejects.toThrow("read-only");
  await expect(store.devices()).rejects.toThrow("read-only");
  expect(await store.books("darkstat")).toBeNull();
});

test("goes on from the backup when the file proves damaged, and makes whoever settles read the books again", async () => {
  await store.record(settlement(1_000, 0));
  await store.checkpoint();
  await backUpDaily({ store, dir, file: FILE }, DAY);
  await store.record(settlement(1_700, 1_000));
  await store.checkpoint();
  await store.close();

  // Every page but the first is rot, as after a worn-out card.
  const path = join(dir, FILE);
  const file = openSync(path, "r+");
  const rot = Buffer.alloc(512, 0xa5);
  for (let at = 1_024; at < statSync(path).size; at += 512) writeSync(file, rot, 0, rot.length, at);
  closeSync(file);
  store = createReopeningStore({
    open: (suspect) =>
      openOrRecover({ dir, file: FILE, now: () => NOON, log: { info: () => {}, error: () => {} }, suspect }),
    onRecovery: (recovery) => recoveries.push(recovery),
  });
  expect(await inAll()).toBe(1_000);
  expect(recoveries).toMatchObject([{ restored: DAY }]);
});

test("refuses a settlement that builds on books which the damage took, until they are read", async () => {
  await store.record(settlement(1_000, 0));
  await store.checkpoint();
  const broken = createReopeningStore({
    async open() {
      return {
        store: {
          ...store,
          devices: async () => Promise.reject(new StoreError("corrupt", "rot", "-")),
          close: async () => {},
        },
        recovery: null,
      };
    },
    onRecovery: () => {},
  });
  await expect(broken.devices()).rejects.toThrow("rot");
  await expect(broken.record(settlement(1_700, 1_000))).rejects.toThrow("has other books");
  await broken.books("darkstat");
  await broken.record(settlement(1_700, 1_000));
  expect(await inAll()).toBe(1_700);
});

test("has another revision once another file is open, even where that file would say the same", async () => {
  let isDamaged = false;
  const reopened = createReopeningStore({
    open: async () => ({
      store: {
        ...store,
        revision: async () => 3,
        devices: async () => (isDamaged ? Promise.reject(new StoreError("corrupt", "rot", "-")) : []),
        close: async () => {},
      },
      recovery: null,
    }),
    onRecovery: () => {},
  });
  const before = await reopened.revision();
  expect(await reopened.revision()).toBe(before);
  isDamaged = true;
  await expect(reopened.devices()).rejects.toThrow("rot");
  expect(await reopened.revision()).not.toBe(before);
});
