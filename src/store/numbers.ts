/**
 * Rows of whole numbers from 0 to 2^53 and of nulls, in as few bytes as a thousand hosts at every checkpoint deserve, and
 * in a form that plain SQL can read: half-bytes, that is hex digits. Each number is the count of its digits, from 0 to 14,
 * and the digits; a null is the digit f. An odd end is filled with a 0.
 */
const NULL_DIGIT = 15;

export interface NumberWriter {
  put(value: number | null): void;
  /** Digits written so far: where {@link cut} may go back to. */
  length(): number;
  /** Forgets all digits from a length on. */
  cut(length: number): void;
  /** A copy of what was written. */
  bytes(): Uint8Array;
}

/** A writer that is used again and again: what it holds grows to the longest row and stays. */
export function createNumberWriter(): NumberWriter {
  let buffer = new Uint8Array(4_096);
  let at = 0;

  function digit(value: number): void {
    const index = at >> 1;
    if ((at & 1) === 0) buffer[index] = value << 4;
    else buffer[index] = (buffer[index] as number) | value;
    at += 1;
  }

  function grow(): void {
    const larger = new Uint8Array(buffer.length * 2);
    larger.set(buffer);
    buffer = larger;
  }

  return {
    put(value) {
      if (at + 16 > buffer.length * 2) grow();
      if (value === null) {
        digit(NULL_DIGIT);
        return;
      }
      const low = value >>> 0;
      const high = (value - low) / 0x1_0000_0000;
      const count = digitsOf(value);
      digit(count);
      for (let place = count - 1; place >= 8; place -= 1) digit((high >>> ((place - 8) * 4)) & 15);
      for (let place = Math.min(count, 8) - 1; place >= 0; place -= 1) digit((low >>> (place * 4)) & 15);
    },
    length: () => at,
    cut(length) {
      at = length;
      if ((at & 1) === 1) buffer[at >> 1] = (buffer[at >> 1] as number) & 0xf0;
    },
    bytes: () => buffer.slice(0, (at + 1) >> 1),
  };
}

/** Hex digits that a number needs; none for 0. */
export function digitsOf(value: number): number {
  if (value > 0xffff_ffff) return 8 + digitsOf(Math.floor(value / 0x1_0000_0000));
  return (35 - Math.clz32(value)) >> 2;
}

export interface NumberReader {
  /** The next number; null for a null. @throws RangeError beyond the end, where the bytes are not what was written */
  next(): number | null;
  /** How many digits are left, of which the last may be a filler. */
  left(): number;
}

export function createNumberReader(bytes: Uint8Array): NumberReader {
  let at = 0;
  const end = bytes.length * 2;

  function digit(): number {
    const byte = bytes[at >> 1] as number;
    const value = (at & 1) === 0 ? byte >> 4 : byte & 15;
    at += 1;
    return value;
  }

  return {
    next() {
      if (at >= end) throw new RangeError("a row of numbers ends too early");
      const count = digit();
      if (count === NULL_DIGIT) return null;
      if (at + count > end) throw new RangeError("a row of numbers ends within a number");
      let value = 0;
      for (let place = 0; place < count; place += 1) value = value * 16 + digit();
      return value;
    },
    left: () => end - at,
  };
}

/** A number that may be negative as one that is not; near 0 they stay small. */
export function unsigned(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value;
}

/** What {@link unsigned} was made from. */
export function signed(value: number): number {
  return value % 2 === 1 ? -(value + 1) / 2 : value / 2;
}
