import { spawnSync } from "node:child_process";
import {
  closeSync,
  existsSync,
  linkSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, test } from "vitest";
import { openOrRecover } from "../../src/store/file/recover.ts";
import { openSqliteStore } from "../../src/store/sqlite-store.ts";
import { takeOver, takeOverInto } from "../../src/takeover/takeover.ts";
import { killAndCheck, timeOf } from "./kill.ts";
import { makeBigOldStore, makeOldStore } from "./old-store.ts";
import { ask, EVER, factsOf, LATER, NOON, stampOf, storeFolder, takenOver, testDeps } from "./taking.ts";

const rejects = (path: string) =>
  ask(path, "SELECT place, reason, content FROM rejected ORDER BY id").map((row) => ({
    place: String(row.place),
    reason: String(row.reason),
    content: JSON.parse(String(row.content)) as Record<string, unknown>,
  }));

describe("rows that make no sense", () => {
  const senseless = [
    ["bad date", { DATE: "yesterday" }],
    ["bad date", { DATE: "2021-02-30 00:00:00" }],
    ["bad date", { DATE: null }],
    ["bad MAC", { MAC: "" }],
    ["bad MAC", { MAC: null }],
    ["bad MAC", { MAC: "(none)" }],
    ["bad address", { IP: "" }],
    ["bad address", { IP: "192.168.1.999" }],
    ["no number", { KBIn: "NaN" }],
    ["no number", { KBOut: null }],
    ["no number", { KBIn: new Uint8Array([1, 2]) }],
    ["negative", { KBIn: -1.5 }],
    ["absurd", { KBOut: Number.POSITIVE_INFINITY }],
    ["absurd", { KBIn: 2 ** 53 }],
    ["bad date", { DATE: "2031-01-01 00:00:00" }],
    ["absurd", { KBIn: 2 ** 37 }],
  ] as const;

  test.each(senseless)("%s: %o is rejected and kept as it was, and the others are taken", async (reason, cells) => {
    using folder = storeFolder();
    makeOldStore(folder.db, { history: [{ DATE: "2021-01-29 00:00:00" }, cells] });
    const { store, taken } = await takenOver(folder.db);
    const days = await store.deviceDays(...EVER);
    const [note] = await store.notes(1);
    await store.close();
    expect(days).toMatchObject([{ day: "2021-01-29", in: 100.5 * 1024 }]);
    const [[column, value] = ["", null]] = Object.entries(cells);
    const kept = value instanceof Uint8Array ? "0x0102" : value === Number.POSITIVE_INFINITY ? "Infinity" : value;
    expect(rejects(folder.db)).toMatchObject([
      { reason, place: "usagehistory row 2", content: { [column]: kept, Hostname: "LAPTOP" } },
    ]);
    expect([...taken.report.rejected]).toEqual([[reason, 1]]);
    expect(note).toMatchObject({ code: "taken-over", detail: { rows: 2, rejected: 1 } });
  });

  test("a LastSeen or a counter that makes no sense is left out of a row that is taken, and counted", async () => {
    using folder = storeFolder();
    makeOldStore(folder.db, {
      history: [
        { LastSeen: "long ago", LSTDAY_KBIn: -3 },
        { IP: "192.168.1.9", LastSeen: "0" },
      ],
    });
    const { store, taken } = await takenOver(folder.db);
    const days = await store.deviceDays(...EVER);
    await store.close();
    expect(days).toMatchObject([{ in: 201 * 1024, seenAt: null, counterIn: 100.5 * 1024 }]);
    expect(taken.report.repaired).toEqual({ seen: 1, counter: 1 });
  });

  test("NULL and (none) are no names, and the latest name counts", async () => {
    using folder = storeFolder();
    const names = ["first", "second", null, "(none)"];
    makeOldStore(folder.db, {
      history: names.map((Hostname, n) => ({ Hostname, DATE: `2021-01-0${n + 1} 00:00:00` })),
    });
    const { store } = await takenOver(folder.db);
    const [device] = await store.devices();
    await store.close();
    expect(device).toMatchObject({ hostname: "second", firstDay: "2021-01-01", lastDay: "2021-01-04" });
  });
});

