import type { Access } from "../access/access.ts";
import type { Prefix } from "../accounting/address.ts";
import type { Calendar } from "../accounting/calendar.ts";
import type { Status } from "../shared/status.ts";
import { StoreError } from "../store/store.ts";
import { type Admission, type AdmissionLimits, createAdmission } from "./admission.ts";
import { type ApiDeps, apiRoutes } from "./api/api.ts";
import type { LiveUpdates } from "./api/live-updates.ts";
import { type Assets, assetRoutes } from "./assets.ts";
import { HttpProblem, problemResponse } from "./errors.ts";
import { type Handler, type HttpRequest, type HttpResponse, mountOf, redirect } from "./exchange.ts";
import { createGate } from "./gate.ts";
import { healthRoutes } from "./health.ts";
import { createHostRule } from "./hosts.ts";
import { type LearntNames, withLearntNames } from "./learnt-names.ts";
import { type LegacyDeps, legacyRoutes } from "./legacy.ts";
import { type MetricsDeps, metricsRoutes } from "./metrics.ts";
import type { Names } from "./naming.ts";
import { pageRoutes } from "./page.ts";
import type { PageDeps } from "./page-model.ts";
import { type Incoming, readRequest } from "./read-request.ts";
import { renameRoutes } from "./rename.ts";
import { checkHost, checkWrite, corsGuard, withSecurityHeaders } from "./request-guards.ts";
import { createRouter, type Route } from "./router.ts";
import { type Rule, ruleOf } from "./rules.ts";
import { signInRoutes } from "./sign-in.ts";
import { may } from "./who.ts";

export interface AppDeps {
  readonly store: LegacyDeps["store"] & PageDeps["store"] & ApiDeps["store"] & MetricsDeps["store"];
  readonly calendar: Calendar;
  /** The wall clock, ms UTC. */
  readonly now: () => number;
  readonly status: () => Status;
  readonly names: Names;
  /** The vendor of a network card by its MAC. */
  readonly vendorOf: (mac: string) => string | null;
  /** Names of devices that came by themselves. */
  readonly learnt: LearntNames;
  readonly processUsage: MetricsDeps["processUsage"];
  /** Says when figures moved, for pages that are open. */
  readonly live: LiveUpdates;
  readonly unusual: ApiDeps["unusual"];
  readonly alerts: ApiDeps["alerts"];
  readonly includeIpv6: ApiDeps["includeIpv6"];
  /** What people say of their things. A device is given its name by it, so that this can be undone, too. */
  readonly household: ApiDeps["household"];
  readonly routerFacts: ApiDeps["routerFacts"];
  readonly fileMerges: ApiDeps["fileMerges"];
  /** LAN segments as `/json/lansegments` shows them. */
  readonly lanSegments: () => readonly string[];
  readonly settings: ApiDeps["settings"];
  readonly mqtt: ApiDeps["mqtt"];
  /** Who may come in. */
  readonly access: Access;
  /** AUTH_HEADER: where a trusted proxy says who is signed in. */
  readonly authHeader: string;
  readonly version: string;
  /** ALLOWED_HOSTS: names beyond the local ones, see `createHostRule`. */
  readonly allowedHosts: readonly string[];
  /** CORS_ORIGINS: origins whose pages may read. */
  readonly corsOrigins: readonly string[];
  /** TRUSTED_PROXIES: whose words on who asked for what are believed. */
  readonly trustedProxies: readonly Prefix[];
  /** INGRESS_PROXY: Home Assistant's Supervisor, see `readIngressPath`. */
  readonly ingressProxies: readonly Prefix[];
  /** Where everything is mounted, e.g. `/whitestat`; empty or `/` for the root. */
  readonly basePath: string;
  /** The built dashboard, see `readAssets`; without its `index.html` the plain page is served. */
  readonly assets?: Assets;
  /** How much work may be in progress at a time. */
  readonly admission?: AdmissionLimits;
  /** Told of every failure of ours (5xx), for the log. */
  readonly onError?: (error: unknown, path: string) => void;
}

export interface App {
  /** Never rejects: what goes wrong is an answer too. */
  readonly handle: (incoming: Incoming) => Promise<HttpResponse>;
  readonly routes: readonly Route[];
}

/**
 * The whole web side, as a function from what is asked to what is answered: no part of it needs a port.
 * @throws TypeError when allowedHosts, corsOrigins or basePath can't be understood
 */
