import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, readdirSync, readFileSync, renameSync, truncateSync, writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { charge, DAY, fact, NOON, settlement, temporaryFolder } from "../testing/settlements.ts";
import { backUpDaily } from "./backups.ts";
import { openOrRecover } from "./recover.ts";

const file = "WhiteStat.db";

function setUp() {
  const folder = temporaryFolder();
  const lines: string[] = [];
  const log = { info: (line: string) => void lines.push(line), error: (line: string) => void lines.push(line) };
  const open = (suspect = false) => openOrRecover({ dir: folder.path, file, now: () => NOON, log, suspect });
  return {
    folder,
    lines,
    path: folder.file(file),
    open,
    /** A history of a day, closed. A backup is made in the middle of it: the day's bytes are then 1,000, and 3,000 at the end. */
    async live(backups: readonly string[] = [DAY]) {
      const { store } = await open();
      await store.record(settlement({ charges: [charge()], addresses: [fact()] }));
      await store.checkpoint();
      for (const day of backups) await backUpDaily({ store, dir: folder.path, file }, day);
      await store.record(settlement({ charges: [charge({ in: 2000 })], addresses: [fact({ in: 3000 })] }));
      await store.close();
    },
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  };
}

/** Overwrites everything after the header and the schema's root. */
function rot(path: string): Buffer {
  const bytes = readFileSync(path);
  bytes.fill(0xa5, 1024);
  writeFileSync(path, bytes);
  return bytes;
}

const inOf = async ({ store }: Awaited<ReturnType<typeof openOrRecover>>) => {
  const days = await store.deviceDays(DAY, DAY);
  return days.map((day) => day.in);
};

test("a sound store opens as it is, the folder being made", async () => {
  using place = setUp();
  const opened = await openOrRecover({
    dir: place.folder.file("new/deep"),
    file,
    now: () => NOON,
    log: { info: () => {}, error: () => {} },
  });
  expect(opened.recovery).toBeNull();
  await opened.store.close();

  await place.live();
  const again = await place.open();
  expect(again.recovery).toBeNull();
  expect(await inOf(again)).toEqual([3000]);
  await again.store.close();
  expect(place.lines).toEqual([]);
});

test("a second one is refused while the first has the store, and let in when it has closed", async () => {
  using place = setUp();
  const first = await place.open();
  await expect(place.open()).rejects.toMatchObject({
    code: "busy",
    message: expect.stringContaining(`${process.pid}`),
  });
  await first.store.close();
  const second = await place.open();
  await second.store.close();
  expect(readdirSync(place.folder.path).sort()).toEqual([file, `${file}.lock`]);
});

test("a damaged file is kept under another name, and the latest good backup goes on in its place", async () => {
  using place = setUp();
  await place.live(["2026-01-29", "2026-01-30", DAY]);
  rot(place.folder.file(`backups/WhiteStat-${DAY}.db`));
  const rotten = rot(place.path);

  const opened = await place.open(true);
  const damaged = place.folder.file(`${file}.corrupt-20260131T120000`);
  expect(opened.recovery).toMatchObject({ at: NOON, damaged, restored: "2026-01-30" });
  expect(opened.recovery?.message).toContain(damaged);
  expect(readFileSync(damaged)).toEqual(rotten);
  expect(await inOf(opened)).toEqual([1000]);
  expect(place.lines.join("\n")).toContain("2026-01-30");
  expect(place.lines.join("\n")).toContain(`WhiteStat-${DAY}.db is of no use`);

  // The restored books are older: what darkstat still counts since then is charged again.
  expect((await opened.store.books("lan"))?.baselines.get("192.168.1.20")?.in).toBe(1000);
  await opened.store.close();
  const again = await place.open();
  expect(again.recovery).toBeNull();
  expect(await inOf(again)).toEqual([1000]);
  await again.store.close();
});

test("without a good backup a new history begins, and it says so", async () => {
  using place = setUp();
  await place.live([]);
  rot(place.path);
  const opened = await place.open(true);
  expect(opened.recovery).toMatchObject({ restored: null, message: expect.stringContaining("begins anew") });
  expect(await opened.store.range()).toBeNull();
  await opened.store.close();
});

