import { expect, test } from "vitest";
import { ALL, createGuesses, FREE_TRIES } from "./guesses.ts";

function clocked() {
  let at = 0;
  const guesses = createGuesses(() => at);
  return {
    guesses,
    pass(ms: number) {
      at += ms;
    },
  };
}

test("waits double up to a quarter of an hour, and an hour without a try is a new beginning", () => {
  const { guesses, pass } = clocked();
  const waits: number[] = [];
  for (let n = 0; n < 20; n += 1) {
    expect(guesses.ask("a", false)).toBe(0);
    const wait = guesses.ask("a", false);
    // Where it may try on at once, that was a try.
    if (wait === 0) continue;
    waits.push(wait);
    pass(wait);
  }
  expect(waits.slice(0, 4)).toEqual([1_000, 2_000, 4_000, 8_000]);
  expect(Math.max(...waits)).toBe(900_000);
  pass(3_600_000);
  expect(guesses.ask("a", false)).toBe(0);
  expect(guesses.count("a")).toBe(1);
});

test("asking while it must wait makes the wait no longer", () => {
  const { guesses, pass } = clocked();
  for (let n = 0; n < FREE_TRIES; n += 1) guesses.ask("a", false);
  for (let ms = 1_000; ms > 0; ms -= 10) {
    expect(guesses.ask("a", false)).toBe(ms);
    pass(10);
  }
  expect(guesses.ask("a", false)).toBe(0);
});

test("a day of guessing from a thousand addresses has no more tries than the sum allows", () => {
  const { guesses, pass } = clocked();
  let tries = 0;
  for (let second = 0; second < 86_400; second += 1) {
    if (guesses.ask(`${second % 1_000}`, false) === 0) tries += 1;
    pass(1_000);
  }
  expect(tries).toBeLessThanOrEqual(ALL.burst + 86_400_000 / ALL.everyMs + 3 + 1_000);
});

test("a browser that was here before and one that comes for the first time have a share of their own", () => {
  const { guesses, pass } = clocked();
  for (let n = 0; guesses.ask(`first ${n}`, false) === 0; n += 1);
  expect(guesses.ask("old", true)).toBe(0);
  pass(10_000);
  let n = 0;
  // The flood has tried before, so none of it is new.
  const flood = () => guesses.ask(`flood ${n++ % 50}`, false);
  for (let i = 0; i < 200; i += 1) flood();
  pass(10_000);
  for (let i = 0; i < 200; i += 1) flood();
  expect(guesses.ask("new", false)).toBe(0);
});
