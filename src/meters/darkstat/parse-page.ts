import { DarkstatError, excerpt } from "./error.ts";

/** What every HTML page of darkstat says of its origin. */
export interface PageOrigin {
  /** As darkstat names itself: `3.0.719`, `3.0.721-git`. */
  readonly version: string;
  /** The interface that it listens on: `br0`. */
  readonly interface: string;
}

/**
 * Makes sure that a text is a whole HTML page of darkstat, and says which darkstat made it.
 * @throws DarkstatError `refused-query` (an `Error:` line), `cut` (no end), `garbled` (something else).
 */
export function pageOrigin(html: string, page: string): PageOrigin {
  if (html.startsWith("Error:")) {
    throw new DarkstatError("refused-query", `darkstat refused the query for ${page}: ${excerpt(html.trim(), 200)}`);
  }
  if (html.trim() === "") throw new DarkstatError("cut", `${page} is empty`);
  // Only what darkstat itself writes stands in the head: names come later.
  const head = html.slice(0, Math.max(0, html.indexOf("</head>")));
  const version = /<meta name="generator" content="darkstat ([^"]{1,40})">/.exec(head)?.[1];
  const iface = /<title>[^<]*\(darkstat ([^<]{1,200})\)<\/title>/.exec(head)?.[1];
  if (version === undefined || iface === undefined) {
    const cut = head === "" && /^<!DOCTYPE html>|^<html>/.test(html);
    throw new DarkstatError(
      cut ? "cut" : "garbled",
      `${page} is not a page of darkstat: it begins with ${excerpt(html.trimStart())}`,
    );
  }
  if (!/<\/html>\s*$/.test(html.slice(-200))) {
    throw new DarkstatError("cut", `${page} was cut off after ${html.length} characters: its end is missing`);
  }
  return { version, interface: iface };
}
