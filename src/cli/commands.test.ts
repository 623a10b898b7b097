import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, test } from "vitest";
import { createFakeDarkstat } from "../meters/darkstat/simulated/index.ts";
import { guarded } from "../shared/csv.ts";
import { takeLock } from "../store/file/lock.ts";
import { openSqliteStore } from "../store/sqlite-store.ts";
import { DAY_COLUMNS } from "../takeover/days-file.ts";
import { UsageError } from "./arguments.ts";
import { backupCommand } from "./backup.ts";
import { doctorCommand, snapshotFindings } from "./doctor.ts";
import { balanceFinding } from "./doctor-figures.ts";
import { exportCommand } from "./export.ts";
import { importCommand } from "./import.ts";
import { testIo } from "./testing.ts";

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
  const out = { write: (text: string) => said.push(text) };
  const clock = { now: () => NOON, mono: () => 0, sleep: async () => {} };
  const io = testIo(dir, { stdout: out, stderr: out, clock, builtAt: Date.UTC(2020, 0, 1) });
  return { io, dir, db: join(dir, "WhiteStat.db"), text: () => said.splice(0).join("") };
}

const quoted = (cell: string) => `"${cell.replaceAll('"', '""')}"`;

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

  test("devices that the page made one stay one through an import", async () => {
    const { io, db, dir } = machine();
    await importCommand(io, [V5]);
    const keys = async () => {
      const store = openSqliteStore({ path: db });
      const found = (await store.devices()).flatMap(({ key, router }) => (router ? [] : [key])).sort();
      await store.close();
      return found;
    };
    const [one = "", other = "", ...rest] = await keys();
    const household = { whitestat: "household", version: 1, devices: [{ key: one, interfaces: [other] }] };
    writeFileSync(join(dir, "home.json"), JSON.stringify(household));
    expect(await importCommand(io, ["--household", join(dir, "home.json")])).toBe(0);
    expect(await importCommand(io, [V5])).toBe(0);
    expect(await keys()).toEqual([one, ...rest]);
  });

  test("writes the days that are asked for, with given names, to stdout while WhiteStat runs", async () => {
    const { io, text, db, dir } = machine();
    await importCommand(io, [V5]);
    writeFileSync(join(dir, "MAC_HOST.txt"), '02:1a:2b:00:00:00|=HYPERLINK("http://x")\n');
    const household = {
      whitestat: "household",
      version: 1,
      owners: [{ name: "=Anna", colour: 1 }],
      devices: [{ key: "02:1a:2b:00:00:00", type: "laptop", owners: [{ from: "2021-03-31", owner: "=Anna" }] }],
    };
    writeFileSync(join(dir, "home.json"), JSON.stringify(household));
    expect(await importCommand(io, ["--household", join(dir, "home.json")])).toBe(0);
    const lock = takeLock(db, { pid: 1, host: "pi", since: NOON });
    text();
    expect(await exportCommand(io, ["--from", "2021-03-31", "--to", "2021-03-31"])).toBe(0);
    lock.release();
    const lines = text().trimEnd().split("\r\n");
    expect(lines[0]).toMatch(/^\uFEFFday,kind,mac,ip,device,name,/);
    expect(lines.slice(1).every((line) => line.startsWith("2021-03-31,"))).toBe(true);
    expect(lines.find((line) => line.includes("02:1a:2b:00:00:00"))).toContain(`,"'=HYPERLINK(""http://x"")",LAPTOP,`);
    expect(lines[0]).toMatch(/,owner,type$/);
    expect(lines.find((line) => line.includes("02:1a:2b:00:00:00"))).toMatch(/,'=Anna,laptop$/);
  });

  test("of a store that is not there yet says so, and creates nothing", async () => {
    const { io, dir } = machine();
    const store = join(dir, "not-yet");
    await expect(exportCommand({ ...io, env: { DATA_STORE: store } }, [])).rejects.toMatchObject({
      message: expect.stringContaining("there is no data yet"),
    });
    expect(existsSync(store)).toBe(false);
  });

  test("begins with the byte order mark, and separates as it is told", async () => {
    const { io, text, dir } = machine();
    await importCommand(io, [V5]);
    writeFileSync(join(dir, "MAC_HOST.txt"), "02:1a:2b:00:00:00|a;=1+1\n");
    for (const [name, sign] of [
      ["semicolon", ";"],
      [";", ";"],
      ["tab", "\t"],
      ["comma", ","],
    ] as const) {
      text();
      expect(await exportCommand(io, ["--from", "2021-03-31", "--to", "2021-03-31", "--separator", name])).toBe(0);
      const lines = text().split("\r\n");
      expect(lines[0]).toBe(`\uFEFF${DAY_COLUMNS.join(sign)}`);
      expect(lines.find((line) => line.includes("02:1a:2b:00:00:00"))).toContain(`${sign}"a;'=1+1"${sign}`);
    }
  });

  test.each([";", "\t"])("separated by %j, is imported again to equal days, guarded names included", async (sign) => {
    const one = machine();
    await importCommand(one.io, [V5]);
    const file = join(one.dir, "days.csv");
    await exportCommand(one.io, ["--separator", sign, "--output", file]);
    const evil = "=evil;＝x";
    const hostname = new RegExp(`(?<=${sign})LAPTOP(?=${sign})`, "g");
    const text = readFileSync(file, "utf8").replaceAll(hostname, quoted(guarded(evil)));
    writeFileSync(file, text);
    const other = machine();
    expect(await importCommand(other.io, [file])).toBe(0);
    expect(await daysOf(other.db)).toEqual(
      (await daysOf(one.db)).map((row) => row.replaceAll('"LAPTOP"', `"${evil}"`)).sort(),
    );
  });

  test("replaces no file unless it is told to, and none of WhiteStat's own ever", async () => {
    const { io, dir } = machine();
    await importCommand(io, [V5]);
    const file = join(dir, "days.csv");
    writeFileSync(file, "precious");
    await expect(exportCommand(io, ["--output", file])).rejects.toThrow(
      `${file} exists already and was left as it is.`,
    );
    expect(readFileSync(file, "utf8")).toBe("precious");
    expect(await exportCommand(io, ["--output", file, "--force"])).toBe(0);
    expect(readFileSync(file, "utf8")).toContain("2021-03-31");
    for (const own of ["WhiteStat.db", "WhiteStatConfig.json", "MAC_HOST.txt"]) {
      const told = exportCommand(io, ["--output", join(dir, own), "--force"]);
      await expect(told).rejects.toThrow("WhiteStat itself uses it");
    }
  });

  test("gives a file the mode that the person's umask leaves", async () => {
    const { io, dir } = machine();
    await importCommand(io, [V5]);
    const file = join(dir, "days.csv");
    await exportCommand({ ...io, fileMode: 0o640 }, ["--output", file]);
    expect(statSync(file).mode & 0o777).toBe(0o640);
    expect(existsSync(`${file}.unfinished`)).toBe(false);
  });

  test.each([
    ["nowhere/x.csv", /Can't write \S+nowhere\/x\.csv: there is no folder \S+nowhere\.$/],
    [".", /it is a folder/],
    ["days.csv/x.csv", /there is no folder \S+days\.csv\.$/],
  ])("to %s says in a sentence why not", async (name, message) => {
    const { io, dir } = machine();
    await importCommand(io, [V5]);
    writeFileSync(join(dir, "days.csv"), "");
    const told = exportCommand(io, ["--output", name]);
    await expect(told).rejects.toThrow(message);
    await expect(told).rejects.toMatchObject({ name: "CommandError", exitCode: 73 });
  });

  test("of days without data writes no file, and says which days have some", async () => {
    const { io, dir } = machine();
    await importCommand(io, [V5]);
    const told = exportCommand(io, ["--to", "2020-01-01", "--output", join(dir, "x.csv")]);
    await expect(told).rejects.toMatchObject({
      exitCode: 1,
      message: "No data for any day to 2020-01-01.",
      hint: "Data is available from 2021-01-30 to 2021-04-01.",
    });
    expect(existsSync(join(dir, "x.csv"))).toBe(false);
  });

  test("that is called off leaves nothing behind", async () => {
    const { io, dir } = machine();
    await importCommand(io, [V5]);
    const told = exportCommand({ ...io, signal: AbortSignal.abort() }, ["--output", join(dir, "x.csv")]);
    await expect(told).rejects.toMatchObject({ exitCode: 130 });
    expect(readdirSync(dir).filter((name) => name.startsWith("x.csv"))).toEqual([]);
  });

  test("tells a terminal how far it is, and nobody else", async () => {
    const { io } = machine();
    await importCommand(io, [V5]);
    const seen: string[] = [];
    const stderr = { write: (part: string) => seen.push(part) };
    await exportCommand({ ...io, stderr }, []);
    expect(seen).toEqual([]);
    await exportCommand({ ...io, stderr: { ...stderr, isTTY: true } }, []);
    expect(seen.join("")).toContain("\rExporting 2021-01-30… 0 %\x1b[K\rExporting 2021-03-02… 50 %\x1b[K");
    expect(seen.at(-1)).toBe("\r\x1b[K");
  });

  test("stops when nobody reads on", async () => {
    const { io } = machine();
    await importCommand(io, [V5]);
    let writes = 0;
    const stdout = {
      write: () => ++writes < 1,
      once: (event: string, listener: () => void) => event === "close" && listener(),
    };
    expect(await exportCommand({ ...io, stdout }, [])).toBe(0);
    expect(writes).toBe(1);
  });
});

