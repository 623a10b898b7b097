import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { UsageError } from "../../src/cli/arguments.ts";
import { copyCommand } from "../../src/cli/copy.ts";
import { importCommand } from "../../src/cli/import.ts";
import { testIo } from "../../src/cli/testing.ts";
import { openPostgresStore } from "../../src/store/postgres-store.ts";
import { openSqliteStore } from "../../src/store/sqlite-store.ts";
import { NOON, temporaryFolder, viewOf } from "../../src/store/testing/settlements.ts";
import { clock } from "../lib/clock.ts";
import { describeOnPostgres } from "./describe.ts";
import { fill, rowsIn } from "./filled.ts";

/** A machine with its data store in a folder, and what the command prints there. */
function machine(cwd: string) {
  const said = { out: "", error: "" };
  const io = testIo(cwd, {
    env: { DATA_STORE: cwd },
    stdout: {
      write(text: string) {
        said.out += text;
      },
    },
    stderr: {
      write(text: string) {
        said.error += text;
      },
      isTTY: true,
    },
    clock: { ...clock, now: () => NOON, sleep: async (ms, signal) => void (await clock.sleep(ms, signal)) },
  });
  return { io, said };
}

describeOnPostgres("whitestat copy on the command line", (cluster) => {
  test("goes from and to what the settings name, shows how far it is on a terminal, and says that it compared", async () => {
    using folder = temporaryFolder();
    await fill(openSqliteStore({ path: folder.file("WhiteStat.db"), view: viewOf() }));
    const url = cluster().url(await cluster().createDatabase());
    const done = /^Copied (\d+) rows\. Row counts and the bytes of every month are the same on both sides\.\n$/;
    const there = machine(folder.path);
    expect(await copyCommand(there.io, ["--to", url])).toBe(0);
    expect(there.said.error).toMatch(/Copying usage_day… \d+ %/);
    expect(there.said.out).toMatch(done);

    const back = machine(folder.path);
    const env = { ...back.io.env, DATABASE_URL: url };
    expect(await copyCommand({ ...back.io, env }, ["--to", "copy.db"])).toBe(0);
    expect(back.said.out).toBe(there.said.out);
    expect(rowsIn(folder.file("copy.db"))).toEqual(rowsIn(folder.file("WhiteStat.db")));
  });

  test("a dry run of an import works while WhiteStat writes the database, changes nothing in it, and leaves no file", async () => {
    using folder = temporaryFolder();
    const { io, said } = machine(folder.path);
    const url = cluster().url(await cluster().createDatabase());
    await fill(await openPostgresStore({ url, clock, holder: "whitestat", view: viewOf() }));
    const writing = await openPostgresStore({ url, clock, holder: "whitestat", view: viewOf() });
    try {
      const before = await writing.revision();
      const days = await writing.range();
      const run = { ...io, env: { ...io.env, DATABASE_URL: url } };
      const old = fileURLToPath(new URL("../takeover/fixtures/v5", import.meta.url));
      await expect(importCommand(run, [old])).rejects.toMatchObject({ code: "busy" });
      const files = readdirSync(folder.path).sort();
      expect(await importCommand(run, [old, "--dry-run"])).toBe(0);
      expect(said.out).toMatch(/days of devices and hosts are new[\s\S]*nothing was changed/);
      expect([await writing.revision(), await writing.range()]).toEqual([before, days]);
      expect(readdirSync(folder.path).sort()).toEqual(files);
    } finally {
      await writing.close();
    }
  });

  test("stops when it is asked to, and keeps nothing", async () => {
    using folder = temporaryFolder();
    await fill(openSqliteStore({ path: folder.file("WhiteStat.db"), view: viewOf() }));
    const { io } = machine(folder.path);
    await expect(
      copyCommand({ ...io, signal: AbortSignal.abort() }, ["--to", folder.file("other.db")]),
    ).rejects.toThrow("Cancelled: nothing was copied.");
    expect(rowsIn(folder.file("other.db")).usage_day).toEqual([]);
  });

  test.each([
    [[], /Missing argument: --from or --to/],
    [["--to", "postgres://me:geheim@db"], /--to names no database/],
    [["--to", "mysql://me:geheim@db/x"], /--to doesn't begin with postgres/],
    [["--from", "a.db", "--to", "./a.db"], /the same place/],
  ])("says what is wrong with %j, without a password", async (args, message) => {
    using folder = temporaryFolder();
    const failed = copyCommand(machine(folder.path).io, args);
    await expect(failed).rejects.toThrow(UsageError);
    await expect(failed).rejects.toThrow(message);
    await expect(failed).rejects.not.toThrow("geheim");
  });
});
