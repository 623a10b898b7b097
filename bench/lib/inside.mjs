/**
 * Loaded into the measured product before its first line (`node --import`): the bench then turns the product's clocks, and
 * asks how long its event loop stood still. The product itself has no word of this. Plain JavaScript, because Node's
 * TypeScript loader would be counted to the product's memory.
 *
 * The collector's sleep becomes a question to the bench: `{ asleep: ms }` goes out, and with `wake` time has passed. Whoever
 * else sleeps is woken when that much has passed.
 */
import { createRequire, syncBuiltinESMExports } from "node:module";
import { monitorEventLoopDelay } from "node:perf_hooks";

const timers = createRequire(import.meta.url)("node:timers/promises");
/** Between two ticks of the watch on the event loop. */
const RESOLUTION_MS = 2;
const stepped = process.env.BENCH_START !== undefined;
let passed = 0;

/** @type {{ ms: number, done: () => void } | null} */
let sleeper = null;
/** @type {Set<{ due: number, done: () => void }>} */
const others = new Set();
/** @type {ReturnType<typeof monitorEventLoopDelay> | null} */
let delays = null;

if (stepped) {
  const start = Number(process.env.BENCH_START);
  Date.now = () => start + Math.round(passed);
  performance.now = () => passed;
  /** @type {typeof import("node:timers/promises").setTimeout} */
  timers.setTimeout = (ms = 0, value, options) =>
    new Promise((resolve, reject) => {
      const signal = options?.signal;
      const isCollector = new Error().stack?.includes("untilNextReading") ?? false;
      const onAbort = () => {
        if (isCollector) sleeper = null;
        others.delete(own);
        reject(signal?.reason);
      };
      const own = {
        ms,
        due: passed + ms,
        done() {
          signal?.removeEventListener("abort", onAbort);
          others.delete(own);
          resolve(/** @type {never} */ (value));
        },
      };
      if (signal?.aborted) return onAbort();
      signal?.addEventListener("abort", onAbort, { once: true });
      if (!isCollector) {
        others.add(own);
        return;
      }
      sleeper = own;
      process.send?.({ asleep: ms });
    });
  syncBuiltinESMExports();
}

process.on("message", (/** @type {{ do: string }} */ message) => {
  switch (message.do) {
    case "wake": {
      const slept = sleeper;
      sleeper = null;
      passed += slept?.ms ?? 0;
      slept?.done();
      for (const other of [...others]) if (other.due <= passed) other.done();
      break;
    }
    case "watch":
      delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
      delays.enable();
      break;
    case "stall":
      // The histogram holds the time between two of its ticks; what is beyond a tick is the delay.
      process.send?.({ stallMs: Math.max(0, (delays?.max ?? 0) / 1e6 - RESOLUTION_MS) });
      delays?.reset();
      break;
    case "handles":
      process.send?.({ handles: process.getActiveResourcesInfo() });
      break;
  }
});
process.channel?.unref();
