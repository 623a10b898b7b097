import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { fillUp } from "../../../test/lib/fill-up.ts";
import type { Settlement } from "../../accounting/types.ts";
import { createStore } from "../create-store.ts";
import { openSqliteEngine } from "../engine/sqlite.ts";
import { openSqliteStore } from "../sqlite-store.ts";
import { type Store, StoreError } from "../store.ts";
import {
  charge,
  DAY,
  fact,
  NOON,
  remoteCharge,
  remoteFact,
  settlement,
  temporaryFolder,
  viewOf,
} from "../testing/settlements.ts";

/** A file system of its own, of a few hundred kB, on `path`; null where mounting is not permitted. */
function mountSmallDisk(path: string, size: string): ({ remount(options: string): void } & Disposable) | null {
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${size}`, "tmpfs", path], { stdio: "ignore" });
  } catch {
    return null;
  }
  return {
    remount: (options) => void execFileSync("mount", ["-o", `remount,${options}`, path]),
    [Symbol.dispose]: () => void execFileSync("umount", ["-l", path]),
  };
}

const HOSTS = 200;

/** The n-th settlement of a darkstat that counts `HOSTS` devices, each 1,000 bytes further than the one before. */
function nth(count: number, from: number): Settlement {
  const charges = [];
  const addresses = [];
  for (let host = 0; host < HOSTS; host += 1) {
    const ip = `10.0.0.${host}`;
    const mac = `02:00:00:00:00:${host.toString(16).padStart(2, "0")}`;
    charges.push(charge({ ip, mac, in: (count - from) * 1000, out: count - from }));
    addresses.push(fact({ ip, mac, in: count * 1000, out: count, hostname: `host-${host}` }));
  }
  return settlement({ charges, addresses, books: { counted: count } });
}

async function expectDay(store: Store, count: number): Promise<void> {
  const rows = await store.deviceDays(DAY, DAY);
  expect(rows).toHaveLength(HOSTS);
  expect(new Set(rows.map((row) => row.in))).toEqual(new Set([count * 1000]));
  expect(new Set(rows.map((row) => row.counterIn))).toEqual(new Set([count * 1000]));
}

test("a full disk is named, and once there is space the store goes on with nothing lost or doubled", async (context) => {
  using folder = temporaryFolder();
  using disk = mountSmallDisk(folder.path, "384k");
  if (!disk) return context.skip("mounting a small file system is not permitted here");
  const store = openSqliteStore({ path: folder.file("w.db"), view: viewOf() });
  const ballast = folder.file("ballast");
  let durable = 0;
  let refused = 0;
  for (let count = 1; count <= 12; count += 1) {
    if (count === 4) fillUp(ballast);
    if (count === 9) rmSync(ballast);
    const books = await store.books("lan");
    try {
      await store.record(nth(count, books?.counted ?? 0));
      await store.checkpoint();
      durable = count;
    } catch (error) {
      refused += 1;
      expect(error).toMatchObject({ name: "StoreError", code: "full", hint: expect.stringContaining(folder.path) });
      expect((await store.books("lan"))?.counted).toBe(durable);
      await expectDay(store, durable);
    }
  }
  expect(refused).toBeGreaterThan(0);
  expect(durable).toBe(12);
  await expectDay(store, 12);
  await store.close();
});

test("a full disk at the first start is named, too", (context) => {
  using folder = temporaryFolder();
  using disk = mountSmallDisk(folder.path, "64k");
  if (!disk) return context.skip("mounting a small file system is not permitted here");
  fillUp(folder.file("ballast"));
  expect(() => openSqliteStore({ path: folder.file("w.db"), view: viewOf() })).toThrow(
    expect.objectContaining({ code: "full" }),
  );
});

test("a full disk at a later start is named, too, and the store opens once there is space", async (context) => {
  using folder = temporaryFolder();
  using disk = mountSmallDisk(folder.path, "384k");
  if (!disk) return context.skip("mounting a small file system is not permitted here");
  const path = folder.file("w.db");
  let store = openSqliteStore({ path, view: viewOf() });
  await store.record(nth(1, 0));
  await store.close();
  fillUp(folder.file("ballast"));
  expect(() => openSqliteStore({ path, view: viewOf() })).toThrow(expect.objectContaining({ code: "full" }));
  rmSync(folder.file("ballast"));
  store = openSqliteStore({ path, view: viewOf() });
  await expectDay(store, 1);
  await store.close();
});

test("a disk that turns read-only is named; reading goes on, and writing once it may", async (context) => {
  using folder = temporaryFolder();
  using disk = mountSmallDisk(folder.path, "1m");
  if (!disk) return context.skip("mounting a small file system is not permitted here");
  const path = folder.file("w.db");
  let store = openSqliteStore({ path, view: viewOf() });
  await store.record(nth(1, 0));
  await store.close();

  disk.remount("ro");
  expect(() => openSqliteStore({ path, view: viewOf() })).toThrow(
    expect.objectContaining({ code: "read-only", hint: expect.stringContaining("read-only") }),
  );
  disk.remount("rw");
  store = openSqliteStore({ path, view: viewOf() });
  await store.record(nth(2, 1));
  await store.close();
  store = openSqliteStore({ path, view: viewOf() });
  await expectDay(store, 2);
  await store.close();
});

test("another program that writes is named, and nothing is lost by waiting for it", async () => {
  using folder = temporaryFolder();
  const path = folder.file("w.db");
  const store = openSqliteStore({ path, view: viewOf() });
  await store.record(nth(1, 0));
  await store.checkpoint();
  const other = new DatabaseSync(path);
  other.exec("BEGIN IMMEDIATE");
  await store.record(nth(2, 1));
  await expect(store.checkpoint()).rejects.toMatchObject({ code: "busy" });
  await expectDay(store, 1);
  other.exec("ROLLBACK");
  await store.record(nth(2, 1));
  await store.checkpoint();
  await expectDay(store, 2);
  other.close();
  await store.close();
});

test("other programs read the last checkpoint while the next one is being recorded", async () => {
  using folder = temporaryFolder();
  const path = folder.file("w.db");
  const store = openSqliteStore({ path, view: viewOf() });
  await store.record(nth(1, 0));
  await store.checkpoint();
  await store.record(nth(2, 1));
  const reader = new DatabaseSync(path, { readOnly: true });
  const kilobytes = () => reader.prepare("SELECT max(KBIn) AS kb FROM dailyusage").get()?.kb;
  expect(kilobytes()).toBe(0.98);
  await store.checkpoint();
  expect(kilobytes()).toBe(1.95);
  reader.close();
  await store.close();
});

test("damaged pages are named, by a query as by a record", async () => {
  using folder = temporaryFolder();
  const path = folder.file("w.db");
  let store = openSqliteStore({ path, view: viewOf() });
  await store.record(nth(1, 0));
  await store.close();
  const bytes = readFileSync(path);
  // The first page holds the header and the root of the schema: a file that opens, and is rotten within.
  bytes.fill(0xa5, 2048 * 2);
  writeFileSync(path, bytes);
  const codes: unknown[] = [];
  try {
    store = openSqliteStore({ path, view: viewOf() });
    await store.deviceDays(DAY, DAY).catch((error) => codes.push(error.code));
    await store.record(nth(2, 1)).catch((error) => codes.push(error.code));
    await store.close();
  } catch (error) {
    codes.push((error as { code: unknown }).code);
  }
  expect(codes.length).toBeGreaterThan(0);
  expect(new Set(codes)).toEqual(new Set(["corrupt"]));
});

test.each([
  ["books that are no JSON", "UPDATE source SET books = '{'"],
  ["an open hour that is no JSON", "UPDATE source SET open_hour = 'rot'"],
  [
    "an open hour of endpoints that are none",
    "UPDATE source SET open_hour = json_set(open_hour, '$.endpoints[0][0]', 4711)",
  ],
  ["an endpoint at no interface", "UPDATE endpoint SET interface = 4711"],
])("%s: rows that we never wrote are damage", async (_, sql) => {
  using folder = temporaryFolder();
  const path = folder.file("w.db");
  let store = openSqliteStore({ path, view: viewOf() });
  await store.record(settlement({ charges: [charge()], addresses: [fact()] }));
  await store.record(settlement({ charges: [charge({ hour: 13 })], addresses: [fact({ in: 2000 })] }));
  await store.close();
  const db = new DatabaseSync(path, { enableForeignKeyConstraints: false });
  db.exec(sql);
  db.close();
  store = openSqliteStore({ path, view: viewOf() });
  await expect(store.sources()).rejects.toMatchObject({ name: "StoreError", code: "corrupt" });
  await store.close();
});

test("a router is found with all that follows from it, or not yet", async () => {
  using folder = temporaryFolder();
  const view = viewOf({ routers: { auto: true, macs: [] } });
  const engine = openSqliteEngine(folder.file("w.db"));
  let isFull = true;
  const store = createStore(
    {
      ...engine,
      async run(sql, ...parameters) {
        if (isFull && sql.includes("UPDATE endpoint SET role"))
          throw new StoreError("full", "full", "Free some space.");
        return engine.run(sql, ...parameters);
      },
    },
    { view },
  );
  const hosts = ["1.1.1.1", "8.8.8.8", "9.9.9.9", "203.0.113.5"];
  const reading = settlement({
    charges: hosts.map((ip) => remoteCharge({ ip })),
    addresses: hosts.map((ip) => remoteFact({ ip })),
  });
  await expect(store.record(reading)).rejects.toMatchObject({ code: "full" });
  expect(await store.routers()).toEqual([]);
  expect(await store.notes(9)).toEqual([]);
  isFull = false;
  const next = settlement({ charges: [remoteCharge({ in: 1 })], addresses: [remoteFact({ in: 1001 })] }, reading);
  expect(await store.record(next)).toHaveLength(1);
  expect(await store.routers()).toHaveLength(1);
  expect(await store.devices()).toEqual([]);
  expect(await store.remoteSums(DAY, DAY, 9)).toMatchObject({ in: 4001, count: 4 });
  await store.close();
});

test("a folder that is not there is named", () => {
  using folder = temporaryFolder();
  expect(() => openSqliteStore({ path: folder.file("nowhere/w.db") })).toThrow(
    expect.objectContaining({ code: "other", hint: expect.stringContaining("nowhere") }),
  );
});

test("a file of another program, and one of a newer version, are refused and left as they are", () => {
  using folder = temporaryFolder();
  const make = (name: string, sql: string) => {
    const path = folder.file(name);
    const db = new DatabaseSync(path);
    db.exec(sql);
    db.close();
    return path;
  };
  const others = [
    ["foreign", "foreign", "CREATE TABLE recipe (name TEXT)"],
    ["legacy", "foreign", "CREATE TABLE usagehistory (IP TEXT); CREATE TABLE dailyusage (IP TEXT)"],
    ["newer", "newer", "PRAGMA application_id = 1466454900; PRAGMA user_version = 999; CREATE TABLE source (id)"],
  ] as const;
  for (const [name, code, sql] of others) {
    const path = make(name, sql);
    const before = readFileSync(path);
    expect(() => openSqliteStore({ path, view: viewOf() })).toThrow(expect.objectContaining({ code }));
    expect(readFileSync(path)).toEqual(before);
  }
});

test("a reading without news writes nothing but once an hour, and its instant is kept in memory", async () => {
  using folder = temporaryFolder();
  const path = folder.file("w.db");
  const store = openSqliteStore({ path, view: viewOf() });
  const first = settlement({ charges: [charge()], addresses: [fact()] });
  await store.record(first);
  await store.checkpoint();
  const size = () => statSync(`${path}-wal`).size;
  const before = size();
  const quiet = (at: number) => settlement({ books: { at, uptimeSeconds: at / 1000 } }, first);
  for (let minute = 1; minute < 60; minute += 1) {
    await store.record(quiet(NOON + minute * 60_000));
    await store.checkpoint();
  }
  expect(size()).toBe(before);
  expect((await store.books("lan"))?.at).toBe(NOON + 59 * 60_000);
  await store.record(quiet(NOON + 60 * 60_000));
  await store.checkpoint();
  expect(size()).toBeGreaterThan(before);
  await store.close();
});

test("a checkpoint with 1,000 hosts changed writes at most 80 kB to the log", async () => {
  using folder = temporaryFolder();
  const path = folder.file("w.db");
  const store = openSqliteStore({ path, view: viewOf() });
  const reading = (count: number) => {
    const hosts = Array.from({ length: 1000 }, (_, host) => `203.${host >> 8}.113.${host & 255}`);
    const counters = { in: count * 150_000, out: count * 20_000, seenAt: NOON + count * 1000 };
    return settlement({
      charges: hosts.map((ip) => remoteCharge({ ip, in: 150_000, out: 20_000 })),
      addresses: hosts.map((ip) => remoteFact({ ip, ...counters })),
      books: { counted: count },
    });
  };
  for (let count = 1; count <= 20; count += 1) {
    await store.record(reading(count));
    await store.checkpoint();
  }
  const before = statSync(`${path}-wal`).size;
  await store.record(reading(21));
  expect(statSync(`${path}-wal`).size).toBe(before);
  await store.checkpoint();
  expect(statSync(`${path}-wal`).size - before).toBeLessThanOrEqual(80_000);
  await store.close();
});

test("kill -9 at any moment leaves charges and baselines that agree, and every checkpoint that was made", async () => {
  using folder = temporaryFolder();
  const path = folder.file("w.db");
  for (const lines of [1, 7, 3, 20, 2, 11]) {
    const said = await runAndKill(path, lines);
    const store = openSqliteStore({ path, view: viewOf() });
    const count = (await store.books("lan"))?.baselines.get("192.168.1.20")?.in ?? 0;
    expect(count).toBeGreaterThanOrEqual(said);
    expect(count % 5).toBe(0);
    const figures = { in: count, out: 2 * count, counterIn: count, counterOut: 2 * count };
    expect(await store.deviceDays(DAY, DAY)).toMatchObject([figures]);
    expect(await store.remoteDays(DAY, DAY)).toMatchObject([figures]);
    const hours = await store.deviceHours(DAY, DAY);
    expect(hours.reduce((sum, hour) => sum + hour.in, 0)).toBe(count);
    await store.close();
  }
});

/** Lets the child make a number of checkpoints and kills it in the midst of what follows. Returns the last one it named. */
async function runAndKill(path: string, lines: number): Promise<number> {
  const script = fileURLToPath(new URL("../testing/crash-child.ts", import.meta.url));
  const child: ChildProcess = spawn(process.execPath, [script, path], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(child, "exit");
  let text = "";
  for await (const chunk of child.stdout ?? []) {
    text += chunk;
    if (text.split("\n").length > lines) child.kill("SIGKILL");
  }
  const [, signal] = await ended;
  expect(signal).toBe("SIGKILL");
  return Number(text.slice(0, text.lastIndexOf("\n")).split("\n").at(-1));
}
