import { etagOf } from "./etag.ts";

/** An answer that can be given again. */
export interface CachedResponse {
  readonly body: Uint8Array;
  readonly etag: string;
}

/** Gives the answer that `key` stands for: the one that was made before while `make` would make the same again. */
export type ResponseCache = (key: string, make: () => Promise<Uint8Array>) => Promise<CachedResponse>;

/** Bytes of all answers that are cached. */
const MOST_BYTES = 1_000_000;

/**
 * Remembers answers for as long as what they are made from does not change.
 * @param version names what they are made from; it is asked before an answer is made, so that a change meanwhile is seen
 */
export function createResponseCache(version: () => Promise<string>): ResponseCache {
  const answers = new Map<string, CachedResponse>();
  let current = "";
  let bytes = 0;
  return async (key, make) => {
    const asked = await version();
    if (asked !== current) {
      answers.clear();
      bytes = 0;
      current = asked;
    }
    const known = answers.get(key);
    if (known) return known;
    const body = await make();
    const made = { body, etag: etagOf(body) };
    if (asked === current && bytes + body.length <= MOST_BYTES && !answers.has(key)) {
      bytes += body.length;
      answers.set(key, made);
    }
    return made;
  };
}
