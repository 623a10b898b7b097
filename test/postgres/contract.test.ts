import { beforeAll, vi } from "vitest";
import { describeStore } from "../../src/store/testing/contract.ts";
import { describeOnPostgres } from "./cluster.ts";
import { postgresHarness } from "./harness.ts";

// The longest ask some ten thousand questions, each of which goes to the server and back.
vi.setConfig({ testTimeout: 90_000 });

describeOnPostgres("a store in PostgreSQL", (cluster) => {
  let database: string;
  beforeAll(async () => {
    database = await cluster().createDatabase();
  });

  describeStore("keeps the contract", () => postgresHarness(cluster(), database));
});