test("rows of one MAC on several addresses are one device-day; the addresses are kept, the one seen last is shown", async () => {
  using folder = storeFolder();
  makeOldStore(folder.db, {
    history: [
      { IP: "192.168.1.7", LastSeen: "2021-01-30 21:00:00", KBIn: 1, KBOut: 2 },
      { IP: "192.168.1.8", LastSeen: "2021-01-30 09:00:00", KBIn: 30, KBOut: 40, MAC: "02:1A:2B:00:00:00" },
    ],
  });
  const { store } = await takenOver(folder.db);
  const days = await store.deviceDays(...EVER);
  const addresses = await store.addressesOf(days[0]?.device ?? 0);
  await store.close();
  expect(days).toMatchObject([{ ip: "192.168.1.7", in: 31 * 1024, out: 42 * 1024, seenAt: Date.UTC(2021, 0, 30, 20) }]);
  expect(addresses.map(({ ip }) => ip).sort()).toEqual(["192.168.1.7", "192.168.1.8"]);
});

test("one device, address and day twice in a table counts once, by the greater figure", async () => {
  using folder = storeFolder();
  makeOldStore(folder.db, {
    history: [{ KBIn: 5 }, { KBIn: 7, DATE: "2021-01-30T00:00:00.000" }, { KBIn: 6, DATE: "2021-01-30" }],
  });
  const { store } = await takenOver(folder.db);
  const days = await store.deviceDays(...EVER);
  await store.close();
  expect(days).toMatchObject([{ in: 7 * 1024 }]);
  expect(rejects(folder.db).map(({ reason }) => reason)).toEqual(["duplicate", "duplicate"]);
});

test("the router's own rows are a router's, and a laptop that had a public address once stays a device", async () => {
  using folder = storeFolder();
  const router = "02:ff:ff:ff:ff:01";
  makeOldStore(folder.db, {
    history: [
      { IP: "192.168.1.1", MAC: router },
      { IP: "203.0.113.5", MAC: router, Hostname: "edge" },
      { IP: "203.0.113.6", MAC: router },
      { IP: "203.0.113.7", MAC: router },
      { IP: "203.0.113.8", MAC: router },
      { DATE: "2021-01-28" },
      { DATE: "2021-01-29" },
      { IP: "198.51.100.7", DATE: "2021-01-30" },
    ],
  });
  const { store } = await takenOver(folder.db);
  const [devices, remote] = [await store.devices(), await store.remoteDays(...EVER)];
  await store.close();
  expect(devices.map(({ key, router: isRouter }) => [key, isRouter]).sort()).toEqual([
    ["02:1a:2b:00:00:00", false],
    [router, true],
  ]);
  expect(remote.map(({ ip }) => ip).sort()).toEqual(["203.0.113.5", "203.0.113.6", "203.0.113.7", "203.0.113.8"]);
  expect(devices.find(({ key }) => key === router)?.hostname).not.toBe("edge");
});

test("a day that no line carries is marked, and so is none of a heavy device's usual days", async () => {
  using folder = storeFolder();
  const day = (n: number) => new Date(Date.UTC(2021, 0, n)).toISOString().slice(0, 10);
  const heavy = Array.from({ length: 30 }, (_, n) => ({ DATE: day(n + 1), KBIn: 30_000_000 }));
  makeOldStore(folder.db, {
    history: [...heavy, { IP: "192.168.1.9", MAC: "02:1a:2b:00:00:09", KBIn: 11_000_000_000, DATE: day(3) }],
  });
  const { store, taken } = await takenOver(folder.db);
  const marked = (await store.deviceDays(...EVER)).filter(({ implausible }) => implausible);
  await store.close();
  expect(marked).toMatchObject([{ ip: "192.168.1.9", in: 11_000_000_000 * 1024 }]);
  expect(taken.report.merged.implausible).toBe(1);
});

