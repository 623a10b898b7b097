/** Wrong passwords in a row that cost nothing: people mistype. */
export const FREE_TRIES = 5;
const FIRST_WAIT_MS = 1_000;
export const MAX_WAIT_MS = 900_000;
/** Whoever was quiet for as long begins anew. */
const FORGET_MS = 3_600_000;
/** Addresses that are remembered; the one that was quiet longest makes room. */
const MAX_REMEMBERED = 4_000;

/** How many tries all addresses together have: at once, and one more each so many milliseconds. */
export const ALL = { burst: 10, everyMs: 3_000 } as const;
/** Kept apart for addresses that never tried before: a flood of others must not use it up. */
const NEWCOMERS = { burst: 3, everyMs: 10_000 } as const;

/** Slows down whoever guesses. Every try counts as wrong until it is said to be right: so many at once are counted, too. */
export interface Guesses {
  /**
   * Whether a try may be made: 0, and it is counted, or the milliseconds until the next.
   * @param key an address, or a browser that signed in before
   * @param isKnown whether it is such a browser: it shares nothing with others
   */
  ask(key: string, isKnown: boolean): number;
  /** It was right: whoever has this key begins anew. */
  right(key: string): void;
  /** Wrong tries in a row of a key. */
  count(key: string): number;
}

interface Guesser {
  tries: number;
  until: number;
  at: number;
}

/** @param now a clock that nobody sets, ms */
export function createGuesses(now: () => number): Guesses {
  /** Who was quiet longest comes first. */
  const guessers = new Map<string, Guesser>();
  const all = createBucket(ALL, now);
  const newcomers = createBucket(NEWCOMERS, now);

  function found(key: string): Guesser | null {
    const one = guessers.get(key);
    if (one === undefined) return null;
    if (now() - one.at < FORGET_MS || now() < one.until) return one;
    guessers.delete(key);
    return null;
  }

  function keep(key: string, one: Guesser): void {
    guessers.delete(key);
    guessers.set(key, one);
    for (const oldest of guessers.keys()) {
      if (guessers.size <= MAX_REMEMBERED) break;
      guessers.delete(oldest);
    }
  }

  return {
    ask(key, isKnown) {
      const before = found(key);
      const one = before ?? { tries: 0, until: 0, at: 0 };
      if (now() < one.until) return one.until - now();
      one.at = now();
      keep(key, one);
      const mayTry = isKnown || all.take() || (before === null && newcomers.take());
      if (!mayTry) return all.waitMs();
      one.tries += 1;
      const beyond = one.tries - FREE_TRIES;
      if (beyond >= 0) one.until = now() + Math.min(MAX_WAIT_MS, FIRST_WAIT_MS * 2 ** beyond);
      return 0;
    },
    right: (key) => void guessers.delete(key),
    count: (key) => found(key)?.tries ?? 0,
  };
}

/** Holds so many at most, and gets one more each so many milliseconds. */
function createBucket({ burst, everyMs }: { readonly burst: number; readonly everyMs: number }, now: () => number) {
  let held: number = burst;
  let at = now();
  const fill = () => {
    held = Math.min(burst, held + (now() - at) / everyMs);
    at = now();
  };
  return {
    take(): boolean {
      fill();
      if (held < 1) return false;
      held -= 1;
      return true;
    },
    waitMs(): number {
      fill();
      return Math.ceil((1 - Math.min(1, held)) * everyMs);
    },
  };
}
