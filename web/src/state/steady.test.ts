import { effect, signal } from "@preact/signals";
import { expect, test } from "vitest";
import { steady } from "./steady.ts";

test("calls nobody again while the value is the same as before", () => {
  const source = signal(1);
  const parity = steady<{ odd: boolean }>((previous) => {
    const odd = source.value % 2 === 1;
    return previous?.odd === odd ? previous : { odd };
  });
  const seen: boolean[] = [];
  const stop = effect(() => void seen.push(parity.value.odd));
  source.value = 3;
  source.value = 5;
  source.value = 6;
  stop();
  expect(seen).toEqual([true, false]);
});
