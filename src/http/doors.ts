import type { HttpBindings } from "@hono/node-server";
import type { Context, MiddlewareHandler } from "hono";
import { cors } from "hono/cors";
import { matchedRoutes } from "hono/route";
import { DATA_POLICY } from "./document.ts";
import { HttpProblem } from "./errors.ts";
import type { HostRule } from "./hosts.ts";

const SAFE_METHODS = new Set(["GET", "HEAD", "OPTIONS"]);

/** Headers that every answer carries. A handler that serves a page sets a policy of its own. */
export function securityHeaders(): MiddlewareHandler {
  return async (c, next) => {
    await next();
    const headers = c.res.headers;
    if (!headers.has("Content-Security-Policy")) headers.set("Content-Security-Policy", DATA_POLICY);
    headers.set("X-Content-Type-Options", "nosniff");
    headers.set("X-Frame-Options", "DENY");
    headers.set("Referrer-Policy", "no-referrer");
    headers.set("Cross-Origin-Resource-Policy", "same-origin");
  };
}

/**
 * Refuses names that aren't ours, see `createHostRule`. Both the header and, where the request line carries a whole
 * address, the name in that must be ours.
 */
export function hostDoor(rule: HostRule): MiddlewareHandler {
  return async (c, next) => {
    const header = c.req.header("host");
    if (header === undefined && speaksHttp11(c)) {
      throw new HttpProblem("bad-host", "The request has no Host header, which HTTP/1.1 demands.");
    }
    const target = new URL(c.req.url).host;
    for (const host of new Set([header ?? target, target])) {
      const verdict = rule(host);
      if (verdict === "malformed") {
        throw new HttpProblem("bad-host", "The Host header is not a host name, an address, or either with a port.");
      }
      if (verdict === "foreign") {
        throw new HttpProblem(
          "foreign-host",
          `WhiteStat does not answer to the name "${host}".`,
          `If this name is yours, for instance that of a reverse proxy, add it to ALLOWED_HOSTS: ALLOWED_HOSTS=${host.replace(/:\d*$/, "")}`,
        );
      }
    }
    await next();
  };
}

/** Whether the request came over a socket as HTTP/1.1. (1.0 has no Host, and no browser speaks it.) */
function speaksHttp11(c: Context): boolean {
  const { incoming } = (c.env ?? {}) as Partial<HttpBindings>;
  return incoming !== undefined && incoming.httpVersion !== "1.0";
}

/**
 * Lets only our own pages and programs without a browser write. Everything that isn't GET, HEAD or OPTIONS counts as a
 * write, so a route that is added later is behind the door before its author thinks of it.
 */
export function writeDoor(): MiddlewareHandler {
  return async (c, next) => {
    if (!SAFE_METHODS.has(c.req.method)) {
      if (!fromOurPages(c)) {
        throw new HttpProblem(
          "foreign-origin",
          "Changes are accepted from WhiteStat's own pages only, and this request comes from another site.",
          "Behind a proxy, let it pass the Host header on unchanged.",
        );
      }
      // Where no handler takes the method nothing can be changed, and 404 or 405 tells more than 415.
      const taken = matchedRoutes(c).some((route) => route.method === c.req.method);
      if (taken && !/^application\/json\s*(?:;|$)/i.test(c.req.header("content-type") ?? "")) {
        throw new HttpProblem(
          "wrong-type",
          "The body must be JSON and be called so.",
          "Send the header Content-Type: application/json",
        );
      }
    }
    await next();
  };
}

function fromOurPages(c: Context): boolean {
  const site = c.req.header("sec-fetch-site");
  if (site !== undefined) return site === "same-origin" || site === "none";
  const origin = c.req.header("origin");
  if (origin === undefined) return true;
  // Only host and port are compared: behind a proxy that ends TLS the origin says https and we are asked by http.
  return URL.canParse(origin) && hostAs(origin, c.req.header("host") ?? new URL(c.req.url).host);
}

function hostAs(origin: string, host: string): boolean {
  const { protocol, host: originHost } = new URL(origin);
  const asked = `${protocol}//${host}`;
  return originHost !== "" && URL.canParse(asked) && new URL(asked).host === originHost;
}

/**
 * Lets pages of the named origins read (never write). With none named there is no CORS at all.
 * @throws TypeError for an entry that is no origin
 */
export function corsDoor(origins: readonly string[]): MiddlewareHandler | null {
  const named = origins.map((origin) => {
    const url = URL.parse(origin.trim());
    if (!url || !/^https?:$/.test(url.protocol) || url.pathname !== "/" || url.search || url.hash || url.username) {
      throw new TypeError(
        `CORS_ORIGINS: "${origin}" is no origin. Write scheme, name and port, for example https://home.example.org`,
      );
    }
    return url.origin;
  });
  if (named.length === 0) return null;
  return cors({ origin: named, allowMethods: ["GET", "HEAD"], maxAge: 600 });
}
