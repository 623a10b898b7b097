import { setTimeout as delay } from "node:timers/promises";

/** The process's own clock, as the product has it. */
export const clock = {
  mono: () => performance.now(),
  sleep: (ms: number, signal: AbortSignal) => delay(ms, undefined, { signal }).catch(() => undefined),
};
