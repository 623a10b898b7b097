import type { HttpRequest } from "./exchange.ts";

/**
 * A weak tag of some content: weak, because the same content may go out compressed or not. It is two sums of 32 bits, each
 * changed by every byte, and the length. No cryptographic digest: Node's crypto would cost 2.5 MB for it, and whoever
 * makes two contents of one tag gains no more than that a page shows the older one until the next reading.
 */
export function etagOf(content: Uint8Array): string {
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
  const [left, right] = [one, other].map((sum) => (sum >>> 0).toString(36));
  return `W/"${content.length.toString(36)}-${left}${right}"`;
}

/** Whether the client has the content of this tag already, so that 304 is enough. */
export function etagMatches(request: HttpRequest, etag: string): boolean {
  const asked = request.header("if-none-match");
  if (asked === undefined) return false;
  const bare = etag.replace(/^W\//, "");
  return asked.split(",").some((tag) => tag.trim() === "*" || tag.trim().replace(/^W\//, "") === bare);
}
