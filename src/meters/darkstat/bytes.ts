/** Reading of bytes in place: nothing here makes a string, for a host table has tens of thousands of figures. */

/** The bytes of a text. */
export const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));

/** Where it goes on behind a text that must stand here; -1 when another one does, and when this place is already none. */
export function after(page: Uint8Array, at: number, text: Uint8Array): number {
  if (at < 0) return -1;
  for (let index = 0; index < text.length; index++) if (page[at + index] !== text[index]) return -1;
  return at + text.length;
}

/** The first place from here that holds no space; -1 for no place. */
export function afterBlanks(page: Uint8Array, at: number): number {
  let next = at;
  for (let byte = page[next]; byte === SPACE || (byte !== undefined && byte >= TAB && byte <= CR); byte = page[++next]);
  return next;
}

const [TAB, CR, SPACE, COMMA, ZERO, NINE] = [0x09, 0x0d, 0x20, 0x2c, 0x30, 0x39];

/** The number that digits, alone or in groups of three, make; -1 for anything else, and for more than 15 digits. */
export function countAt(page: Uint8Array, from: number, to: number): number {
  let value = 0;
  let group = 0;
  let isGrouped = false;
  if (from === to || to - from > 19) return -1;
  for (let at = from; at < to; at++) {
    const byte = page[at] as number;
    if (byte === COMMA) {
      if (group === 0 || (isGrouped ? group !== 3 : group > 3)) return -1;
      isGrouped = true;
      group = 0;
    } else if (byte >= ZERO && byte <= NINE) {
      value = value * 10 + byte - ZERO;
      group++;
    } else return -1;
  }
  return (isGrouped && group !== 3) || value >= 1e15 ? -1 : value;
}

const UNITS = [
  { name: bytesOf(" sec"), seconds: 1 },
  { name: bytesOf(" min"), seconds: 60 },
  { name: bytesOf(" hr"), seconds: 3_600 },
  { name: bytesOf(" day"), seconds: 86_400 },
] as const;
const AND = bytesOf(", ");
const PLURAL = 0x73;

/** Seconds of a time as darkstat prints it, `1 day, 2 hrs, 0 mins, 4 secs`; -1 when it is none. */
export function secondsAt(page: Uint8Array, from: number, to: number): number {
  let seconds = 0;
  for (let at = from; ; ) {
    let count = 0;
    const digits = at;
    for (let byte = page[at] as number; byte >= ZERO && byte <= NINE; byte = page[++at] as number) {
      count = count * 10 + byte - ZERO;
    }
    if (at === digits || at - digits > 9) return -1;
    let behind = -1;
    for (let unit = 0; behind < 0; unit++) {
      const known = UNITS[unit];
      if (known === undefined) return -1;
      behind = after(page, at, known.name);
      if (behind >= 0) seconds += count * known.seconds;
    }
    at = page[behind] === PLURAL ? behind + 1 : behind;
    if (at >= to) return at === to ? seconds : -1;
    at = after(page, at, AND);
    if (at < 0) return -1;
  }
}
