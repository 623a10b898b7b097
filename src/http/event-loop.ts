/** Lets whatever else is due be done first: other requests, the next reading. To be awaited between two parts of long work. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
