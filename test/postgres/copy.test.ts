import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { copyStore, type StorePlace } from "../../src/store/copy-store.ts";
import { takeLock } from "../../src/store/file/lock.ts";
import { openPostgresStore } from "../../src/store/postgres-store.ts";
import { SCHEMA } from "../../src/store/schema.ts";
import { openSqliteStore } from "../../src/store/sqlite-store.ts";
import type { Store } from "../../src/store/store.ts";
import { NOON, temporaryFolder, viewOf } from "../../src/store/testing/settlements.ts";
import { tablesOf } from "../../src/store/write/copy.ts";
import { clock } from "../lib/clock.ts";
import { describeOnPostgres } from "./describe.ts";
import { fill, rowsIn } from "./filled.ts";

const EVER = ["1990-01-01", "2100-01-01"] as const;
const holder = { pid: 1, host: "here", since: NOON };

function copy(from: StorePlace, to: StorePlace): Promise<number> {
  return copyStore({ from, to, clock, holder, onProgress: () => {} });
}

/** What a store answers; in no order, where it promises none. */
async function answersOf(store: Store): Promise<unknown> {
  const sorted = (rows: readonly object[]) => rows.map((row) => JSON.stringify(row)).sort();
  try {
    return [
      sorted(await store.deviceDays(...EVER)),
      sorted(await store.deviceHours(...EVER)),
      sorted(await store.remoteDays(...EVER)),
      sorted(await store.devices()),
      await store.balances(...EVER),
      await store.notes(10),
      await store.sources(),
      await store.books("lan"),
      await store.recall("seen"),
    ];
  } finally {
    await store.close();
  }
}

describeOnPostgres("whitestat copy", (cluster) => {
  test("knows every table of the schema, with its columns and its key", () => {
    using folder = temporaryFolder();
    openSqliteStore({ path: folder.file("w.db") });
    const db = new DatabaseSync(folder.file("w.db"));
    const names = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY rootpage").all();
    const tables = names.map(({ name }) => {
      const columns = db.prepare(`PRAGMA table_info(${name})`).all() as { name: string; pk: number }[];
      const key = columns.filter(({ pk }) => pk > 0).sort((a, b) => a.pk - b.pk);
      return { name, columns: columns.map((column) => column.name), key: key.map((column) => column.name) };
    });
    db.close();
    const byName = (a: { name: unknown }, b: { name: unknown }) => (String(a.name) < String(b.name) ? -1 : 1);
    expect(tablesOf(SCHEMA).sort(byName)).toEqual(tables.sort(byName));
  });

  test("takes a file into PostgreSQL and back into another file, with every row as it was", async () => {
    using folder = temporaryFolder();
    const [first, last] = [folder.file("first.db"), folder.file("last.db")];
    await fill(openSqliteStore({ path: first, view: viewOf() }));
    const url = cluster().url(await cluster().createDatabase());

    const rows = await copy({ file: first }, { url });
    expect(rows).toBeGreaterThan(12_000);
    expect(await copy({ url }, { file: last })).toBe(rows);
    expect(rowsIn(last)).toEqual(rowsIn(first));
    expect(Object.values(rowsIn(first)).filter((some) => some.length === 0)).toEqual([]);

    const answers = await answersOf(openSqliteStore({ path: first, view: viewOf() }));
    expect(await answersOf(await openPostgresStore({ url, clock, holder: "a test", view: viewOf() }))).toEqual(answers);
  });

  test("refuses a target that is not empty, and leaves it as it is", async () => {
    using folder = temporaryFolder();
    await fill(openSqliteStore({ path: folder.file("first.db"), view: viewOf() }));
    const url = cluster().url(await cluster().createDatabase());
    const store = await openPostgresStore({ url, clock, holder: "a test" });
    await store.remember("mine", 1);
    await store.close();
    await expect(copy({ file: folder.file("first.db") }, { url })).rejects.toThrow(
      /must be empty, and there are 2 rows/,
    );
    const again = await openPostgresStore({ url, clock, holder: "a test" });
    expect(await again.recall("mine")).toBe(1);
    expect(await again.range()).toBeNull();
    await again.close();
  });

  test("refuses a source that is none, and a file or a target that is in use", async () => {
    using folder = temporaryFolder();
    const [path, none] = [folder.file("w.db"), folder.file("none.db")];
    await openSqliteStore({ path }).close();
    const url = cluster().url(await cluster().createDatabase());
    await expect(copy({ file: none }, { url })).rejects.toThrow("there is no history in it");
    expect(existsSync(none)).toBe(false);
    await expect(copy({ url }, { file: none })).rejects.toThrow("has no history yet");
    const lock = takeLock(path, holder);
    await expect(copy({ file: path }, { url })).rejects.toMatchObject({ code: "busy" });
    lock.release();
    const store = await openPostgresStore({ url, clock, holder: "process 1 on attic" });
    await expect(copy({ file: path }, { url })).rejects.toThrow("in use by another WhiteStat: process 1 on attic");
    await store.close();
    // What a new store is born with: its site, and which addresses it counts.
    expect(await copy({ file: path }, { url })).toBe(2);
  });

  test("finds a row that arrived otherwise than it was sent, and keeps nothing", async () => {
    using folder = temporaryFolder();
    await fill(openSqliteStore({ path: folder.file("first.db"), view: viewOf() }));
    const database = await cluster().createDatabase();
    const url = cluster().url(database);
    await (await openPostgresStore({ url, clock, holder: "a test" })).close();
    await cluster().sql(
      database,
      `CREATE FUNCTION spoil() RETURNS trigger AS
       'BEGIN IF NEW.endpoint = 2000 THEN NEW.bytes_in = NEW.bytes_in + 1; END IF; RETURN NEW; END' LANGUAGE plpgsql;
       CREATE TRIGGER spoil BEFORE INSERT ON usage_day FOR EACH ROW EXECUTE FUNCTION spoil()`,
    );
    await expect(copy({ file: folder.file("first.db") }, { url })).rejects.toThrow(
      /differs from its source in table usage_day of 2025-12 \(rows and sums: 2499 2499000 249900 became 2499 2499001/,
    );
    expect(await cluster().sql(database, "SELECT count(*) AS count FROM endpoint")).toEqual([{ count: 0 }]);
  });

  test.each(["PostgreSQL", "a file"])("killed on the way to %s leaves it empty, and can be run again", async (kind) => {
    using folder = temporaryFolder();
    const [path, other] = [folder.file("first.db"), folder.file("last.db")];
    await fill(openSqliteStore({ path, view: viewOf() }));
    const database = await cluster().createDatabase();
    const url = cluster().url(database);
    const to = kind === "a file" ? other : url;
    const child = spawnSync(process.execPath, [join(import.meta.dirname, "copy-child.ts"), path, to, "6000"], {
      encoding: "utf8",
    });
    expect(child.signal, child.stderr).toBe("SIGKILL");
    const place = kind === "a file" ? { file: other } : { url };
    if (kind === "a file") expect(rowsIn(other).usage_day).toEqual([]);
    else await cluster().cut(database);
    const rows = await copy({ file: path }, place);
    expect(rows).toBeGreaterThan(12_000);
  });
});
