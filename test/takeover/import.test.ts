import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { createPolicy } from "../../src/accounting/policy.ts";
import { settle } from "../../src/accounting/settle.ts";
import type { HostRow, Reading, Totals } from "../../src/accounting/types.ts";
import type { View } from "../../src/accounting/view.ts";
import { noteText } from "../../src/http/readable-text.ts";
import { testDeps as appDeps, testApp } from "../../src/http/testing.ts";
import { takeLock } from "../../src/store/file/lock.ts";
import { openSqliteStore } from "../../src/store/sqlite-store.ts";
import type { Store } from "../../src/store/store.ts";
import { type ImportOptions, importHistory } from "../../src/takeover/import.ts";
import { makeOldStore } from "./old-store.ts";
import {
  calendar,
  EVER,
  FIXTURES,
  factsOf,
  LATER,
  NOON,
  SOURCE,
  setWritten,
  stampOf,
  storeFolder,
  takenOver,
  testDeps,
  testView,
} from "./taking.ts";

const V5 = join(FIXTURES, "v5");

function importing(into: string, from: string, more: Partial<ImportOptions> = {}) {
  return importHistory({
    ...testDeps({ now: () => LATER }),
    firstDay: null,
    lastDay: null,
    dryRun: false,
    ...more,
    into,
    from,
  });
}

