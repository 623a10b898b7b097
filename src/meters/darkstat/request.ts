import type { ConnectionOptions } from "node:tls";
import { type ClientRequest, type IncomingMessage, nodeCrypto, nodeHttp, nodeHttps, nodeTls } from "../../builtin.ts";
import type { DarkstatAddress } from "./address.ts";
import { type ByteBuffer, createByteBuffer } from "./byte-buffer.ts";
import { DarkstatError, excerpt } from "./error.ts";

/** The certificates that an https address is checked against, in PEM; without them the public authorities. */
export type Trusted = readonly string[] | null;

export interface PageLimits {
  /** Time for a page from the first packet to the last byte, a second attempt included. */
  readonly timeoutMs: number;
  /** Size of a page. */
  readonly maxBytes: number;
}

/**
 * Fetches one page of darkstat, on a connection of its own: darkstat closes it without saying so. A connection that breaks
 * is tried once more. gzip is not asked for, since darkstat would compress where it should be capturing.
 * @param buffer takes its bytes; nobody else may use it meanwhile
 * @returns its bytes, good until the buffer is used again: what they say is for `decodePage`
 * @throws DarkstatError, or the reason of `signal`.
 */
export function fetchPage(
  address: DarkstatAddress,
  path: string,
  limits: PageLimits,
  signal?: AbortSignal,
  buffer: ByteBuffer = createByteBuffer(),
  trusted: Trusted = null,
): Promise<Buffer> {
  const url = address.url + path;
  return new Promise((resolve, reject) => {
    let current: ClientRequest | undefined;
    let done = false;
    const finish = (settle: () => void) => {
      done = true;
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
      settle();
      current?.destroy();
    };
    const fail = (error: unknown) => finish(() => reject(error));
    const onAbort = () => fail(signal?.reason);
    const timer = setTimeout(() => {
      fail(new DarkstatError("timeout", `${url} did not respond in full within ${limits.timeoutMs / 1000} s`));
    }, limits.timeoutMs);
    if (signal?.aborted) return onAbort();
    signal?.addEventListener("abort", onAbort, { once: true });

    const attempt = (last: boolean) => {
      let received = false;
      let settled = false;
      const once = (act: () => void) => {
        if (settled || done) return;
        settled = true;
        act();
      };
      buffer.clear();
      current = open(url, { authorization: address.authorization, trusted }, limits.maxBytes, {
        onResponse: () => {
          received = true;
        },
        onChunk: (chunk) => {
          if (!settled && !done) buffer.add(chunk);
        },
        onEnd: () => once(() => finish(() => resolve(buffer.bytes()))),
        onRefusal: (error) => once(() => fail(error)),
        onBroken: (error) => once(() => (last ? fail(brokenError(url, error, received)) : attempt(true))),
      });
    };
    attempt(false);
  });
}

interface Outcome {
  onResponse(): void;
  onChunk(chunk: Buffer): void;
  onEnd(): void;
  /** darkstat, or what answers there, will not do better when asked again. */
  onRefusal(error: DarkstatError): void;
  onBroken(error: Error): void;
}

function open(
  url: string,
  { authorization, trusted }: { authorization: string | null; trusted: Trusted },
  maxBytes: number,
  on: Outcome,
): ClientRequest {
  const headers: Record<string, string> = { accept: "*/*", "accept-encoding": "identity" };
  if (authorization) headers.authorization = authorization;
  const isSecure = url.startsWith("https:");
  const { get } = isSecure ? nodeHttps() : nodeHttp();
  const tls = isSecure && trusted ? trust(trusted) : {};
  const request = get(url, { agent: false, headers, ...tls }, (response) => {
    on.onResponse();
    response.on("error", on.onBroken);
    const refusal = refusalOf(url, response, maxBytes);
    if (refusal) return on.onRefusal(refusal);
    let size = 0;
    response.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size > maxBytes) on.onRefusal(tooLarge(url, maxBytes));
      else on.onChunk(chunk);
    });
    response.on("end", () => {
      if (response.complete) on.onEnd();
      else on.onBroken(new Error("the connection ended early"));
    });
  });
  request.on("error", on.onBroken);
  return request;
}

/**
 * Nothing else is trusted then. A certificate that is one of them itself is right under any name: whoever makes one for a
 * machine at home seldom puts its address into it.
 */
