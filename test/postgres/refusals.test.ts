import { inspect } from "node:util";
import { expect, test } from "vitest";
import { openPostgresStore, readPostgresStore } from "../../src/store/postgres-store.ts";
import { StoreError } from "../../src/store/store.ts";
import { DAY } from "../../src/store/testing/settlements.ts";
import { clock } from "../lib/clock.ts";
import { freePort } from "../lib/free-port.ts";
import { type Cluster, PASSWORD, USER } from "./cluster.ts";
import { describeOnPostgres } from "./describe.ts";
import { expectTotal, settleUpTo } from "./harness.ts";

/** Waiting takes no time here. */
const hurried = {
  ...clock,
  sleep: async (_ms: number, signal: AbortSignal) => (signal.aborted ? undefined : clock.sleep(1, signal)),
};

function open(url: string) {
  return openPostgresStore({ url, clock: hurried, holder: "process 1 on here" });
}

/** Why a store can't be opened. */
async function refusal(url: string): Promise<StoreError> {
  const error = await open(url).then(
    () => new Error("it was opened"),
    (problem: unknown) => problem,
  );
  expect(error).toBeInstanceOf(StoreError);
  return error as StoreError;
}

async function emptyDatabase(cluster: Cluster) {
  const database = await cluster.createDatabase();
  return { database, url: cluster.url(database), sql: (text: string) => cluster.sql(database, text) };
}

