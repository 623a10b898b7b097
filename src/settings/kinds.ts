import { isAbsolute, normalize } from "node:path";
import { type Prefix, parseAddress, parsePrefix } from "../accounting/address.ts";
import { shown } from "./settings-error.ts";
import { ValidationError } from "./validation-error.ts";
import { knownZone, zoneNamed } from "./zones.ts";

/**
 * Readers of single values: text as it stands in the file or the environment in, typed value out.
 * Each throws a ValidationError that says what is wrong; what is allowed stands in the table.
 */

/** A whole number within bounds, both included. */
export function wholeNumber(range: readonly [min: number, max: number]): (text: string) => number {
  return (text) => {
    const digits = text.trim();
    if (!/^[+-]?\d+$/.test(digits)) throw new ValidationError(`${shown(text)} isn't a whole number`);
    const value = Number(digits);
    if (value < range[0]) throw new ValidationError(`${digits} is too small`);
    if (value > range[1]) throw new ValidationError(`${digits} is too large`);
    return value;
  };
}

/** Days to keep something; 0 means indefinitely, and is null then. */
export function daysKept(range: readonly [min: number, max: number]): (text: string) => number | null {
  const read = wholeNumber(range);
  return (text) => read(text) || null;
}

/** The name of a file: in the data store, or absolute. */
export function fileName(text: string): string {
  const name = text.trim();
  if (name === "") throw new ValidationError("is empty");
  if (hasControls(name)) throw new ValidationError(`${shown(text)} contains control characters`);
  if (/[/\\]$|(^|\/)\.\.?$/.test(name)) throw new ValidationError(`${shown(text)} names a folder, not a file`);
  if (!isAbsolute(name) && normalize(name).startsWith(".."))
    throw new ValidationError(`${shown(text)} is outside of the data store`);
  return name;
}

/** A file as `fileName` reads it; null for none. */
export function fileNameOrNone(text: string): string | null {
  return text.trim() === "" ? null : fileName(text);
}

/** A folder; what it is relative to is the caller's business. */
export function folderName(text: string): string {
  if (text.trim() === "") throw new ValidationError("is empty");
  if (hasControls(text)) throw new ValidationError(`${shown(text)} contains control characters`);
  return text.trim();
}