export function createApp(deps: AppDeps): App {
  const base = readBasePath(deps.basePath);
  const store = withLearntNames(deps.store, deps.learnt);
  const nameOf = (key: string) => deps.names.nameOf(key);
  const names: Names = {
    nameOf,
    async rename(key, name) {
      await deps.household.change([{ do: "describe", devices: [key], name }]);
    },
  };
  const named = { ...deps, store, names, nameOf };
  const inTurn = turnsOf(createAdmission(deps.admission));
  const gate = createGate({ ...deps, base, isPage: (request) => isPage(request, base) });
  const routes = [
    ...legacyRoutes(named),
    ...renameRoutes(named),
    ...healthRoutes({ ...deps, mayRead: (who) => may(who, "read", deps.access.mode) }),
    ...signInRoutes({ ...deps, base }),
    ...metricsRoutes(named),
    ...apiRoutes(named, base),
    ...(deps.assets ? assetRoutes(deps.assets).map((route) => ({ ...route, rule: SHELL })) : []),
    ...pageRoutes(named, base),
  ].map((route: Route & { readonly rule?: Rule }) => {
    const rule = route.rule ?? ruleOf(route.method, route.path);
    const handle = route.light ? route.handle : inTurn(route.handle);
    return {
      ...route,
      path: route.path === "/" ? base || "/" : base + route.path,
      handle: (request: HttpRequest, key: string) => gate.guard(rule, (known) => handle(known, key), key)(request),
    };
  });
  const router = createRouter(routes);
  const isOurs = createHostRule(deps.allowedHosts);
  const homeOf = (request: HttpRequest) => (isPage(request, base) ? `${mountOf(request, base)}/` : null);

  const route: Handler = async (request) => {
    const found = router.find(request.method, request.path);
    checkWrite(request, found === null ? null : found.route.takesForm ? "form" : "json");
    // Relative links of the dashboard need the slash; routes make no difference between the two.
    if (found && base !== "" && request.rawPath === base)
      return redirect(`${mountOf(request, base)}/${request.search}`);
    return found === null ? gate.elsewhere(request, notFound) : found.handle(request);
  };
  const notFound: Handler = async (request) => {
    const methods = router.methodsAt(request.path).join(", ");
    if (methods === "") throw nothingHere(base);
    const problem = new HttpProblem("wrong-method", `${request.method} is not allowed here.`, `Use ${methods}.`);
    const response = await problemResponse(problem, homeOf(request));
    return { ...response, headers: { ...response.headers, allow: methods } };
  };
  /** What is told of an error. The log hears of those that are ours. */
  const problemAt = (path: string, error: unknown): HttpProblem => {
    const problem = problemOf(error);
    if (problem.code === "internal" || problem.code === "store" || problem.code === "not-saved") {
      // A view link's secret is in its path.
      deps.onError?.(problem.cause ?? error, path.replace(/\/view\/.*/, "/view/…"));
    }
    return problem;
  };
  const telling =
    (handle: Handler): Handler =>
    async (request) => {
      try {
        return await handle(request);
      } catch (error) {
        return problemResponse(problemAt(request.path, error), homeOf(request));
      }
    };
  // Errors are made inside the guard: pages of the origins that it admits may read them.
  const crossOrigin = corsGuard(deps.corsOrigins)(telling(route));
  const respondToOurs = telling((request) => {
    checkHost(request, isOurs);
    return crossOrigin(request);
  });
  const respond = async (incoming: Incoming): Promise<HttpResponse> => {
    let byIngress = false;
    try {
      const request = readRequest(incoming, deps);
      byIngress = request.ingressPath !== null;
      return withSecurityHeaders(await respondToOurs(request), byIngress);
    } catch (error) {
      // What follows the path may be a token.
      const [path = ""] = (incoming.url ?? "").split("?");
      return withSecurityHeaders(await problemResponse(problemAt(path, error), null), byIngress);
    }
  };
  return {
    routes,
    async handle(incoming) {
      const response = await respond(incoming);
      return incoming.method === "HEAD" ? withoutBody(response) : response;
    },
  };
}

/** Of the built dashboard: its files hold no figures. */
const SHELL: Rule = { need: "shell" };

/** Bytes that a body in chunks holds at a time, unless it says otherwise. */
const CHUNK_BYTES = 65_536;

/** Lets handlers wait for their turn, which lasts until the response is sent. */
function turnsOf(admission: Admission): (handle: Route["handle"]) => Route["handle"] {
  return (handle) => async (request, key) => {
    const turn = await admission.enter(request);
    try {
      const response = await handle(request, key);
      turn.made(bytesHeldBy(response));
      return { ...response, release: turn.leave };
    } catch (error) {
      turn.leave();
      throw error;
    }
  };
}

function bytesHeldBy({ body, holds = CHUNK_BYTES }: HttpResponse): number {
  if (body === null) return 0;
  return typeof body === "string" || body instanceof Uint8Array ? body.length : holds;
}

function withoutBody(response: HttpResponse): HttpResponse {
  const { body } = response;
  if (typeof body === "object" && body !== null && Symbol.asyncIterator in body) {
    void body[Symbol.asyncIterator]().return?.();
  }
  return { ...response, body: null };
}

function nothingHere(base: string): HttpProblem {
  const hint = base === "" ? undefined : `WhiteStat is mounted at ${base}/ (BASE_PATH).`;
  return new HttpProblem("not-found", "Page not found.", hint);
}

/** What a client is told of an error. Of one that nobody foresaw it learns nothing. */
function problemOf(error: unknown): HttpProblem {
  if (error instanceof HttpProblem) return error;
  if (error instanceof StoreError) {
    return new HttpProblem("store", "The data can't be read from the database.", error.hint, { cause: error });
  }
  return new HttpProblem("internal", "Internal error in WhiteStat.", "The log has the details.");
}

/** Whether an error here is shown as a page: where pages are, and wherever else but at data a browser looks. */
function isPage({ path, header }: HttpRequest, base: string): boolean {
  // Paths have no slash at their end, so the root of the mount is the base itself.
  const place = path === base ? "/" : path.startsWith(`${base}/`) ? path.slice(base.length) : path;
  if (/^\/(?:table(?:\/.*)?|history)?$/.test(place)) return true;
  if (/^\/(?:json|healthz|metrics|api)(?:\/|$)/.test(place)) return false;
  return header("accept")?.includes("text/html") === true;
}

function readBasePath(text: string): string {
  const path = text.replace(/\/+$/, "");
  if (/^(?:\/[\w.~-]+)*$/.test(path) && !/\/\.\.?(?:\/|$)/.test(path)) return path;
  throw new TypeError(
    `BASE_PATH: "${text}" isn't a valid path. It starts with / and has letters, digits and -._~ , for example /whitestat`,
  );
}
