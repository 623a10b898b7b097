// Control characters, and the marks that reorder or hide the text around them, would let a name forge what is shown
// beside it. ZWJ and ZWNJ stay: emoji and Persian need them.
const UNSAFE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]/g;

/**
 * A name that came from outside, fit to be kept: one line, without control and reordering characters, at most `length`
 * long. Still untrusted text where HTML is written. Empty when nothing is left.
 */
export function cleanName(text: string, length: number): string {
  // The cap of what is looked at keeps a name of megabytes from costing more than a glance.
  const name = text
    .slice(0, 16 * length)
    .toWellFormed()
    .replace(UNSAFE, " ")
    .replace(/\s+/g, " ")
    .trim();
  return name
    .slice(0, length)
    .toWellFormed()
    .replace(/\ufffd$/, "")
    .trim();
}
