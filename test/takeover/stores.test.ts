import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { testDeps as appDeps, testApp } from "../../src/http/testing.ts";
import { createNameBook } from "../../src/settings/maps.ts";
import { ask, EVER, FIXTURES, LATER, storeFolder, takenOver, testView } from "./taking.ts";

/** After the last day of every store; the product reports IPv6 after a takeover of v11, as v11 did. */
const LATE = { now: () => LATER, view: testView("auto", "auto", /^/) };
const ROUTER = "02:ff:ff:ff:ff:01";
const bytes = (kb: string) => `CAST(round(${kb} * 1024) AS INTEGER)`;

/** What plain SQL on the old file says: the unfinished day's rows, and of the others those that it does not have. */
function oldRows(down: string, up: string, day: string): string {
  const columns = `${day} AS day, IP AS ip, MAC AS mac, ${bytes(down)} AS down, ${bytes(up)} AS up`;
  return `SELECT ${columns} FROM dailyusage UNION ALL
    SELECT ${columns} FROM usagehistory h WHERE NOT EXISTS (
      SELECT 1 FROM dailyusage d WHERE d.IP = h.IP AND d.MAC = h.MAC AND d.DATE = h.DATE)`;
}

const STORES = [
  { version: "v2", rows: oldRows("KBIn", "KBOut", "substr(DATE, 1, 10)"), days: 30, hosts: 25 },
  { version: "v5", rows: oldRows("KBIn", "KBOut", "substr(DATE, 1, 10)"), days: 632, hosts: 626 },
  { version: "v11", rows: oldRows('"IN"', '"OUT"', "substr(DATE, 1, 10)"), days: 160, hosts: 200 },
] as const;

describe.each(STORES)("a store of $version", ({ version, rows, days, hosts }) => {
  test("has every device-day with the sum of its rows in the old file", async () => {
    using folder = storeFolder(version);
    const { store } = await takenOver(folder.db, LATE);
    const expected = ask(
      join(FIXTURES, version, "WhiteStat.db"),
      `SELECT day, mac, sum(down) AS down, sum(up) AS up FROM (${rows}) WHERE mac <> '${ROUTER}' GROUP BY day, mac`,
    );
    const keys = new Map((await store.devices()).map(({ id, key }) => [id, key]));
    const found = (await store.deviceDays(...EVER)).map((row) => ({
      day: row.day,
      mac: keys.get(row.device),
      down: row.in,
      up: row.out,
    }));
    await store.close();
    expect(expected).toHaveLength(days);
    expect(new Set(found.map((row) => JSON.stringify(row)))).toEqual(
      new Set(expected.map((row) => JSON.stringify(row))),
    );
    expect(found).toHaveLength(days);
  });

  test("has every remote host's day as the old file has it", async () => {
    using folder = storeFolder(version);
    const { store } = await takenOver(folder.db, LATE);
    const expected = ask(
      join(FIXTURES, version, "WhiteStat.db"),
      `SELECT day, ip, mac, down, up FROM (${rows}) WHERE mac = '${ROUTER}'`,
    );
    const found = (await store.remoteDays(...EVER)).map((row) => ({
      day: row.day,
      ip: row.ip,
      mac: row.mac,
      down: row.in,
      up: row.out,
    }));
    await store.close();
    expect(expected).toHaveLength(hosts);
    expect(new Set(found.map((row) => JSON.stringify(row)))).toEqual(
      new Set(expected.map((row) => JSON.stringify(row))),
    );
    expect(found).toHaveLength(hosts);
  });

  test("keeps the old file, to the byte", async () => {
    using folder = storeFolder(version);
    await takenOver(folder.db, LATE).then(({ store }) => store.close());
    expect(readFileSync(`${folder.db}.${version}-backup`)).toEqual(
      readFileSync(join(FIXTURES, version, "WhiteStat.db")),
    );
  });
});

test("a day on which v5 charged a whole counter is there and marked, and no other is", async () => {
  using folder = storeFolder("v5");
  const { store } = await takenOver(folder.db);
  const marked = (await store.deviceDays(...EVER)).filter((row) => row.implausible);
  await store.close();
  expect(marked).toMatchObject([{ day: "2021-03-11", ip: "192.168.1.24", in: Math.round(63_212_101.72 * 1024) }]);
});

test("v2's seconds are darkstat's time ago at the end of the day, v11's T is local time", async () => {
  using two = storeFolder("v2");
  const v2 = await takenOver(two.db);
  const laptop = (await v2.store.deviceDays("2021-01-28", "2021-01-28")).find(({ ip }) => ip === "192.168.1.20");
  await v2.store.close();
  expect(laptop?.seenAt).toBe(Date.UTC(2021, 0, 28, 23) - 38_155_000);

  using eleven = storeFolder("v11");
  const v11 = await takenOver(eleven.db, LATE);
  const first = (await v11.store.deviceDays("2021-10-01", "2021-10-01")).find(({ ip }) => ip === "fd00:77::2");
  await v11.store.close();
  expect(first?.seenAt).toBe(Date.UTC(2021, 9, 1, 10, 0, 7));
});

