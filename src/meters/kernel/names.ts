import { cleanName } from "../../shared/clean-name.ts";

export interface NamesOptions {
  /** Reverse DNS; rejects where an address has no name. */
  readonly reverse: (ip: string) => Promise<readonly string[]>;
  /** A clock in ms that only goes forward. */
  readonly mono: () => number;
}

/** Queries at a time, and those that wait at most: what finds no room is asked for again with the next reading. */
const AT_A_TIME = 8;
const MOST_WAITING = 2_000;
/** What DNS allows. */
const NAME_LENGTH = 253;
const KEPT_MS = 3_600_000;

/**
 * Names of addresses by reverse DNS, as darkstat has them: asked for in the background, and known from the next reading on.
 * What was answered, also that there is no name, holds for an hour.
 */
export function createNames({ reverse, mono }: NamesOptions): (ip: string) => string | null {
  const known = new Map<string, { name: string | null; at: number }>();
  const waiting = new Set<string>();
  let asked = 0;

  function askNext(): void {
    while (asked < AT_A_TIME) {
      const [ip] = waiting;
      if (ip === undefined) return;
      waiting.delete(ip);
      asked++;
      void ask(ip);
    }
  }

  async function ask(ip: string): Promise<void> {
    const names = await reverse(ip).catch(() => []);
    asked--;
    known.set(ip, { name: cleanName(names[0] ?? "", NAME_LENGTH) || null, at: mono() });
    askNext();
  }

  return (ip) => {
    const one = known.get(ip);
    const isFresh = one !== undefined && mono() - one.at < KEPT_MS;
    if (!isFresh && waiting.size < MOST_WAITING) {
      // Who asks meanwhile gets what was known before, and asks once.
      known.set(ip, { name: one?.name ?? null, at: mono() });
      waiting.add(ip);
      askNext();
    }
    return one?.name ?? null;
  };
}
