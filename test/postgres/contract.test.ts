import { beforeAll, expect, vi } from "vitest";
import { describeStore } from "../../src/store/testing/contract.ts";
import { deviceDaysOf } from "../../src/store/testing/facts.ts";
import { describeProperty, RUNS } from "../../src/store/testing/property.ts";
import { describeOnPostgres } from "./describe.ts";
import { postgresHarness } from "./harness.ts";

// The longest ask some ten thousand questions, each of which goes to the server and back.
vi.setConfig({ testTimeout: 90_000 });

describeOnPostgres("a store in PostgreSQL", (cluster) => {
  let database: string;
  beforeAll(async () => {
    database = await cluster().createDatabase();
  });
  const create = () => postgresHarness(cluster(), database);

  describeStore("keeps the contract", create);

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
