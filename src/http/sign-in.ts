import { html } from "hono/html";
import type { Access } from "../access/access.ts";
import { AccessError } from "../access/access-error.ts";
import { LINK_PREFIX, SESSION_DAYS } from "../access/keys.ts";
import { browserName } from "./browser-name.ts";
import { cookieOf, cookieText, LONGEST_SECONDS } from "./cookies.ts";
import { documentOf, pageResponse } from "./document.ts";
import { ERROR_STATUS, HttpProblem } from "./errors.ts";
import { type HttpRequest, type HttpResponse, mountOf, seeOther } from "./exchange.ts";
import { knownCookie, sessionCookie, viewCookie } from "./gate.ts";
import type { Route } from "./router.ts";
import { isOwnPath, signInPage } from "./sign-in-page.ts";

export interface SignInDeps {
  readonly access: Access;
  readonly base: string;
  readonly now: () => number;
}

const MAX_FORM = 8 * 1024;
const SESSION_SECONDS = SESSION_DAYS * 86_400;

/** `/signin`, for people, and `/view/…`, which a view link leads to. */
export function signInRoutes(deps: SignInDeps): Route[] {
  const { access, base, now } = deps;
  return [
    {
      method: "GET",
      path: "/signin",
      light: true,
      handle: (request) =>
        access.mode === "open" || request.who.kind === "person" || request.who.kind === "proxy"
          ? seeOther(`${mountOf(request, base)}/`)
          : signInPage({ ...deps, request, status: 200, problem: null, next: nextOf(request) }),
    },
    {
      method: "POST",
      path: "/signin",
      light: true,
      takesForm: true,
      async handle(request) {
        const fields = new URLSearchParams(await request.text(MAX_FORM));
        const wanted = fields.get("next") ?? "/";
        const next = isOwnPath(wanted) ? wanted : "/";
        try {
          const cookies = await signIn(deps, request, fields.get("password") ?? "", null);
          return seeOther(`${mountOf(request, base)}${next}`, cookies);
        } catch (error) {
          if (!(error instanceof HttpProblem)) throw error;
          const { retrySeconds } = error;
          const headers: Record<string, string> =
            retrySeconds === undefined ? {} : { "retry-after": `${retrySeconds}` };
          return signInPage({ ...deps, request, status: ERROR_STATUS[error.code], headers, problem: error, next });
        }
      },
    },
    {
      method: "GET",
      path: "/view/:key",
      light: true,
      async handle(request, secret) {
        // Everybody sees everything there: a link could only show less.
        if (access.mode === "open" || access.mode === "read-only") return seeOther(`${mountOf(request, base)}/`);
        const link = secret.startsWith(LINK_PREFIX) ? await access.find(secret) : null;
        if (link === null || !("owner" in link)) return noLink();
        const seconds = link.expiresAt === null ? LONGEST_SECONDS : (link.expiresAt - now()) / 1000;
        const { instance } = await access.keys();
        return seeOther(`${mountOf(request, base)}/`, [
          cookieText(viewCookie(instance), secret, seconds, { ...request, base }),
        ]);
      },
    },
  ];
}

/** Where whoever signs in wants to be led back to. */
function nextOf(request: HttpRequest): string {
  const wanted = request.query().get("next") ?? "/";
  return isOwnPath(wanted) ? wanted : "/";
}

/**
 * Signs in by the password. @returns the cookies that say so
 * @param name what the session is called; null: after the browser
 * @throws HttpProblem, StoreError
 */
export async function signIn(
  { access, base }: SignInDeps,
  request: HttpRequest,
  password: string,
  name: string | null,
): Promise<string[]> {
  if (access.mode === "open" || access.mode === "proxy") throw signInOff(access.mode);
  const { instance } = await access.keys();
  const { secret, known } = await asking(() =>
    access.signIn({
      password,
      address: request.client,
      name: name ?? browserName(request.header("user-agent")),
      known: cookieOf(request, knownCookie(instance)),
    }),
  );
  const about = { ...request, base };
  return [
    cookieText(sessionCookie(instance), secret, SESSION_SECONDS, about),
    cookieText(knownCookie(instance), known, LONGEST_SECONDS, about),
  ];
}

/** The refusals of `Access` as problems. @throws HttpProblem */
export async function asking<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (cause) {
    if (!(cause instanceof AccessError)) throw cause;
    const { code, message, hint, waitMs } = cause;
    const retry = waitMs > 0 ? { retrySeconds: Math.ceil(waitMs / 1000) } : {};
    throw new HttpProblem(code, message, hint, { cause, ...retry });
  }
}

export function signInOff(mode: Access["mode"]): HttpProblem {
  return mode === "proxy"
    ? new HttpProblem("sign-in-off", "The proxy signs people in (AUTH=proxy).", "Sign in there.")
    : new HttpProblem("sign-in-off", "Nobody needs to sign in (AUTH=open).", "Set AUTH, and start WhiteStat again.");
}

function noLink(): Promise<HttpResponse> {
  const body = html`<main>
<h1>This link isn't valid</h1>
<p>It was revoked, is over, or isn't complete. Ask whoever gave it to you for another one.</p>
</main>`;
  return pageResponse(documentOf("WhiteStat", body), 404);
}
