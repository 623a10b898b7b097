import { DATA_POLICY } from "./document.ts";
import { HttpProblem } from "./errors.ts";
import type { Handler, HttpRequest, HttpResponse } from "./exchange.ts";
import type { HostRule } from "./hosts.ts";

const SAFE_METHODS = new Set(["GET", "HEAD", "OPTIONS"]);

const SECURITY_HEADERS = {
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "cross-origin-resource-policy": "same-origin",
};

/** What is otherwise where Home Assistant shows the page in a frame of its own, which has the same origin there. */
const FRAMED = { from: "frame-ancestors 'none'", to: "frame-ancestors 'self'" };

/**
 * Adds the headers that every answer carries. A handler that serves a page sets policies of its own.
 * @param byIngress whether Home Assistant's ingress asked
 */
export function withSecurityHeaders(response: HttpResponse, byIngress: boolean): HttpResponse {
  const headers = {
    "content-security-policy": DATA_POLICY,
    "referrer-policy": "no-referrer",
    ...response.headers,
    ...SECURITY_HEADERS,
  };
  if (!byIngress) return { ...response, headers };
  const policy = headers["content-security-policy"].replace(FRAMED.from, FRAMED.to);
  return { ...response, headers: { ...headers, "content-security-policy": policy, "x-frame-options": "SAMEORIGIN" } };
}

/**
 * Refuses names that aren't ours, see `createHostRule`. The header, the name in the request line where that
 * carries a whole address, and the name that a trusted proxy was asked for must all be ours. What comes by Home Assistant's
 * ingress was asked for under Home Assistant's names, whichever they are: it lets nobody in who has not signed in there
 * under that name, and so no page that points a name of its own at us.
 * @throws HttpProblem `bad-host`, `foreign-host`
 */
export function checkHost(request: HttpRequest, rule: HostRule): void {
  const header = request.header("host");
  // HTTP/1.0 has no such header, and no browser speaks it.
  if (header === undefined && request.httpVersion !== "1.0") {
    throw new HttpProblem("bad-host", "The request has no Host header, which HTTP/1.1 demands.");
  }
  const { authority, forwardedHost } = request;
  for (const host of new Set([header ?? authority, authority, forwardedHost ?? authority])) {
    const verdict = rule(host);
    if (verdict === "malformed") {
      throw new HttpProblem(
        "bad-host",
        "The Host header, or what a proxy says of it, is not a host name, an address, or either with a port.",
      );
    }
    if (verdict === "foreign" && request.ingressPath === null) {
      throw new HttpProblem(
        "foreign-host",
        `WhiteStat does not answer to the name "${host}".`,
        `If this name is yours, for instance that of a reverse proxy, add it to ALLOWED_HOSTS: ALLOWED_HOSTS=${host.replace(/:\d*$/, "")}`,
      );
    }
  }
}

/**
 * Lets only our own pages and programs without a browser write. Everything that isn't GET, HEAD or OPTIONS counts as a
 * write, so a route that is added later is guarded before its author thinks of it.
 * @param takes what the route takes; null: nothing takes the method, nothing can be changed, and 404 or 405 tells more than 415
 * @throws HttpProblem `foreign-origin`, `wrong-type`
 */
export function checkWrite(request: HttpRequest, takes: "json" | "form" | null): void {
  if (SAFE_METHODS.has(request.method)) return;
  if (!fromOurPages(request)) {
    throw new HttpProblem(
      "foreign-origin",
      "Changes are accepted from WhiteStat's own pages only, and this request comes from another site.",
      "Behind a proxy, let it pass the Host header on unchanged, port included, or name its address in TRUSTED_PROXIES.",
    );
  }
  if (takes === "json" && !/^application\/json\s*(?:;|$)/i.test(request.header("content-type") ?? "")) {
    throw new HttpProblem(
      "wrong-type",
      "The body must be JSON and be called so.",
      "Send the header Content-Type: application/json",
    );
  }
}

/**
 * Refuses what a page of another site asks for before any work is done for it: the browser would not let the page read
 * the response anyway (see CORS_ORIGINS), but by pictures and frames it could keep us busy, or take all event streams.
 * Links are followed: a person who opens WhiteStat from another page is no attack.
 * @param mayRead whether pages of an origin may read
 * @throws HttpProblem `foreign-origin`
 */
export function checkRead(request: HttpRequest, mayRead: (origin: string) => boolean): void {
  if (!SAFE_METHODS.has(request.method) || fromOurPages(request)) return;
  if (mayRead(request.header("origin") ?? "")) return;
  // A preflight is answered without any work, and a link is followed as a document, never within a frame.
  if (request.method === "OPTIONS") return;
  if (request.header("sec-fetch-mode") === "navigate" && request.header("sec-fetch-dest") === "document") return;
  throw new HttpProblem(
    "foreign-origin",
    "A page of another site asked for this, and it may not read WhiteStat's data.",
    "If it is a site of yours, add its origin to CORS_ORIGINS, for example CORS_ORIGINS=https://home.example.org",
  );
}

function fromOurPages(request: HttpRequest): boolean {
  const site = request.header("sec-fetch-site");
  if (site !== undefined) return site === "same-origin" || site === "none";
  const origin = request.header("origin");
  if (origin === undefined) return true;
  // Only host and port are compared: behind a proxy that ends TLS the origin says https and we are asked by http.
  return URL.canParse(origin) && hostAs(origin, request.forwardedHost ?? request.header("host") ?? request.authority);
}

function hostAs(origin: string, host: string): boolean {
  const { protocol, host: originHost } = new URL(origin);
  const asked = `${protocol}//${host}`;
  return originHost !== "" && URL.canParse(asked) && new URL(asked).host === originHost;
}

/** How long a browser may remember that it may read, in seconds. */
const PREFLIGHT_SECONDS = 600;

/**
 * Lets pages of the named origins read (never write). With none named there is no CORS at all.
 * @throws TypeError for an entry that is no origin
 */
export function corsGuard(origins: readonly string[]): (next: Handler) => Handler {
  const named = origins.map((origin) => {
    const url = URL.parse(origin.trim());
    if (!url || !/^https?:$/.test(url.protocol) || url.pathname !== "/" || url.search || url.hash || url.username) {
      throw new TypeError(
        `CORS_ORIGINS: "${origin}" isn't a valid origin. Write scheme, name and port, for example https://home.example.org`,
      );
    }
    return url.origin;
  });
  const mayRead = (origin: string) => named.includes(origin);
  if (named.length === 0) {
    return (next) => (request) => {
      checkRead(request, mayRead);
      return next(request);
    };
  }
  return (next) => async (request) => {
    checkRead(request, mayRead);
    const origin = request.header("origin") ?? "";
    const permission = named.includes(origin) ? { "access-control-allow-origin": origin } : null;
    if (request.method === "OPTIONS")
      return { status: 204, headers: { ...permission, ...preflight(request) }, body: null };
    const response = await next(request);
    const { vary } = response.headers;
    const differs = vary === undefined ? "Origin" : `${vary}, Origin`;
    return { ...response, headers: { ...response.headers, ...permission, vary: differs } };
  };
}

function preflight(request: HttpRequest): HttpResponse["headers"] {
  const wanted = request.header("access-control-request-headers");
  return {
    "access-control-max-age": `${PREFLIGHT_SECONDS}`,
    "access-control-allow-methods": "GET,HEAD",
    ...(wanted
      ? {
          "access-control-allow-headers": wanted
            .split(",")
            .map((name) => name.trim())
            .join(","),
          vary: "Origin, Access-Control-Request-Headers",
        }
      : { vary: "Origin" }),
  };
}
