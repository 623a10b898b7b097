import { beforeAll } from "vitest";
import { describeStore } from "../../src/store/testing/contract.ts";
import { describeOnPostgres } from "./cluster.ts";
import { postgresHarness } from "./harness.ts";

describeOnPostgres("a store in PostgreSQL", (cluster) => {
  let database: string;
  beforeAll(async () => {
    database = await cluster().createDatabase();
  });

  describeStore("keeps the contract", () => postgresHarness(cluster(), database));
});
