import { afterAll, beforeAll, describe } from "vitest";
import { type Cluster, postgresObstacle, startCluster } from "./cluster.ts";

/** Tests on a PostgreSQL of their own; skipped, with what to install, where there can be none. */
export function describeOnPostgres(title: string, tests: (cluster: () => Cluster) => void): void {
  const obstacle = postgresObstacle();
  describe.skipIf(obstacle !== null)(obstacle === null ? title : `${title} (${obstacle})`, () => {
    let cluster: Cluster;
    beforeAll(async () => {
      cluster = await startCluster();
    }, 60_000);
    afterAll(() => cluster?.stop(), 60_000);
    tests(() => cluster);
  });
}
