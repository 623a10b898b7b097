/**
 * Tells contents apart: two sums of 32 bits, each changed by every byte, in letters and digits. No cryptographic digest: Node's
 * crypto would cost 2.5 MB for it, so nothing may depend on that nobody can make two contents of one sum.
 */
export function checksumOf(content: Uint8Array): string {
  const view = new DataView(content.buffer, content.byteOffset, content.length);
  let one = content.length;
  let other = ~content.length;
  const add = (word: number) => {
    one = Math.imul(one ^ word, 0x9e3779b1);
    one ^= one >>> 15;
    other = Math.imul(other ^ word, 0x85ebca77);
    other ^= other >>> 13;
  };
  const whole = content.length & ~3;
  for (let at = 0; at < whole; at += 4) add(view.getInt32(at, true));
  for (let at = whole; at < content.length; at += 1) add(view.getUint8(at));
  // Once more, so that the last of the content reaches every bit.
  add(0);
  return [one, other].map((sum) => (sum >>> 0).toString(36).padStart(7, "0")).join("");
}
