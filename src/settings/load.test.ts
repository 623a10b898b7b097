import { spawnSync } from "node:child_process";
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { folderIssue } from "./data-store.ts";
import { type LoadedSettings, loadSettings } from "./load.ts";
import { SettingsError, shown } from "./settings-error.ts";
import { SETTING_KEYS, SETTINGS } from "./table.ts";
import { rememberFound, writeSetting } from "./write-back.ts";

const fixtures = fileURLToPath(new URL("fixtures", import.meta.url));
let dir = "";
let file = "";

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "whitestat-settings-"));
  file = join(dir, "WhiteStatConfig.json");
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const load = (env: Record<string, string> = {}) => loadSettings({ env: { DATA_STORE: dir, ...env }, cwd: "/nowhere" });
const write = (config: object | string) =>
  writeFile(file, typeof config === "string" ? config : JSON.stringify(config, null, 2));
const config = async () => JSON.parse(await readFile(file, "utf8"));

/** Settings as data: a compiled pattern is another function each time. */
const plainly = ({ settings }: LoadedSettings) => ({ ...settings, ipFilter: settings.ipFilter.source });

async function issuesOf(promise: Promise<unknown>): Promise<SettingsError> {
  const error = await promise.then(
    () => new Error("nothing was thrown"),
    (thrown: unknown) => thrown,
  );
  if (error instanceof SettingsError) return error;
  throw error;
}

describe("the first start", () => {
  test("writes a file with what the environment says, numbers as numbers, and nothing else", async () => {
    const { settings, created, origins } = await load({
      SERVER_PORT: "8080",
      DARKSTAT_URL: "http://192.168.1.5:667",
      LAN_SEGMENT_MASKS: "192.168.1",
      TZ: "Europe/Berlin",
      IdleSeconds: "15",
    });
    expect(created).toBe(true);
    expect(await config()).toEqual({
      DARKSTAT_URL: "http://192.168.1.5:667",
      LAN_SEGMENT_MASKS: "192.168.1",
      TZ: "Europe/Berlin",
      IdleSeconds: 15,
    });
    expect(origins).toMatchObject({ SERVER_PORT: "environment", UpdateDBSeconds: "default" });
    expect(settings).toMatchObject({
      dataStore: dir,
      dbFile: join(dir, "WhiteStat.db"),
      macHostFile: join(dir, "MAC_HOST.txt"),
      darkstats: [{ name: null, url: "http://192.168.1.5:667/" }],
      serverPort: 8080,
      timeZone: "Europe/Berlin",
      hoursKeptDays: 62,
      deviceKeptDays: null,
      logLevel: "info",
    });
  });

  test("without a word from anybody the file is empty, and what is said later counts", async () => {
    await load();
    expect(await readFile(file, "utf8")).toBe("{}\n");
    const { settings, warnings } = await load({ DARKSTAT_URL: "http://b/", SERVER_PORT: "7778", TZ: "Asia/Tokyo" });
    expect(settings).toMatchObject({
      darkstats: [{ name: null, url: "http://b/" }],
      serverPort: 7778,
      portChosen: true,
    });
    expect(settings.timeZone).toBe("Asia/Tokyo");
    expect(warnings).toEqual([]);
  });

  test("writes an example of every setting beside it, which is a settings file that changes nothing", async () => {
    const plain = await load();
    const example = await readFile(join(dir, "WhiteStatConfig.example.json"), "utf8");
    for (const key of SETTING_KEYS.filter((name) => name !== "DATA_STORE")) {
      expect(JSON.parse(example)[key]).toBe(SETTINGS[key].default);
      expect(JSON.parse(example)[`// ${key}`]).toContain(SETTINGS[key].sentence);
    }
    await write(example);
    const again = await load();
    expect(plainly(again)).toEqual(plainly(plain));
    expect(again.warnings).toEqual([]);
  });

  test("renews an example that is not as it should be, and leaves one alone that is", async () => {
    await load();
    const path = join(dir, "WhiteStatConfig.example.json");
    const before = await stat(path);
    await load();
    expect((await stat(path)).ino).toBe(before.ino);
    await writeFile(path, "old");
    await load();
    expect(await readFile(path, "utf8")).toContain("SERVER_PORT");
  });

  test("the file that it wrote is read back to the same settings, without a warning", async () => {
    const first = await load({ SERVER_PORT: "8080", TZ: "UTC" });
    const second = await load({ SERVER_PORT: "8080", TZ: "UTC" });
    expect(second.created).toBe(false);
    expect(plainly(second)).toEqual(plainly(first));
    expect(second.warnings).toEqual([]);
  });

  test("the folder is made for this user alone, and is ./data below the working folder when nothing is said", async () => {
    const { settings } = await loadSettings({ env: {}, cwd: dir });
    expect(settings.dataStore).toBe(join(dir, "data"));
    expect((await readdir(join(dir, "data"))).sort()).toEqual(["WhiteStatConfig.example.json", "WhiteStatConfig.json"]);
    expect((await stat(join(dir, "data"))).mode & 0o777).toBe(0o700);
  });

  test("who only looks makes neither the folder nor a file", async () => {
    const store = join(dir, "nowhere");
    const look = (env: object) => loadSettings({ env: { DATA_STORE: store, ...env }, cwd: "/", create: false });
    const { settings, created } = await look({ IdleSeconds: "7" });
    expect([settings.dataStore, settings.idleSeconds, created]).toEqual([store, 7, false]);
    expect(await readdir(dir)).toEqual([]);
    await mkdir(store);
    await look({});
    expect(await readdir(store)).toEqual([]);
  });

  test("an issue in the environment stops it, names the variable, and leaves no file behind", async () => {
    const error = await issuesOf(load({ SERVER_PORT: "eighty", IdleSeconds: "0" }));
    expect(error.issues.map(({ key, place }) => [key, place])).toEqual([
      ["IdleSeconds", "environment variable IdleSeconds"],
      ["SERVER_PORT", "environment variable SERVER_PORT"],
    ]);
    expect(error.message).toContain("SERVER_PORT=8080");
    expect(await readdir(dir)).toEqual([]);
  });

  test("names of files are not taken from the environment", async () => {
    const { settings } = await load({ DBFile: "other.db", LOGFile: "other.txt" });
    expect(settings.dbFile).toBe(join(dir, "WhiteStat.db"));
    expect(await config()).toEqual({});
  });

  test("quotes around a variable are no part of it, as docker run --env-file passes them on", async () => {
    const { settings } = await load({ DARKSTAT_URL: '"http://192.168.1.5:667"', TZ: "'Europe/Berlin'" });
    expect(settings).toMatchObject({
      darkstats: [{ name: null, url: "http://192.168.1.5:667/" }],
      timeZone: "Europe/Berlin",
    });
    expect(await config()).toEqual({ DARKSTAT_URL: "http://192.168.1.5:667", TZ: "Europe/Berlin" });
  });
});