describe("a damaged old file", () => {
  test("gives all but the rows of the damaged page, which are listed", async () => {
    using folder = storeFolder("v5");
    const whole = ask(folder.db, "SELECT count(*) AS n FROM usagehistory")[0]?.n as number;
    const before = ask(
      folder.db,
      "SELECT pageno FROM dbstat WHERE name = 'usagehistory' AND pagetype = 'leaf' LIMIT 1 OFFSET 9",
    );
    wreck(folder.db, Number(before[0]?.pageno), 4096);
    const { store, taken } = await takenOver(folder.db);
    const days = (await store.deviceDays(...EVER)).length + (await store.remoteDays(...EVER)).length;
    const sound = ask(folder.db, "PRAGMA integrity_check");
    await store.close();
    const lost = taken.report.unreadable;
    expect(lost).toBeGreaterThan(5);
    expect(lost).toBeLessThan(100);
    expect(days).toBe(whole + 24 - lost);
    const listed = rejects(folder.db);
    expect(listed).toHaveLength(lost);
    expect(listed[0]).toMatchObject({ reason: "unreadable", content: { MAC: expect.stringContaining(":") } });
    expect(sound).toEqual([{ integrity_check: "ok" }]);
  });

  test("that was cut short gives what is left", async () => {
    using folder = storeFolder("v5");
    truncateSync(folder.db, statSync(folder.db).size / 2);
    const { store, taken } = await takenOver(folder.db);
    const days = (await store.deviceDays(...EVER)).length;
    await store.close();
    expect(days).toBeGreaterThan(50);
    expect(taken.report.unreadable).toBeGreaterThan(0);
  });

  function wreck(path: string, page: number, size: number): void {
    const file = openSync(path, "r+");
    writeSync(file, Buffer.alloc(size, 0x5a), 0, size, (page - 1) * size);
    closeSync(file);
  }
});

describe("the swap", () => {
  test("never writes over a backup that is there", async () => {
    using folder = storeFolder("v5");
    writeFileSync(`${folder.db}.v5-backup`, "precious");
    const { store, taken } = await takenOver(folder.db);
    await store.close();
    expect(readFileSync(`${folder.db}.v5-backup`, "utf8")).toBe("precious");
    expect(taken.backup).toMatch(/\.v5-backup-2$/);
    expect(existsSync(taken.backup)).toBe(true);
  });

  test("goes on after a crash between the backup and the new store", async () => {
    using folder = storeFolder("v5");
    linkSync(folder.db, `${folder.db}.v5-backup`);
    writeFileSync(`${folder.db}.takeover`, "half");
    await takenOver(folder.db).then(({ store }) => store.close());
    expect(readdirSync(folder.dir).filter((name) => name.includes("backup") || name.includes("takeover"))).toEqual([
      "WhiteStat.db.v5-backup",
    ]);
  });

  test("leaves a symbolic link a link", async () => {
    using folder = storeFolder("v5");
    using other = storeFolder();
    const link = join(other.dir, "WhiteStat.db");
    symlinkSync(folder.db, link);
    await takenOver(link).then(({ store }) => store.close());
    expect(ask(folder.db, "PRAGMA application_id")[0]?.application_id).not.toBe(0);
    expect(existsSync(`${folder.db}.v5-backup`)).toBe(true);
  });

  test("takes a file whose last transaction was cut off as it was before that transaction", async () => {
    using folder = storeFolder("v5");
    const script = `import { DatabaseSync } from "node:sqlite";
      const db = new DatabaseSync(process.argv[1]);
      db.exec("PRAGMA cache_size = 1; BEGIN; UPDATE usagehistory SET KBIn = 1; UPDATE usagehistory SET KBOut = 1");
      process.kill(process.pid, "SIGKILL");`;
    spawnSync(process.execPath, ["--input-type=module", "-e", script, folder.db]);
    expect(existsSync(`${folder.db}-journal`)).toBe(true);
    using sound = storeFolder("v5");
    const [one, other] = [await takenOver(folder.db), await takenOver(sound.db)];
    expect(await factsOf(one.store)).toEqual(await factsOf(other.store));
    await one.store.close();
    await other.store.close();
  });

  test("waits for nobody: while the old program writes, it refuses and says whom to stop", async () => {
    using folder = storeFolder("v5");
    const old = new DatabaseSync(folder.db);
    old.exec("BEGIN IMMEDIATE");
    const stamp = stampOf(folder.db);
    await expect(takeOver(folder.db, testDeps())).rejects.toMatchObject({
      code: "busy",
      hint: expect.stringContaining("Stop the old WhiteStat"),
    });
    old.close();
    expect(stampOf(folder.db)).toBe(stamp);
    expect(readdirSync(folder.dir).some((name) => name.includes("takeover"))).toBe(false);
  });

  test("is made by the first of two that start, and the second says who that is", async () => {
    using folder = storeFolder("v5");
    const options = { dir: folder.dir, file: "WhiteStat.db", now: () => NOON, log: { info() {}, error() {} } };
    const deps = testDeps();
    const second = { reached: false };
    const { store } = await openOrRecover({
      ...options,
      async beforeOpen(path) {
        const other = openOrRecover({
          ...options,
          beforeOpen: async () => void Object.assign(second, { reached: true }),
        });
        await expect(other).rejects.toMatchObject({
          code: "busy",
          message: expect.stringContaining(`process ${process.pid}`),
        });
        await takeOver(path, deps);
      },
    });
    expect(second.reached).toBe(false);
    expect(await store.range()).toEqual({ first: "2021-01-30", last: "2021-04-01" });
    await store.close();
  });
});

