import type { Amount } from "./meter.ts";

export const NOTHING: Amount = { in: 0, out: 0 };

/** @throws Error that names the broken promise */
export function must(holds: boolean, message: string | (() => string)): asserts holds {
  if (!holds) throw new Error(typeof message === "string" ? message : message());
}

export function equal(got: Amount, wanted: Amount, what: string): void {
  must(got.in === wanted.in && got.out === wanted.out, () => `${what}: ${show(got)}, but ${show(wanted)} is right`);
}

export function atMost(got: Amount, most: Amount, what: string): void {
  must(got.in <= most.in && got.out <= most.out, () => `${what}: ${show(got)} of ${show(most)}`);
}

export function minus(a: Amount, b: Amount): Amount {
  return { in: a.in - b.in, out: a.out - b.out };
}

export function sumOf(amounts: Iterable<Amount>): Amount {
  let [down, up] = [0, 0];
  for (const amount of amounts) {
    down += amount.in;
    up += amount.out;
  }
  return { in: down, out: up };
}

export function add<K>(amounts: Map<K, Amount>, key: K, amount: Amount): void {
  amounts.set(key, sumOf([amounts.get(key) ?? NOTHING, amount]));
}

function show(amount: Amount): string {
  return `${amount.in}/${amount.out}`;
}
