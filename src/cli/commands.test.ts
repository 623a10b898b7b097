import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, test } from "vitest";
import { zoneOf } from "../accounting/testing.ts";
import { createFakeDarkstat } from "../darkstat/simulated/index.ts";
import { takeLock } from "../store/file/lock.ts";
import { openSqliteStore } from "../store/sqlite-store.ts";
import { UsageError } from "./arguments.ts";
import { backupCommand } from "./backup.ts";
import { balanceFinding, doctorCommand, snapshotFindings } from "./doctor.ts";
import { exportCommand } from "./export.ts";
import { importCommand } from "./import.ts";
import type { Io } from "./io.ts";

const V5 = fileURLToPath(new URL("../../test/takeover/fixtures/v5", import.meta.url));
const NOON = Date.UTC(2021, 3, 1, 10);
const EVER = ["1990-01-01", "2100-01-01"] as const;

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** A data store, and the commands' view of a machine on which it lies. */
function machine(settings: Record<string, unknown> = {}) {
  const dir = mkdtempSync(join(tmpdir(), "whitestat-cli-"));
  folders.push(dir);
  const values = { DARKSTAT_URL: "http://127.0.0.1:1/", TZ: "Europe/Berlin", ...settings };
  writeFileSync(join(dir, "WhiteStatConfig.json"), JSON.stringify(values));
  const said: string[] = [];
  const io: Io = {
    env: { DATA_STORE: dir, PATH: process.env.PATH },
    cwd: dir,
    stdout: { write: (text: string) => said.push(text) },
    stderr: { write: (text: string) => said.push(text) },
    clock: { now: () => NOON, mono: () => 0, sleep: async () => {} },
    zone: (configured) => zoneOf(configured ?? "UTC"),
    signal: new AbortController().signal,
    version: "12.0.0",
    builtAt: Date.UTC(2020, 0, 1),
    webRoot: dir,
    vendorsFile: join(dir, "vendors.bin"),
    uid: process.getuid?.() ?? -1,
    gid: process.getgid?.() ?? -1,
  };
  return { io, dir, db: join(dir, "WhiteStat.db"), text: () => said.splice(0).join("") };
}

async function daysOf(path: string): Promise<string[]> {
  const store = openSqliteStore({ path });
  const keys = new Map((await store.devices()).map(({ id, key, hostname, router }) => [id, [key, hostname, router]]));
  const days = (await store.deviceDays(...EVER)).map(({ device, ...row }) => JSON.stringify([keys.get(device), row]));
  const hosts = (await store.remoteDays(...EVER)).map((row) => JSON.stringify(row));
  await store.close();
  return [...days, ...hosts].sort();
}

describe("export", () => {
  test.each(["csv", "json"])("as %s, imported into an empty store, gives equal days", async (format) => {
    const one = machine();
    await importCommand(one.io, [V5]);
    const file = join(one.dir, `days.${format}`);
    expect(await exportCommand(one.io, ["--format", format, "--output", file])).toBe(0);
    const other = machine();
    expect(await importCommand(other.io, [file])).toBe(0);
    expect(await daysOf(other.db)).toEqual(await daysOf(one.db));
    expect(await importCommand(other.io, [file])).toBe(0);
    expect(other.text()).toContain("Nothing is new");
  });

  test("writes the days that are asked for, with given names, to stdout while WhiteStat runs", async () => {
    const { io, text, db, dir } = machine();
    await importCommand(io, [V5]);
    writeFileSync(join(dir, "MAC_HOST.txt"), '02:1a:2b:00:00:00|=HYPERLINK("http://x")\n');
    const lock = takeLock(db, { pid: 1, host: "pi", since: NOON });
    text();
    expect(await exportCommand(io, ["--from", "2021-03-31", "--to", "2021-03-31"])).toBe(0);
    lock.release();
    const lines = text().trimEnd().split("\r\n");
    expect(lines[0]).toMatch(/^\uFEFFday,kind,device,ip,name,/);
    expect(lines.slice(1).every((line) => line.startsWith("2021-03-31,"))).toBe(true);
    expect(lines.find((line) => line.includes("02:1a:2b:00:00:00"))).toContain(`,"'=HYPERLINK(""http://x"")",LAPTOP,`);
  });

  test("of a store that is not there yet says so", async () => {
    await expect(exportCommand(machine().io, [])).rejects.toMatchObject({
      message: expect.stringContaining("there is no history yet"),
    });
  });
});

test("import prints what became of the rows, and of a trial run that nothing was changed", async () => {
  const { io, text, db } = machine();
  expect(await importCommand(io, [V5, "--dry-run"])).toBe(0);
  expect(text()).toMatch(/1259 rows read.*\n[\s\S]*1258 days of devices and hosts are new[\s\S]*nothing was changed/);
  expect(await daysOf(db)).toEqual([]);
});

