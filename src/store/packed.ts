import type { Columns } from "./tally.ts";

/**
 * Columns of whole numbers in few bytes. A number takes seven bits to the byte, the lowest first, and its last byte is
 * below 128: a month's sum takes four or five of them, where a double would take eight. Of the first column, which is
 * sorted, the steps are kept: mostly one byte.
 */

/** The bytes of 2^53 - 1. */
const LONGEST = 8;

/** @throws RangeError for a number that is not one from 0 to 2^53 - 1, or a first column that is not sorted */
export function pack(columns: Columns): Uint8Array {
  const count = columns[0]?.length ?? 0;
  const bytes = new Uint8Array(count * columns.length * LONGEST);
  let at = 0;
  for (const [index, column] of columns.entries()) {
    for (let row = 0; row < count; row += 1) {
      let rest = (column[row] as number) - (index === 0 && row > 0 ? (column[row - 1] as number) : 0);
      if (!Number.isSafeInteger(rest) || rest < 0) throw new RangeError(`${rest} can't be packed`);
      while (rest > 127) {
        bytes[at] = (rest % 128) + 128;
        rest = Math.floor(rest / 128);
        at += 1;
      }
      bytes[at] = rest;
      at += 1;
    }
  }
  return bytes.slice(0, at);
}

/**
 * A reader of what {@link pack} packed, so many columns; null for bytes that it can't have made. Each answer takes the
 * place of the one before: ten years are megabytes of numbers, and to make room for them would take longer than to read.
 */
export function createUnpacker(width: number): (bytes: Uint8Array) => Float64Array[] | null {
  let numbers = new Float64Array(0);
  return (bytes) => {
    if (bytes.length > numbers.length) numbers = new Float64Array(bytes.length);
    const count = readNumbers(bytes, numbers);
    if (count === null || count % width !== 0) return null;
    const rows = count / width;
    for (let row = 1; row < rows; row += 1) numbers[row] = (numbers[row] as number) + (numbers[row - 1] as number);
    return Array.from({ length: width }, (_, index) => numbers.subarray(index * rows, (index + 1) * rows));
  };
}

/** Returns how many there are; null when the last one has no end. */
function readNumbers(bytes: Uint8Array, into: Float64Array): number | null {
  let count = 0;
  let number = 0;
  let unit = 1;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at] as number;
    if (byte > 127) {
      number += (byte - 128) * unit;
      unit *= 128;
      continue;
    }
    into[count] = number + byte * unit;
    count += 1;
    number = 0;
    unit = 1;
  }
  return unit === 1 ? count : null;
}
