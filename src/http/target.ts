import { HttpProblem } from "./errors.ts";

/** What a request line asks for. */
export interface Target {
  /** Name and port. */
  readonly authority: string;
  readonly rawPath: string;
  /** The query with its `?`; empty where there is none. */
  readonly search: string;
}

// A URL parser would leave these as they are. Nearly all requests are such, and parsing costs more than answering some.
const PLAIN_HOST = /^[a-z0-9._-]+(?::(?:\d{1,4}|[1-5]\d{4}))?$/;
const PLAIN_TARGET = /^\/[!$&(-;=?-[\]_a-z~]*$/;
const DOT_SEGMENT = /\/\.\.?(?:[/?]|$)/;

/**
 * Reads the target of a request line: a path, or a whole address, which HTTP/1.1 demands to be understood.
 * @param host the Host header, for a path
 * @throws HttpProblem `bad-request`
 */
export function readTarget(host: string, target: string): Target {
  const plainHost = PLAIN_HOST.test(host);
  if (plainHost && PLAIN_TARGET.test(target) && !DOT_SEGMENT.test(target)) {
    const [rawPath, search] = splitAt(target, target.indexOf("?"));
    return { authority: host, rawPath, search: search === "?" ? "" : search };
  }
  const whole = /^https?:\/\//.test(target);
  const url = target.startsWith("/") || whole ? URL.parse(whole ? target : `http://${host}${target}`) : null;
  // A parser takes what a Host header has beyond a host for part of the address, and a backslash for a slash.
  const isHost = whole || plainHost || url?.hostname === host.replace(/:\d+$/, "").toLowerCase();
  if (!url || !isHost || /^[^?]*\\/.test(target)) {
    throw new HttpProblem("bad-request", "The request line or its Host header can't be understood.");
  }
  return { authority: url.host, rawPath: url.pathname, search: url.search };
}

function splitAt(text: string, at: number): [string, string] {
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at)];
}

/**
 * A path with its percent signs decoded, but for those whose character would mean something in a path (`/`, `?`, …) and for
 * the percent sign, so that a part of it can be decoded once more (`decodePart`) and nothing twice. A slash at its end is
 * left out.
 */
export function decodedPath(rawPath: string): string {
  const path = rawPath.length > 1 && rawPath.endsWith("/") ? rawPath.slice(0, -1) : rawPath;
  if (!path.includes("%")) return path;
  const lone = path.replace(/%(?![0-9a-f]{2})/gi, "%25");
  return decodeWhatCanBe(lone, (text) => decodeURI(text.replaceAll("%25", "%2525")));
}

/** What a part of a decoded path means. */
export function decodePart(part: string): string {
  return decodeWhatCanBe(part, decodeURIComponent);
}

/** Leaves what is no UTF-8 as it stands: an error message can then show it. */
function decodeWhatCanBe(text: string, decode: (text: string) => string): string {
  if (!text.includes("%")) return text;
  const decodeOr = (part: string, otherwise: () => string): string => {
    try {
      return decode(part);
    } catch {
      return otherwise();
    }
  };
  return decodeOr(text, () => text.replace(/(?:%[0-9a-f]{2})+/gi, (run) => decodeOr(run, () => run)));
}
