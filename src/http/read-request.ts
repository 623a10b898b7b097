import type { Readable } from "node:stream";
import type { Prefix } from "../accounting/address.ts";
import type { IncomingMessage } from "../builtin.ts";
import { clientKey } from "./client-key.ts";
import { HttpProblem } from "./errors.ts";
import type { HttpRequest } from "./exchange.ts";
import { readForwarded, readIngressPath } from "./forwarded.ts";
import { decodedPath, readTarget } from "./target.ts";
import { ANYBODY } from "./who.ts";

/** What of Node's request is read. */
export type Incoming = Pick<IncomingMessage, "method" | "url" | "httpVersion" | "headers" | "rawHeaders"> &
  Readable & { readonly socket: Pick<IncomingMessage["socket"], "remoteAddress" | "destroyed"> };

/** Whose words are believed. */
export interface Proxies {
  /** On who asked for what, see `readForwarded`. */
  readonly trustedProxies: readonly Prefix[];
  /** On that as well, and on where the page is, see `readIngressPath`. */
  readonly ingressProxies: readonly Prefix[];
}

/** @throws HttpProblem `bad-request` when the request line or the Host header are no address */
export function readRequest(incoming: Incoming, { trustedProxies, ingressProxies }: Proxies): HttpRequest {
  const { method = "GET", url = "", httpVersion, headers, rawHeaders, socket } = incoming;
  const header = (name: string) => headerOf(rawHeaders, name);
  // HTTP/1.0 may come without a Host header; the guard refuses that to HTTP/1.1.
  const { authority, rawPath, search } = readTarget(headers.host || "localhost", url);
  const ingressPath = readIngressPath(socket.remoteAddress, header, ingressProxies);
  const forwarded =
    ingressPath === null
      ? readForwarded(socket.remoteAddress, header, trustedProxies)
      : readForwarded(socket.remoteAddress, saidByIngress(header), [...trustedProxies, ...ingressProxies]);
  let query: URLSearchParams | null = null;
  return {
    client: clientKey(forwarded.address),
    who: ANYBODY,
    viaProxy: forwarded.viaProxy,
    isHttps: forwarded.isHttps,
    isGone: () => socket.destroyed,
    method,
    httpVersion,
    authority,
    forwardedHost: forwarded.host,
    ingressPath,
    rawPath,
    path: decodedPath(rawPath),
    search,
    query() {
      query ??= new URLSearchParams(search);
      return query;
    },
    header,
    text: (mostBytes) => textOf(incoming, Number(header("content-length") ?? 0), mostBytes),
  };
}

/** Home Assistant passes on a `Forwarded` that a client wrote, and the Supervisor adds Home Assistant's own address. */
function saidByIngress(header: HttpRequest["header"]): HttpRequest["header"] {
  return (name) => {
    if (name === "forwarded") return undefined;
    return name === "x-forwarded-for" ? header(name)?.replace(/(?:^|,)[^,]*$/, "") : header(name);
  };
}

/** `rawHeaders` are names and values in turn. In Node's table of them some that came twice are there once. */
function headerOf(rawHeaders: readonly string[], name: string): string | undefined {
  let value: string | undefined;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const rawName = rawHeaders[index] ?? "";
    if (rawName.length !== name.length || rawName.toLowerCase() !== name) continue;
    value = value === undefined ? rawHeaders[index + 1] : `${value}, ${rawHeaders[index + 1]}`;
  }
  return value;
}

function textOf(incoming: Readable, declared: number, mostBytes: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = [];
    let size = 0;
    const settle = (act: () => void) => {
      incoming.off("data", onData).off("end", onEnd).off("close", onBroken);
      act();
    };
    const onTooLarge = () =>
      settle(() => reject(new HttpProblem("too-large", `The body is larger than ${mostBytes} bytes.`)));
    const onBroken = () => settle(() => reject(new HttpProblem("bad-request", "The body broke off.")));
    const onEnd = () => settle(() => resolve(new TextDecoder().decode(Buffer.concat(chunks))));
    const onData = (chunk: Uint8Array) => {
      size += chunk.length;
      if (size > mostBytes) onTooLarge();
      else chunks.push(chunk);
    };
    if (declared > mostBytes) onTooLarge();
    else if (incoming.destroyed) onBroken();
    else incoming.on("data", onData).on("end", onEnd).on("close", onBroken);
  });
}