async function inStore<T>(path: string, work: (store: Store) => Promise<T>, view?: View): Promise<T> {
  const store = openSqliteStore({ path, view });
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

const LAPTOP = "02:1a:2b:00:00:00";
const laptop = (bytesIn: number, out: number): HostRow => ({
  ip: "192.168.1.20",
  mac: LAPTOP,
  hostname: "laptop",
  lastSeenSeconds: 3,
  in: bytesIn,
  out,
});

/** A reading of a darkstat that knows one laptop, and a host out there that has what the laptop has. */
function reading(at: number, uptimeSeconds: number, bytesIn: number, out: number, epoch = "one"): Reading {
  const remote = { ...laptop(out, bytesIn), ip: "203.0.113.5", mac: "02:ff:ff:ff:ff:01", hostname: null };
  const totals: Totals = { bytes: bytesIn + out, packets: 10, captured: 10, dropped: 0, uptimeSeconds };
  const hosts = [laptop(bytesIn, out), remote];
  return {
    source: SOURCE,
    meter: "http://127.0.0.1:667/",
    at,
    elapsedMs: null,
    epoch,
    before: totals,
    after: totals,
    hosts,
    series: [],
  };
}

async function read(store: Store, next: Reading): Promise<void> {
  await store.record(settle(await store.books(SOURCE), next, createPolicy(calendar)));
  await store.checkpoint();
}

async function laptopOn(store: Store, day: string) {
  const device = (await store.devices()).find(({ key }) => key === LAPTOP);
  const row = (await store.deviceDays(day, day)).find((candidate) => candidate.device === device?.id);
  return row && { in: row.in, out: row.out };
}

describe("the unfinished day of a store that is taken over", () => {
  const TODAY = "2021-04-01";
  const was = { in: Math.round(170_696.28 * 1024), out: Math.round(13_741.16 * 1024) };

  /** Taken over at noon; the old program wrote last at 11:58. */
  async function today(path: string): Promise<Store> {
    setWritten(path, NOON - 120_000);
    return (await takenOver(path)).store;
  }

  test("goes on where the old one stopped: what darkstat counted until now is charged to nobody again", async () => {
    using folder = storeFolder("v5");
    const store = await today(folder.db);
    const darkstatSince = 8 * 3_600;
    await read(store, reading(NOON, darkstatSince, 500_000, 60_000));
    expect(await laptopOn(store, TODAY)).toEqual(was);
    await read(store, reading(NOON + 30_000, darkstatSince + 30, 500_900, 60_050));
    expect(await laptopOn(store, TODAY)).toEqual({ in: was.in + 900, out: was.out + 50 });
    expect(await store.devices()).toHaveLength(12);
    await store.close();
  });

  test("gets what a darkstat counted that was started after the old program wrote last", async () => {
    using folder = storeFolder("v5");
    const store = await today(folder.db);
    await read(store, reading(NOON + 600_000, 60, 700, 80));
    expect(await laptopOn(store, TODAY)).toEqual({ in: was.in + 700, out: was.out + 80 });
    await store.close();
  });

  test("stays what it was through the end of the hour and the day, and a restart", async () => {
    using folder = storeFolder("v5");
    let store = await today(folder.db);
    for (const hours of [0, 1, 5, 13, 20]) {
      await read(store, reading(NOON + hours * 3_600_000, 40_000 + hours * 3_600, 1_000 * hours, 100 * hours));
      await store.close();
      store = openSqliteStore({ path: folder.db });
    }
    const [first, second] = [await laptopOn(store, TODAY), await laptopOn(store, "2021-04-02")];
    await store.close();
    expect((first?.in ?? 0) + (second?.in ?? 0)).toBe(was.in + 20_000);
    expect(first?.in).toBe(was.in + 12_000);
  });

  test.each([
    ["before the old program wrote last", 8 * 3_600],
    ["after it", 60],
  ] as const)("whose darkstat started %s: the notes tell of no jump and no other darkstat", async (_, uptime) => {
    using folder = storeFolder("v5");
    const store = await today(folder.db);
    await read(store, reading(NOON, uptime, 500_000, 60_000));
    await read(store, reading(NOON + 30_000, uptime + 30, 500_900, 60_050));
    const codes = (await store.notes(9)).map(({ code }) => code).filter((code) => code !== "router-found");
    await store.close();
    expect(codes.sort()).toEqual(["first-reading", "taken-over"]);
  });

  test("leaves our books in balance: they are of what our darkstat counted", async () => {
    using folder = storeFolder("v5");
    const store = await today(folder.db);
    await read(store, reading(NOON, 30_000, 1_000, 100));
    await read(store, reading(NOON + 30_000, 30_030, 2_000, 200));
    const balances = await store.balances(...EVER);
    const app = testApp(await appDeps([], { store, now: () => NOON + 60_000 }));
    const usage = (await (await app.request(`/api/v1/usage?from=2021-03-01&to=${TODAY}`)).json()) as {
      balance: unknown;
    };
    await store.close();
    expect(usage.balance).toMatchObject({ balanced: true, counted: 1100, devices: { in: 1000, out: 100 } });
    expect(balances).toMatchObject([
      { day: TODAY, devices: { in: 1000, out: 100 }, remote: { in: 100, out: 1000 }, counted: 1100 },
    ]);
  });

  test("is said once, in the notes", async () => {
    using folder = storeFolder("v5");
    const store = await today(folder.db);
    const notes = await store.notes(10);
    await store.close();
    expect(notes.map((note) => noteText(note, calendar.localText))).toEqual([
      "Upgraded from WhiteStat 5: 1259 rows of 12 devices, 2021-01-30 to 2021-04-01. 1 day of single devices is marked: far more than they or the line ever carried. The old file is kept as WhiteStat.db.v5-backup.",
    ]);
  });
});

describe("import", () => {
  test.each([
    ["a folder", V5],
    ["a database", join(V5, "WhiteStat.db")],
  ])("of an old store, by %s, gives what a takeover gives", async (_, from) => {
    using folder = storeFolder();
    using other = storeFolder("v5");
    const report = await importing(folder.db, from);
    const { store, taken } = await takenOver(other.db);
    expect(await inStore(folder.db, factsOf)).toEqual(await factsOf(store));
    expect(report.merged).toEqual(taken.report.merged);
    await store.close();
  });

  test.each(["v2", "v5", "v11"])("of %s twice changes nothing the second time", async (version) => {
    using folder = storeFolder();
    await importing(folder.db, join(FIXTURES, version));
    const before = await inStore(folder.db, async (store) => [
      await factsOf(store),
      await store.notes(99),
      await store.devices(),
    ]);
    const report = await importing(folder.db, join(FIXTURES, version));
    expect(report.merged).toMatchObject({ added: 0, raised: 0 });
    const after = await inStore(folder.db, async (store) => [
      await factsOf(store),
      await store.notes(99),
      await store.devices(),
    ]);
    expect(after).toEqual(before);
  });

  test("as a trial run reports the same and changes nothing", async () => {
    using folder = storeFolder();
    await importing(folder.db, join(FIXTURES, "v2"));
    const before = await inStore(folder.db, factsOf);
    const names = testDeps();
    const trial = await importing(folder.db, join(FIXTURES, "v11"), { dryRun: true, names: names.names });
    expect(await inStore(folder.db, factsOf)).toEqual(before);
    expect(names.given.size).toBe(0);
    expect((await importing(folder.db, join(FIXTURES, "v11"))).merged).toEqual(trial.merged);
    expect(trial.merged.added).toBe(360);
    expect(readdirSync(folder.dir).filter((name) => name.includes("import"))).toEqual([]);
  });

  test("takes only the days that are asked for", async () => {
    using folder = storeFolder();
    await importing(folder.db, V5, { firstDay: "2021-02-10", lastDay: "2021-02-12" });
    expect(await inStore(folder.db, (store) => store.range())).toEqual({ first: "2021-02-10", last: "2021-02-12" });
  });

  test("leaves the file that it reads as it is", async () => {
    using folder = storeFolder();
    using other = storeFolder("v5");
    const stamp = stampOf(other.db);
    await importing(folder.db, other.dir);
    expect(stampOf(other.db)).toBe(stamp);
    expect(existsSync(`${other.db}.v5-backup`)).toBe(false);
  });

  test("takes over a store that is still the old one first", async () => {
    using folder = storeFolder("v5");
    await expect(importing(folder.db, join(FIXTURES, "v2"), { dryRun: true })).rejects.toMatchObject({
      code: "foreign",
    });
    await importing(folder.db, join(FIXTURES, "v2"));
    expect(await inStore(folder.db, (store) => store.range())).toEqual({ first: "2021-01-28", last: "2021-04-01" });
  });

  describe("into a history that measures already", () => {
    /** Ours has measured 1,000 bytes down and 100 up on 2021-03-30, 03-31 and 04-01; the reading before was on 03-29. */
    async function measuring(path: string, view?: View): Promise<void> {
      const readings = async (store: Store) => {
        const start = Date.UTC(2021, 2, 29, 10);
        for (let n = 0; n <= 3; n += 1) {
          await read(store, reading(start + n * 86_400_000 - 60_000, 900_000 + n * 86_400 - 60, n * 1000, n * 100));
          await read(store, reading(start + n * 86_400_000, 900_000 + n * 86_400, n * 1000, n * 100));
        }
      };
      await inStore(path, readings, view);
    }
    const rowsOn = (day: string, kb: number) => ({ DATE: `${day} 00:00:00`, KBIn: kb, KBOut: kb });

    test("what was measured here stays, but for the first day, where the greater figure counts", async () => {
      using folder = storeFolder();
      using other = storeFolder();
      await measuring(folder.db);
      const days = ["2021-03-29", "2021-03-30", "2021-03-31", "2021-04-01"];
      const own = await inStore(folder.db, async (store) => Promise.all(days.map((day) => laptopOn(store, day))));
      makeOldStore(other.db, { history: [rowsOn("2021-03-20", 7), ...days.map((day) => rowsOn(day, 5))] });
      const report = await importing(folder.db, other.dir);
      const now = await inStore(folder.db, async (store) => Promise.all(days.map((day) => laptopOn(store, day))));
      const firstOwn = own.findIndex((row) => row !== undefined);
      expect(firstOwn).toBeGreaterThanOrEqual(0);
      for (const [n] of days.entries()) {
        if (n <= firstOwn) expect(now[n]).toEqual({ in: 5 * 1024, out: 5 * 1024 });
        else expect(now[n]).toEqual(own[n]);
      }
      expect(report.merged.kept).toBe(days.length - 1 - firstOwn);
      expect((await importing(folder.db, other.dir)).merged).toMatchObject({ added: 0, raised: 0 });
    });

    test("the books stay in balance, and the baselines where they were", async () => {
      using folder = storeFolder();
      const view = testView("auto", "02:ff:ff:ff:ff:01");
      await measuring(folder.db, view);
      const before = await inStore(folder.db, async (store) => [
        await store.books(SOURCE),
        await store.balances(...EVER),
      ]);
      await importing(folder.db, V5, { view });
      const after = await inStore(folder.db, async (store) => [
        await store.books(SOURCE),
        await store.balances(...EVER),
      ]);
      expect(after).toEqual(before);
    });
  });

  test("of days imported before raises them to the greater figure, by direction", async () => {
    using folder = storeFolder();
    for (const [KBIn, KBOut] of [
      [10, 1],
      [4, 9],
      [12, 2],
    ]) {
      using other = storeFolder();
      makeOldStore(other.db, { history: [{ KBIn, KBOut }] });
      await importing(folder.db, other.db);
    }
    expect(await inStore(folder.db, (store) => laptopOn(store, "2021-01-30"))).toEqual({
      in: 12 * 1024,
      out: 9 * 1024,
    });
  });

  test("while WhiteStat runs is refused, naming who holds the store", async () => {
    using folder = storeFolder();
    const lock = takeLock(folder.db, { pid: 4711, host: "pi", since: NOON });
    await expect(importing(folder.db, V5)).rejects.toMatchObject({
      code: "busy",
      message: expect.stringContaining("process 4711 on pi"),
      hint: "Stop WhiteStat, import, and start it again.",
    });
    lock.release();
  });

  test.each([
    ["is not there", "nothing-here", null, "it is not there"],
    ["is the history itself", "WhiteStat.db", null, "is the history itself"],
    ["is some text", "notes.txt", "hello", "its first line lacks day, mac"],
    ["is other JSON", "x.json", '{"a":1}', "not an export of WhiteStat"],
    ["is broken JSON", "x.json", '{"format":', "it isn't valid JSON"],
    ["has an open quote", "x.csv", 'day,kind,mac,ip,download_bytes,upload_bytes\n"2021', "a quote is not closed"],
    ["is a wrecked database", "x.db", `SQLite format 3\0${"x".repeat(5000)}`, "damaged"],
  ])("refuses what %s, and says what is allowed", async (_, name, content, message) => {
    using folder = storeFolder();
    await openSqliteStore({ path: folder.db }).close();
    if (content !== null) writeFileSync(join(folder.dir, name), content);
    await expect(importing(folder.db, join(folder.dir, name))).rejects.toMatchObject({
      name: "StoreError",
      message: expect.stringContaining(message),
    });
  });

  test("of another store of ours brings its hours along", async () => {
    using folder = storeFolder();
    using other = storeFolder();
    await inStore(folder.db, async (store) => {
      for (const n of [0, 1, 2]) await read(store, reading(NOON + n * 3_600_000, 900_000 + n * 3_600, n * 1000, n));
    });
    await importing(other.db, folder.db);
    const hours = (path: string) =>
      inStore(path, async (store) =>
        (await store.deviceHours(...EVER)).map(({ day, hour, in: down }) => ({ day, hour, down })),
      );
    const there = (await hours(folder.db)).filter(({ hour }) => hour < 13);
    expect(there.length).toBeGreaterThan(0);
    expect(await hours(other.db)).toEqual(expect.arrayContaining(there));
    expect(await inStore(other.db, factsOf)).toEqual(await inStore(folder.db, factsOf));
  });

  test("of an export sets senseless lines aside with their numbers", async () => {
    using folder = storeFolder();
    const file = join(folder.dir, "x.csv");
    const lines = [
      "day,kind,mac,ip,download_bytes,upload_bytes",
      "2021-01-30,device,02:1a:2b:00:00:00,192.168.1.20,1000,10",
      "30.1.2021,device,02:1a:2b:00:00:00,192.168.1.20,1000,10",
      "2021-01-31,device,02:1a:2b:00:00:00,192.168.1.20,many,10",
      "2021-01-31,device,02:1a:2b:00:00:00,192.168.1.20,-4,10",
    ];
    writeFileSync(file, `\uFEFF${lines.join("\r\n")}`);
    const report = await importing(folder.db, file);
    expect([...report.rejected]).toEqual([
      ["bad date", 1],
      ["no number", 1],
      ["negative", 1],
    ]);
    expect(await inStore(folder.db, (store) => laptopOn(store, "2021-01-30"))).toEqual({ in: 1000, out: 10 });
    expect(readFileSync(file, "utf8")).toContain("many");
  });
});
