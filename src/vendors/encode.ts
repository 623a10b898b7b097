import { HEADER_BYTES, LENGTHS, MAGIC, MAX_NAMES } from "./format.ts";

/** One assignment: 6, 7 or 9 hexadecimal digits of a MAC, and whom they were given to. */
export type Assignment = readonly [prefix: string, vendor: string];

/** Registrants that name nobody: the owner asked not to be named, or the block is handed on in smaller ones. */
const NOBODY = new Set(["", "private", "ieee registration authority"]);

/**
 * Boils a registry down to the file that `createVendorLookup` searches (see format.ts).
 *
 * Left out is what would never be shown: registrants that name nobody, and prefixes with the locally administered bit,
 * for such an address says nothing about its card.
 * @throws RangeError when a prefix is not 6, 7 or 9 hexadecimal digits, comes twice, or the names are too many.
 */
export function encodeVendors(assignments: Iterable<Assignment>): Uint8Array<ArrayBuffer> {
  const names = new Map<string, number>();
  const tables = LENGTHS.map(() => new Map<number, number>());
  for (const [prefix, registrant] of assignments) {
    const table = tables[LENGTHS.findIndex(({ bits }) => bits === prefix.length * 4)];
    if (table === undefined || !/^[\da-f]+$/i.test(prefix)) {
      throw new RangeError(`"${prefix}" is no prefix of a MAC: 6, 7 or 9 hexadecimal digits are, e.g. 0050C2ABC.`);
    }
    const value = Number.parseInt(prefix, 16);
    if (table.has(value)) throw new RangeError(`The prefix ${prefix} comes twice.`);
    const name = registrant.replace(/\s+/g, " ").trim();
    if (NOBODY.has(name.toLowerCase()) || (Number.parseInt(prefix.slice(0, 2), 16) & 2) !== 0) continue;
    const index = names.get(name) ?? names.size;
    names.set(name, index);
    table.set(value, index);
  }
  if (names.size > MAX_NAMES) throw new RangeError(`${names.size} vendors are too many: ${MAX_NAMES} fit.`);
  return write(tables, [...names.keys()]);
}

function write(tables: readonly ReadonlyMap<number, number>[], names: readonly string[]): Uint8Array<ArrayBuffer> {
  const texts = names.map((name) => new TextEncoder().encode(name));
  const textBytes = texts.reduce((sum, text) => sum + text.length, 0);
  const tableBytes = LENGTHS.reduce((sum, { bytes }, i) => sum + (tables[i]?.size ?? 0) * (bytes + 2), 0);
  const file = new Uint8Array(HEADER_BYTES + tableBytes + (names.length + 1) * 4 + textBytes);
  const view = new DataView(file.buffer);

  file.set(MAGIC);
  let at = MAGIC.length;
  for (const count of [...tables.map((table) => table.size), names.length]) {
    view.setUint32(at, count, true);
    at += 4;
  }
  for (const [i, { bytes }] of LENGTHS.entries()) {
    const sorted = [...(tables[i] ?? [])].sort(([a], [b]) => a - b);
    for (const [prefix] of sorted) {
      // Not by shifts: a prefix of 36 bits is more than they can move.
      for (let byte = bytes - 1, rest = prefix; byte >= 0; byte--, rest = Math.floor(rest / 256)) {
        file[at + byte] = rest % 256;
      }
      at += bytes;
    }
    for (const [, name] of sorted) {
      view.setUint16(at, name, true);
      at += 2;
    }
  }
  let begins = 0;
  for (const text of [...texts, new Uint8Array(0)]) {
    view.setUint32(at, begins, true);
    at += 4;
    begins += text.length;
  }
  for (const text of texts) {
    file.set(text, at);
    at += text.length;
  }
  return file;
}
