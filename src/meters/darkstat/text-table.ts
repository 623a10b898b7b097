/** What texts stand for, made once for each: most of a page is the same as in the page before. */
export interface TextTable {
  /**
   * The index in `made` of the text that these bytes are; -1 when the table has no room for it.
   * @throws what `make` throws.
   */
  find(page: Uint8Array, from: number, to: number): number;
  /** It only grows, until `forget`. */
  readonly made: readonly (string | null)[];
  forget(): void;
}

const FIRST_SLOTS = 1_024;
/** So far from its place a text is found by no accident: somebody chose names that share one. */
const MOST_STEPS = 64;

/**
 * A table of texts that is asked with bytes of a page, so that a text which is known costs no memory at all.
 * @param make what is made of a text. The bytes are its own: what it keeps of them keeps no page in memory.
 */
export function createTextTable(make: (bytes: Buffer) => string | null): TextTable {
  const made: (string | null)[] = [];
  /** The bytes of all texts, and where each of them ends. In one piece: looking at them here and there takes longer. */
  let bytes = new Uint8Array(16 * FIRST_SLOTS);
  let ends = new Uint32Array(FIRST_SLOTS / 2);
  /** By hash: the index of a text + 1; 0 where there is none. Never more than half full. */
  let slots = new Uint32Array(FIRST_SLOTS);

  const startOf = (index: number) => (index === 0 ? 0 : (ends[index - 1] as number));

  function isText(index: number, page: Uint8Array, from: number, to: number): boolean {
    const start = startOf(index);
    if ((ends[index] as number) - start !== to - from) return false;
    for (let at = from; at < to; at++) if (bytes[start + at - from] !== page[at]) return false;
    return true;
  }

  function add(page: Uint8Array, from: number, to: number): number {
    const text = Buffer.from(page.subarray(from, to));
    const index = made.push(make(text)) - 1;
    const start = startOf(index);
    if (start + text.length > bytes.length) {
      const wider = new Uint8Array(2 * (start + text.length));
      wider.set(bytes);
      bytes = wider;
    }
    bytes.set(text, start);
    ends[index] = start + text.length;
    return index;
  }

  function grow(): void {
    slots = new Uint32Array(slots.length * 2);
    const wider = new Uint32Array(slots.length / 2);
    wider.set(ends);
    ends = wider;
    for (let index = 0; index < made.length; index++) {
      let slot = hashOf(bytes, startOf(index), ends[index] as number) & (slots.length - 1);
      while (slots[slot] !== 0) slot = (slot + 1) & (slots.length - 1);
      slots[slot] = index + 1;
    }
  }

  return {
    made,
    find(page, from, to) {
      const last = slots.length - 1;
      let slot = hashOf(page, from, to) & last;
      for (let steps = 0; slots[slot] !== 0; slot = (slot + 1) & last) {
        const index = (slots[slot] as number) - 1;
        if (isText(index, page, from, to)) return index;
        if (++steps === MOST_STEPS) return -1;
      }
      const index = add(page, from, to);
      slots[slot] = index + 1;
      if (made.length * 2 >= slots.length) grow();
      return index;
    },
    forget() {
      made.length = 0;
      slots.fill(0);
    },
  };
}

/** FNV-1a, with its high bits, which are the better ones, folded into the low ones. */
function hashOf(bytes: Uint8Array, from: number, to: number): number {
  let hash = 0x811c9dc5;
  for (let at = from; at < to; at++) hash = Math.imul(hash ^ (bytes[at] as number), 0x01000193);
  return hash ^ (hash >>> 15);
}
