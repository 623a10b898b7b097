import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, test } from "vitest";
import { createNameBook } from "../../src/settings/maps.ts";
import { recogniseDatabase } from "../../src/store/file/recognise.ts";
import { openSqliteStore } from "../../src/store/sqlite-store.ts";
import { charge, charging, DAY, fact, NOON as MEASURED, settlement } from "../../src/store/testing/settlements.ts";
import { NOTHING_SAID } from "../../src/takeover/days-file.ts";
import { exportText } from "../../src/takeover/export.ts";
import { type ImportOptions, importHistory } from "../../src/takeover/import.ts";
import { makeOldStore } from "./old-store.ts";
import { ask, EVER, LATER, setWritten, storeFolder, takenOver, testDeps } from "./taking.ts";

const now = () => MEASURED + 86_400_000;

function importing(into: string, from: string, more: Partial<ImportOptions> = {}) {
  return importHistory({ ...testDeps({ now }), firstDay: null, lastDay: null, dryRun: false, ...more, into, from });
}

/** A store of ours with one device's day, and whatever else somebody wrote into it. */
async function forged(path: string, sql: string): Promise<void> {
  const store = openSqliteStore({ path });
  await store.record(charging(charge()));
  await store.record(
    settlement({ charges: [charge({ hour: 13, in: 1 })], addresses: [fact({ hostname: "phone.lan" })] }),
  );
  // So that nothing is left in the open hour.
  await store.prune({ hoursFrom: null, remoteFrom: null, devicesFrom: null });
  await store.close();
  const db = new DatabaseSync(path, { enableForeignKeyConstraints: false });
  db.exec(sql);
  db.close();
}

async function everythingOf(path: string) {
  const store = openSqliteStore({ path });
  const days = await store.endpointDays(...EVER);
  const devices = await store.devices();
  const options = { said: () => NOTHING_SAID, separator: "," as const, firstDay: null, lastDay: null };
  let csv = "";
  for await (const chunk of exportText(store, options)) csv += chunk;
  await store.close();
  return { days, devices, csv };
}

