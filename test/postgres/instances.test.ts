import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createPostgresStore } from "../../src/store/postgres-store.ts";
import type { Store } from "../../src/store/store.ts";
import { DAY, viewOf } from "../../src/store/testing/settlements.ts";
import { clock } from "../lib/clock.ts";
import { bouncerObstacle, startBouncer } from "./bouncer.ts";
import { describeOnPostgres } from "./describe.ts";
import { closeAnyway, expectTotal, settleUpTo, upTo } from "./harness.ts";

describeOnPostgres("two instances on one database", (cluster) => {
  let database: string;
  let opened: Store[];
  const sql = (text: string) => cluster().sql(database, text);

  function open(name: string, port = cluster().port): Store {
    const url = `${cluster().url(database, { port })}?application_name=${name}`;
    const store = createPostgresStore({ url, clock, holder: `process 1 on ${name}`, view: () => viewOf() });
    opened.push(store);
    return store;
  }

  beforeEach(async () => {
    database = await cluster().createDatabase();
    opened = [];
  });
  afterEach(async () => {
    for (const store of opened) await closeAnyway(store);
  });

  test("the second one is told who has it, and gets it when that one ends", async () => {
    const [first, second] = [open("attic"), open("cellar")];
    await settleUpTo(first, 1_000);
    await expect(second.books("lan")).rejects.toMatchObject({
      code: "busy",
      message: expect.stringMatching(/in use by another WhiteStat: process 1 on attic, since 20\d\d-/),
    });
    await expect(second.record(upTo(5_000, 0))).rejects.toMatchObject({ code: "busy" });
    await first.close();
    await expectTotal(second, 1_000);
    await settleUpTo(second, 2_000);
    await second.checkpoint();
    await expectTotal(second, 2_000);
  });

  test("after a crash the next one goes on at once", async () => {
    await settleUpTo(open("attic"), 1_000);
    await (opened[0] as Store).checkpoint();
    await cluster().cut(database, "attic");
    await expectTotal(open("cellar"), 1_000);
  });

  test("one that was taken for dead loses what it had not saved, and says so before it goes on", async () => {
    const [first, second] = [open("attic"), open("cellar")];
    await settleUpTo(first, 1_000);
    await first.checkpoint();
    await settleUpTo(first, 2_000);
    await cluster().cut(database, "attic");
    await settleUpTo(second, 5_000);
    await second.checkpoint();

    await expect(first.deviceDays(DAY, DAY)).rejects.toMatchObject({ code: "busy" });
    await expect(first.checkpoint()).rejects.toMatchObject({ code: "busy" });
    await second.close();
    // Its meter goes on from books that another one has moved on.
    await expect(first.record(upTo(6_000, 2_000))).rejects.toThrow("other books");
    await settleUpTo(first, 6_000);
    await first.checkpoint();
    await expectTotal(first, 6_000);
  });

  test("a claim that nobody renews passes, also when the connection is still there", async () => {
    const [first, second] = [open("attic"), open("cellar")];
    await settleUpTo(first, 1_000);
    await first.checkpoint();
    await sql("UPDATE writer SET until = now() - interval '1 second'");
    await settleUpTo(second, 2_000);
    await second.checkpoint();
    await expect(first.record(upTo(3_000, 1_000)).then(() => first.checkpoint())).rejects.toMatchObject({
      code: "busy",
    });
    await expectTotal(second, 2_000);
  });

  test("a claim is renewed while nothing is asked", async () => {
    let wake = () => {};
    const slept = () =>
      new Promise<void>((resolve) => {
        wake = resolve;
      });
    const store = createPostgresStore({
      url: cluster().url(database),
      clock: { ...clock, sleep: slept },
      holder: "process 1 on attic",
      view: () => viewOf(),
    });
    opened.push(store);
    await settleUpTo(store, 1_000);
    await sql("UPDATE writer SET until = now()");
    wake();
    await expect
      .poll(() => sql("SELECT until > now() + interval '20 seconds' AS ok FROM writer"))
      .toEqual([{ ok: true }]);
  });

  test("a database that went back to an earlier state is read again, and what is missing is counted again", async () => {
    const store = open("attic");
    await settleUpTo(store, 1_000);
    await store.checkpoint();
    await sql("CREATE TABLE dump AS SELECT * FROM source; CREATE TABLE dump_of_writer AS SELECT * FROM writer");
    await settleUpTo(store, 3_000);
    await store.checkpoint();
    await cluster().cut(database);
    await sql(`UPDATE source SET books = d.books, open_hour = d.open_hour FROM dump d;
               UPDATE writer SET writes = d.writes FROM dump_of_writer d`);
    await expect(store.deviceDays(DAY, DAY)).rejects.toThrow("in another state than it was left in");
    await settleUpTo(store, 4_000);
    await store.checkpoint();
    await expectTotal(store, 4_000);
  });

  const missing = bouncerObstacle();
  describe.skipIf(missing !== null)(
    `behind a pgbouncer in transaction mode${missing === null ? "" : ` (${missing})`}`,
    () => {
      let bouncer: Awaited<ReturnType<typeof startBouncer>>;
      beforeAll(async () => {
        bouncer = await startBouncer(cluster());
      });
      afterAll(() => bouncer?.stop());

      test("one writes and reads, and the second one waits until the claim of a crashed one passed", async () => {
        const [first, second] = [open("attic", bouncer.port), open("cellar", bouncer.port)];
        await settleUpTo(first, 1_000);
        await first.checkpoint();
        await expect(second.books("lan")).rejects.toMatchObject({ code: "busy" });
        await sql("UPDATE writer SET until = now() - interval '1 second'");
        await settleUpTo(second, 2_000);
        await second.checkpoint();
        await expectTotal(second, 2_000);
        await expect(first.books("lan").then(() => first.remember("x", 1))).rejects.toMatchObject({ code: "busy" });
      });

      test("the connections behind it may be ended at any time", async () => {
        const store = open("attic", bouncer.port);
        await settleUpTo(store, 1_000);
        for (let total = 2_000; total <= 10_000; total += 1_000) {
          await settleUpTo(store, total);
          await cluster().cut(database);
          await store.checkpoint();
          await expectTotal(store, total);
        }
      });
    },
  );
});
