import { Hono } from "hono";
import { methodNotAllowed } from "hono/method-not-allowed";
import type { Calendar } from "../accounting/calendar.ts";
import type { Status } from "../shared/status.ts";
import { StoreError } from "../store/store.ts";
import { type ApiDeps, mountApi } from "./api/api.ts";
import type { Live } from "./api/live.ts";
import { type Assets, mountAssets } from "./assets.ts";
import { corsDoor, hostDoor, securityHeaders, writeDoor } from "./doors.ts";
import { answerProblem, HttpProblem } from "./errors.ts";
import { mountHealth } from "./health.ts";
import { createHostRule } from "./hosts.ts";
import { type LegacyDeps, mountLegacy } from "./legacy.ts";
import type { Names } from "./naming.ts";
import { mountPage } from "./page.ts";
import type { PageDeps } from "./page-model.ts";
import { mountRename } from "./rename.ts";

export interface AppDeps {
  readonly store: LegacyDeps["store"] & PageDeps["store"] & ApiDeps["store"];
  readonly calendar: Calendar;
  /** The wall clock, ms UTC. */
  readonly now: () => number;
  readonly status: () => Status;
  readonly names: Names;
  /** The maker of a network card by its MAC. */
  readonly makerOf: (mac: string) => string | null;
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

/**
 * The whole web side as one Hono app, which needs no port: `await app.request("/json")`.
 * @throws TypeError when allowedHosts, corsOrigins or basePath can't be understood
 */
export function createApp(deps: AppDeps): Hono {
  const base = readBasePath(deps.basePath);
  const app = new Hono({ strict: false });
  const nameOf = (key: string) => deps.names.nameOf(key);

  app.use(securityHeaders());
  app.use(hostDoor(createHostRule(deps.allowedHosts)));
  const crossOrigin = corsDoor(deps.corsOrigins);
  if (crossOrigin) app.use(crossOrigin);
  app.use(writeDoor());
  app.use(
    methodNotAllowed({
      app,
      onMethodNotAllowed: (c, methods) => {
        c.header("Allow", methods.join(", "));
        const problem = new HttpProblem(
          "wrong-method",
          `${c.req.method} is not possible here.`,
          `Use ${methods.join(", ")}.`,
        );
        return answerProblem(c, problem, isPage(c.req.path, base, c.req.header("accept")));
      },
    }),
  );

  const site = base === "" ? app : app.basePath(base);
  if (base !== "") {
    // Relative links of the dashboard need the slash; the router makes no difference between the two.
    app.use(base, async (c, next) => {
      const { pathname, search } = new URL(c.req.url);
      if (pathname === base && /^(?:GET|HEAD)$/.test(c.req.method)) return c.redirect(`${base}/${search}`, 308);
      return next();
    });
  }
  mountLegacy(site, { ...deps, nameOf });
  mountRename(site, deps);
  mountHealth(site, deps);
  mountApi(site, deps, base);
  if (deps.assets) mountAssets(site, deps.assets);
  mountPage(site, { ...deps, nameOf }, base);

  app.notFound((c) => {
    const problem = new HttpProblem(
      "not-found",
      "There is nothing at this address.",
      base === "" ? undefined : `WhiteStat is mounted at ${base}/ (BASE_PATH).`,
    );
    return answerProblem(c, problem, isPage(c.req.path, base, c.req.header("accept")));
  });
  app.onError((error, c) => {
    const problem = problemOf(error);
    if (problem.code === "internal" || problem.code === "store" || problem.code === "not-saved") {
      deps.onError?.(problem.cause ?? error, c.req.path);
    }
    return answerProblem(c, problem, isPage(c.req.path, base, c.req.header("accept")));
  });
  return app;
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
function isPage(path: string, base: string, accept: string | undefined): boolean {
  // The router leaves out a final slash, so the root of the mount is the base itself.
  const place = path === base ? "/" : path.startsWith(`${base}/`) ? path.slice(base.length) : path;
  if (/^\/(?:table(?:\/.*)?|history)?$/.test(place)) return true;
  if (/^\/(?:json|healthz|api)(?:\/|$)/.test(place)) return false;
  return accept?.includes("text/html") === true;
}

function readBasePath(text: string): string {
  const path = text.replace(/\/+$/, "");
  if (/^(?:\/[\w.~-]+)*$/.test(path) && !/\/\.\.?(?:\/|$)/.test(path)) return path;
  throw new TypeError(
    `BASE_PATH: "${text}" is no path. It starts with / and has letters, digits and -._~ , for example /whitestat`,
  );
}
