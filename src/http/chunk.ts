/**
 * A chunk of a long text on its way out, in UTF-8. Whoever writes parts asks for room for all of them first; then no part
 * fails. Parts are written where they go out: as strings they would be garbage, of which a history of years makes much.
 */
export interface ChunkBuffer {
  /** Puts a text behind the others; false, and nothing is put, when the chunk is too full for it. */
  add(text: string): boolean;
  /** Whether so many bytes more fit. Always when nothing is in it yet. */
  hasRoom(bytes: number): boolean;
  /** Needs room for as many bytes as the text has characters, which must be ASCII. */
  ascii(text: string): void;
  bytes(part: Uint8Array): void;
  /** A whole number that isn't negative, in decimal digits: at most 16 of them. */
  integer(value: number): void;
  /** Hands out what was put, until something is put again: all chunks of an answer are the same memory. */
  take(): Uint8Array;
}

const SIZE = 65_536;
/** UTF-8 takes at most three bytes for a unit of UTF-16. */
const BYTES_OF_UNIT = 3;
/** From so many bytes on Node copies quicker than a loop. */
const LONG = 64;
const ZERO = 48;

export function createChunkBuffer(): ChunkBuffer {
  let bytes = Buffer.allocUnsafeSlow(SIZE);
  let length = 0;
  function hasRoom(more: number): boolean {
    // What no chunk is large enough for gets one of its own.
    if (length === 0 && more > bytes.length) bytes = Buffer.allocUnsafeSlow(more);
    return more <= bytes.length - length;
  }
  return {
    hasRoom,
    add(text) {
      if (!hasRoom(text.length * BYTES_OF_UNIT)) return false;
      length += bytes.write(text, length);
      return true;
    },
    ascii(text) {
      for (let index = 0; index < text.length; index += 1) bytes[length + index] = text.charCodeAt(index);
      length += text.length;
    },
    bytes(part) {
      if (part.length < LONG)
        for (let index = 0; index < part.length; index += 1) bytes[length + index] = part[index] ?? 0;
      else bytes.set(part, length);
      length += part.length;
    },
    integer(value) {
      let digits = 1;
      for (let next = 10; next <= value; next *= 10) digits += 1;
      let rest = value;
      for (let at = length + digits - 1; at >= length; at -= 1) {
        const tens = Math.floor(rest / 10);
        bytes[at] = ZERO + (rest - tens * 10);
        rest = tens;
      }
      length += digits;
    },
    take() {
      const full = bytes.subarray(0, length);
      if (bytes.length > SIZE) bytes = Buffer.allocUnsafeSlow(SIZE);
      length = 0;
      return full;
    },
  };
}
