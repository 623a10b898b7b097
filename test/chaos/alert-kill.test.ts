import { describe, expect, test } from "vitest";
import { postgresObstacle } from "../postgres/cluster.ts";
import { alertKillRounds } from "./alert-rounds.ts";
import { postgresStore } from "./rounds.ts";

const obstacle = postgresObstacle();

test("an alert is told once, after 4 rounds of kill -9 at a random moment around one", async () => {
  const { ids } = await alertKillRounds(4, Math.random);
  expect([...ids.values()]).toEqual([1, 1, 1, 1]);
}, 180_000);

describe.skipIf(obstacle !== null)(`alerts on PostgreSQL${obstacle === null ? "" : ` (${obstacle})`}`, () => {
  test("an alert is told once, after 2 rounds of kill -9 at a random moment around one", async () => {
    const { ids } = await alertKillRounds(2, Math.random, postgresStore);
    expect([...ids.values()]).toEqual([1, 1]);
  }, 180_000);
});