describe("variables of older versions", () => {
  test("are understood, and said to be", async () => {
    const { settings, warnings } = await load({
      ANALYZER_PORT: "8888",
      LAN_SEGMENT_V4_MASKS: "10|192.168",
      LAN_SEGMENT_V6_MASKS: "2001|fd",
    });
    expect(settings).toMatchObject({ serverPort: 8888, portChosen: true });
    expect(settings.lanSegments.texts).toEqual(["10", "192.168", "2001::", "fd"]);
    expect(warnings).toEqual([
      "Environment: ANALYZER_PORT of an older version is read as SERVER_PORT; set SERVER_PORT to replace it.",
      "Environment: LAN_SEGMENT_V4_MASKS and LAN_SEGMENT_V6_MASKS of an older version are read as LAN_SEGMENT_MASKS; set LAN_SEGMENT_MASKS to replace them.",
    ]);
  });

  test("give way to ours, and are named where they say nothing here", async () => {
    const { settings, warnings } = await load({
      ANALYZER_PORT: "8888",
      SERVER_PORT: "9999",
      MONITOR_URL: ":888",
      ROLE: "x",
    });
    expect(settings.serverPort).toBe(9999);
    expect(warnings).toEqual([
      "Environment: ANALYZER_PORT of an older version is not used: SERVER_PORT is there too.",
      "Environment: without meaning in this version: MONITOR_URL (it was the old version's own capture, not a darkstat).",
    ]);
  });

  test("that are wrong are named as they are called", async () => {
    const { issues } = await issuesOf(load({ ANALYZER_PORT: "x" }));
    expect(issues[0]?.place).toBe("environment variable ANALYZER_PORT");
  });

  test("that the file contradicts are named in a warning", async () => {
    await write({ SERVER_PORT: 9999 });
    expect((await load({ ANALYZER_PORT: "8888" })).warnings.join()).toContain(
      'ANALYZER_PORT is "8888" in the environment',
    );
  });
});