describe("an old store beside another place for ours", () => {
  test("is taken into that one, and gets the name of a backup", async () => {
    using folder = storeFolder("v5");
    using other = storeFolder("v5");
    const store = openSqliteStore({ path: join(folder.dir, "elsewhere.db") });
    const taken = await takeOverInto(store, folder.db, testDeps());
    expect(taken?.backup).toBe(`${folder.db}.v5-backup`);
    expect(existsSync(folder.db)).toBe(false);
    expect(readdirSync(folder.dir).some((name) => /takeover/.test(name))).toBe(false);
    const beside = await takenOver(other.db);
    expect(await factsOf(store)).toEqual(await factsOf(beside.store));
    expect(await takeOverInto(store, folder.db, testDeps())).toBeNull();
    await store.close();
    await beside.store.close();
  });

  test("after a crash before the old file was renamed is taken in again, to the same end and with one note", async () => {
    using folder = storeFolder("v5");
    const store = openSqliteStore({ path: join(folder.dir, "elsewhere.db") });
    await takeOverInto(store, folder.db, testDeps());
    const [facts, notes] = [await factsOf(store), await store.notes(9)];
    renameSync(`${folder.db}.v5-backup`, folder.db);
    await takeOverInto(store, folder.db, testDeps());
    expect(await factsOf(store)).toEqual(facts);
    expect(await store.notes(9)).toEqual(notes);
    expect(notes).toHaveLength(1);
    await store.close();
  });
});

test("tells how far it is", async () => {
  using folder = storeFolder();
  makeBigOldStore(folder.db, 12_000);
  const steps: string[] = [];
  const onProgress = (step: string, done: number, total: number | null) => void steps.push(`${step} ${done}/${total}`);
  await takenOver(folder.db, { now: () => LATER, onProgress }).then(({ store }) => store.close());
  expect(steps).toEqual([
    "Reading WhiteStat.db 5000/12000",
    "Reading WhiteStat.db 10000/12000",
    "Writing the history 5000/12000",
    "Writing the history 10000/12000",
  ]);
});

test("with no room for both files nothing is begun, and the old file stays as it is", async (context) => {
  using folder = storeFolder();
  const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", folder.dir]);
  if (mounted.status !== 0) return context.skip("mounting a small file system is not permitted here");
  try {
    makeOldStore(folder.db, { history: [{}] });
    const stamp = stampOf(folder.db);
    await expect(takeOver(folder.db, testDeps())).rejects.toMatchObject({
      code: "full",
      hint: expect.stringContaining(folder.dir),
    });
    expect(stampOf(folder.db)).toBe(stamp);
    expect(readdirSync(folder.dir)).toEqual(["WhiteStat.db"]);
  } finally {
    spawnSync("umount", [folder.dir]);
  }
});

test("a table without a column that every version had is named, and left alone", async () => {
  using folder = storeFolder();
  const db = new DatabaseSync(folder.db);
  db.exec("CREATE TABLE usagehistory (IP TEXT, DATE TEXT, KBIn REAL)");
  db.close();
  await expect(takeOver(folder.db, testDeps())).rejects.toMatchObject({
    code: "foreign",
    message: expect.stringContaining("usagehistory has no column MAC, KBOut or OUT"),
  });
});

test("a store of ours, somebody else's, and none are not taken over", async () => {
  using folder = storeFolder();
  expect(await takeOver(folder.db, testDeps())).toBeNull();
  await openSqliteStore({ path: folder.db }).close();
  const stamp = stampOf(folder.db);
  expect(await takeOver(folder.db, testDeps())).toBeNull();
  expect(stampOf(folder.db)).toBe(stamp);
});

test("kill -9 at five moments of a takeover leaves one whole store", { timeout: 120_000 }, async () => {
  using folder = storeFolder();
  const old = join(folder.dir, "old.db");
  const rows = 5_000;
  makeBigOldStore(old, rows);
  const dir = join(folder.dir, "store");
  const whole = await timeOf(old, dir);
  for (const share of [0.3, 0.6, 0.85, 0.95, 1]) await killAndCheck(old, dir, whole * share, rows);
});
