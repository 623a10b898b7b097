import { checksumOf } from "../shared/checksum.ts";
import type { HttpRequest } from "./exchange.ts";

/**
 * A weak tag of some content: weak, because the same content may go out compressed or not. It is a checksum and the length:
 * whoever makes two contents of one tag gains no more than that a page shows the older one until the next reading.
 */
export function etagOf(content: Uint8Array): string {
  return `W/"${content.length.toString(36)}-${checksumOf(content)}"`;
}

/** Whether the client has the content of this tag already, so that 304 is enough. */
export function etagMatches(request: HttpRequest, etag: string): boolean {
  const asked = request.header("if-none-match");
  if (asked === undefined) return false;
  const bare = etag.replace(/^W\//, "");
  return asked.split(",").some((tag) => tag.trim() === "*" || tag.trim().replace(/^W\//, "") === bare);
}
