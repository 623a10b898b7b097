import { type HttpRequest, mountOf } from "./exchange.ts";

/** Browsers keep none for longer. */
export const LONGEST_SECONDS = 400 * 86_400;

/**
 * A Set-Cookie header. No script sees the cookie; it comes along when a link elsewhere leads here, but with nothing else
 * that another site asks for.
 * @param maxSeconds 0 deletes it
 */
export function cookieText(
  name: string,
  value: string,
  maxSeconds: number,
  { isHttps, ingressPath, base }: Pick<HttpRequest, "isHttps" | "ingressPath"> & { readonly base: string },
): string {
  const age = Math.min(LONGEST_SECONDS, Math.floor(maxSeconds));
  const path = mountOf({ ingressPath }, base);
  return `${name}=${value}; Path=${path === "" ? "/" : path}; Max-Age=${age}; HttpOnly; SameSite=Lax${isHttps ? "; Secure" : ""}`;
}

/** The value of a cookie; null without one. */
export function cookieOf({ header }: Pick<HttpRequest, "header">, name: string): string | null {
  // Node joins several headers of it by "; ", and we by ", ": no value of ours has either.
  for (const part of (header("cookie") ?? "").split(/[;,]\s*/)) {
    const at = part.indexOf("=");
    if (at !== -1 && part.slice(0, at).trim() === name) return part.slice(at + 1).trim();
  }
  return null;
}
