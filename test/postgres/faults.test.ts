import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createPostgresStore } from "../../src/store/postgres-store.ts";
import type { Store } from "../../src/store/store.ts";
import { historyOf, importedDay } from "../../src/store/testing/imports.ts";
import { charge, charging, DAY, fact, PHONE, viewOf } from "../../src/store/testing/settlements.ts";
import { clock } from "../lib/clock.ts";
import { account, accountFolder } from "./cluster.ts";
import { describeOnPostgres } from "./describe.ts";
import { closeAnyway, expectTotal, settleUpTo } from "./harness.ts";
import { startProxy } from "./proxy.ts";

/** A statement of a table takes a while, so that something can happen meanwhile. */
const SLOW = `
  CREATE FUNCTION wait() RETURNS trigger AS 'BEGIN PERFORM pg_sleep(1); RETURN NEW; END' LANGUAGE plpgsql;
  CREATE TRIGGER slow BEFORE INSERT OR UPDATE ON source FOR EACH ROW EXECUTE FUNCTION wait();`;

/** The first statements on a table fail, as often as told, with an SQLSTATE. */
const failing = (times: number, state: string) => `
  CREATE SEQUENCE attempts;
  CREATE FUNCTION fail() RETURNS trigger AS $$ BEGIN
    IF nextval('attempts') <= ${times} THEN RAISE EXCEPTION 'made to fail' USING ERRCODE = '${state}'; END IF;
    RETURN NEW; END $$ LANGUAGE plpgsql;
  CREATE TRIGGER failing BEFORE INSERT OR UPDATE ON source FOR EACH ROW EXECUTE FUNCTION fail();
  GRANT ALL ON SEQUENCE attempts TO whitestat;`;