describe("a store of ours that somebody has tampered with gives what makes sense, and the rest is rejected", () => {
  test.each([
    ["a day of the year 10183", "UPDATE usage_day SET day = '10183-01-01'", "bad date"],
    ["a day that is none", "UPDATE usage_day SET day = '2026-02-31'", "bad date"],
    ["a day to come", "UPDATE usage_day SET day = '2036-01-31'", "bad date"],
    ["negative usage", "UPDATE usage_day SET bytes_in = -1", "negative"],
    ["more than any line carries", "UPDATE usage_day SET bytes_in = 1 << 47", "absurd"],
    ["an address that is none", "UPDATE address SET ip = '<script>'", "bad address"],
    ["a MAC that is none", "UPDATE interface SET mac = 'me' WHERE mac <> ''", "bad MAC"],
  ])("%s", async (_, sql, reason) => {
    using folder = storeFolder();
    using other = storeFolder();
    await forged(other.db, sql);
    const report = await importing(folder.db, other.db);
    expect([...report.rejected.keys()]).toEqual([reason]);
    expect(ask(folder.db, "SELECT reason FROM rejected")[0]).toEqual({ reason });
    expect((await everythingOf(folder.db)).days).toEqual([]);
  });

  test("an instant that no clock shows is left out, names are cleaned", async () => {
    using folder = storeFolder();
    using other = storeFolder();
    const name = "a\u001b[31mb\u202ec\nd".concat("x".repeat(1_000_000));
    await forged(other.db, `UPDATE usage_day SET last_seen = 1 << 33; UPDATE address SET hostname = '${name}'`);
    const report = await importing(folder.db, other.db);
    expect(report.repaired.seen).toBe(1);
    const { days, csv } = await everythingOf(folder.db);
    expect(days).toMatchObject([{ day: DAY, seenAt: null, in: 1001 }]);
    expect(days[0]?.hostname).toMatch(/^a \[31mb c dx{240,250}$/);
    expect(csv.split("\r\n")).toHaveLength(3);
  });

  test.each([
    [
      "a view without end",
      "ALTER TABLE usage_day RENAME TO d; CREATE VIEW usage_day AS WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT n FROM r",
    ],
    ["a trigger", "CREATE TRIGGER t AFTER INSERT ON usage_day BEGIN DELETE FROM usage_day; END"],
    ["a table less", "DROP TABLE endpoint"],
    ["a sum beyond 64 bits", "UPDATE usage_hour SET bytes_in = 9223372036854775807"],
    ["books that are none", "UPDATE source SET books = '{', open_hour = '[1'"],
  ])("%s: refused in a sentence", async (_, sql) => {
    using folder = storeFolder();
    using other = storeFolder();
    await forged(other.db, sql);
    await expect(importing(folder.db, other.db)).rejects.toMatchObject({
      name: "StoreError",
      code: "foreign",
      message: expect.stringContaining(`${other.db} can't be imported: `),
    });
    expect((await everythingOf(folder.db)).days).toEqual([]);
  });
});

test("a store of ours whose tables take any value gives what makes sense of them", async () => {
  using folder = storeFolder();
  using other = storeFolder();
  await forged(other.db, "SELECT 1");
  const lax = readFileSync(other.db).toString("latin1").replaceAll(") STRICT", ")       ");
  writeFileSync(other.db, lax, "latin1");
  const db = new DatabaseSync(other.db, { enableForeignKeyConstraints: false });
  db.exec(
    "INSERT INTO usage_day SELECT '2026-01-30', endpoint, 'many', x'00', 1.5, 'c', 'now', -9, 'x' FROM usage_day",
  );
  db.close();
  const report = await importing(folder.db, other.db);
  expect([...report.rejected]).toEqual([["no number", 1]]);
  expect((await everythingOf(folder.db)).days).toMatchObject([{ day: DAY, in: 1001 }]);
});

test("a name in a store of ours that has a line break becomes one of one line", async () => {
  using folder = storeFolder();
  using other = storeFolder();
  await forged(other.db, "UPDATE device SET name = 'Anna' || char(8238, 13, 10) || 'phone' || char(27)");
  const files = { ipMacFile: "x", macMacFile: "x", macHostFile: join(folder.dir, "MAC_HOST.txt"), archiveFile: "x" };
  const names = createNameBook(files);
  await names.reloadIfChanged();
  await importing(folder.db, other.db, { names });
  expect(readFileSync(files.macHostFile, "utf8")).toMatch(/^[0-9a-f:]{17}[|]Anna phone\n$/);
});

describe("an export that somebody has written", () => {
  const HEAD = "day,kind,mac,ip,device,name,hostname,download_bytes,upload_bytes,last_seen,held_by";
  const row = (some: Record<string, string>) =>
    Object.values({
      day: "2026-01-30",
      kind: "device",
      mac: "02:1a:2b:00:00:01",
      ip: "192.168.1.20",
      device: "02:1a:2b:00:00:01",
      name: "",
      hostname: "",
      download_bytes: "10",
      upload_bytes: "1",
      last_seen: "2026-01-30T10:00:00.000Z",
      held_by: "",
      ...some,
    }).join(",");

  test.each([
    [{ day: "10183-01-30" }, "bad date"],
    [{ day: "1969-12-31" }, "bad date"],
    [{ day: "2026-02-05" }, "bad date"],
    [{ mac: "x" }, "bad MAC"],
    [{ held_by: "192.168.1.1" }, "bad MAC"],
    [{ ip: "" }, "bad address"],
    [{ ip: "1.2.3" }, "bad address"],
    [{ download_bytes: "1e30" }, "absurd"],
    [{ download_bytes: "0x10" }, "no number"],
    [{ upload_bytes: "-1" }, "negative"],
    [{ upload_bytes: "1.5" }, "absurd"],
    [{ last_seen: "+275760-09-13T00:00:00.000Z" }, null],
    [{ last_seen: "1969-01-01T00:00:00.000Z" }, null],
  ])("with %o is held to what a live reading is held to: %s", async (some, reason) => {
    using folder = storeFolder();
    const file = join(folder.dir, "x.csv");
    writeFileSync(file, `${HEAD}\r\n${row(some)}\r\n`);
    setWritten(file, now());
    const report = await importing(folder.db, file);
    expect([...report.rejected.keys()]).toEqual(reason === null ? [] : [reason]);
    const { days, csv } = await everythingOf(folder.db);
    expect(days).toHaveLength(reason === null ? 1 : 0);
    if ("last_seen" in some) expect(days[0]?.seenAt).toBeNull();
    expect(csv.split("\r\n")).toHaveLength(days.length + 2);
  });

  test("with a name that has a line break gives the device a name of one line, and its days", async () => {
    using folder = storeFolder();
    const file = join(folder.dir, "x.csv");
    writeFileSync(file, `${HEAD}\r\n${row({ name: '"Anna\u202e\r\nphone\u001b"' })}\r\n`);
    const files = { ipMacFile: "x", macMacFile: "x", macHostFile: join(folder.dir, "MAC_HOST.txt"), archiveFile: "x" };
    const names = createNameBook(files);
    await names.reloadIfChanged();
    await importing(folder.db, file, { names });
    expect(readFileSync(files.macHostFile, "utf8").trim()).toBe("02:1a:2b:00:00:01|Anna phone");
    expect((await everythingOf(folder.db)).days).toHaveLength(1);
  });

  test("with a name that can't be written keeps the days, and says so of the name", async () => {
    using folder = storeFolder();
    const file = join(folder.dir, "x.csv");
    writeFileSync(file, `${HEAD}\r\n${row({ name: "Anna" })}\r\n`);
    const lines: string[] = [];
    const say = (line: string) => void lines.push(line);
    await importing(folder.db, file, {
      log: { info: say, warn: say },
      names: { nameOf: () => null, rename: async () => Promise.reject(new Error("the disk is full")) },
    });
    expect(lines).toEqual(['The name "Anna" of 02:1a:2b:00:00:01 is not in MAC_HOST.txt: the disk is full']);
    expect((await everythingOf(folder.db)).days).toHaveLength(1);
  });

  test("that would make sums inexact is refused whole", async () => {
    using folder = storeFolder();
    const file = join(folder.dir, "x.csv");
    const rows = Array.from({ length: 70 }, (_, n) =>
      row({ ip: `192.168.1.${n + 1}`, download_bytes: String(2 ** 46) }),
    );
    writeFileSync(file, [HEAD, ...rows].join("\r\n"));
    await expect(importing(folder.db, file)).rejects.toThrow(/can't be imported: with it, all days together/);
    expect((await everythingOf(folder.db)).days).toEqual([]);
  });

  test("with more senseless rows than can be of use keeps ten thousand of them, and counts them all", async () => {
    using folder = storeFolder();
    const file = join(folder.dir, "x.csv");
    const rows = Array.from({ length: 10_300 }, () => row({ day: "never".repeat(500) }));
    writeFileSync(file, [HEAD, ...rows].join("\r\n"));
    const report = await importing(folder.db, file);
    expect(report.rejected.get("bad date")).toBe(10_300);
    expect(ask(folder.db, "SELECT count(*) AS n, max(length(content)) < 1000 AS short FROM rejected")).toEqual([
      { n: 10_000, short: 1 },
    ]);
  });
});

test("an old store whose history is a view without end gives what is in its tables", async () => {
  using folder = storeFolder();
  makeOldStore(folder.db, { daily: [{}] });
  const db = new DatabaseSync(folder.db);
  db.exec(`ALTER TABLE usagehistory RENAME TO h; CREATE VIEW usagehistory AS
    WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT d.* FROM r, dailyusage d`);
  db.close();
  setWritten(folder.db, LATER);
  const { store, taken } = await takenOver(folder.db, { now: () => LATER });
  expect(taken.report.rows).toBe(1);
  expect(await store.endpointDays(...EVER)).toHaveLength(1);
  await store.close();
});

describe("what is no file", () => {
  test.each([
    ["a pipe", (path: string) => execFileSync("mkfifo", [path]), "neither a file nor a folder"],
    ["a link to itself", (path: string) => symlinkSync(path, path), "symbolic links lead in a circle"],
    ["a folder without a store", (path: string) => execFileSync("mkdir", [path]), "holds no WhiteStat.db"],
    ["a device", (path: string) => symlinkSync("/dev/zero", path), "neither a file nor a folder"],
  ])("%s is refused in a sentence", async (_, make, why) => {
    using folder = storeFolder();
    const path = join(folder.dir, "odd");
    make(path);
    await expect(importing(folder.db, path)).rejects.toMatchObject({
      code: "foreign",
      message: expect.stringContaining(why),
    });
    expect(existsSync(folder.db)).toBe(false);
  });
});

describe("an old file whose pages point to each other", () => {
  /** Interior pages of a table in which every child is the same page, `depth` levels deep: 300 to its power of leaves. */
  function tangle(path: string, depth: number): void {
    const db = new DatabaseSync(path, { readOnly: true });
    const root = Number(db.prepare("SELECT rootpage AS n FROM sqlite_schema WHERE name = 'usagehistory'").get()?.n);
    const size = Number(db.prepare("PRAGMA page_size").get()?.page_size);
    db.close();
    const before = readFileSync(path);
    const pages = before.length / size;
    const leaf = before.readUInt32BE((root - 1) * size + 12 + 2 * before.readUInt16BE((root - 1) * size + 3));
    const interior = (child: number) => {
      const page = Buffer.alloc(size);
      page[0] = 5;
      page.writeUInt16BE(300, 3);
      page.writeUInt32BE(child, 8);
      let at = size;
      for (let cell = 0; cell < 300; cell += 1) {
        at -= 6;
        page.writeUInt32BE(child, at);
        page.writeUInt16BE(0xff00 | (cell % 128), at + 4);
        page.writeUInt16BE(at, 12 + 2 * cell);
      }
      page.writeUInt16BE(at, 5);
      return page;
    };
    const added = Array.from({ length: depth }, (_, level) => interior(level === 0 ? leaf : pages + level));
    const bytes = Buffer.concat([before, ...added]);
    interior(pages + depth).copy(bytes, (root - 1) * size);
    bytes.writeUInt32BE(pages + depth, 28);
    writeFileSync(path, bytes);
  }

  /** Every other child of the table's root is the root itself. */
  function circle(path: string): void {
    const db = new DatabaseSync(path, { readOnly: true });
    const root = Number(db.prepare("SELECT rootpage AS n FROM sqlite_schema WHERE name = 'usagehistory'").get()?.n);
    const size = Number(db.prepare("PRAGMA page_size").get()?.page_size);
    db.close();
    const bytes = readFileSync(path);
    const page = bytes.subarray((root - 1) * size, root * size);
    for (let cell = 1; cell < page.readUInt16BE(3); cell += 2) {
      page.writeUInt32BE(root, page.readUInt16BE(12 + 2 * cell));
    }
    writeFileSync(path, bytes);
  }

  /** One leaf is gone, and the table's last row has a number beyond all that can be counted off. */
  function farAway(path: string): void {
    const db = new DatabaseSync(path);
    db.exec(`UPDATE usagehistory SET rowid = ${2 ** 50} WHERE rowid = (SELECT max(rowid) FROM usagehistory)`);
    const root = Number(db.prepare("SELECT rootpage AS n FROM sqlite_schema WHERE name = 'usagehistory'").get()?.n);
    const size = Number(db.prepare("PRAGMA page_size").get()?.page_size);
    db.close();
    const bytes = readFileSync(path);
    const page = bytes.subarray((root - 1) * size, root * size);
    const leaf = page.readUInt32BE(page.readUInt16BE(12 + 2 * (page.readUInt16BE(3) - 1)));
    bytes.fill(0, (leaf - 1) * size, leaf * size);
    writeFileSync(path, bytes);
  }

  test.each([
    ["a tangle of one level", (path: string) => tangle(path, 1)],
    ["a tangle of six levels", (path: string) => tangle(path, 6)],
    ["circles", circle],
    ["a row of a number beyond all", farAway],
  ])("%s: no more rows than the file can hold, each once", { timeout: 60_000 }, async (_, attack) => {
    using folder = storeFolder();
    const history = Array.from({ length: 1_500 }, (__, n) => ({
      IP: `192.168.${n % 7}.${n % 250}`,
      DATE: new Date(Date.UTC(2015, 0, 1 + Math.floor(n / 2))).toISOString().slice(0, 10),
    }));
    makeOldStore(folder.db, { history });
    attack(folder.db);
    const { size } = statSync(folder.db);
    expect(recogniseDatabase(folder.db)).toBe("legacy");
    const { store, taken } = await takenOver(folder.db, { now: () => LATER });
    const days = await store.endpointDays(...EVER);
    await store.close();
    expect(taken.report.rows).toBeLessThanOrEqual(1_500);
    expect(days.length).toBeLessThanOrEqual(1_500);
    expect(taken.report.unreadable).toBeLessThanOrEqual(Math.ceil(size / 24));
    expect(taken.report.unreadable).toBeGreaterThan(0);
    expect(statSync(folder.db).size).toBeLessThan(4 * size);
  });
});
