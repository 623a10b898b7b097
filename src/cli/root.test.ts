import {
  chownSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { loadSettings } from "../settings/load.ts";
import type { Io } from "./io.ts";
import { accountFor, giveBack, giveStore, leaveRoot } from "./root.ts";
import { testIo } from "./testing.ts";

const PASSWD =
  "root:x:0:0:root:/root:/bin/sh\nanna:x:1000:1001::/home/anna:/bin/sh\nnobody:x:65534:65533::/:/bin/false\n";
const asRoot = process.getuid?.() === 0;

describe("who to run as", () => {
  const rootStore = { uid: 0, gid: 0 };
  const sudo = { SUDO_UID: "1000", SUDO_GID: "1001", SUDO_USER: "anna" };

  test.each([
    ["the owner of the data store, whoever called sudo", { uid: 7, gid: 8 }, sudo, "", { uid: 7, gid: 8, name: null }],
    ["by his name, where he has one", { uid: 1000, gid: 8 }, {}, "", { uid: 1000, gid: 8, name: "anna" }],
    ["who called sudo", rootStore, sudo, "", { uid: 1000, gid: 1001, name: "anna" }],
    [
      "also one of a directory",
      rootStore,
      { ...sudo, SUDO_UID: "70001", SUDO_USER: "ldap" },
      "",
      { uid: 70_001, gid: 1001, name: "ldap" },
    ],
    [
      "not root who called sudo",
      rootStore,
      { SUDO_UID: "0", SUDO_GID: "0" },
      "",
      { uid: 65_534, gid: 65_533, name: "nobody" },
    ],
    [
      "the service's user",
      rootStore,
      {},
      "whitestat:x:998:997::/:/bin/false\n",
      { uid: 998, gid: 997, name: "whitestat" },
    ],
    ["nobody", rootStore, {}, "", { uid: 65_534, gid: 65_533, name: "nobody" }],
  ])("is %s", (_, store, env, more, account) => {
    expect(accountFor(store, env, PASSWD + more)).toEqual(account);
  });

  test("is none where the system has none", () => {
    expect(accountFor(rootStore, {}, "root:x:0:0::/:/bin/sh\nwhitestat:x:0:0::/:/bin/sh\n")).toBe(null);
  });
});

describe.runIf(asRoot)("a data store of root's", () => {
  let dir = "";
  let store = "";
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "whitestat-root-"));
    store = join(dir, "store");
    mkdirSync(store);
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  const to = { uid: 4321, gid: 99, name: null };
  const put = (name: string) => {
    writeFileSync(join(store, name), "");
    return name;
  };
  const owner = (name: string) => lstatSync(join(store, name)).uid;
  const load = (settings: object = {}) => {
    writeFileSync(
      join(store, "WhiteStatConfig.json"),
      JSON.stringify({ DARKSTAT_URL: "http://127.0.0.1:1/", ...settings }),
    );
    return loadSettings({ env: { DATA_STORE: store }, cwd: dir, create: false });
  };

  test("is given with all that WhiteStat made in it, and nothing else", async () => {
    const loaded = await load();
    mkdirSync(join(store, "backups"));
    const ours = [
      "WhiteStat.db-wal",
      "WhiteStat.db.v5-backup",
      "WhiteStatLog.txt.1",
      "darkstat.json",
      "MAC_HOST.txt",
    ].map(put);
    ours.push(put("backups/WhiteStat-2026-01-31.db"));
    const others = ["notes.txt", "backups/other.db"].map(put);
    giveStore(loaded, to);
    expect(statSync(store)).toMatchObject({ uid: 4321, gid: 99 });
    for (const name of [...ours, "backups", "WhiteStatConfig.json"]) expect([name, owner(name)]).toEqual([name, 4321]);
    for (const name of others) expect([name, owner(name)]).toEqual([name, 0]);
  });

  test("gives nothing away through a link, nor what has a second name, nor what is somebody's", async () => {
    const loaded = await load();
    const victim = join(dir, "shadow");
    writeFileSync(victim, "secret");
    symlinkSync(victim, join(store, "WhiteStatLog.txt"));
    linkSync(victim, join(store, "WhiteStat.db"));
    symlinkSync(dir, join(store, "backups"));
    chownSync(join(store, put("MAC_HOST.txt")), 5, 5);
    giveStore(loaded, to);
    expect([statSync(victim).uid, statSync(dir).uid, owner("MAC_HOST.txt")]).toEqual([0, 0, 5]);
  });

  test("that a command of root's wrote into is its owner's again", async () => {
    const loaded = await load();
    chownSync(store, 4321, 99);
    put("WhiteStat.db");
    giveBack({ uid: 0 } as Io, loaded);
    expect([owner("WhiteStat.db"), owner("WhiteStatConfig.json")]).toEqual([4321, 4321]);
  });

  describe("that can't be left", () => {
    /** What it would become; it stays, for a test must go on. */
    function machine(env: Record<string, string> = {}) {
      const became: string[][] = [];
      const become = (program: string, args: readonly string[]) => void became.push([program, ...args]);
      const io = testIo(dir, {
        env: { PATH: process.env.PATH, ...env },
        webRoot: "/",
        vendorsFile: "",
        uid: 0,
        gid: 0,
        become,
      });
      return { io, became };
    }

    test.each([
      ["srv", "WhiteStatConfig.json", /is not WhiteStat's alone \(srv\): set DATA_STORE/],
      ["", "january.csv", /is not WhiteStat's alone \(january\.csv\)/],
    ])("because it has others' things (%j, %j) is told, and stays root's", async (folder, file, why) => {
      const { io, became } = machine();
      if (folder !== "") mkdirSync(join(store, folder));
      const loaded = await load();
      rmSync(join(store, "WhiteStatConfig.json"));
      put(file);
      expect(await leaveRoot(io, loaded, "none")).toMatch(why);
      expect([became, statSync(store).uid]).toEqual([[], 0]);
    });

    test("because nobody could reach it is told, and stays root's", async () => {
      const { io, became } = machine();
      // A folder of mkdtemp is its maker's alone.
      const why = await leaveRoot(io, await load(), "none");
      expect(why).toBe(`As user nobody it could not look into ${dir}.`);
      expect([became, statSync(store).uid]).toEqual([[], 0]);
    });

    test("because its owner has no name is told where darkstat needs one", async () => {
      const { io } = machine();
      const loaded = await load();
      chownSync(store, 4321, 99);
      expect(await leaveRoot(io, loaded, "capture")).toMatch(/User 4321, who owns .* has no name on this system/);
    });

    test("because root is wanted is nothing to talk about", async () => {
      const { io, became } = machine({ WHITESTAT_KEEP_ROOT: "1" });
      expect(await leaveRoot(io, await load(), "none")).toBe(null);
      expect(await leaveRoot({ ...io, env: {}, uid: 1000 }, await load(), "none")).toBe(null);
      expect(became).toEqual([]);
      expect(existsSync(join(store, "WhiteStatConfig.json"))).toBe(true);
    });
  });
});