describe("the file and the environment", () => {
  test("the file wins, and every variable that differs is named in a warning", async () => {
    await write({ SERVER_PORT: 8080, DARKSTAT_URL: "http://a/", IdleSeconds: 30 });
    const { settings, warnings } = await load({
      SERVER_PORT: "9090",
      DARKSTAT_URL: "http://user:secret@b/",
      IdleSeconds: "030",
    });
    expect(settings.serverPort).toBe(8080);
    expect(settings.darkstats).toEqual([{ name: null, url: "http://a/" }]);
    expect(warnings).toHaveLength(2);
    expect(warnings.join()).toMatch(
      /SERVER_PORT is "9090" in the environment, but 8080 in .*WhiteStatConfig.json, line 2/,
    );
    expect(warnings.join()).toContain("http://user:***@b/");
    expect(warnings.join()).not.toContain("secret");
  });

  test("the same pattern for IPFilter is no difference, another one is", async () => {
    await write({ IPFilter: "192" });
    expect((await load({ IPFilter: "192" })).warnings).toEqual([]);
    expect((await load({ IPFilter: "193" })).warnings).toHaveLength(1);
  });

  test("a secret of the environment is used, and neither written to the file nor shown", async () => {
    const secret = { DATABASE_URL: "postgres://me:geheim@db/store" };
    const { settings, origins } = await load(secret);
    expect(settings.databaseUrl).toBe("postgres://me:geheim@db/store");
    expect(origins.DATABASE_URL).toBe("environment");
    expect(await config()).not.toHaveProperty("DATABASE_URL");

    await write({ DATABASE_URL: "" });
    const empty = await load(secret);
    expect(empty.settings.databaseUrl).toBe("postgres://me:geheim@db/store");
    expect(empty.warnings).toEqual([]);

    await write({ DATABASE_URL: "postgres://me:other@db/store" });
    const differs = await load(secret);
    expect(differs.settings.databaseUrl).toBe("postgres://me:other@db/store");
    expect(differs.warnings).toEqual([
      expect.stringMatching(/^DATABASE_URL in the environment differs from .*line 2, DATABASE_URL: the file wins/),
    ]);
    expect(differs.warnings.join()).not.toMatch(/geheim|other@/);
  });

  test("a secret of the wrong kind is told without its value", async () => {
    await write({ DATABASE_URL: ["postgres://me:geheim@db/store"] });
    const error = await issuesOf(load());
    expect(error.message).toContain("the value is not a text in double quotes");
    expect(error.message).not.toContain("geheim");
    await write({ DATABASE_URL: "postgres://me:geheim@db" });
    const other = await issuesOf(load());
    expect(other.message).toContain("names no database");
    expect(other.message).not.toContain("geheim");
  });

  test("a variable that can't be read is only a warning while the file has the key", async () => {
    await write({ SERVER_PORT: 8080 });
    const { settings, warnings } = await load({ SERVER_PORT: "eighty" });
    expect(settings.serverPort).toBe(8080);
    expect(warnings).toHaveLength(1);
  });

  test("a key that the file lacks, or that is null, falls back to the environment, then to its default", async () => {
    await write({ SERVER_PORT: null, DBFile: "x.db" });
    const { settings, origins } = await load({ SERVER_PORT: "9090", TZ: "" });
    expect(settings.serverPort).toBe(9090);
    expect(settings.idleSeconds).toBe(30);
    expect(origins).toMatchObject({
      SERVER_PORT: "environment",
      IdleSeconds: "default",
      DBFile: "file",
      TZ: "default",
    });
  });

  test("an empty value in the file is a value: it wins over the environment", async () => {
    await write({ DARKSTAT_URL: "" });
    const { settings, warnings } = await load({ DARKSTAT_URL: "http://b/" });
    expect(settings.darkstats).toEqual([]);
    expect(warnings).toHaveLength(1);
  });

  test("the same said differently is no difference, nor is what was found behind auto", async () => {
    await write({ DARKSTAT_URL: "http://a", LAN_SEGMENT_MASKS: "auto|192.168.1", TZ: "", BASE_PATH: "x/" });
    const env = { DARKSTAT_URL: "http://A/", LAN_SEGMENT_MASKS: "auto", TZ: "Europe/Berlin", BASE_PATH: "/x" };
    expect((await load(env)).warnings).toEqual([]);
  });

  test("a list that WhiteStat filled by itself contradicts nobody: the environment's counts", async () => {
    await write({ LAN_SEGMENT_MASKS: "auto|192.168.1", LAN_ROUTERS_TO_SKIP: "" });
    const { settings, warnings, origins } = await load({
      LAN_SEGMENT_MASKS: "10.1",
      LAN_ROUTERS_TO_SKIP: "02:ff:ff:ff:ff:02",
    });
    expect(settings.lanSegments).toMatchObject({ auto: false, texts: ["10.1"] });
    expect(settings.lanRouters).toMatchObject({ auto: false, macs: ["02:ff:ff:ff:ff:02"] });
    expect(origins).toMatchObject({ LAN_SEGMENT_MASKS: "environment", LAN_ROUTERS_TO_SKIP: "environment" });
    expect(warnings).toEqual([]);
    await write({ LAN_SEGMENT_MASKS: "10.2|auto|192.168.1" });
    expect((await load({ LAN_SEGMENT_MASKS: "10.1" })).settings.lanSegments.texts).toEqual(["10.2", "192.168.1"]);
  });

  test("an existing file is left as it is, to the byte", async () => {
    const text = '\uFEFF{\r\n      "SERVER_PORT": "777",\r\n   "Mine": [1]\r\n}';
    await write(text);
    const { settings } = await load();
    expect(settings.serverPort).toBe(777);
    expect(await readFile(file, "utf8")).toBe(text);
  });

  test("numbers as texts, a byte order mark, CRLF and UTF-16 are read", async () => {
    await writeFile(file, Buffer.from('\uFEFF{\r\n"SERVER_PORT": "8081",\r\n"IdleSeconds": " 5 "\r\n}', "utf16le"));
    const { settings } = await load();
    expect([settings.serverPort, settings.idleSeconds]).toEqual([8081, 5]);
  });

  test("a file that a power cut left empty is written anew, and said so", async () => {
    for (const nothing of ["", "\0\0\0\0", " \n"]) {
      await write(nothing);
      const { created, warnings } = await load();
      expect(created).toBe(true);
      expect(warnings.join()).toMatch(/was there but empty; a new one was written/);
      expect(await config()).toEqual({});
    }
  });
});

