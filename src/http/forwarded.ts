import { containsAny, type Prefix, parseAddress } from "../accounting/address.ts";

/** Who asked, and under which host, as a trusted proxy tells it. */
export interface Forwarded {
  /** The address that asked; undefined where the socket has none any more. */
  readonly address: string | undefined;
  /** The host, with its port, that the client asked for; null where no trusted proxy says one. */
  readonly host: string | null;
  /** Whether a trusted proxy is at the other end of the connection. */
  readonly viaProxy: boolean;
  /** Whether that proxy was asked by HTTPS. */
  readonly isHttps: boolean;
}

/** What one proxy says of the request that it passes on. */
interface Hop {
  readonly for: string | null;
  readonly host: string | null;
  readonly proto: string | null;
}

/**
 * Reads what proxies say of a request: `Forwarded` (RFC 7239), else `X-Forwarded-For`, `-Host` and `-Proto`. Only what
 * the addresses in `trusted` say counts: each proxy adds its words behind those that it was sent, so they are read from the
 * end, up to the first address that isn't trusted. Everybody could write the rest.
 * @param peer the address at the other end of the connection
 */
export function readForwarded(
  peer: string | undefined,
  header: (name: string) => string | undefined,
  trusted: readonly Prefix[],
): Forwarded {
  if (trusted.length === 0 || !isTrusted(peer, trusted)) {
    return { address: peer, host: null, viaProxy: false, isHttps: false };
  }
  const hops = hopsIn(header);
  let address = peer;
  for (const { for: sender } of hops.toReversed()) {
    if (sender === null) break;
    address = sender;
    if (!isTrusted(sender, trusted)) break;
  }
  // The proxy next to us says what it was asked for. One further away may have been asked under another name.
  const { host = null, proto = null } = hops.at(-1) ?? {};
  return {
    address,
    host: host ?? lastOf(header("x-forwarded-host")),
    viaProxy: true,
    isHttps: (proto ?? lastOf(header("x-forwarded-proto")))?.toLowerCase() === "https",
  };
}

/**
 * The path under which Home Assistant's ingress has the page, and which it cut off before it asked us: `X-Ingress-Path`. Null
 * where none of `ingress` asked, or where it asked for itself, as its watchdog does.
 * @param peer the address at the other end of the connection
 */
export function readIngressPath(
  peer: string | undefined,
  header: (name: string) => string | undefined,
  ingress: readonly Prefix[],
): string | null {
  if (ingress.length === 0 || !isTrusted(peer, ingress)) return null;
  const path = header("x-ingress-path")?.replace(/\/$/, "") ?? "";
  // It goes into links: nothing that leads elsewhere.
  return /^(?:\/(?!\.\.?(?:\/|$))[\w.~-]+)+$/.test(path) ? path : null;
}

function isTrusted(text: string | undefined, trusted: readonly Prefix[]): boolean {
  const address = text === undefined ? null : parseAddress(text);
  return address !== null && containsAny(trusted, address);
}

function hopsIn(header: (name: string) => string | undefined): Hop[] {
  const forwarded = header("forwarded");
  if (forwarded !== undefined) return elementsOf(forwarded).map(hopOf);
  return listOf(header("x-forwarded-for")).map((text) => ({ for: addressIn(text), host: null, proto: null }));
}

/** The elements of a `Forwarded` header. A comma within quotes parts none. */
function elementsOf(text: string): string[] {
  return text.match(/(?:"(?:[^"\\]|\\.)*"|[^,"])+/g) ?? [];
}

function hopOf(element: string): Hop {
  const pairs = [...element.matchAll(/\s*([\w-]+)=(?:"((?:[^"\\]|\\.)*)"|([^;,"\s]*))\s*(?:;|$)/g)];
  const said = (name: string): string | null => {
    const [, , quoted, token] = pairs.find(([, key = ""]) => key.toLowerCase() === name) ?? [];
    return quoted?.replace(/\\(.)/g, "$1") ?? token ?? null;
  };
  return { for: addressIn(said("for") ?? ""), host: said("host"), proto: said("proto") };
}

/** An address, also as `[2001:db8::1]:4711` or `192.0.2.1:4711`; null for `unknown` and names that proxies make up. */
function addressIn(text: string): string | null {
  const plain = /^\[([^\]]+)\](?::\d+)?$/.exec(text)?.[1] ?? text.replace(/^(\d+(?:\.\d+){3}):\d+$/, "$1");
  return parseAddress(plain) === null ? null : plain;
}

function listOf(text: string | undefined): string[] {
  return (text ?? "")
    .split(",")
    .map((word) => word.trim())
    .filter((word) => word !== "");
}

function lastOf(text: string | undefined): string | null {
  return listOf(text).at(-1) ?? null;
}
