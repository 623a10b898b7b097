import { expect, test } from "vitest";
import type { OpenHour } from "../open-hour.ts";
import { createFinished } from "./finished.ts";

const openOn = (...days: string[]) => ({ counts: () => days.map((day) => ({ day })) }) as unknown as OpenHour;
const TODAY = openOn("2026-02-10");
const rows = (count: number) => Array.from({ length: count }, (_, row) => row);

/** Asks, and tells whether the rows had to be read for it. */
function asker(mostRows?: number) {
  const finished = createFinished(mostRows);
  const wasRead = async (question: string, to: string, count = 1, open = TODAY) => {
    let read = false;
    const ask = () => {
      read = true;
      return Promise.resolve(rows(count));
    };
    expect(await finished.of(open, question, to, ask)).toEqual(rows(count));
    return read;
  };
  return { ...finished, wasRead };
}

test("what is over is read once, and again when rows of its days may have changed", async () => {
  const { wasRead, forgetFrom, forget } = asker();
  expect(await wasRead("january", "2026-01-31")).toBe(true);
  expect(await wasRead("january", "2026-01-31")).toBe(false);
  expect(await wasRead("december", "2025-12-31")).toBe(true);
  forgetFrom("2026-01-31");
  expect(await wasRead("january", "2026-01-31")).toBe(true);
  expect(await wasRead("december", "2025-12-31")).toBe(false);
  forget();
  expect(await wasRead("december", "2025-12-31")).toBe(true);
});

test("what has an open day in it is never remembered", async () => {
  const { wasRead } = asker();
  expect(await wasRead("february", "2026-02-28")).toBe(true);
  expect(await wasRead("february", "2026-02-28")).toBe(true);
  // Just after midnight the day before is still open.
  expect(await wasRead("january", "2026-01-31", 1, openOn("2026-01-31", "2026-02-01"))).toBe(true);
  expect(await wasRead("january", "2026-01-31", 1, openOn("2026-02-01"))).toBe(true);
  expect(await wasRead("january", "2026-01-31", 1, openOn("2026-02-01"))).toBe(false);
});

test("only so many rows are held: the oldest answers go, one that is too big is not kept, and none takes no room", async () => {
  const { wasRead, forget } = asker(10);
  await wasRead("a", "2026-01-01", 3);
  await wasRead("b", "2026-01-01", 4);
  await wasRead("big", "2026-01-01", 5);
  expect(await wasRead("big", "2026-01-01", 5)).toBe(true);
  expect([await wasRead("a", "2026-01-01", 3), await wasRead("b", "2026-01-01", 4)]).toEqual([false, false]);
  await wasRead("c", "2026-01-01", 0);
  await wasRead("d", "2026-01-01", 0);
  expect([await wasRead("b", "2026-01-01", 4), await wasRead("d", "2026-01-01", 0)]).toEqual([false, false]);
  expect(await wasRead("a", "2026-01-01", 3)).toBe(true);
  forget();
  await wasRead("e", "2026-01-01", 4);
  await wasRead("f", "2026-01-01", 4);
  expect([await wasRead("e", "2026-01-01", 4), await wasRead("f", "2026-01-01", 4)]).toEqual([false, false]);
});
