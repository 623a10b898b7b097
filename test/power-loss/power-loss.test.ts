import { expect, test } from "vitest";
import { powerLossRounds } from "./rounds.ts";

test("goes on undamaged and with every byte once, wherever the power is cut and however the log is torn", async () => {
  const { faults, cuts, torn, older } = await powerLossRounds({ rounds: 20, random: Math.random, hosts: 60, tears: 3 });
  expect(faults).toEqual([]);
  expect(cuts).toBe(20);
  expect(torn).toBeGreaterThan(20);
  // Else no copy had lost anything, and nothing was proved.
  expect(older).toBeGreaterThan(0);
}, 120_000);
