/**
 * The file of vendors: prefixes that IEEE gave to vendors of network cards, small enough to keep in memory as it is and
 * to search without unpacking. All numbers but the prefixes are little-endian.
 *
 * ```
 * magic    8 bytes
 * counts   u32 × 4: prefixes of 24, 28 and 36 bits, names
 * table    for 24, 28, 36 bits each: the prefixes, ascending, big-endian in whole bytes; then a u16 each: its name
 * names    u32 × (names + 1): where each begins in the text, and where the last ends
 * text     UTF-8
 * ```
 */
export const MAGIC = new Uint8Array([0x57, 0x53, 0x4d, 0x41, 0x4b, 0x45, 0x52, 0x01]); // "WSMAKER", version 1
export const HEADER_BYTES = MAGIC.length + 4 * 4;

/** Bits of a prefix, and the bytes that hold it in the file. */
export const LENGTHS = [
  { bits: 24, bytes: 3 },
  { bits: 28, bytes: 4 },
  { bits: 36, bytes: 5 },
] as const;

export const MAX_NAMES = 0xffff + 1;
