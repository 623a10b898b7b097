import type { Handler, HttpRequest, HttpResponse } from "./exchange.ts";
import { decodePart } from "./target.ts";

/** One method of one path. */
export interface Route {
  readonly method: "GET" | "POST" | "PUT";
  /** Begins with a slash and has none at its end; one part of it may be `:key`. */
  readonly path: string;
  /** Costs next to nothing, however much is stored: it needs no turn (see `createAdmission`). */
  readonly light?: boolean;
  /** It takes what a form of a page of ours sends, and no JSON. */
  readonly takesForm?: boolean;
  /** `key` is what stands for `:key`, decoded; empty where the path has none. */
  readonly handle: (request: HttpRequest, key: string) => HttpResponse | Promise<HttpResponse>;
}

export interface Router {
  /** What answers; null when nothing does. HEAD is answered as GET is. */
  find(method: string, path: string): { readonly route: Route; readonly handle: Handler } | null;
  /** The methods that a path answers to; none where there is nothing. */
  methodsAt(path: string): string[];
}

/** Of several routes for the same, the first answers: so no built file can take the place of an endpoint. */
export function createRouter(routes: readonly Route[]): Router {
  const byPath = Map.groupBy(routes, ({ path }) => path);
  const keyed = routes.filter(({ path }) => path.includes(":key"));
  const routesAt = (path: string): readonly Route[] =>
    byPath.get(path) ?? keyed.filter((route) => keyIn(route.path, path) !== null);

  return {
    find(method, path) {
      const wanted = method === "HEAD" ? "GET" : method;
      const route = routesAt(path).find((candidate) => candidate.method === wanted);
      return route ? { route, handle: (request) => route.handle(request, keyIn(route.path, path) ?? "") } : null;
    },
    methodsAt(path) {
      const methods = routesAt(path).flatMap(({ method }) => (method === "GET" ? ["GET", "HEAD"] : [method]));
      return [...new Set(methods)];
    },
  };
}

/** What stands in a path for the `:key` of a pattern; null where the path is not of that pattern. */
function keyIn(pattern: string, path: string): string | null {
  const [before = "", after = ""] = pattern.split(":key");
  if (!path.startsWith(before) || !path.endsWith(after)) return null;
  const part = path.slice(before.length, path.length - after.length);
  return part === "" || part.includes("/") ? null : decodePart(part);
}
