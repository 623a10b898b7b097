import { isMac, isPrivateMac } from "../accounting/address.ts";
import { HEADER_BYTES, LENGTHS, MAGIC } from "./format.ts";

/** The vendor of a network card by its MAC (`aa:bb:cc:dd:ee:ff`), null where it isn't known. */
export type VendorLookup = (mac: string) => string | null;

/**
 * Searches a file of vendors (see format.ts) as it lies in memory: the longest prefix wins, for the big blocks are
 * handed on in smaller ones. Nothing is unpacked; a look-up is some forty comparisons.
 * @throws RangeError when the file is none, or was cut off.
 */
export function createVendorLookup(file: Uint8Array): VendorLookup {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  if (file.length < HEADER_BYTES || MAGIC.some((byte, i) => file[i] !== byte)) {
    throw new RangeError("This is no file of vendors.");
  }
  let at = HEADER_BYTES;
  const tables = LENGTHS.map(({ bits, bytes }, i) => {
    const table = { bits, bytes, count: view.getUint32(MAGIC.length + 4 * i, true), prefixes: at, names: 0 };
    table.names = at + table.count * bytes;
    at = table.names + table.count * 2;
    return table;
  }).reverse();
  const nameCount = view.getUint32(MAGIC.length + 4 * LENGTHS.length, true);
  const offsets = at;
  const text = offsets + (nameCount + 1) * 4;
  if (text > file.length || text + view.getUint32(text - 4, true) !== file.length) {
    throw new RangeError("This file of vendors was cut off.");
  }

  function prefixAt(table: (typeof tables)[number], index: number): number {
    let value = 0;
    const from = table.prefixes + index * table.bytes;
    for (let byte = 0; byte < table.bytes; byte++) value = value * 256 + (file[from + byte] ?? 0);
    return value;
  }

  function nameAt(index: number): string {
    const from = view.getUint32(offsets + index * 4, true);
    const to = view.getUint32(offsets + index * 4 + 4, true);
    return new TextDecoder().decode(file.subarray(text + from, text + to));
  }

  return (text) => {
    const mac = text.toLowerCase();
    if (!isMac(mac) || isPrivateMac(mac)) return null;
    const digits = mac.replaceAll(":", "");
    for (const table of tables) {
      const wanted = Number.parseInt(digits.slice(0, table.bits / 4), 16);
      let low = 0;
      for (let high = table.count; low < high; ) {
        const middle = (low + high) >>> 1;
        if (prefixAt(table, middle) < wanted) low = middle + 1;
        else high = middle;
      }
      if (low < table.count && prefixAt(table, low) === wanted) {
        return nameAt(view.getUint16(table.names + low * 2, true));
      }
    }
    return null;
  };
}
