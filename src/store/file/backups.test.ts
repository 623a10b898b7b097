import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { addDays } from "../../accounting/calendar.ts";
import { openSqliteStore } from "../sqlite-store.ts";
import { StoreError } from "../store.ts";
import { charge, DAY, fact, settlement, temporaryFolder } from "../testing/settlements.ts";
import { backUpDaily, listBackups } from "./backups.ts";

test("one backup a day, of the last checkpoint, in one file that opens by itself", async () => {
  using folder = temporaryFolder();
  const [dir, file] = [folder.path, "WhiteStat.db"];
  const store = openSqliteStore({ path: folder.file(file) });
  await store.record(settlement({ charges: [charge()], addresses: [fact()] }));
  await store.checkpoint();
  const path = await backUpDaily({ store, dir, file }, DAY);
  expect(path).toBe(folder.file(`backups/WhiteStat-${DAY}.db`));
  await store.record(settlement({ charges: [charge({ in: 5 })], addresses: [fact({ in: 1005 })] }));
  await store.checkpoint();
  expect(await backUpDaily({ store, dir, file }, DAY)).toBeNull();
  await store.close();

  const db = new DatabaseSync(path ?? "", { readOnly: true });
  expect(db.prepare("SELECT KBIn FROM dailyusage").get()?.KBIn).toBe(0.98);
  expect(db.prepare("PRAGMA journal_mode").get()?.journal_mode).toBe("delete");
  db.close();
});

test("seven are kept, the oldest go, and other files are let be", async () => {
  using folder = temporaryFolder();
  const [dir, file] = [folder.path, "WhiteStat.db"];
  const store = openSqliteStore({ path: folder.file(file) });
  mkdirSync(folder.file("backups"));
  const strangers = ["WhiteStat-mine.db", "WhiteStat-2026-01-99.db", "Other-2020-01-01.db"];
  for (const name of strangers) writeFileSync(folder.file(`backups/${name}`), "mine");
  for (let count = 0; count < 9; count += 1) await backUpDaily({ store, dir, file }, addDays(DAY, count));
  await store.close();
  expect(listBackups(dir, file).map((backup) => backup.day)).toEqual(
    [8, 7, 6, 5, 4, 3, 2].map((count) => addDays(DAY, count)),
  );
  for (const name of strangers) expect(readFileSync(folder.file(`backups/${name}`), "utf8")).toBe("mine");
});

test("a backup that fails half-way leaves no file under its name, and a later one clears up", async () => {
  using folder = temporaryFolder();
  const [dir, file] = [folder.path, "WhiteStat.db"];
  const broken = {
    recall: async () => null,
    remember: async () => {},
    async backup(path: string) {
      writeFileSync(path, "half");
      throw new StoreError("full", "the disk is full", "Free some space.");
    },
  };
  await expect(backUpDaily({ store: broken, dir, file }, DAY)).rejects.toMatchObject({ code: "full" });
  expect(listBackups(dir, file)).toEqual([]);
  writeFileSync(folder.file("backups/WhiteStat-2026-01-30.db.unfinished"), "cut off by a power cut");
  const store = openSqliteStore({ path: folder.file(file) });
  await backUpDaily({ store, dir, file }, DAY);
  await store.close();
  expect(listBackups(dir, file)).toHaveLength(1);
  expect(existsSync(folder.file("backups/WhiteStat-2026-01-30.db.unfinished"))).toBe(false);
});

test("a damaged database takes the place of no good backup", async () => {
  using folder = temporaryFolder();
  const [dir, file] = [folder.path, "WhiteStat.db"];
  const store = openSqliteStore({ path: folder.file(file) });
  for (let hour = 0; hour < 20; hour += 1) {
    await store.record(settlement({ charges: [charge({ hour })], addresses: [fact()] }));
  }
  for (let count = 0; count < 7; count += 1) await backUpDaily({ store, dir, file }, addDays(DAY, count));
  const damaging = {
    ...store,
    async backup(path: string) {
      await store.backup(path);
      const bytes = readFileSync(path);
      bytes.fill(0xa5, 4 * 1024);
      writeFileSync(path, bytes);
    },
  };
  await expect(backUpDaily({ store: damaging, dir, file }, addDays(DAY, 7))).rejects.toMatchObject({ code: "corrupt" });
  expect(listBackups(dir, file)).toHaveLength(7);
  await store.close();
});

test("backups go by the order of their making, whatever the clock showed", async () => {
  using folder = temporaryFolder();
  const [dir, file] = [folder.path, "WhiteStat.db"];
  const store = openSqliteStore({ path: folder.file(file) });
  for (const day of [DAY, "2036-02-03", addDays(DAY, 1)]) await backUpDaily({ store, dir, file, keep: 2 }, day);
  await store.close();
  expect(listBackups(dir, file).map(({ day }) => day)).toEqual([addDays(DAY, 1), "2036-02-03"]);
});
