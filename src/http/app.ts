import type { Calendar } from "../accounting/calendar.ts";
import type { Status } from "../shared/status.ts";
import { StoreError } from "../store/store.ts";
import { type ApiDeps, apiRoutes } from "./api/api.ts";
import type { Live } from "./api/live.ts";
import { type Incoming, readAsk } from "./ask.ts";
import { type Assets, assetRoutes } from "./assets.ts";
import { checkHost, checkWrite, corsDoor, withSecurityHeaders } from "./doors.ts";
import { HttpProblem, problemAnswer } from "./errors.ts";
import { type Answer, type Ask, type Handle, redirect } from "./exchange.ts";
import { healthRoutes } from "./health.ts";
import { createHostRule } from "./hosts.ts";
import { type LegacyDeps, legacyRoutes } from "./legacy.ts";
import type { Names } from "./naming.ts";
import { pageRoutes } from "./page.ts";
import type { PageDeps } from "./page-model.ts";
import { renameRoutes } from "./rename.ts";
import { createRouter, type Route } from "./router.ts";

export interface AppDeps {
  readonly store: LegacyDeps["store"] & PageDeps["store"] & ApiDeps["store"];
  readonly calendar: Calendar;
  /** The wall clock, ms UTC. */
  readonly now: () => number;
  readonly status: () => Status;
  readonly names: Names;
  /** The vendor of a network card by its MAC. */
  readonly vendorOf: (mac: string) => string | null;
  /** Says when figures moved, for pages that are open. */
  readonly live: Live;
  /** LAN segments as `/json/lansegments` shows them. */
  readonly lanSegments: () => readonly string[];
  readonly version: string;
  /** ALLOWED_HOSTS: names beyond the local ones, see `createHostRule`. */
  readonly allowedHosts: readonly string[];
  /** CORS_ORIGINS: origins whose pages may read. */
  readonly corsOrigins: readonly string[];
  /** Where everything is mounted, e.g. `/whitestat`; empty or `/` for the root. */
  readonly basePath: string;
  /** The built dashboard, see `readAssets`; without its `index.html` the plain page is served. */
  readonly assets?: Assets;
  /** Told of every failure of ours (5xx), for the log. */
  readonly onError?: (error: unknown, path: string) => void;
}

export interface App {
  /** Never rejects: what goes wrong is an answer too. */
  readonly answer: (incoming: Incoming) => Promise<Answer>;
  readonly routes: readonly Route[];
}

/**
 * The whole web side, as a function from what is asked to what is answered: no part of it needs a port.
 * @throws TypeError when allowedHosts, corsOrigins or basePath can't be understood
 */
export function createApp(deps: AppDeps): App {
  const base = readBasePath(deps.basePath);
  const named = { ...deps, nameOf: (key: string) => deps.names.nameOf(key) };
  const routes = [
    ...legacyRoutes(named),
    ...renameRoutes(deps),
    ...healthRoutes(deps),
    ...apiRoutes(deps, base),
    ...(deps.assets ? assetRoutes(deps.assets) : []),
    ...pageRoutes(named, base),
  ].map((route) => ({ ...route, path: route.path === "/" ? base || "/" : base + route.path }));
  const router = createRouter(routes);
  const isOurs = createHostRule(deps.allowedHosts);

  const route: Handle = async (ask) => {
    const handle = router.find(ask.method, ask.path);
    checkWrite(ask, handle !== null);
    // Relative links of the dashboard need the slash; routes make no difference between the two.
    if (handle && base !== "" && ask.rawPath === base) return redirect(`${base}/${ask.search}`);
    if (handle) return handle(ask);
    const methods = router.methodsAt(ask.path).join(", ");
    if (methods === "") throw nothingHere(base);
    const problem = new HttpProblem("wrong-method", `${ask.method} is not possible here.`, `Use ${methods}.`);
    const answer = await problemAnswer(problem, isPage(ask, base));
    return { ...answer, headers: { ...answer.headers, allow: methods } };
  };
  /** What is told of an error. The log hears of those that are ours. */
  const problemAt = (path: string, error: unknown): HttpProblem => {
    const problem = problemOf(error);
    if (problem.code === "internal" || problem.code === "store" || problem.code === "not-saved") {
      deps.onError?.(problem.cause ?? error, path);
    }
    return problem;
  };
  const telling =
    (handle: Handle): Handle =>
    async (ask) => {
      try {
        return await handle(ask);
      } catch (error) {
        return problemAnswer(problemAt(ask.path, error), isPage(ask, base));
      }
    };
  // Told within the door too: pages of the origins that it lets in may read errors.
  const crossOrigin = corsDoor(deps.corsOrigins)(telling(route));
  const answerOurs = telling((ask) => {
    checkHost(ask, isOurs);
    return crossOrigin(ask);
  });
  const answerAny = async (incoming: Incoming): Promise<Answer> => {
    try {
      return await answerOurs(readAsk(incoming));
    } catch (error) {
      return problemAnswer(problemAt(incoming.url ?? "", error), false);
    }
  };
  return {
    routes,
    async answer(incoming) {
      const answer = withSecurityHeaders(await answerAny(incoming));
      return incoming.method === "HEAD" ? withoutBody(answer) : answer;
    },
  };
}

function withoutBody(answer: Answer): Answer {
  const { body } = answer;
  if (typeof body === "object" && body !== null && Symbol.asyncIterator in body) {
    void body[Symbol.asyncIterator]().return?.();
  }
  return { ...answer, body: null };
}

function nothingHere(base: string): HttpProblem {
  const remedy = base === "" ? undefined : `WhiteStat is mounted at ${base}/ (BASE_PATH).`;
  return new HttpProblem("not-found", "There is nothing at this address.", remedy);
}

/** What a client is told of an error. Of one that nobody foresaw it learns nothing. */
function problemOf(error: unknown): HttpProblem {
  if (error instanceof HttpProblem) return error;
  if (error instanceof StoreError) {
    return new HttpProblem("store", "The figures can't be read from the store.", error.remedy, { cause: error });
  }
  return new HttpProblem("internal", "Something went wrong in WhiteStat itself.", "The log has the details.");
}

/** Whether an error here is shown as a page: where pages are, and wherever else but at data a browser looks. */
function isPage({ path, header }: Ask, base: string): boolean {
  // Paths have no slash at their end, so the root of the mount is the base itself.
  const place = path === base ? "/" : path.startsWith(`${base}/`) ? path.slice(base.length) : path;
  if (/^\/(?:table(?:\/.*)?|history)?$/.test(place)) return true;
  if (/^\/(?:json|healthz|api)(?:\/|$)/.test(place)) return false;
  return header("accept")?.includes("text/html") === true;
}

function readBasePath(text: string): string {
  const path = text.replace(/\/+$/, "");
  if (/^(?:\/[\w.~-]+)*$/.test(path) && !/\/\.\.?(?:\/|$)/.test(path)) return path;
  throw new TypeError(
    `BASE_PATH: "${text}" is no path. It starts with / and has letters, digits and -._~ , for example /whitestat`,
  );
}