test("import prints what became of the rows, and of a dry run that nothing was changed", async () => {
  const { io, text, db } = machine();
  expect(await importCommand(io, [V5, "--dry-run"])).toBe(0);
  expect(text()).toMatch(/1259 rows read.*\n[\s\S]*1258 days of devices and hosts are new[\s\S]*nothing was changed/);
  expect(await daysOf(db)).toEqual([]);
});

test("a dry run of an import works while WhiteStat runs, and leaves nothing behind", async () => {
  const { io, text, dir, db } = machine();
  await importCommand(io, [V5]);
  const running = takeLock(db, { pid: 7, host: "pi", since: 0 });
  try {
    const before = await daysOf(db);
    const files = readdirSync(dir).sort();
    const other = fileURLToPath(new URL("../../test/takeover/fixtures/v11/WhiteStat.db", import.meta.url));
    await expect(importCommand(io, [other])).rejects.toMatchObject({ code: "busy" });
    expect(await importCommand(io, [other, "--dry-run"])).toBe(0);
    expect(text()).toContain("nothing was changed");
    expect(await daysOf(db)).toEqual(before);
    expect(readdirSync(dir).sort()).toEqual(files);
  } finally {
    running.release();
  }
});

test.each([
  ["not there", () => "missing.db", "there is no such file or folder"],
  [
    "a link that leads in a circle",
    (dir: string) => {
      symlinkSync("loop.db", join(dir, "loop.db"));
      return "loop.db";
    },
    "its symbolic links lead in a circle",
  ],
  ["a device", () => "/dev/null", "it is neither a file nor a folder"],
])("import of what is %s says so, and opens nothing", async (_, prepare, why) => {
  const { io, dir, db } = machine();
  const told = importCommand(io, [prepare(dir)]);
  await expect(told).rejects.toThrow(why);
  await expect(told).rejects.toMatchObject({ name: "CommandError", exitCode: 66 });
  expect(existsSync(db)).toBe(false);
});