describe("backup", () => {
  test("copies the database while it is in use, and never over a file that is there", async () => {
    const { io, dir, db } = machine();
    await importCommand(io, [V5]);
    const lock = takeLock(db, { pid: 1, host: "pi", since: NOON });
    expect(await backupCommand(io, ["copy.db"])).toBe(0);
    lock.release();
    expect(await daysOf(join(dir, "copy.db"))).toEqual(await daysOf(db));
    const before = readFileSync(join(dir, "copy.db"));
    await expect(backupCommand(io, ["copy.db"])).rejects.toMatchObject({
      message: expect.stringContaining("is there already"),
    });
    expect(readFileSync(join(dir, "copy.db"))).toEqual(before);
  });

  test("goes into a folder under the day's name", async () => {
    const { io, dir } = machine();
    await importCommand(io, [V5]);
    expect(await backupCommand(io, ["."])).toBe(0);
    expect(existsSync(join(dir, "WhiteStat-2021-04-01.db"))).toBe(true);
  });
});

describe("doctor", () => {
  test("finds nothing wrong with a darkstat that answers and a store that is sound, and shows every setting", async () => {
    const fake = createFakeDarkstat({ now: () => NOON, routerMac: "02:ff:ff:ff:ff:01", interface: "eth0" });
    const url = await fake.start();
    try {
      const { io, text } = machine({ DARKSTAT_URL: url });
      await importCommand(io, [V5]);
      text();
      expect(await doctorCommand(io, [])).toBe(0);
      const said = text();
      expect(said).toContain("ok   darkstat 3.0.");
      expect(said).toContain("WhiteStat.db is sound");
      expect(said).toContain("figures of 12 devices, from 2021-01-30 to 2021-04-01");
      expect(said).toContain("TZ = Europe/Berlin  (file)");
      expect(said).toContain("IPFilter = ([\\d]+\\.){3,3}\\d+  (default)");
      expect(said).toContain("Nothing is wrong.");
    } finally {
      await fake.stop();
    }
  });

  test("says of a darkstat that does not answer, and a clock before this program, what to do, and ends with 1", async () => {
    const { io, text } = machine();
    expect(await doctorCommand({ ...io, builtAt: NOON + 1 }, [])).toBe(1);
    const said = text();
    expect(said).toMatch(/BAD {2}darkstat can't be read: .*refused[\s\S]*→ Check that darkstat runs/);
    expect(said).toMatch(/BAD {2}The clock says 2021-04-01 12:00:00[\s\S]*→ .*timedatectl/);
    expect(said).toContain("2 things are wrong.");
  });

  test("shows no password", async () => {
    const { io, text } = machine({ DARKSTAT_URL: "http://me:secret@127.0.0.1:1/" });
    await doctorCommand(io, []);
    expect(text()).not.toContain("secret");
  });

  test("knows who runs", async () => {
    const { io, db, text } = machine();
    await importCommand(io, [V5]);
    const lock = takeLock(db, { pid: 4711, host: "pi", since: NOON });
    text();
    await doctorCommand(io, []);
    lock.release();
    expect(text()).toContain("WhiteStat runs: process 4711 on pi");
  });

  const totals = { bytes: 0, packets: 0, captured: 900, dropped: 0, uptimeSeconds: 1 };
  const host = { ip: "192.168.1.2", mac: null, hostname: null, lastSeenSeconds: null, in: 0, out: 0 };
  const snapshot = {
    at: NOON,
    epoch: "one",
    before: totals,
    after: totals,
    hosts: [host],
    version: "3.0.719",
    interface: "eth0",
    columns: { mac: true, lastSeen: true },
  };
  const grades = (more: Partial<typeof snapshot>) =>
    snapshotFindings({ ...snapshot, ...more }, "http://x/")
      .map(({ grade, text }) => `${grade} ${text}`)
      .join("\n");

  test("names missing columns, missed packets and a table that is nearly full", () => {
    expect(grades({})).not.toMatch(/^(?:bad|note)/m);
    expect(grades({ columns: { mac: false, lastSeen: false } })).toMatch(/^note .*no MACs[\s\S]*^note .*last seen/m);
    expect(grades({ after: { ...totals, dropped: 100 } })).toMatch(/^bad darkstat missed 10.0 %/m);
    expect(grades({ hosts: Array.from({ length: 800 }, () => host) })).toMatch(/^bad darkstat lists 800 hosts/m);
  });

  test("tells books that balance from those that don't", () => {
    const none = { in: 0, out: 0 };
    const day = {
      source: "s",
      day: "2021-04-01",
      devices: { in: 5, out: 5 },
      hidden: none,
      routers: none,
      remote: none,
      group: none,
      unattributed: none,
      unlisted: none,
      counted: 5,
      captured: 0,
      dropped: 0,
    };
    expect(balanceFinding(day)).toMatchObject({ grade: "well" });
    expect(balanceFinding({ ...day, counted: 9 })).toMatchObject({
      grade: "note",
      text: expect.stringContaining("differ by 4 B"),
    });
  });
});

test.each([
  ["export", exportCommand, ["--from", "2021-02-30"], '"2021-02-30" is no day'],
  ["export", exportCommand, ["--format", "xml"], '"xml" is none of csv and json'],
  ["import", importCommand, [], "something is missing"],
  ["import", importCommand, ["a", "b"], '"b" is one too many'],
  ["import", importCommand, ["a", "--from", "2021-02-02", "--to", "2021-02-01"], "is after"],
  ["backup", backupCommand, ["--fast"], "--fast"],
] as const)("%s says what it can't understand: %s", async (_, command, args, message) => {
  const told = command(machine().io, args);
  await expect(told).rejects.toThrow(message);
  await expect(told).rejects.toBeInstanceOf(UsageError);
});