test("names that v11 kept by MAC go into MAC_HOST.txt, but for devices that have a line there", async () => {
  using folder = storeFolder("v11");
  const names = createNameBook({
    ipMacFile: join(folder.dir, "IP_MAC.txt"),
    macMacFile: join(folder.dir, "MAC_MAC.txt"),
    macHostFile: join(folder.dir, "MAC_HOST.txt"),
    archiveFile: join(folder.dir, "ARCHIVED.txt"),
  });
  await names.reloadIfChanged();
  await names.rename("02:1a:2b:00:00:01", "Ours");
  const { store, taken } = await takenOver(folder.db, { ...LATE, names });
  const hosts = await store.remoteDays("2021-10-01", "2021-10-01");
  await store.close();
  expect(names.nameOf("02:1a:2b:00:00:00")).toBe("LAPTOP (v11)");
  expect(names.nameOf("02:1a:2b:00:00:01")).toBe("Ours");
  expect(taken.report.names).toBe(4);
  expect(hosts.find(({ ip }) => ip === "203.0.113.1")?.hostname).toBe("edge-1.example.net");
  expect(hosts.find(({ ip }) => ip === "203.0.113.2")?.hostname).toBeNull();
});

describe("the old endpoints over the taken-over v5 store, at the moment of the capture", () => {
  type Row = (string | number | null)[];
  const response = (name: string) => readFileSync(join(FIXTURES, "v5/responses", name), "utf8");
  const rounded = (name: string) =>
    (JSON.parse(response(name)) as { data: Row[] }).data.map((row) =>
      row.map((cell) => (typeof cell === "number" ? Math.round(cell * 100) / 100 : cell)),
    );
  const RANGE = "history?start=2021-03-30&end=2021-04-01";

  /** The app as the product builds it, on the store's own settings; `withNames` reads MAC_HOST.txt. */
  async function answers(paths: readonly string[], withNames: boolean): Promise<string[]> {
    using folder = storeFolder("v5");
    const view = testView("192.168.1|192.168.0", ROUTER);
    const { store } = await takenOver(folder.db, { view });
    const names = createNameBook({
      ipMacFile: join(folder.dir, "IP_MAC.txt"),
      macMacFile: join(folder.dir, "MAC_MAC.txt"),
      macHostFile: join(folder.dir, withNames ? "MAC_HOST.txt" : "none.txt"),
      archiveFile: join(folder.dir, "ARCHIVED.txt"),
    });
    await names.reloadIfChanged();
    const app = testApp(await appDeps([], { store, names }));
    const texts = await Promise.all(paths.map(async (path) => (await app.request(path)).text()));
    await store.close();
    return texts;
  }

  test("/json and /json/history equal the captured answers, field by field", async () => {
    const [today, history] = await answers(["/json", `/json/${RANGE}`], false);
    const captured = JSON.parse(response("json.json")) as { columns: string[] };
    expect(JSON.parse(today ?? "")).toEqual({ columns: captured.columns, data: rounded("json.json") });
    expect(JSON.parse(history ?? "")).toEqual({ columns: captured.columns, data: rounded("history.json") });
  });

  test("/table and /table/history equal them to the byte, /json/lansegments its list", async () => {
    // The table was captured over two days.
    const paths = ["/table", "/table/history?start=2021-03-30&end=2021-03-31", "/json/lansegments"];
    const [today, history, segments] = await answers(paths, false);
    expect(today).toBe(response("table.html"));
    expect(history).toBe(response("table-history.html"));
    expect(JSON.parse(segments ?? "")).toEqual(JSON.parse(response("lansegments.json")));
  });

  test("names of MAC_HOST.txt are shown on every day, which is the one difference", async () => {
    const [history = ""] = await answers([`/json/${RANGE}`], true);
    const found = (JSON.parse(history) as { data: Row[] }).data;
    const expected = rounded("history.json").map((row) =>
      row[1] === "02:1a:2b:00:00:00" ? row.with(2, "Anna's laptop") : row,
    );
    expect(found).toEqual(expected);
  });
});

describe("the views for people who query the file", () => {
  const COLUMNS = ["IP", "MAC", "Hostname", "LastSeen", "KBIn", "KBOut", "DATE", "LSTDAY_KBIn", "LSTDAY_KBOut"];

  test("have the old columns, dates and rounding over a taken-over store", async () => {
    using folder = storeFolder("v5");
    await takenOver(folder.db).then(({ store }) => store.close());
    const list = COLUMNS.filter((column) => !column.startsWith("LastSeen")).join(", ");
    const old = join(FIXTURES, "v5/WhiteStat.db");
    const rounded = `IP, MAC, coalesce(Hostname, '(none)') AS Hostname, round(KBIn, 2) AS KBIn, round(KBOut, 2) AS KBOut, DATE,
      round(LSTDAY_KBIn, 2) AS LSTDAY_KBIn, round(LSTDAY_KBOut, 2) AS LSTDAY_KBOut`;
    const today = (table: string, columns: string) =>
      `SELECT ${columns} FROM ${table} WHERE DATE = '2021-04-01 00:00:00' ORDER BY IP`;
    expect(ask(folder.db, today("dailyusage", list))).toEqual(ask(old, today("dailyusage", rounded)));

    const history = (table: string, columns: string) =>
      `SELECT ${columns} FROM ${table} WHERE DATE < '2021-03-31 00:00:00' ORDER BY DATE, IP`;
    const without = (columns: string) => columns.replace(/(coalesce\(Hostname, '\(none\)'\) AS )?Hostname, /, "");
    expect(ask(folder.db, history("usagehistory", without(list)))).toEqual(
      ask(old, history("usagehistory", without(rounded))),
    );
    const [first] = ask(folder.db, "SELECT * FROM usagehistory LIMIT 1");
    expect(Object.keys(first ?? {})).toEqual(COLUMNS);
  });

  test("show LastSeen as local text", async () => {
    using folder = storeFolder("v5");
    await takenOver(folder.db).then(({ store }) => store.close());
    const [row] = ask(folder.db, "SELECT LastSeen FROM dailyusage WHERE IP = '192.168.1.20'");
    expect(row?.LastSeen).toMatch(/^2021-04-01 \d\d:40:58$/);
  });
});