describeOnPostgres("a store in a PostgreSQL that fails", (cluster) => {
  let database: string;
  let store: Store;
  const sql = (text: string) => cluster().sql(database, text);
  const open = (port = cluster().port) =>
    createPostgresStore({
      url: cluster().url(database, { port }),
      clock,
      holder: "process 1 on here",
      view: () => viewOf(),
    });

  beforeEach(async () => {
    database = await cluster().createDatabase();
    store = open();
    await settleUpTo(store, 1_000);
    await store.checkpoint();
  });
  afterEach(() => closeAnyway(store));

  test("goes on by itself after the server was killed and started again, with nothing lost or doubled", async () => {
    await settleUpTo(store, 3_000);
    await cluster().kill();
    await expect(store.deviceDays(DAY, DAY)).rejects.toThrow("can't be reached");
    await expect(store.checkpoint()).rejects.toThrow("can't be reached");
    await cluster().start();
    await waitUntilItAnswers(store);
    await settleUpTo(store, 4_000);
    await store.checkpoint();
    await expectTotal(store, 4_000);
  });

  test("runs a transaction again that the server was killed in, once it is back", async () => {
    await sql(SLOW);
    await settleUpTo(store, 3_000);
    const saved = store.checkpoint();
    await delay(300);
    await cluster().kill();
    await cluster().start();
    await saved;
    await expectTotal(store, 3_000);
    expect(await sql("SELECT books FROM source")).toMatchObject([{ books: expect.stringContaining('"counted":3000') }]);
  });

  test("does not notice that its connection was ended between two calls", async () => {
    await settleUpTo(store, 3_000);
    await cluster().cut(database);
    await store.checkpoint();
    await cluster().cut(database);
    await expectTotal(store, 3_000);
  });

  test.each(["before", "after"] as const)(
    "tells when a COMMIT was not answered, cut off %s the server had it; every byte is there once after the next reading",
    async (when) => {
      await store.close();
      await using proxy = await startProxy(cluster().port);
      store = open(proxy.port);
      await settleUpTo(store, 3_000);
      proxy.cutAt("COMMIT", when);
      await expect(store.checkpoint()).rejects.toThrow("whether it did is not known yet");
      expect((await store.books("lan"))?.counted).toBe(when === "before" ? 1_000 : 3_000);
      await settleUpTo(store, 4_000);
      await store.checkpoint();
      await expectTotal(store, 4_000);
    },
  );

  test("tells when the server ended the connection at the COMMIT, and doubles nothing", async () => {
    await sql(`CREATE FUNCTION end_it() RETURNS trigger AS
      'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END' LANGUAGE plpgsql SECURITY DEFINER;
      CREATE CONSTRAINT TRIGGER ending AFTER INSERT OR UPDATE ON source INITIALLY DEFERRED
      FOR EACH ROW EXECUTE FUNCTION end_it()`);
    await settleUpTo(store, 3_000);
    await expect(store.checkpoint()).rejects.toThrow("whether it did is not known yet");
    await sql("DROP TRIGGER ending ON source");
    await settleUpTo(store, 4_000);
    await store.checkpoint();
    await expectTotal(store, 4_000);
  });

  test.each(["40001", "40P01"])(
    "runs a transaction again that another client got in the way of (%s)",
    async (state) => {
      await sql(failing(2, state));
      await settleUpTo(store, 3_000);
      // A new hour makes rows of the one before: names, hours, days, baselines.
      await store.record(charging(charge({ hour: 13, in: 4_000, out: 0 })));
      await store.checkpoint();
      await closeAnyway(store);
      store = open();
      expect(await store.deviceDays(DAY, DAY)).toMatchObject([{ in: 7_000 }]);
      expect(await store.deviceHours(DAY, DAY)).toMatchObject([
        { hour: 12, in: 3_000 },
        { hour: 13, in: 4_000 },
      ]);
      expect(await store.books("lan")).toMatchObject({
        baselines: new Map([["192.168.1.20", { mac: PHONE, in: 4_000, out: 0, seenAt: fact().seenAt }]]),
      });
    },
  );

  test("gives up after some tries, and keeps nothing of it", async () => {
    await sql(failing(1_000, "40001"));
    await settleUpTo(store, 3_000);
    await expect(store.checkpoint()).rejects.toMatchObject({
      code: "other",
      message: expect.stringContaining("made to fail"),
    });
    expect((await store.books("lan"))?.counted).toBe(1_000);
  });

  test("takes no import twice that is read once: it is told, and nothing of it is kept", async () => {
    await sql(failing(1, "40001"));
    const history = historyOf([importedDay({ day: "2025-11-30" }), importedDay({ day: "2025-12-01" })]);
    await expect(store.importHistory(history)).rejects.toThrow("made to fail");
    await expectTotal(store, 1_000);
    expect(await store.range()).toEqual({ first: DAY, last: DAY });
  });

  test("that turns read-only says so, and goes on once it is not", async () => {
    await settleUpTo(store, 3_000);
    await sql(`ALTER DATABASE ${database} SET default_transaction_read_only = on`);
    await cluster().cut(database);
    await expect(store.checkpoint()).rejects.toMatchObject({ code: "read-only" });
    await expectTotal(store, 1_000);
    await cluster().sql("postgres", `ALTER DATABASE ${database} RESET default_transaction_read_only`);
    await cluster().cut(database);
    await settleUpTo(store, 4_000);
    await store.checkpoint();
    await expectTotal(store, 4_000);
  });

  test("whose disk is full says so, and goes on once there is space", async (context) => {
    const folder = accountFolder("small-disk");
    const { uid, gid } = account() ?? {};
    try {
      execFileSync("mount", ["-t", "tmpfs", "-o", `size=2m,uid=${uid},gid=${gid}`, "tmpfs", folder], {
        stdio: "ignore",
      });
    } catch {
      rmSync(folder, { recursive: true });
      return context.skip("mounting a small file system is not permitted here");
    }
    try {
      mkdirSync(join(folder, "space"));
      execFileSync("chown", [`${uid}:${gid}`, join(folder, "space")]);
      await cluster().sql("postgres", `CREATE TABLESPACE small LOCATION '${folder}/space'`);
      await sql("ALTER TABLE source SET TABLESPACE small; ALTER TABLE usage_day SET TABLESPACE small");
      const ballast = join(folder, "ballast");
      fillUp(ballast);
      const many = charging(
        ...Array.from({ length: 9_000 }, (_, n) =>
          charge({ mac: `02:00:00:00:${hex(n >> 8)}:${hex(n)}`, ip: `10.0.${n >> 8}.${n & 255}` }),
        ),
      );
      await store.record(many);
      const problem = await store.checkpoint().then(
        () => null,
        (error: unknown) => error,
      );
      expect(problem).toMatchObject({ code: "full", message: expect.stringContaining("its disk is full") });
      await expectTotal(store, 1_000);
      rmSync(ballast);
      await store.record(many);
      await store.checkpoint();
      expect(await store.deviceDays(DAY, DAY)).toHaveLength(9_000);
    } finally {
      await cluster().sql("postgres", `DROP DATABASE ${database} WITH (FORCE)`);
      await cluster().sql("postgres", "DROP TABLESPACE small");
      execFileSync("umount", ["-l", folder]);
      rmSync(folder, { recursive: true });
    }
  });

  test("keeps a name with a zero character in it, which PostgreSQL's texts can't hold", async () => {
    const named = charging(charge({ in: 2_000, out: 0 }));
    await store.record({ ...named, addresses: [fact({ hostname: "a\0b", in: 3_000, out: 0 })] });
    await store.record(charging(charge({ hour: 13, in: 1, out: 0 })));
    await closeAnyway(store);
    store = open();
    expect((await store.devices())[0]?.hostname).toBe("a\uFFFDb");
  });

  test("shows a person each device's day in one view, the open hour included", async () => {
    await store.record(charging(charge({ hour: 13, in: 5, out: 6 })));
    await store.checkpoint();
    expect(await sql("SELECT day, mac, bytes_in, bytes_out FROM device_day")).toEqual([
      { day: DAY, mac: PHONE, bytes_in: 1_005, bytes_out: 6 },
    ]);
    expect(await sql("SELECT obj_description('usage_day'::regclass) AS text")).toMatchObject([
      { text: expect.stringContaining("Bytes of a day") },
    ]);
  });
});

async function waitUntilItAnswers(store: Store): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    const answers = await store.books("lan").then(
      () => true,
      () => false,
    );
    if (answers) return;
    await delay(100);
  }
  throw new Error("the store does not go on");
}

function fillUp(path: string): void {
  for (let size = 1 << 20; size >= 4_096; size >>= 1) {
    for (;;) {
      try {
        writeFileSync(path, new Uint8Array(size), { flag: "a" });
      } catch {
        break;
      }
    }
  }
}

function hex(number: number): string {
  return (number & 255).toString(16).padStart(2, "0");
}