test.each([
  ["no database at all", (path: string) => writeFileSync(path, "shopping list ".repeat(100))],
  ["cut to half", (path: string) => truncateSync(path, 12 * 1024)],
  ["cut to nothing", (path: string) => truncateSync(path, 0)],
])("a file that is %s is recovered without being suspected", async (_, damage) => {
  using place = setUp();
  await place.live();
  damage(place.path);
  const opened = await place.open();
  expect(opened.recovery).toMatchObject({ restored: DAY });
  expect(await inOf(opened)).toEqual([1000]);
  await opened.store.close();
});

test("a day that there is not is damage, though every page is sound", async () => {
  using place = setUp();
  await place.live();
  const db = new DatabaseSync(place.path);
  db.exec("INSERT INTO balance_day VALUES ('2026-02-30', 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)");
  db.close();
  const opened = await place.open(true);
  expect(opened.recovery).toMatchObject({
    restored: DAY,
    fault: expect.stringContaining('balance_day: "2026-02-30" is no day'),
  });
  await opened.store.close();
});

test("a row that lies outside the order of its key is damage, be its day one or none", async () => {
  for (const other of ["2026-03-09", "2026-0\u0000-02"]) {
    using place = setUp();
    await place.live();
    const db = new DatabaseSync(place.path);
    for (const day of ["2026-03-01", "2026-03-02", "2026-03-03"]) {
      db.exec(`INSERT INTO balance_day VALUES ('${day}', 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)`);
    }
    db.close();
    const bytes = readFileSync(place.path);
    bytes.write(other, bytes.indexOf("2026-03-02"));
    writeFileSync(place.path, bytes);
    const opened = await place.open(true);
    expect(opened.recovery).toMatchObject({ restored: DAY, fault: expect.stringContaining("balance_day: row") });
    await opened.store.close();
  }
});

test("books that can't be read are damage, though every page is sound", async () => {
  using place = setUp();
  await place.live();
  const db = new DatabaseSync(place.path);
  db.exec("UPDATE source SET books = '{'");
  db.close();
  const opened = await place.open();
  expect(opened.recovery).toMatchObject({ restored: DAY, fault: expect.stringContaining("the books of lan") });
  expect(await inOf(opened)).toEqual([1000]);
  await opened.store.close();
});

test.each([
  ["a text", Buffer.from("shopping list ".repeat(100))],
  ["short", Buffer.from("x")],
  ["a picture", Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47]), Buffer.alloc(9000)])],
  ["a database that is cut short", Buffer.concat([Buffer.from("SQLite format 3\0"), Buffer.alloc(500, 1)])],
])("what was never ours is refused and left as it is: %s", async (_, content) => {
  using place = setUp();
  writeFileSync(place.path, content);
  await expect(place.open()).rejects.toMatchObject({
    code: "foreign",
    message: `${place.path} is not a database of WhiteStat; it was left as it is`,
  });
  expect(readFileSync(place.path)).toEqual(content);
  expect(readdirSync(place.folder.path).filter((name) => !name.endsWith(".lock"))).toEqual([file]);
});

test.each([
  ["whose header still names us", (path: string) => writeFileSync(path, readFileSync(path).fill(0x5a, 0, 60))],
  ["that is nothing but zeros", (path: string) => writeFileSync(path, readFileSync(path).fill(0))],
])("without a backup, a file %s is set aside as damaged", async (_, damage) => {
  using place = setUp();
  await place.live([]);
  damage(place.path);
  const opened = await place.open();
  expect(opened.recovery).toMatchObject({ restored: null });
  await opened.store.close();
});

test("a pipe in the place of the database is refused at once", async () => {
  using place = setUp();
  execFileSync("mkfifo", [place.path]);
  await expect(place.open()).rejects.toMatchObject({ code: "foreign", message: `${place.path} is not a file` });
});

