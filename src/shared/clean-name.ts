import { UNSAFE_CHARACTERS } from "./untrusted-text.ts";

/**
 * A name that came from outside, fit to be kept: one line, without control and reordering characters, at most `length`
 * long. Still untrusted text where HTML is written. Empty when nothing is left.
 */
export function cleanName(text: string, length: number): string {
  // The cap of what is looked at keeps a name of megabytes from costing more than a glance.
  const name = text
    .slice(0, 16 * length)
    .toWellFormed()
    .replace(UNSAFE_CHARACTERS, " ")
    .replace(/\s+/g, " ")
    .trim();
  return name
    .slice(0, length)
    .toWellFormed()
    .replace(/\ufffd$/, "")
    .trim();
}
