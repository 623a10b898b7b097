export type Random = () => number;

/** Numbers from 0 to below 1, the same at every run for the same seed (Marsaglia's xorshift). */
export function createRandom(seed: number): Random {
  let state = (seed ^ 0x9e3779b9) >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state = (state ^ (state << 5)) >>> 0;
    return state / 2 ** 32;
  };
}

/** A whole number from 0 to below `limit`. */
export function below(random: Random, limit: number): number {
  return Math.floor(random() * limit);
}

/** Bytes as usage has them, many small amounts and few large ones: even over the orders of magnitude. */
export function bytesBetween(random: Random, least: number, most: number): number {
  return Math.round(least * (most / least) ** random());
}
