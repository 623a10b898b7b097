import { spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { freePort } from "../../test/lib/free-port.ts";
import { createFakeDarkstat, type FakeDarkstat } from "../meters/darkstat/simulated/index.ts";
import { openSqliteStore } from "../store/sqlite-store.ts";
import { charge, charging } from "../store/testing/settlements.ts";

const V5 = fileURLToPath(new URL("../../test/takeover/fixtures/v5", import.meta.url));

/** The product in one file, as the build makes it: as many modules it would take a second to start. */
let PROGRAM = "";
const built = mkdtempSync(join(tmpdir(), "whitestat-built-"));
beforeAll(async () => {
  const bundle = await rolldown({
    input: fileURLToPath(new URL("../main.ts", import.meta.url)),
    platform: "node",
    transform: { target: "node22", define: { __VERSION__: '"12.0.0"', __BUILT_AT__: "0" } },
  });
  PROGRAM = join(built, "whitestat.mjs");
  await bundle.write({ file: PROGRAM, format: "esm", codeSplitting: false });
  await bundle.close();
});
afterAll(() => rmSync(built, { recursive: true, force: true }));

let dir = "";
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "whitestat-process-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const config = () => JSON.parse(readFileSync(join(dir, "WhiteStatConfig.json"), "utf8"));

describe("the product", () => {
  let darkstat: FakeDarkstat;
  let url = "";
  beforeEach(async () => {
    darkstat = createFakeDarkstat({ now: () => Date.now() });
    url = await darkstat.start();
  });
  afterEach(() => darkstat.stop());

  /** Runs it until it has said something, then SIGTERM; all that it said. */
  async function serving(
    env: Record<string, string>,
    until: RegExp,
    look: (pid: number) => Promise<void> | void = () => {},
  ) {
    const child = spawn(process.execPath, [PROGRAM], {
      cwd: dir,
      env: { PATH: process.env.PATH, DATA_STORE: dir, TZ: "UTC", DARKSTAT_URL: url, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let said = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (text: Buffer) => (said += text));
    const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
    const over = () => child.exitCode !== null || child.signalCode !== null;
    while (!until.test(said) && !over()) await delay(20);
    if (!over()) await look(child.pid ?? 0);
    child.kill("SIGTERM");
    return { code: await ended, said };
  }

  test("names its addresses, tells what happens in prose, and makes files for its user alone", async () => {
    const port = await freePort();
    const { code, said } = await serving({ SERVER_PORT: String(port) }, /First reading/, async () => {
      expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBeLessThan(600);
    });
    expect(code, said).toBe(0);
    expect(said).toMatch(new RegExp(`^WhiteStat 12\\.0\\.0 is at http://\\S+:${port}/$`, "m"));
    expect(said).toContain(`http://localhost:${port}/`);
    expect(said).toContain("INFO  First reading of this meter");
    expect(said).toContain("Stopped; all data saved.");
    expect(said).not.toMatch(/[{}]/);
    for (const name of readdirSync(dir)) {
      const mode = statSync(join(dir, name)).mode & 0o777;
      expect([name, mode]).toEqual([name, name === "backups" ? 0o700 : 0o600]);
    }
  });

  test("a line in MAC_MAC.txt makes two devices one, for days that are over, too, and its end makes them two", async () => {
    const [first, second] = ["02:00:00:00:00:aa", "02:00:00:00:00:bb"];
    const [saturday, sunday] = ["2026-01-31", "2026-02-01"];
    const past = openSqliteStore({ path: join(dir, "WhiteStat.db") });
    await past.record(charging(charge({ mac: first, day: saturday, in: 1_500_000 - 1024, out: 1024 })));
    await past.record(
      charging(charge({ mac: second, ip: "192.168.1.21", day: sunday, in: 2_000_000 - 1024, out: 1024 })),
    );
    await past.close();
    const port = await freePort();
    const api = `http://127.0.0.1:${port}/api/v1/usage?from=${saturday}&to=${sunday}&group=day`;
    const used = async () => {
      const { devices } = (await (await fetch(api)).json()) as {
        devices: { key: string; download: number; upload: number }[];
      };
      return devices.map(({ key, download, upload }) => [key, download + upload]).sort();
    };
    /** The file is looked at when a checkpoint is made: until then the answer is the one of before. */
    const settled = async (expected: unknown) => {
      await vi.waitFor(async () => expect(await used()).toEqual(expected), { timeout: 30_000, interval: 100 });
    };
    const apart = [
      [first, 1_500_000],
      [second, 2_000_000],
    ];
    const merges = join(dir, "MAC_MAC.txt");
    const env = { SERVER_PORT: String(port), IdleSeconds: "1", UpdateDBSeconds: "1" };
    const { code, said } = await serving(env, /First reading/, async () => {
      await settled(apart);
      writeFileSync(merges, `${first}|${second}\n`);
      await settled([[second, 3_500_000]]);
      rmSync(merges);
      await settled(apart);
    });
    expect(code, said).toBe(0);
  });

  test("writes the port of the first start into the file once it has it, and never one that is taken", async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
    const { port } = taken.address() as { port: number };
    const listen = { LISTEN_ADDRESS: "127.0.0.1" };
    const refused = await serving({ ...listen, SERVER_PORT: String(port) }, /(?!)/);
    expect(refused).toMatchObject({ code: 69, said: expect.stringContaining(`already listens on port ${port}`) });
    expect(config()).toEqual({ DARKSTAT_URL: url, TZ: "UTC", ...listen });

    const free = await freePort();
    const started = await serving({ ...listen, SERVER_PORT: String(free) }, /is at/, async () => {
      expect((await fetch(`http://127.0.0.1:${free}/healthz`)).status).toBeLessThan(600);
      // The port is open at that address alone.
      await expect(fetch(`http://127.0.0.2:${free}/healthz`)).rejects.toThrow();
    });
    expect(started.said).toContain(`is at http://127.0.0.1:${free}/`);
    rmSync(join(dir, "WhiteStatConfig.json"));
    await serving({ ...listen, SERVER_PORT: String(free) }, /is at/);
    expect(config()).toMatchObject({ SERVER_PORT: free });

    // The file's own port is taken by now, and the environment names another.
    writeFileSync(join(dir, "WhiteStatConfig.json"), JSON.stringify({ ...config(), SERVER_PORT: port }));
    const other = await serving({ SERVER_PORT: String(free) }, /is at/);
    expect(other.said).toMatch(new RegExp(`WARN .*SERVER_PORT=${free} of the environment is used`));
    expect(other.said).toContain(`is at http://127.0.0.1:${free}/`);
    expect(config()).toMatchObject({ SERVER_PORT: port });
    taken.close();
  });

  test("ends, and is not to be started again, as with faulty settings, at a database that it must not touch", async () => {
    const path = join(dir, "WhiteStat.db");
    for (const [sql, says] of [
      ["CREATE TABLE photo (id)", /a database of another program/],
      ["PRAGMA application_id = 1466454900; PRAGMA user_version = 999; CREATE TABLE source (id)", /newer WhiteStat/],
    ] as const) {
      rmSync(path, { force: true });
      const db = new DatabaseSync(path);
      db.exec(sql);
      db.close();
      const before = readFileSync(path);
      const refused = await serving({ SERVER_PORT: String(await freePort()) }, /(?!)/);
      expect(refused).toMatchObject({ code: 78, said: expect.stringMatching(says) });
      expect(readFileSync(path).equals(before)).toBe(true);
    }
  });

  const rights = ["--reuid=nobody", "--clear-groups", "test", "-x", process.execPath];
  const canLeave = process.getuid?.() === 0 && spawnSync("setpriv", rights).status === 0;

  test.runIf(canLeave)(
    "started by root, becomes an ordinary user with three capabilities, in a store of his",
    async () => {
      // As a person would: mkdtemp's folders are for root alone.
      chmodSync(dir, 0o755);
      chmodSync(built, 0o755);
      mkdirSync(join(built, "web"), { recursive: true });
      const store = join(dir, "some", "where");
      let status = "";
      const env = { DATA_STORE: store, SERVER_PORT: String(await freePort()), DARKSTAT_URL: "", METER: "darkstat" };
      const { code, said } = await serving(env, /is at/, (pid) => {
        status = readFileSync(`/proc/${pid}/status`, "utf8");
      });
      expect(code, said).toBe(0);
      expect(said).not.toContain("as root");
      const { uid } = statSync(store);
      expect(uid).toBeGreaterThan(0);
      expect(status).toMatch(new RegExp(`^Uid:\\s${uid}\\s${uid}\\s${uid}\\s${uid}$`, "m"));
      // NET_BIND_SERVICE, NET_RAW, SETGID.
      for (const set of ["Inh", "Prm", "Eff", "Bnd", "Amb"])
        expect(status).toMatch(new RegExp(`^Cap${set}:\\s0+2440$`, "m"));
      expect(status).toMatch(/^NoNewPrivs:\s1$/m);
      for (const name of readdirSync(store)) expect([name, statSync(join(store, name)).uid]).toEqual([name, uid]);
    },
  );

  test.runIf(canLeave)("started by root where nobody could live, stays root and says why", async () => {
    // A folder of mkdtemp is its maker's alone, and so is all below it.
    const env = { DATA_STORE: join(dir, "store"), SERVER_PORT: String(await freePort()), LISTEN_ADDRESS: "127.0.0.1" };
    const { code, said } = await serving(env, /is at/);
    expect(code, said).toBe(0);
    expect(said).toMatch(/WARN {2}WhiteStat runs as root\. As user nobody it could not .*WHITESTAT_KEEP_ROOT=1/);
  });

  test("an export that nobody reads to its end, ends", async () => {
    cpSync(join(V5, "WhiteStat.db"), join(dir, "WhiteStat.db"));
    await serving({ SERVER_PORT: String(await freePort()) }, /is at/);
    const done = spawnSync("sh", ["-c", `"$0" "$@" export | head -c 1`, process.execPath, PROGRAM], {
      cwd: dir,
      encoding: "utf8",
      env: { PATH: process.env.PATH, DATA_STORE: dir, TZ: "UTC" },
      timeout: 15_000,
    });
    expect([done.status, done.stderr]).toEqual([0, ""]);
  });
});
