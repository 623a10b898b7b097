import { expect, test } from "vitest";
import { killRounds } from "./rounds.ts";

test("holds every byte once after 20 rounds of traffic and kill -9 at a random moment", async () => {
  const { counted, kept, answered } = await killRounds(20, Math.random);
  expect(answered).toBeGreaterThan(0);
  expect(new Map([...kept].sort())).toEqual(new Map([...counted].sort()));
}, 180_000);
