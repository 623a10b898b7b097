import type { Who } from "./who.ts";

/** What was asked. Handlers see this, and nothing of Node's own objects: it can be made without a port. */
export interface HttpRequest {
  /** Whom it counts for where shares are given out, see `clientKey`. */
  readonly client: string;
  /** Who asks. Anybody, until the gate has looked (see `createGate`). */
  readonly who: Who;
  /** Whether a trusted proxy is at the other end of the connection, and whether it was asked by HTTPS. */
  readonly viaProxy: boolean;
  readonly isHttps: boolean;
  /** Whether nobody waits for the response any more. */
  readonly isGone: () => boolean;
  readonly method: string;
  readonly httpVersion: string;
  /** Name and port that are asked for: of the request line, where that has a whole address, else of the Host header. */
  readonly authority: string;
  /** What a trusted proxy was asked for, see `readForwarded`; null where none says it. */
  readonly forwardedHost: string | null;
  /** The path that Home Assistant's ingress cut off, see `readIngressPath`; null for what didn't come by it. */
  readonly ingressPath: string | null;
  /** As it was asked for. */
  readonly rawPath: string;
  /** Percent-decoded as far as that keeps its meaning, and without a slash at its end: what routes are compared with. */
  readonly path: string;
  /** With its `?`; empty where there is none. */
  readonly search: string;
  /** The parameters of the query. */
  query(): URLSearchParams;
  /** A header by its name in lower case. Several of one name are joined by commas. */
  header(name: string): string | undefined;
  /** The body. @throws HttpProblem `too-large` above so many bytes, `bad-request` when it breaks off */
  text(mostBytes: number): Promise<string>;
}

/**
 * Where a browser has what we serve at the root: below the path that an ingress cut off, and BASE_PATH.
 * @param basePath without a slash at its end
 */
export function mountOf(request: Pick<HttpRequest, "ingressPath">, basePath: string): string {
  return (request.ingressPath ?? "") + basePath;
}

/** What is answered. Names of headers are in lower case; the length is added where the body is known as a whole. */
export interface HttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /**
   * Chunks are asked for one at a time, as fast as the client takes them, and no more once it is gone. A chunk need not
   * stay as it is when the next one is asked for.
   */
  readonly body: string | Uint8Array | AsyncIterable<Uint8Array> | null;
  /** Each a Set-Cookie header. */
  readonly cookies?: readonly string[];
  /** What was changed, for the audit list, where the route's rule doesn't say it well enough. */
  readonly did?: string;
  /** Bytes of memory that a body in chunks holds until all of it is sent; a chunk's unless it is said. */
  readonly holds?: number;
  /** To be called once it is sent or given up, for what it holds is counted until then. */
  readonly release?: () => void;
}

/** Answers a request. What it throws is told as a problem, see `problemResponse`. */
export type Handler = (request: HttpRequest) => HttpResponse | Promise<HttpResponse>;

/** An answer in JSON. */
export function jsonResponse(value: object, headers: HttpResponse["headers"], status = 200): HttpResponse {
  return { status, headers: { ...headers, "content-type": "application/json" }, body: JSON.stringify(value) };
}

/** Leads to another page, which is asked for by GET. */
export function seeOther(location: string, cookies: readonly string[] = []): HttpResponse {
  return { status: 303, headers: { location, "cache-control": "no-store" }, cookies, body: "" };
}

/** Leads to where the same is found from now on. */
export function redirect(location: string): HttpResponse {
  return { status: 308, headers: { location }, body: "" };
}
