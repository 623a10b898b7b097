import { expect, test } from "vitest";
import { householdKillRounds } from "./household-rounds.ts";

test("names and notes that were changed together are all there, or none, after 5 rounds of kill -9", async () => {
  const { wrong, changes } = await householdKillRounds(5, Math.random);
  expect(wrong).toEqual([]);
  expect(changes).toBeGreaterThanOrEqual(5);
}, 180_000);
