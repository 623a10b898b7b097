import { beforeAll, expect, test, vi } from "vitest";
import { openPostgresStore } from "../../src/store/postgres-store.ts";
import { describeStore } from "../../src/store/testing/contract.ts";
import { deviceDaysOf } from "../../src/store/testing/facts.ts";
import { describeProperty, RUNS } from "../../src/store/testing/property.ts";
import { clock } from "../lib/clock.ts";
import { describeOnPostgres } from "./describe.ts";
import { expectTotal, postgresHarness, settleUpTo } from "./harness.ts";

// The longest ask some ten thousand questions, each of which goes to the server and back.
vi.setConfig({ testTimeout: 90_000 });

describeOnPostgres("a store in PostgreSQL", (cluster) => {
  let database: string;
  beforeAll(async () => {
    database = await cluster().createDatabase();
  });
  const create = () => postgresHarness(cluster(), database);

  describeStore("keeps the contract", create);

  test("lives in a schema whose name must be quoted as well as in any", async () => {
    await cluster().sql(database, 'CREATE SCHEMA "Home-Net" AUTHORIZATION whitestat');
    const url = `${cluster().url(database)}?options=${encodeURIComponent('-csearch_path="Home-Net"')}`;
    for (const total of [1_000, 3_000]) {
      const store = await openPostgresStore({ url, clock, holder: "a test" });
      await settleUpTo(store, total);
      await expectTotal(store, total);
      await store.close();
    }
  });

  describeProperty(
    "a store in PostgreSQL",
    create,
    async (harness, facts) => {
      const days = await harness.query("SELECT day, mac, bytes_in, bytes_out FROM device_day ORDER BY day, mac");
      expect(days).toEqual(deviceDaysOf(facts));
    },
    Math.ceil(RUNS / 5),
  );
});
