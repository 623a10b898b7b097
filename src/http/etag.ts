import { createHash } from "node:crypto";
import type { Ask } from "./exchange.ts";

/** A weak tag of some content: weak, because the same content may go out compressed or not. */
export function etagOf(content: string | Uint8Array): string {
  return `W/"${createHash("sha256").update(content).digest("base64url").slice(0, 22)}"`;
}

/** Whether the client has the content of this tag already, so that 304 is enough. */
export function hasIt(ask: Ask, etag: string): boolean {
  const asked = ask.header("if-none-match");
  if (asked === undefined) return false;
  const bare = etag.replace(/^W\//, "");
  return asked.split(",").some((tag) => tag.trim() === "*" || tag.trim().replace(/^W\//, "") === bare);
}
