import { isAscii, isUtf8 } from "node:buffer";

/**
 * The text of a page. darkstat calls it us-ascii, but passes names on as it got them: UTF-8 where they are, else Latin-1,
 * line by line, so that one odd name spoils no other.
 */
export function decodePage(body: Buffer): string {
  if (isAscii(body)) return body.toString("latin1");
  if (isUtf8(body)) return body.toString("utf8");
  return body
    .toString("latin1")
    .split("\n")
    .map((line) => {
      const bytes = Buffer.from(line, "latin1");
      return isUtf8(bytes) ? bytes.toString("utf8") : line;
    })
    .join("\n");
}