describe("backup", () => {
  test("copies the database while it is in use, and never over a file that is there", async () => {
    const { io, dir, db, text } = machine();
    await importCommand(io, [V5]);
    const lock = takeLock(db, { pid: 1, host: "pi", since: NOON });
    text();
    expect(await backupCommand(io, ["copy.db"])).toBe(0);
    lock.release();
    expect(text()).toMatch(/copy\.db: \d+ bytes, verified\.\n$/);
    expect(await daysOf(join(dir, "copy.db"))).toEqual(await daysOf(db));
    const before = readFileSync(join(dir, "copy.db"));
    await expect(backupCommand(io, ["copy.db"])).rejects.toThrow("exists already and was left as it is");
    expect(readFileSync(join(dir, "copy.db"))).toEqual(before);
  });

  test("replaces a file when it is told to, with all that an earlier database left beside it", async () => {
    const { io, dir, db } = machine();
    await importCommand(io, [V5]);
    for (const name of ["copy.db", "copy.db-wal", "copy.db.unfinished"]) writeFileSync(join(dir, name), "old");
    expect(await backupCommand(io, ["copy.db", "--force"])).toBe(0);
    expect(await daysOf(join(dir, "copy.db"))).toEqual(await daysOf(db));
    await expect(backupCommand(io, ["WhiteStat.db", "--force"])).rejects.toThrow("WhiteStat itself uses it");
  });

  test("goes into a folder under the day's name", async () => {
    const { io, dir } = machine();
    await importCommand(io, [V5]);
    expect(await backupCommand(io, ["."])).toBe(0);
    expect(existsSync(join(dir, "WhiteStat-2021-04-01.db"))).toBe(true);
  });

  test("makes no folder: one that is missing is a disk that is not mounted", async () => {
    const { io, dir } = machine();
    await importCommand(io, [V5]);
    await expect(backupCommand(io, ["usb/copy.db"])).rejects.toMatchObject({
      exitCode: 73,
      message: `Can't write ${join(dir, "usb/copy.db")}: there is no folder ${join(dir, "usb")}.`,
    });
    expect(existsSync(join(dir, "usb"))).toBe(false);
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
      expect(said).toContain("ok      darkstat 3.0.");
      expect(said).toContain("WhiteStat.db is verified");
      expect(said).toContain("Data of 12 devices is available from 2021-01-30 to 2021-04-01.");
      expect(said).toContain("TZ = Europe/Berlin  (file)");
      expect(said).toContain("IPFilter = .*  (default)");
      expect(said).toContain("No problems found.");
    } finally {
      await fake.stop();
    }
  });

  test("says of a darkstat that does not answer, and a clock before this program, what to do, and ends with 1", async () => {
    const { io, text } = machine();
    expect(await doctorCommand({ ...io, builtAt: NOON + 1 }, [])).toBe(1);
    const said = text();
    expect(said).toMatch(/PROBLEM Can't reach darkstat at .*refused[\s\S]*→ Check that darkstat runs/);
    expect(said).toMatch(/PROBLEM The clock says 2021-04-01 12:00:00[\s\S]*→ .*timedatectl/);
    expect(said).toContain("2 problems found.");
  });

  test("shows no password", async () => {
    const { io, text } = machine({
      DARKSTAT_URL: "http://me:secret@127.0.0.1:1/",
      DATABASE_URL: "postgres://me:secret@127.0.0.1:1/store",
    });
    await doctorCommand(io, []);
    expect(text()).not.toContain("secret");
  });

  test.each([
    ["a folder stands in its place", (path: string) => mkdirSync(path), "it is a folder"],
    ["its folder is missing", null, "there is no such file or folder"],
  ])("names a log that can't be written: %s", async (_, prepare, why) => {
    const { io, text, dir } = machine({ LOGFile: prepare === null ? "logs/log.txt" : "log.txt" });
    prepare?.(join(dir, "log.txt"));
    await doctorCommand(io, []);
    const said = text();
    expect(said).toMatch(/PROBLEM The log \S+log\.txt can't be written: /);
    expect(said).toContain(why);
    expect(said).toContain("→ Set LOGFile to another file");
    expect(existsSync(join(dir, "logs"))).toBe(false);
  });

  test.each([
    { DARKSTAT_URL: "http://me:secret@127.0.0.1:1/" },
    { DATABASE_URL: "postgres://me:secret@127.0.0.1/whitestat" },
  ])("names a settings file that shows its password to everybody: %j", async (settings) => {
    const { io, text, dir } = machine(settings);
    chmodSync(join(dir, "WhiteStatConfig.json"), 0o644);
    await doctorCommand(io, []);
    expect(text()).toMatch(/note {4}\S+ holds a password, and every user of this machine can read it\.\n.*chmod 600/);
    chmodSync(join(dir, "WhiteStatConfig.json"), 0o600);
    await doctorCommand(io, []);
    expect(text()).not.toContain("holds a password");
  });

  test("looks at a data store that isn't there without creating it", async () => {
    const { io, text, dir } = machine();
    const store = join(dir, "not-yet");
    expect(await doctorCommand({ ...io, env: { DATA_STORE: store, DARKSTAT_URL: "http://127.0.0.1:1/" } }, [])).toBe(1);
    expect(text()).toContain(`note    ${store} doesn't exist yet.`);
    expect(existsSync(store)).toBe(false);
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

  const totals = { bytes: 0, packets: 0, captured: 1_000, dropped: 0, uptimeSeconds: 1 };
  const host = { ip: "192.168.1.2", mac: null, hostname: null, lastSeenSeconds: null, in: 0, out: 0 };
  const snapshot = {
    at: NOON,
    epoch: "one",
    before: totals,
    after: totals,
    hosts: [host],
    program: "darkstat",
    version: "3.0.719",
    interface: "eth0",
    columns: { mac: true, lastSeen: true },
  };
  const grades = (more: Partial<typeof snapshot>) =>
    snapshotFindings({ ...snapshot, ...more }, "http://x/")
      .map(({ grade, text }) => `${grade} ${text}`)
      .join("\n");

  test("names missing columns, dropped packets and a table that is nearly full", () => {
    expect(grades({})).not.toMatch(/^(?:problem|note)/m);
    expect(grades({ columns: { mac: false, lastSeen: false } })).toMatch(
      /^note .*no MAC addresses[\s\S]*^note .*last seen/m,
    );
    expect(grades({ after: { ...totals, dropped: 100 } })).toMatch(/^problem darkstat dropped 10.0 %/m);
    expect(grades({ hosts: Array.from({ length: 800 }, () => host) })).toMatch(/^problem darkstat lists 800 hosts/m);
  });

  test("tells totals that match from those that don't", () => {
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
      removed: none,
      counted: 5,
      captured: 0,
      dropped: 0,
      carried: 0,
      compared: 0,
    };
    expect(balanceFinding(day)).toMatchObject({ grade: "ok" });
    expect(balanceFinding({ ...day, counted: 9 })).toMatchObject({
      grade: "note",
      text: expect.stringContaining("differ by 4 B"),
    });
  });
});

test.each([
  [
    "export",
    exportCommand,
    ["--from", "2021-02-30"],
    `--from: "2021-02-30" isn't a valid date. Dates look like 2026-01-31.`,
  ],
  [
    "export",
    exportCommand,
    ["--from", "2021-03-02", "--to", "2021-03-01"],
    "--from 2021-03-02 is after --to 2021-03-01",
  ],
  ["export", exportCommand, ["--from", "2021-04-02"], "--from 2021-04-02 is in the future: today is 2021-04-01."],
  ["export", exportCommand, ["--format", "xml"], '"xml" is unknown. Allowed: csv, json.'],
  ["export", exportCommand, ["--separator", "|"], '"|" is unknown. Allowed: comma, semicolon, tab.'],
  ["export", exportCommand, ["--separator", "toString"], '"toString" is unknown.'],
  ["export", exportCommand, ["--separator", ";", "--format", "json"], "JSON has none"],
  ["export", exportCommand, ["--output"], "--output needs a value."],
  ["export", exportCommand, ["--force=yes"], "--force takes no value."],
  ["export", exportCommand, ["--outptu", "x"], "Unknown option: --outptu. Did you mean --output? Allowed: --from,"],
  ["import", importCommand, [], "Missing argument: PATH."],
  ["import", importCommand, ["/dev/null", "b"], 'Unexpected argument: "b".'],
  ["import", importCommand, [V5, "--from", "2021-02-02", "--to", "2021-02-01"], "swap them"],
  ["import", importCommand, [V5, "--from", "2099-01-01"], "is in the future"],
  ["backup", backupCommand, ["--fast"], "Unknown option: --fast. Allowed: --force."],
  ["doctor", doctorCommand, ["--fast"], "Unknown option: --fast. Allowed: none."],
] as const)("%s says what it can't understand: %s", async (_, command, args, message) => {
  const { io, dir } = machine();
  const told = command(io, args);
  await expect(told).rejects.toThrow(message);
  await expect(told).rejects.toBeInstanceOf(UsageError);
  expect(readdirSync(dir).filter((name) => name.startsWith("WhiteStat.db"))).toEqual([]);
});
