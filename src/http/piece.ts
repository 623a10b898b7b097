/** A piece of a long text on its way out, in UTF-8. */
export interface Piece {
  /** Puts a text behind the others; false, and nothing is put, when the piece is too full for it. */
  add(text: string): boolean;
  /** Hands out what was put, and begins anew. */
  take(): Uint8Array<ArrayBuffer>;
}

const SIZE = 65_536;
/** UTF-8 takes at most three bytes for a unit of UTF-16. */
const BYTES_OF_UNIT = 3;

export function createPiece(): Piece {
  let bytes = Buffer.from(new ArrayBuffer(SIZE));
  let length = 0;
  return {
    add(text) {
      const most = text.length * BYTES_OF_UNIT;
      // A text that no piece is large enough for gets one of its own.
      if (length === 0 && most > bytes.length) bytes = Buffer.from(new ArrayBuffer(most));
      if (most > bytes.length - length) return false;
      length += bytes.write(text, length);
      return true;
    },
    take() {
      const full = bytes.subarray(0, length);
      bytes = Buffer.from(new ArrayBuffer(SIZE));
      length = 0;
      return full;
    },
  };
}
