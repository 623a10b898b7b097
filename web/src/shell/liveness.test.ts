import { expect, test } from "vitest";
import { livenessOf } from "./liveness.ts";

const OPEN = { state: "open", since: 0, isCertain: false } as const;
const LOST = { state: "lost", since: 100_000, isCertain: false } as const;
const meter = { readAt: 100_000, intervalMs: 30_000 };

test("nothing is known before the first answer", () => {
  expect(livenessOf({ state: "connecting", since: 0, isCertain: false }, null, 100_000).state).toBe("waiting");
});

test("figures are live until three readings are missing", () => {
  expect(livenessOf(OPEN, meter, 190_000).state).toBe("live");
  expect(livenessOf(OPEN, meter, 200_000).state).toBe("late");
});

test("a product that never read meter is late, not live", () => {
  expect(livenessOf(OPEN, { readAt: null, intervalMs: 30_000 }, 200_000).state).toBe("late");
});

test("a connection that comes back at once is not told", () => {
  expect(livenessOf(LOST, meter, 105_000).state).toBe("live");
  expect(livenessOf(LOST, meter, 110_000).state).toBe("lost");
});

test("what was asked for in vain is told at once: nothing is live beside a notice that it can't be reached", () => {
  expect(livenessOf({ ...LOST, isCertain: true }, meter, 100_001).state).toBe("lost");
});
