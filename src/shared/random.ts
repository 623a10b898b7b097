/** The largest number that comes, and one more. */
export const RANDOM_END = 2_147_483_647;

/** Whole numbers from 1 to below {@link RANDOM_END}, the same for a seed at every run (Lehmer's generator). */
export function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % RANDOM_END;
    return state;
  };
}
