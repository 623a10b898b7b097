/** Numbers below a bound, the same for each seed. */
export type Random = (below: number) => number;

export function createRandom(seed: number): Random {
  // Of a product of large numbers a double keeps the high bits only, and many seeds would be one.
  let state = Math.imul(seed ^ Math.floor(seed / 2 ** 32), 2_654_435_761) >>> 0 || 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state % below;
  };
}

/** The processor time that something takes, ms: how busy the machine is makes no difference to it. */
export function stopwatch(): () => number {
  const began = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(began);
    return (user + system) / 1000;
  };
}

export function pick<Item>(random: Random, items: readonly Item[]): Item {
  return items[random(items.length)] as Item;
}
