import { expect, test } from "vitest";
import { alertKillRounds } from "./alert-rounds.ts";

test("an alert is told once, after 4 rounds of kill -9 at a random moment around one", async () => {
  const { ids } = await alertKillRounds(4, Math.random);
  expect([...ids.values()]).toEqual([1, 1, 1, 1]);
}, 180_000);
