import { expect, test } from "vitest";
import { consistently } from "./consistent.ts";
import { recordUses, testStore } from "./testing.ts";

const USE = { ip: "192.168.1.5", in: 1000 };

/** Asks for the bytes of today twice, with a pause between. */
async function askTwice(store: Awaited<ReturnType<typeof testStore>>, inPause: () => Promise<void>) {
  const bytes = async () => (await store.deviceDays("2021-04-01", "2021-04-01"))[0]?.in;
  return consistently(store, async (pause) => {
    const first = await bytes();
    await pause();
    await inPause();
    return [first, await bytes()];
  });
}

test("what is read before and after a pause is of one state", async () => {
  const store = await testStore([USE]);
  let readings = 0;
  const [before, after] = await askTwice(store, async () => {
    readings += 1;
    if (readings === 1) await recordUses(store, [USE]);
  });
  expect([before, after]).toEqual([2000, 2000]);
  expect(readings).toBe(2);
});

test("a store that is written to all the time is read without pauses in the end", async () => {
  const store = await testStore([USE]);
  let pauses = 0;
  const result = await consistently(store, async (pause) => {
    const timer = setImmediate(() => {
      pauses += 1;
      void recordUses(store, [USE]);
    });
    await pause();
    clearImmediate(timer);
    return pauses;
  });
  expect(result).toBe(2);
});