function trust(certificates: readonly string[]): ConnectionOptions {
  const { X509Certificate } = nodeCrypto();
  const known = new Set(certificates.map((pem) => new X509Certificate(pem).fingerprint256));
  return {
    ca: [...certificates],
    checkServerIdentity: (host, certificate) =>
      known.has(certificate.fingerprint256) ? undefined : nodeTls().checkServerIdentity(host, certificate),
  };
}

function refusalOf(url: string, response: IncomingMessage, maxBytes: number): DarkstatError | null {
  const status = response.statusCode ?? 0;
  if (status === 401 || status === 403) {
    const hint = "Put the user and the password into DARKSTAT_URL: http://user:password@host:667/.";
    return new DarkstatError("http-status", `${url} answered with HTTP status ${status}`, hint);
  }
  if (status >= 300 && status < 400 && response.headers.location !== undefined) {
    const target = targetOf(response.headers.location, url);
    const hint = `If that is your darkstat, set DARKSTAT_URL to it; redirects aren't followed, since they could lead anywhere.`;
    return new DarkstatError("http-status", `${url} redirects to ${target}`, hint);
  }
  if (status !== 200) return new DarkstatError("http-status", `${url} answered with HTTP status ${status}, not 200`);
  return Number(response.headers["content-length"] ?? 0) > maxBytes ? tooLarge(url, maxBytes) : null;
}

/** Where a redirect leads, fit to be shown: whoever answers there may write what he likes. */
function targetOf(location: string, from: string): string {
  if (!URL.canParse(location, from)) return excerpt(location);
  const target = new URL(location, from);
  target.username = "";
  target.password = "";
  return target.href.length > 200 ? `${target.href.slice(0, 200)}…` : target.href;
}

function tooLarge(url: string, maxBytes: number): DarkstatError {
  return new DarkstatError("too-large", `${url} sent more than ${maxBytes} bytes`);
}

function brokenError(url: string, error: Error, received: boolean): DarkstatError {
  const code = (error as NodeJS.ErrnoException).code ?? "";
  if (code.startsWith("HPE_")) {
    return new DarkstatError("garbled", `${url} didn't answer in HTTP (${code})`, undefined, { cause: error });
  }
  if (received) {
    return new DarkstatError("cut", `the response of ${url} ended early: ${error.message}`, undefined, {
      cause: error,
    });
  }
  const tls = TLS_PROBLEMS[code];
  if (tls) return new DarkstatError("unreachable", `Can't read ${url}: ${tls.why}`, tls.hint, { cause: error });
  const why = REASONS[code] ?? (error.message || code);
  return new DarkstatError("unreachable", `Can't reach darkstat at ${url} (${why})`, undefined, { cause: error });
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused",
  ECONNRESET: "the connection was closed without a response",
  ENOTFOUND: "unknown host name",
  EAI_AGAIN: "the host name could not be resolved",
  EHOSTUNREACH: "no route to that host",
  ENETUNREACH: "no route to that network",
  ETIMEDOUT: "connection timed out",
};

const TRUST_IT =
  "If it is yours, save it as a PEM file and name that in DARKSTAT_CA, e.g. DARKSTAT_CA=/etc/ssl/darkstat.pem.";
const UNKNOWN_AUTHORITY = { why: "its certificate isn't signed by a trusted authority", hint: TRUST_IT };

const TLS_PROBLEMS: Readonly<Record<string, { readonly why: string; readonly hint: string }>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: { why: "its certificate is self-signed", hint: TRUST_IT },
  SELF_SIGNED_CERT_IN_CHAIN: UNKNOWN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT: UNKNOWN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNKNOWN_AUTHORITY,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNKNOWN_AUTHORITY,
  CERT_HAS_EXPIRED: { why: "its certificate has expired", hint: "Renew it, and check the clocks of both machines." },
  CERT_NOT_YET_VALID: { why: "its certificate isn't valid yet", hint: "Check the clocks of both machines." },
  ERR_TLS_CERT_ALTNAME_INVALID: {
    why: "its certificate is for another name",
    hint: "Use the name that the certificate has in DARKSTAT_URL, or name the certificate itself in DARKSTAT_CA.",
  },
  EPROTO: { why: "no HTTPS is spoken there", hint: "Does DARKSTAT_URL begin with http:// instead?" },
};
