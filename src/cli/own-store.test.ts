import { readdirSync, truncateSync, writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import type { Clock } from "../collector/clock.ts";
import { backUpDaily } from "../store/file/backups.ts";
import { type Store, StoreError } from "../store/store.ts";
import { charge, charging, DAY, NOON, temporaryFolder, viewOf } from "../store/testing/settlements.ts";
import { createOwnStore, readOwnStore, refusalOf, refusalToTakeOver, refuseNoStore } from "./own-store.ts";

const FILE = "WhiteStat.db";
const HINT = "Do this.";

function refusing(code: StoreError["code"]): StoreError {
  return new StoreError(code, `it is ${code}`, HINT);
}

/** Time that goes on while it is slept. */
function createSleeper(): Clock & { readonly slept: () => number } {
  let time = 0;
  return {
    now: () => NOON + time,
    mono: () => time,
    async sleep(ms) {
      time += ms;
    },
    slept: () => time,
  };
}

function setUp(databaseUrl: string | null = null) {
  const folder = temporaryFolder();
  const lines: string[] = [];
  const say = (line: string) => void lines.push(line);
  const log = { info: say, warn: say, error: say, trace: () => {}, close: () => {} };
  const raised: string[] = [];
  const opened: string[] = [];
  const clock = createSleeper();
  const settings = { databaseUrl, dbFile: folder.file(FILE) };
  const stores: Store[] = [];
  return {
    settings,
    clock,
    log,
    lines,
    raised,
    opened,
    folder,
    own(view = viewOf()): Store {
      const store = createOwnStore({
        settings,
        clock,
        log,
        problems: { raise: (code, message) => void raised.push(`${code}: ${message}`) },
        view: () => view,
        beforeOpen: async (path) => void opened.push(path),
      });
      stores.push(store);
      return store;
    },
    async [Symbol.asyncDispose]() {
      for (const store of stores) await store.close();
      folder[Symbol.dispose]();
    },
  };
}

test("a store in a file is opened at its first use, answers by the settings, and is looked at before", async () => {
  await using place = setUp();
  const store = place.own(viewOf({ ipFilter: /:/ }));
  expect(place.opened).toEqual([]);
  expect(readdirSync(place.folder.path)).toEqual([]);
  await store.record(charging(charge()));
  expect(place.opened).toEqual([place.settings.dbFile]);
  expect(await store.deviceDays(DAY, DAY)).toMatchObject([{ in: 0, hiddenIn: 1000 }]);
  expect(place.raised).toEqual([]);
});

test("a damaged file is a problem that people see, and its last backup goes on", async () => {
  await using place = setUp();
  const store = place.own();
  await store.record(charging(charge()));
  await store.checkpoint();
  await backUpDaily({ store, dir: place.folder.path, file: FILE }, DAY);
  await store.close();
  truncateSync(place.settings.dbFile, 12 * 1024);
  expect(await place.own().deviceDays(DAY, DAY)).toMatchObject([{ in: 1000 }]);
  expect(place.raised).toEqual([expect.stringMatching(/^database-restored: .*damaged/)]);
});

test("a second instance on the same file is refused at once, and no waiting would help", async () => {
  await using place = setUp();
  await place.own().record(charging(charge()));
  const refused = await refusalOf(place.own(), place, new AbortController().signal);
  expect(refused).toMatchObject({ code: "busy", message: expect.stringContaining(`${process.pid}`) });
  expect(place.clock.slept()).toBe(0);
});

test.each(["foreign", "newer"] as const)("a store that is %s is refused at once, on a server as well", async (code) => {
  await using place = setUp("postgres://nowhere/x");
  const sources = async () => Promise.reject(refusing(code));
  expect(await refusalOf({ sources }, place, new AbortController().signal)).toMatchObject({ code });
  expect(place.clock.slept()).toBe(0);
});

test.each(["full", "corrupt", "read-only", "other"] as const)("a store that is %s may come back", async (code) => {
  await using place = setUp();
  const sources = async () => Promise.reject(refusing(code));
  expect(await refusalOf({ sources }, place, new AbortController().signal)).toBeNull();
});

test("a PostgreSQL database that another one has is waited for until the claim of a crashed one has passed", async () => {
  await using place = setUp("postgres://nowhere/x");
  const { signal } = new AbortController();
  const crashed = async () => (place.clock.mono() < 30_000 ? Promise.reject(refusing("busy")) : []);
  expect(await refusalOf({ sources: crashed }, place, signal)).toBeNull();
  expect(place.lines).toEqual(["it is busy. Waiting, in case that one has crashed."]);

  const before = place.clock.slept();
  const alive = async () => Promise.reject(refusing("busy"));
  expect(await refusalOf({ sources: alive }, place, signal)).toMatchObject({ code: "busy" });
  expect(place.clock.slept() - before).toBeGreaterThan(30_000);
  expect(place.clock.slept() - before).toBeLessThan(60_000);
});

test("who is told to end while waiting for a database ends", async () => {
  await using place = setUp("postgres://nowhere/x");
  const sources = async () => Promise.reject(refusing("busy"));
  expect(await refusalOf({ sources }, place, AbortSignal.abort())).toMatchObject({ code: "busy" });
  expect(place.clock.slept()).toBe(0);
});

test("a takeover that can't succeed ends the start; one that a later start can do is put off, and the log says so", async () => {
  await using place = setUp();
  const outcome = (error: Error) => refusalToTakeOver(() => Promise.reject(error), place.log);
  expect(await refusalToTakeOver(async () => {}, place.log)).toBeNull();
  for (const code of ["busy", "foreign", "full"] as const)
    expect(await outcome(refusing(code))).toMatchObject({ code });
  expect(place.lines).toEqual([]);
  expect(await outcome(refusing("other"))).toBeNull();
  expect(place.lines).toEqual([`The history of the older WhiteStat is not taken in yet: it is other. ${HINT}`]);
  await expect(outcome(new TypeError("a bug"))).rejects.toThrow("a bug");
});

test("a history is read as it was saved last while its owner goes on writing, and can't be changed by that", async () => {
  await using place = setUp();
  const owner = place.own();
  await owner.record(charging(charge()));
  await owner.checkpoint();
  const reader = await readOwnStore(place.settings);
  await owner.record(charging(charge({ hour: 13, in: 5 })));
  await owner.checkpoint();
  expect(await reader.deviceDays(DAY, DAY)).toMatchObject([{ in: 1000 }]);
  expect(await owner.deviceDays(DAY, DAY)).toMatchObject([{ in: 1005 }]);
  await reader.remember("mine", 1);
  await reader.close();
  expect(await owner.recall("mine")).toBeNull();
  expect(readdirSync(place.folder.path).filter((name) => name.includes("export"))).toEqual([]);
});

test.each([
  ["there is no data yet", ""],
  ["it is still the database of an older WhiteStat", "CREATE TABLE dailyusage (IP TEXT)"],
  ["it is a database of another program", "CREATE TABLE recipe (name TEXT)"],
  ["it is damaged", null],
])("nothing is read from a file of which %s", async (why, sql) => {
  await using place = setUp();
  const { dbFile } = place.settings;
  if (sql === null) writeFileSync(dbFile, "shopping list ".repeat(100));
  else {
    const db = new DatabaseSync(dbFile);
    db.exec(sql);
    db.close();
  }
  const refused = { code: "foreign", message: `${dbFile}: ${why}`, hint: expect.stringContaining("Start WhiteStat") };
  expect(() => refuseNoStore(dbFile)).toThrow(expect.objectContaining(refused));
  await expect(readOwnStore(place.settings)).rejects.toMatchObject(refused);
});