/** An http or https address; null for none. */
export function webAddress(text: string): string | null {
  const plain = text.trim();
  if (plain === "") return null;
  if (/^["'<]/.test(plain)) throw new ValidationError(`${shown(text)} begins with ${plain[0]}: remove it`);
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(plain)) {
    const meant = `http://${plain}`;
    const hint = URL.canParse(meant) ? `; did you mean ${shown(meant)}?` : "";
    throw new ValidationError(`${shown(text)} doesn't begin with http://${hint}`);
  }
  if (!/^https?:/i.test(plain)) throw new ValidationError(`${shown(text)} is neither http nor https`);
  const url = URL.canParse(plain) ? new URL(plain) : null;
  if (!url?.hostname) throw new ValidationError(`${shown(text)} isn't a valid web address`);
  return url.href;
}

/** An MQTT broker; null for none. It may hold a password, so no error shows any of it. */
export function brokerUrl(text: string): string | null {
  const plain = text.trim();
  if (plain === "") return null;
  if (hasControls(plain)) throw new ValidationError("contains control characters");
  if (!/^mqtts?:\/\//i.test(plain)) throw new ValidationError("doesn't begin with mqtt:// or mqtts://");
  const url = URL.canParse(plain) ? new URL(plain) : null;
  if (url === null || url.hash !== "" || url.search !== "") {
    throw new ValidationError("isn't a valid URL; is there a /, ?, # or % in the password that isn't percent-encoded?");
  }
  const { username, password, hostname, pathname } = url;
  if (hostname === "") throw new ValidationError("names no host");
  if (pathname !== "" && pathname !== "/") throw new ValidationError("has a path, where a broker has none");
  if (![username, password].every(isPercentEncoded)) {
    throw new ValidationError("contains a % that isn't followed by two hexadecimal digits; write it as %25");
  }
  return url.href;
}

/** What a connection to PostgreSQL can be told besides. */
const DATABASE_PARAMETERS = ["host", "sslmode", "sslrootcert", "sslcert", "sslkey", "application_name", "options"];
const TLS_MODES = ["disable", "require", "verify-ca", "verify-full"];

/** A PostgreSQL database; null for none. It may hold a password, so no error shows any of it but the names of parameters. */
export function databaseUrl(text: string): string | null {
  const plain = text.trim();
  if (plain === "") return null;
  if (hasControls(plain)) throw new ValidationError("contains control characters");
  if (!/^postgres(?:ql)?:\/\//i.test(plain)) throw new ValidationError("doesn't begin with postgres://");
  const url = URL.canParse(plain) ? new URL(plain) : null;
  if (url === null || url.hash !== "") {
    throw new ValidationError("isn't a valid URL; is there a /, ?, # or % in the password that isn't percent-encoded?");
  }
  const { username, password, hostname, pathname, searchParams } = url;
  if (hostname === "") throw new ValidationError("names no host");
  if (hostname.includes(",")) throw new ValidationError("names several hosts; only one is possible");
  if (username === "") throw new ValidationError("names no user");
  if (!/^\/[^/]+$/.test(pathname)) throw new ValidationError("names no database after the host");
  if ([username, password, hostname, pathname].some((part) => !isPercentEncoded(part))) {
    throw new ValidationError("contains a % that isn't followed by two hexadecimal digits; write it as %25");
  }
  for (const name of searchParams.keys()) {
    if (!DATABASE_PARAMETERS.includes(name)) {
      throw new ValidationError(`has the unknown parameter ${shown(name)}; known: ${DATABASE_PARAMETERS.join(", ")}`);
    }
  }
  const mode = searchParams.get("sslmode");
  if (mode !== null && !TLS_MODES.includes(mode)) {
    throw new ValidationError(`has the unknown sslmode ${shown(mode)}; known: ${TLS_MODES.join(", ")}`);
  }
  return url.href;
}

function isPercentEncoded(part: string): boolean {
  try {
    decodeURIComponent(part);
    return true;
  } catch {
    return false;
  }
}

/** Names of network interfaces, separated by |. A quotation mark has no place in them: they go into rules of nftables. */
export function interfaceNames(text: string): string[] {
  const names = text
    .split("|")
    .map((part) => part.trim())
    .filter((part) => part !== "");
  for (const name of names) {
    if (!/^[^\s/:"]{1,15}$/.test(name) || hasControls(name) || name === "." || name === "..") {
      throw new ValidationError(`${shown(name)} isn't the name of a network interface`);
    }
  }
  return names;
}

/** An address of this machine to listen on; null for every one. */
export function listenAddress(text: string): string | null {
  const plain = text.trim().replace(/^\[(.*)\]$/, "$1");
  if (plain === "" || plain === "*") return null;
  if (plain !== "localhost" && !parseAddress(plain)) throw new ValidationError(`${shown(text)} isn't an IP address`);
  return plain;
}

/** A time zone of the IANA list; null for the system's. */
export function timeZone(text: string): string | null {
  const name = zoneNamed(text);
  if (name !== null && knownZone(name) === null) throw new ValidationError(`${shown(text)} isn't a time zone`);
  return name;
}

/** One of a few words, in any case. */
export function oneOf<Word extends string>(words: readonly Word[]): (text: string) => Word {
  return (text) => {
    const word = words.find((candidate) => candidate === text.trim().toLowerCase());
    if (word === undefined) throw new ValidationError(`${shown(text)} isn't one of them`);
    return word;
  };
}

/** Headers that say something else, or that every client may send. */
const NO_USER_HEADERS = ["host", "cookie", "authorization", "forwarded", "origin", "referer", "user-agent"];

/** The name of a header in which a proxy says who is signed in, in lower case. */
export function headerName(text: string): string {
  const name = text.trim().replace(/:$/, "").toLowerCase();
  if (!/^[a-z0-9-]{1,64}$/.test(name)) throw new ValidationError(`${shown(text)} isn't the name of a header`);
  if (NO_USER_HEADERS.includes(name)) throw new ValidationError(`${shown(text)} never says who is signed in`);
  return name;
}

/** A path that everything is served under: `""`, or `/x` without a slash at its end. */
export function basePath(text: string): string {
  const path = text.trim().replace(/^\/*/, "/").replace(/\/+$/, "");
  if (path === "") return "";
  const parts = path.slice(1).split("/");
  if (parts.some((part) => !/^[A-Za-z0-9._~-]+$/.test(part) || part === "." || part === "..")) {
    throw new ValidationError(`${shown(text)} isn't a path of letters, digits, ".", "_", "~" and "-"`);
  }
  return path;
}

/** Host names, lower case, without ports: exact, or `.suffix` for every name under it (`*.suffix` is read as that). */
export function hostNames(text: string): string[] {
  return listed(text, "host name", "all hosts can't be allowed: foreign web pages could then read the data", (word) => {
    const name = word.toLowerCase().replace(/^\*\./, ".").replace(/:\d+$/, "").replace(/\.$/, "");
    return HOST_NAME.test(name) ? asciiName(name) : null;
  });
}

/** Labels of letters, digits, "_" and inner "-", with a dot before them where all below is meant. */
const HOST_NAME =
  /^\.?[\p{L}\p{N}_](?:[\p{L}\p{N}_-]*[\p{L}\p{N}_])?(?:\.[\p{L}\p{N}_](?:[\p{L}\p{N}_-]*[\p{L}\p{N}_])?)*$/u;

/** Origins: scheme, host and, where it isn't the usual one, port. */
export function origins(text: string): string[] {
  return listed(text, "origin", "every web page that you visit could then read the data", (word) => {
    const plain = word.replace(/\/$/, "");
    if (!/^https?:\/\//i.test(plain) || !URL.canParse(plain)) return null;
    const { origin, href } = new URL(plain);
    return href === `${origin}/` ? origin : null;
  });
}

/** Networks in CIDR, and single addresses. */
export function networks(text: string): Prefix[] {
  const isNetwork = (word: string) => parsePrefix(word) !== null;
  const words = listed(text, "address or network", "anybody could then pretend to be anybody", (word) =>
    isNetwork(word) ? word : null,
  );
  return words.map(parsePrefix).filter((prefix) => prefix !== null);
}

/** The name as browsers send it in the Host header: punycode for what isn't ASCII. */
function asciiName(name: string): string | null {
  const dot = name.startsWith(".") ? "." : "";
  const url = `http://${name.slice(dot.length)}`;
  return URL.canParse(url) ? dot + new URL(url).hostname : null;
}

/** The values of a list, each once. @throws ValidationError naming every word that is none, and why `*` is none */
function listed(text: string, kind: string, whyNotAll: string, read: (word: string) => string | null): string[] {
  const words = text.split(/[|,\s]+/).filter((word) => word !== "");
  const values = words.map(read);
  const bad = words.filter((_, i) => values[i] === null);
  if (bad.length > 0) {
    const names = bad.map((word) => shown(word)).join(", ");
    const why = bad.includes("*") ? ` (${whyNotAll})` : "";
    const what = bad.length === 1 ? `isn't a valid ${kind}` : `aren't valid ${kind}s`;
    throw new ValidationError(`${names} ${what}${why}`);
  }
  return [...new Set(values.filter((value) => value !== null))];
}

function hasControls(text: string): boolean {
  return /\p{Cc}/u.test(text);
}

/** `auto` and absolute paths, separated by `|`: where names of devices are read. */
export function namePlaces(text: string): { readonly auto: boolean; readonly paths: readonly string[] } {
  const parts = text
    .split("|")
    .map((part) => part.trim())
    .filter((part) => part !== "");
  const paths = parts.filter((part) => part.toLowerCase() !== "auto");
  for (const path of paths) {
    if (hasControls(path)) throw new ValidationError(`${shown(path)} contains control characters`);
    if (!isAbsolute(path)) throw new ValidationError(`${shown(path)} doesn't begin with /`);
  }
  return { auto: paths.length < parts.length, paths: [...new Set(paths.map((path) => normalize(path)))] };
}
