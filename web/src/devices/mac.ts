/** Finds MAC addresses however they are written: `02:00:…`, `02-00-…`, `0200.…`, `0200…`, or a part of one. */

/** A MAC as it is looked through: its twelve digits. */
export function macDigits(mac: string): string {
  return mac.replace(/[^\da-f]/gi, "").toLowerCase();
}

/**
 * The digits that a text stands for as a MAC or a part of one, in each way in which it may be read; empty where it is
 * none. Without separators it takes four digits: less are more likely a word or a number.
 */
export function macReadings(text: string): string[] {
  const plain = text.toLowerCase();
  if (/^[\da-f]{4,12}$/.test(plain)) return [plain];
  // Cisco's: groups of four, the last may be cut short.
  if (/^[\da-f]{4}(?:\.[\da-f]{4}){0,2}\.?[\da-f]{0,4}$/.test(plain)) return [macDigits(plain)];
  if (!/^[:-]?[\da-f]{1,2}(?:[:-][\da-f]{1,2}){0,5}[:-]?$/.test(plain) || !/[:-]/.test(plain)) return [];
  // macOS and BSD leave leading zeros out.
  const padded = plain.split(/[:-]/).map((group) => (group === "" ? "" : group.padStart(2, "0")));
  return [...new Set([macDigits(plain), padded.join("")])].filter((digits) => digits.length >= 2);
}

/** Whether a MAC has these digits, beginning with a whole byte. */
export function hasDigits(mac: string, digits: string): boolean {
  const all = macDigits(mac);
  for (let at = all.indexOf(digits); at >= 0; at = all.indexOf(digits, at + 1)) if (at % 2 === 0) return true;
  return false;
}