describe("the port", () => {
  test.each([
    [{}, {}, false],
    [{ SERVER_PORT: 777 }, {}, false],
    [{ SERVER_PORT: 8080 }, {}, true],
    [{}, { SERVER_PORT: "777" }, true],
    [{ SERVER_PORT: 777 }, { SERVER_PORT: "777" }, true],
    [{ ANALYZER_PORT: 777 }, {}, false],
    [{ ANALYZER_PORT: 8080 }, {}, true],
    [{}, { ANALYZER_PORT: "777" }, true],
  ])("%j and %j: chosen %s", async (content, env, chosen) => {
    await write(content);
    expect((await load(env as Record<string, string>)).settings.portChosen).toBe(chosen);
  });

  test("of the environment is known beside that of the file, if it is one", async () => {
    await write({ SERVER_PORT: 8080 });
    expect((await load({ SERVER_PORT: "7778" })).settings).toMatchObject({ serverPort: 8080, environmentPort: 7778 });
    expect((await load({ SERVER_PORT: "x" })).settings.environmentPort).toBe(null);
    expect((await load()).settings.environmentPort).toBe(null);
  });
});

describe("issues", () => {
  test("all are told at once, each with its line, what is allowed and an example", async () => {
    await write({
      SERVER_PORT: 70000,
      IdleSeconds: "soon",
      DBFile: 5,
      IPFilter: "(",
      UpdateDBSeconds: 40,
      TZ: ["UTC"],
    });
    const error = await issuesOf(load({ BASE_PATH: "/a b" }));
    expect(error.issues.map(({ key }) => key)).toEqual([
      "DBFile",
      "IPFilter",
      "IdleSeconds",
      "SERVER_PORT",
      "TZ",
      "BASE_PATH",
    ]);
    expect(error.message).toMatch(/^WhiteStat can't start: 6 problems in the settings\./);
    expect(error.message).toContain(`${file}, line 3, IdleSeconds: "soon" isn't a whole number`);
    expect(error.message).toContain("Allowed: a whole number from 1 to 3600.");
    expect(error.message).toContain('Example: "IdleSeconds": 30');
    expect(error.message).toContain("5 is not a text in double quotes");
  });

  test("what is no JSON is told with line and column", async () => {
    await write('{\n  "IPFilter": "([\\d]+\\.){3,3}\\d+",\n}');
    const { issues, message } = await issuesOf(load());
    expect(issues[0]?.place).toBe(`${file}, line 2, column 18`);
    expect(message).toContain("write \\\\d for \\d");
    expect(message).toMatch(/^WhiteStat can't start: a problem in the settings\./);
  });

  test("two settings that name one file are refused", async () => {
    await write({ LOGFile: "x.txt", TRACEFile: "./x.txt", DBFile: "WhiteStatConfig.json" });
    const { message } = await issuesOf(load());
    expect(message).toContain("TRACEFile and LOGFile name the same file");
    expect(message).toContain("DBFile and the settings name the same file");
  });

  test("a list may be a bare number in the file, another text may not", async () => {
    await write('{"LAN_SEGMENT_MASKS": 10}');
    expect((await load()).settings.lanSegments.texts).toEqual(["10"]);
    await write('{"LAN_SEGMENT_MASKS": 192.168}');
    expect((await issuesOf(load())).message).toContain("192.168 is not a text in double quotes");
  });
});

describe("the data store", () => {
  test("a file in its place is refused with the hint", async () => {
    await writeFile(join(dir, "x"), "");
    for (const store of [join(dir, "x"), join(dir, "x", "y")]) {
      const { message, issues } = await issuesOf(load({ DATA_STORE: store }));
      expect(issues[0]?.key).toBe("DATA_STORE");
      expect(message).toContain("is a file or below one, but must be a folder");
    }
  });

  test.each(["/proc/x", "/proc/x/y", "/sys/x", "/dev/null/x"])(
    "%s, which the system won't have, is refused at once",
    async (store) => {
      const { issues } = await issuesOf(load({ DATA_STORE: store }));
      expect(issues[0]).toMatchObject({ key: "DATA_STORE", place: store });
      expect(issues[0]?.hint).not.toBe("");
    },
  );

  test("a folder for the database that the system won't have is refused at once, and one that is missing is made", async () => {
    await write({ DBFile: "/proc/x/WhiteStat.db" });
    const { issues } = await issuesOf(load());
    expect(issues[0]).toMatchObject({ key: "DBFile", place: `${file}, line 2, DBFile` });
    expect(issues[0]?.problem).toMatch(/^\/proc\/x can't be created/);
    await write({ DBFile: join(dir, "db/a/WhiteStat.db") });
    await load();
    expect((await stat(join(dir, "db/a"))).mode & 0o777).toBe(0o700);
  });

  test("a link to a folder that isn't there is refused", async () => {
    await symlink(join(dir, "unplugged"), join(dir, "link"));
    expect((await issuesOf(load({ DATA_STORE: join(dir, "link") }))).message).toContain(
      "a link to a disk that isn't mounted",
    );
  });

  test("a folder where the settings file should be is refused with the hint", async () => {
    await mkdir(file);
    expect((await issuesOf(load())).message).toContain("Delete the folder");
  });

  test("a folder of somebody else is refused with the command that helps", async () => {
    await chmod(dir, 0o555);
    if (process.getuid?.() !== 0) {
      expect((await issuesOf(load())).message).toContain("can't be read and written");
    }
    const denied = Object.assign(new Error("denied"), { code: "EACCES" });
    const owner = (await stat(dir)).uid;
    const issue = await folderIssue(denied, dir, { uid: 4321, gid: 99 });
    expect(issue.problem).toContain(`by user 4321, who runs this program; it belongs to user ${owner}`);
    expect(issue.hint).toContain(`sudo chown -R 4321:99 ${dir}`);
    const spaced = await folderIssue(denied, "/a b'c", { uid: 1, gid: 1 });
    expect(spaced.hint).toContain(`chown -R 1:1 '/a b'\\''c'`);
  });

  test.runIf(process.getuid?.() === 0)("whoever has no right to the folder is told so", async () => {
    const script = `import { loadSettings } from ${JSON.stringify(new URL("load.ts", import.meta.url).href)};
      process.setgid(65534); process.setuid(65534);
      await loadSettings({ env: { DATA_STORE: ${JSON.stringify(dir)} }, cwd: "/", identity: { uid: 65534, gid: 65534 } })
        .catch((error) => process.stdout.write(error.name + error.message));`;
    const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" });
    expect(stdout, stderr).toContain("SettingsError");
    expect(stdout).toContain("sudo chown -R 65534:65534");
  });

  test("a DATA_STORE in the file that names another folder is a warning, and the folder found is used", async () => {
    const other = join(dir, "old");
    const here = join(dir, "new");
    await mkdir(other);
    await mkdir(here);
    await writeFile(join(here, "WhiteStatConfig.json"), JSON.stringify({ DATA_STORE: other }));
    const { settings, warnings } = await load({ DATA_STORE: here });
    expect(settings.dbFile).toBe(join(here, "WhiteStat.db"));
    expect(warnings.join()).toContain(`the file is in ${here}, and that folder is used`);
    expect(warnings.join()).not.toContain("has a settings file too");
    await writeFile(join(other, "WhiteStatConfig.json"), "{}");
    expect((await load({ DATA_STORE: here })).warnings.join()).toContain(`start with DATA_STORE=${other}`);
  });

  test("the folder that the file names with a slash at the end is the same folder", async () => {
    await write({ DATA_STORE: `${dir}/` });
    expect((await load()).warnings).toEqual([]);
  });
});

describe("stores of older versions", () => {
  test("a store of version 5 starts as it is, and only its moved folder is remarked", async () => {
    await cp(join(fixtures, "v5"), dir, { recursive: true });
    const before = await readFile(file, "utf8");
    const { settings, warnings, origins } = await load();
    expect(settings).toMatchObject({
      dataStore: dir,
      darkstats: [{ name: null, url: "http://192.168.1.5:777/" }],
      serverPort: 777,
      idleSeconds: 30,
    });
    expect(settings.lanSegments).toMatchObject({ auto: false, texts: ["192.168.1", "192.168.0"] });
    expect(settings.lanRouters.macs).toEqual(["02:ff:ff:ff:ff:01"]);
    expect(settings.ipFilter.test("192.168.1.7")).toBe(true);
    expect(origins.DARKSTAT_URL).toBe("file");
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain('names "/mnt/whitestat/"');
    expect(await readFile(file, "utf8")).toBe(before);
  });

  test("a store of version 11 has its counterparts taken over, and the rest kept and named", async () => {
    await cp(join(fixtures, "v11"), dir, { recursive: true });
    const before = await readFile(file, "utf8");
    const { settings, warnings, origins } = await load();
    expect(settings).toMatchObject({
      serverPort: 777,
      portChosen: false,
      meter: "auto",
      interfaces: [{ name: null, devices: ["eth0"] }],
      idleSeconds: 150,
      updateDbSeconds: 300,
      darkstats: [],
    });
    expect(settings.lanSegments.auto).toBe(false);
    expect(settings.lanSegments.texts).toEqual(["0.0.0.0", "10", "192.168", "172.16", "172.17", "fe80", "fec0", "fd"]);
    expect(settings.lanRouters.auto).toBe(true);
    expect(origins).toMatchObject({
      SERVER_PORT: "converted from ANALYZER_PORT",
      LAN_SEGMENT_MASKS: "converted from LAN_SEGMENT_V4_MASKS and LAN_SEGMENT_V6_MASKS",
    });
    const told = warnings.join("\n");
    expect(told).toContain("ANALYZER_PORT of an older version is read as SERVER_PORT");
    expect(told).toContain(
      "LAN_SEGMENT_V4_MASKS and LAN_SEGMENT_V6_MASKS of an older version are read as LAN_SEGMENT_MASKS",
    );
    expect(told).toContain("MONITOR_URL (it was the old version's own capture, not a darkstat)");
    expect(told).toContain("MemoryLimitInMB");
    expect(await readFile(file, "utf8")).toBe(before);
  });

  test("our own key wins over an older version's, and a bad old one is an issue in its place", async () => {
    await write({ ANALYZER_PORT: 8888, SERVER_PORT: 9999 });
    expect((await load()).settings.serverPort).toBe(9999);
    await write({ ANALYZER_PORT: "x" });
    expect((await issuesOf(load({ SERVER_PORT: "1" }))).message).toContain("line 2, ANALYZER_PORT");
  });

  test("a four-digit IPv6 prefix of version 11 without a letter stays an IPv6 prefix", async () => {
    await write({ LAN_SEGMENT_V4_MASKS: "", LAN_SEGMENT_V6_MASKS: "2001|fd" });
    expect((await load()).settings.lanSegments.texts).toEqual(["2001::", "fd"]);
  });

  test("unknown keys and keys given twice are remarked, with the key that was meant", async () => {
    await write('{"IDLE_SECONDS": 5, "Foo": {"a": [1]}, "SERVER_PORT": 1, "SERVER_PORT": 2}');
    const { settings, warnings } = await load();
    expect(settings.serverPort).toBe(2);
    expect(settings.idleSeconds).toBe(30);
    expect(warnings.join("\n")).toContain('"IDLE_SECONDS" (is IdleSeconds meant?), "Foo"');
    expect(warnings.join("\n")).toContain("SERVER_PORT appears more than once; the last one, line 1, counts");
  });
});

describe("what was found", () => {
  const remember = (segments: string[], env = {}) => rememberFound({ file, env, segments });

  test("is written behind auto, and nothing else in the file changes", async () => {
    const text =
      '\uFEFF{\r\n      "Mine":  [1],\r\n      "LAN_SEGMENT_MASKS": "auto",\r\n      "LAN_ROUTERS_TO_SKIP":""\r\n}';
    await write(text);
    expect(await remember(["192.168.1"])).toBe(true);
    const expected = text.replace('"auto"', '"auto|192.168.1"');
    expect(await readFile(file, "utf8")).toBe(expected);
    expect(await readdir(dir)).toEqual(["WhiteStatConfig.json"]);
    expect((await load()).settings.lanSegments.found).toEqual(["192.168.1"]);
  });

  test("nothing is written when nothing is new", async () => {
    await write({ LAN_SEGMENT_MASKS: "auto|192.168.1", LAN_ROUTERS_TO_SKIP: "auto|02:ff:ff:ff:ff:01" });
    const before = await stat(file);
    expect(await remember(["192.168.1.0/24"])).toBe(false);
    const after = await stat(file);
    expect([after.ino, after.mtimeMs]).toEqual([before.ino, before.mtimeMs]);
  });

  test("a list from which a person deleted auto is fixed, also while we run", async () => {
    await load();
    await write({ LAN_SEGMENT_MASKS: "192.168.1", LAN_ROUTERS_TO_SKIP: "auto" });
    expect(await remember(["192.168.2"])).toBe(false);
    expect((await config()).LAN_SEGMENT_MASKS).toBe("192.168.1");
  });

  test("one setting is written into an empty file as into a full one", async () => {
    await load();
    await writeSetting(file, "SERVER_PORT", 8080);
    await writeSetting(file, "REMOTE_KEPT_DAYS", 0);
    expect(await config()).toEqual({ SERVER_PORT: 8080, REMOTE_KEPT_DAYS: 0 });
    await writeSetting(file, "SERVER_PORT", 8081);
    expect(await config()).toEqual({ SERVER_PORT: 8081, REMOTE_KEPT_DAYS: 0 });
  });

  test("a key that the file lacks is added when it is automatic, not when the environment fixes it", async () => {
    await write({ SERVER_PORT: 1 });
    expect(await remember(["192.168.1"], { LAN_SEGMENT_MASKS: "192.168.9" })).toBe(false);
    expect(await remember(["192.168.1"])).toBe(true);
    expect(await readFile(file, "utf8")).toBe('{\n  "SERVER_PORT": 1,\n  "LAN_SEGMENT_MASKS": "auto|192.168.1"\n}');
  });

  test("a file that somebody is in the middle of editing is not touched", async () => {
    await write('{ "LAN_SEGMENT_MASKS": "auto", ');
    await expect(remember(["192.168.1"])).rejects.toThrow(/found the end of the file/);
    expect(await readFile(file, "utf8")).toBe('{ "LAN_SEGMENT_MASKS": "auto", ');
  });

  test("mode and symbolic link of the file stay", async () => {
    const target = join(dir, "elsewhere.json");
    await writeFile(target, '{"LAN_SEGMENT_MASKS": "auto"}', { mode: 0o640 });
    await symlink(target, file);
    expect(await remember(["192.168.1"])).toBe(true);
    expect((await stat(target)).mode & 0o777).toBe(0o640);
    expect(await readFile(target, "utf8")).toContain("auto|192.168.1");
    expect((await readdir(dir)).sort()).toEqual(["WhiteStatConfig.json", "elsewhere.json"]);
  });
});

describe("DARKSTAT_CA", () => {
  const pem = fileURLToPath(new URL("../meters/darkstat/fixtures/tls/self-signed.pem", import.meta.url));

  test("names a PEM file, in the data store or elsewhere", async () => {
    await cp(pem, join(dir, "own.pem"));
    const url = { DARKSTAT_URL: "https://a/" };
    const { settings, warnings } = await load({ ...url, DARKSTAT_CA: "own.pem" });
    expect(settings.darkstatCa?.file).toBe(join(dir, "own.pem"));
    expect(settings.darkstatCa?.certificates).toEqual([expect.stringMatching(/^-----BEGIN CERTIFICATE-----/)]);
    expect(warnings).toEqual([]);
    await rm(file);
    expect((await load({ ...url, DARKSTAT_CA: pem })).settings.darkstatCa?.file).toBe(pem);
    await rm(file);
    expect((await load({ DARKSTAT_URL: "http://a/", DARKSTAT_CA: pem })).warnings.join()).toContain("has no effect");
  });

  test.each([
    ["missing.pem", null, /which can't be read \(ENOENT\)/],
    ["text.pem", "no certificate", /which holds no certificate in PEM/],
    ["bad.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", /which holds a damaged certificate/],
  ])("%s stops the start", async (name, text, message) => {
    if (text !== null) await writeFile(join(dir, name), text);
    const error = await issuesOf(load({ DARKSTAT_CA: name }));
    expect(error.message).toMatch(message);
    expect(error.issues[0]).toMatchObject({ key: "DARKSTAT_CA", place: "environment variable DARKSTAT_CA" });
  });
});

test.each([
  ["http://me:geheim@host/", "http://me:***@host/"],
  ["me:geheim@host", "me:***@host"],
  ["  me:geheim@host", "  me:***@host"],
  ["//me:geheim@host", "//me:***@host"],
  ["http//me:geheim@host", "http//me:***@host"],
  ["http:/me:geheim@host", "http:/me:***@host"],
  ["http://me:ge@he@im@host:667/", "http://me:***@host:667/"],
  ["http://me:ge/heim@host", "http://me:***@host"],
  ['http://me:ge heim"@host', "http://me:***@host"],
  ['"http://me:geheim@host"', '"http://me:***@host"'],
  ["http://me:geheim%40host", "http://me:***%40host"],
  ["http://me@host:667/", "http://me@host:667/"],
  ["https://a.example:8080, http://b", "https://a.example:8080, http://b"],
])("a message shows %j as %j", (text, expected) => {
  expect(shown(text)).toBe(JSON.stringify(expected));
  expect(shown([text])).toBe(JSON.stringify([expected]));
});

test("a message shows no line break and no endless value", () => {
  expect(shown("a\nb")).toBe('"a\\nb"');
  expect(shown("x".repeat(500)).length).toBeLessThan(130);
});
