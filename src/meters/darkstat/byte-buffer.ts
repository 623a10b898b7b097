/** Where the bytes of a page are kept while they arrive: used again for the next one, since a host table has megabytes. */
export interface ByteBuffer {
  /** Forgets the page before. Its bytes are no longer to be used. */
  clear(): void;
  /** Takes a copy of the next bytes. */
  add(chunk: Uint8Array): void;
  /** All bytes since `clear`; good until then. */
  bytes(): Buffer;
}

/** What is not worth giving back. */
const SMALL = 64 * 1024;

export function createByteBuffer(): ByteBuffer {
  let space = Buffer.alloc(0);
  let used = 0;
  return {
    clear() {
      // One huge page does not keep its memory.
      if (space.length > SMALL && space.length > used * 4) space = Buffer.alloc(0);
      used = 0;
    },
    add(chunk) {
      if (used + chunk.length > space.length) {
        const wider = Buffer.allocUnsafe(Math.max(used + chunk.length, space.length * 2));
        space.copy(wider, 0, 0, used);
        space = wider;
      }
      space.set(chunk, used);
      used += chunk.length;
    },
    bytes: () => space.subarray(0, used),
  };
}
