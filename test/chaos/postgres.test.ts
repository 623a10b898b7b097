import { describe, expect, test } from "vitest";
import { postgresObstacle } from "../postgres/cluster.ts";
import { killRounds, postgresStore } from "./rounds.ts";

const obstacle = postgresObstacle();

describe.skipIf(obstacle !== null)(`chaos on PostgreSQL${obstacle === null ? "" : ` (${obstacle})`}`, () => {
  test("leaves every byte once after 4 kills of the product and 4 of the server at random moments", async () => {
    const { counted, kept, serverKills } = await killRounds(8, Math.random, postgresStore);
    expect(serverKills).toBe(4);
    expect(new Map([...kept].sort())).toEqual(new Map([...counted].sort()));
  }, 180_000);
});
