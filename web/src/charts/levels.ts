/** Steps of colour for a heat map. Pure. */

/** How many steps there are above nothing, at most. */
export const LEVELS = 4;

/**
 * The amounts up to which each step but the last reaches, rising: quartiles of what is above nothing, so that one marathon
 * does not make every other day look empty.
 */
export function boundsOf(amounts: Iterable<number>): readonly number[] {
  const sorted = [...amounts].filter((amount) => amount > 0).sort((a, b) => a - b);
  if (sorted.length === 0) return [];
  const bounds: number[] = [];
  for (let level = 1; level < LEVELS; level++) {
    const bound = sorted[Math.min(sorted.length - 1, Math.ceil((sorted.length * level) / LEVELS) - 1)] ?? 0;
    // Where many amounts are alike, quartiles are too: there are fewer steps then.
    if (bound > (bounds.at(-1) ?? 0)) bounds.push(bound);
  }
  return bounds;
}

/** 0 for nothing, else 1 to `LEVELS`. */
export function levelOf(amount: number, bounds: readonly number[]): number {
  if (amount <= 0) return 0;
  let level = 1;
  for (const bound of bounds) if (amount > bound) level += 1;
  return level;
}
