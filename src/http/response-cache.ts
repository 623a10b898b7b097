/** Gives the body that `key` stands for: the one that was made before while `make` would make the same again. */
export type ResponseCache = (
  version: string,
  key: string,
  make: () => Promise<Uint8Array | null>,
) => Promise<Uint8Array | null>;

/** Bytes of all bodies that are cached. */
const MAX_BYTES = 1_000_000;

/** Keeps bodies for as long as the version of what they are made from does not change. One that is null is not kept. */
export function createResponseCache(): ResponseCache {
  const bodies = new Map<string, Uint8Array>();
  let current = "";
  let bytes = 0;
  return async (version, key, make) => {
    if (version !== current) {
      bodies.clear();
      bytes = 0;
      current = version;
    }
    const known = bodies.get(key);
    if (known) return known;
    const body = await make();
    if (body !== null && version === current && bytes + body.length <= MAX_BYTES && !bodies.has(key)) {
      bytes += body.length;
      bodies.set(key, body);
    }
    return body;
  };
}