test("after a crash the whole file is looked through, and the WAL is set aside with it", async () => {
  using place = setUp();
  await place.live();
  const { store } = await place.open();
  await store.record(settlement({ charges: [charge({ in: 7 })], addresses: [fact({ in: 3007 })] }));
  await store.checkpoint();
  const crashed = place.folder.file("crashed.db");
  copyFileSync(`${place.path}-wal`, `${crashed}-wal`);
  await store.close();
  const bytes = readFileSync(place.path);
  // A page that opening does not read: the root of the balances, found by its table.
  const db = new DatabaseSync(place.path);
  const page = db.prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'note'").get()?.rootpage as number;
  const size = db.prepare("PRAGMA page_size").get()?.page_size as number;
  db.close();
  bytes.fill(0xa5, (page - 1) * size, page * size);
  writeFileSync(place.path, bytes);
  const clean = await place.open();
  expect(clean.recovery).toBeNull();
  await clean.store.close();

  copyFileSync(`${crashed}-wal`, `${place.path}-wal`);
  const opened = await place.open();
  expect(opened.recovery).toMatchObject({ restored: DAY, fault: expect.stringContaining("note") });
  expect(existsSync(`${opened.recovery?.damaged}-wal`)).toBe(true);
  expect(existsSync(`${opened.recovery?.damaged}`)).toBe(true);
  await opened.store.close();
});

test("two recoveries within a second keep both damaged files", async () => {
  using place = setUp();
  await place.live();
  for (let round = 0; round < 2; round += 1) {
    rot(place.path);
    const { store } = await place.open(true);
    await store.close();
  }
  const kept = readdirSync(place.folder.path).filter((name) => /corrupt-\d+T\d+(-\d+)?$/.test(name));
  expect(kept).toHaveLength(2);
});

test("a recovery that a power cut broke off is ended at the next start", async () => {
  using place = setUp();
  await place.live();
  copyFileSync(place.folder.file(`backups/WhiteStat-${DAY}.db`), `${place.path}.restoring`);
  renameSync(place.path, `${place.path}.corrupt-earlier`);
  const opened = await place.open();
  expect(await inOf(opened)).toEqual([1000]);
  await opened.store.close();
  expect(existsSync(`${place.path}.restoring`)).toBe(false);

  copyFileSync(place.path, `${place.path}.restoring`);
  const again = await place.open();
  expect(again.recovery).toBeNull();
  expect(existsSync(`${place.path}.restoring`)).toBe(false);
  await again.store.close();
});

test("a database that was taken away begins anew, and the backups are pointed to", async () => {
  using place = setUp();
  await place.live();
  renameSync(place.path, place.folder.file("elsewhere.db"));
  const opened = await place.open();
  expect(opened.recovery).toBeNull();
  expect(await opened.store.range()).toBeNull();
  expect(place.lines.join("\n")).toContain("backups");
  await opened.store.close();
});

test("somebody else's database is refused, not recovered, and the lock is let go", async () => {
  using place = setUp();
  const db = new DatabaseSync(place.path);
  db.exec("CREATE TABLE usagehistory (IP TEXT)");
  db.close();
  await expect(place.open()).rejects.toMatchObject({ code: "foreign" });
  await expect(place.open()).rejects.toMatchObject({ code: "foreign" });
});

test("a file that was cut short, with a log left, is damage, and the backup goes on in its place", async () => {
  using place = setUp();
  await place.live();
  const { store } = await place.open();
  const before = settlement({ addresses: [fact({ in: 3000 })] });
  await store.record(settlement({ charges: [charge({ hour: 13 })], addresses: [fact({ in: 4000 })] }, before));
  await store.checkpoint();
  copyFileSync(`${place.path}-wal`, place.folder.file("log"));
  await store.close();
  truncateSync(place.path, 10 * 2048);
  renameSync(place.folder.file("log"), `${place.path}-wal`);

  const opened = await place.open();
  expect(opened.recovery).toMatchObject({ restored: DAY });
  expect(await inOf(opened)).toEqual([1000]);
  await opened.store.close();
});
