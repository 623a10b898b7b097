import { createHash } from "node:crypto";
import type { Context } from "hono";

/** A weak tag of some content: weak, because the same content may go out compressed or not. */
export function etagOf(content: string | Uint8Array): string {
  return `W/"${createHash("sha256").update(content).digest("base64url").slice(0, 22)}"`;
}

/** Sets the tag, and says whether the client has this very content already, so that 304 is enough. */
export function hasIt(c: Context, etag: string): boolean {
  c.header("ETag", etag);
  const asked = c.req.header("if-none-match");
  if (asked === undefined) return false;
  const bare = etag.replace(/^W\//, "");
  return asked.split(",").some((tag) => tag.trim() === "*" || tag.trim().replace(/^W\//, "") === bare);
}
