/** Where a darkstat is read. */
export interface DarkstatAddress {
  /** Its first page, always ending in `/`, without user and password: fit to be shown. */
  readonly url: string;
  /** Value of the Authorization header; null where the address names no user. */
  readonly authorization: string | null;
}

/**
 * Understands what people enter as the address of their darkstat: with or without the slash at the end, with the path of
 * `--base`, with `user:password@`, or copied from the browser while it showed the hosts or one of them.
 * @throws RangeError that says what is wrong and shows a right one. It does not repeat a password.
 */
export function parseDarkstatAddress(text: string): DarkstatAddress {
  const trimmed = text.trim();
  const url = URL.canParse(trimmed) ? new URL(trimmed) : null;
  if (!url || (url.protocol !== "http:" && url.protocol !== "https:") || url.hostname === "") {
    const shown = withoutCredentials(trimmed);
    const hint = /^[\w.-]+(:\d+)?(\/|$)/.test(shown)
      ? `did you mean http://${shown} ?`
      : "e.g. http://192.168.1.1:667/";
    throw new RangeError(`DARKSTAT_URL is ${JSON.stringify(shown)}, but must begin with http:// or https://; ${hint}`);
  }
  // What follows are darkstat's own pages: they are copied along from the browser.
  const path = url.pathname.replace(/\/(?:hosts(?:\/[^/]*)?|graphs\.xml|metrics)\/?$/, "/").replace(/\/*$/, "/");
  return {
    url: `${url.protocol}//${url.host}${path}`,
    authorization: url.username === "" && url.password === "" ? null : basic(url),
  };
}

function basic(url: URL): string {
  const plain = `${decoded(url.username)}:${decoded(url.password)}`;
  return `Basic ${Buffer.from(plain, "utf8").toString("base64")}`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function withoutCredentials(text: string): string {
  return text.replace(/^((?:[a-z][\w+.-]*:\/+)?).*@/is, "$1");
}