describeOnPostgres("a PostgreSQL that can't be used", (cluster) => {
  test("with a wrong password says so, and shows neither that one nor the right one", async () => {
    const { database } = await emptyDatabase(cluster());
    const wrong = "quite/wrong one";
    const error = await refusal(cluster().url(database, { password: wrong }));
    expect(error.message).toMatch(/^PostgreSQL at 127\.0\.0\.1:\d+ refuses the password of user "whitestat"$/);
    expect(error.hint).toContain("percent-encoded");
    const everything = inspect(error, { depth: 9, showHidden: true });
    for (const secret of [wrong, encodeURIComponent(wrong), PASSWORD, encodeURIComponent(PASSWORD)]) {
      expect(everything).not.toContain(secret);
    }
  });

  test("without a password says that it is asked for one", async () => {
    const { database } = await emptyDatabase(cluster());
    const error = await refusal(`postgres://${USER}@127.0.0.1:${cluster().port}/${database}`);
    expect(error.message).toContain("asks for a password, and DATABASE_URL has none that it takes");
  });

  test("that does not listen can't be reached", async () => {
    const error = await refusal(`postgres://${USER}:x@127.0.0.1:${await freePort()}/x`);
    expect(error.message).toMatch(/^PostgreSQL at 127\.0\.0\.1:\d+ can't be reached \(connection refused\)$/);
    expect(error.hint).toContain("goes on by itself");
  });

  test("of a name that nobody knows can't be reached", async () => {
    const error = await refusal(`postgres://${USER}:x@nowhere.invalid/x`);
    expect(error.message).toMatch(/^PostgreSQL at nowhere\.invalid:5432 can't be reached/);
  });

  test("without the database says how to make one", async () => {
    const error = await refusal(cluster().url("nothing here"));
    expect(error.message).toContain('has no database "nothing here"');
    expect(error.hint).toContain('createdb --owner "whitestat" "nothing here"');
  });

  test("that lets the user make no tables says how to give it the right", async () => {
    const { database, url, sql } = await emptyDatabase(cluster());
    await sql(`ALTER DATABASE ${database} OWNER TO postgres; REVOKE CREATE ON SCHEMA public FROM PUBLIC`);
    const error = await refusal(url);
    expect(error.message).toMatch(/user "whitestat" lacks a permission in database "store_\d+" \(permission denied/);
    expect(error.hint).toContain("OWNER TO");
  });

  test("that speaks no TLS says so where TLS is asked for", async () => {
    const { url } = await emptyDatabase(cluster());
    expect((await refusal(`${url}?sslmode=require`)).message).toContain("speaks no TLS");
    const error = await refusal(`${url}?sslmode=verify-full&sslrootcert=/nowhere/ca.pem`);
    expect(error.message).toContain("certificates can't be read");
  });

  test("that is read-only says so, and is used once it can be written", async () => {
    const { database, url, sql } = await emptyDatabase(cluster());
    await sql(`ALTER DATABASE ${database} SET default_transaction_read_only = on`);
    const error = await refusal(url);
    expect(error).toMatchObject({ code: "read-only" });
    expect(error.hint).toContain("default_transaction_read_only");
    await sql(`ALTER DATABASE ${database} RESET default_transaction_read_only`);
    await (await open(url)).close();
  });

  test("in another encoding than UTF8 says how to make a database that is", async () => {
    const name = "latin";
    await cluster().sql(
      "postgres",
      `CREATE DATABASE ${name} OWNER ${USER} TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'`,
    );
    expect((await refusal(cluster().url(name))).message).toContain("is encoded in LATIN1");
  });

  test("with tables of another program is left as it is", async () => {
    const { url, sql } = await emptyDatabase(cluster());
    await sql("CREATE TABLE users (id INT); CREATE TABLE schema_version (installed_rank INT)");
    const error = await refusal(url);
    expect(error).toMatchObject({ code: "foreign" });
    expect(error.message).toContain("(schema_version, users)");
    expect(await sql("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace")).toHaveLength(2);
  });

  test("with what an extension brought is as good as an empty one", async () => {
    const { url, sql } = await emptyDatabase(cluster());
    await sql("CREATE EXTENSION pg_stat_statements");
    await (await open(url)).close();
  });

  test("with a newer schema is left as it is", async () => {
    const { url, sql } = await emptyDatabase(cluster());
    await (await open(url)).close();
    await sql("UPDATE schema_version SET version = 99");
    const error = await refusal(url);
    expect(error).toMatchObject({ code: "newer" });
    expect(error.message).toContain("its schema is 99");
    await expect(readPostgresStore(url)).rejects.toMatchObject({ code: "newer" });
  });

  test("that lost a table names it", async () => {
    const { url, sql } = await emptyDatabase(cluster());
    const store = await open(url);
    await sql("ALTER TABLE usage_day RENAME TO gone");
    await expect(store.deviceDays(DAY, DAY)).rejects.toThrow(/lacks something of WhiteStat's \(.*usage_day/);
    await store.close();
  });

  test("makes its tables once, though several programs start at the same moment", async () => {
    const { url, sql } = await emptyDatabase(cluster());
    const opened = await Promise.allSettled([open(url), open(url), open(url), open(url)]);
    const stores = opened.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
    const problems = opened.flatMap((one) => (one.status === "rejected" ? [one.reason as StoreError] : []));
    expect(stores).toHaveLength(1);
    expect(problems.map(({ code }) => code)).toEqual(["busy", "busy", "busy"]);
    for (const store of stores) await store.close();
    expect(await sql("SELECT version FROM schema_version")).toEqual([{ version: 1 }]);
  });

  test("whose history is only read shows one moment of it, whoever writes meanwhile, and can't be changed", async () => {
    const { url } = await emptyDatabase(cluster());
    await expect(readPostgresStore(url)).rejects.toMatchObject({ code: "foreign" });
    const store = await open(url);
    await settleUpTo(store, 1_000);
    await store.checkpoint();
    const reader = await readPostgresStore(url);
    await expectTotal(reader, 1_000);
    await settleUpTo(store, 3_000);
    await store.checkpoint();
    await expectTotal(reader, 1_000);
    await expect(reader.remember("x", 1)).rejects.toMatchObject({ code: "read-only" });
    await reader.close();
    await expectTotal(store, 3_000);
    await expect(store.backup("/tmp/x")).rejects.toMatchObject({ hint: expect.stringContaining("pg_dump") });
    await store.close();
  });
});
