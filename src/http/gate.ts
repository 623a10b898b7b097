import type { Access } from "../access/access.ts";
import type { Author } from "../access/audit.ts";
import { SESSION_MS, TOKEN_PREFIX } from "../access/keys.ts";
import { cleanName } from "../shared/clean-name.ts";
import { cookieOf } from "./cookies.ts";
import { HttpProblem, problemResponse } from "./errors.ts";
import { type Handler, type HttpRequest, type HttpResponse, mountOf } from "./exchange.ts";
import type { Rule } from "./rules.ts";
import { signInPage } from "./sign-in-page.ts";
import { ANYBODY, may, type Need, type Who } from "./who.ts";

export interface GateDeps {
  readonly access: Access;
  /** AUTH_HEADER, in lower case. */
  readonly authHeader: string;
  readonly base: string;
  /** Whether an error here is shown as a page. */
  readonly isPage: (request: HttpRequest) => boolean;
  readonly now: () => number;
}

const USER_LENGTH = 60;
const KEY_LENGTH = 64;

/** Looks at who asks before anything is answered, and notes what was changed by whom. */
export function createGate(deps: GateDeps) {
  const { access, authHeader, now } = deps;
  const { mode } = access;

  /** @throws HttpProblem `bad-token`, StoreError */
  async function whoIs(request: HttpRequest, rule: Rule): Promise<Who> {
    if (mode === "open") return ANYBODY;
    const token = tokenIn(request, rule);
    if (token !== null) {
      const found = await access.find(token);
      if (found !== null && "scope" in found) {
        await touch(found, request);
        return { kind: "token", id: found.id, name: found.name, scope: found.scope };
      }
      if (rule.need !== "public") throw badToken();
    }
    if (mode === "proxy") {
      // Home Assistant's ingress passes on what a client calls himself.
      const isBelieved = request.viaProxy && request.ingressPath === null;
      const user = isBelieved ? userIn(request.header(authHeader)) : null;
      if (user !== null) return { kind: "proxy", name: user };
    }
    if (!(request.header("cookie") ?? "").includes(COOKIE)) return ANYBODY;
    const { instance } = await access.keys();
    if (mode !== "proxy") {
      const session = await foundBy(cookieOf(request, sessionCookie(instance)));
      if (session !== null && "password" in session) {
        await touch(session, request);
        return { kind: "person", id: session.id, name: session.name, expiresAt: session.usedAt + SESSION_MS };
      }
    }
    // Everybody sees everything where AUTH is read-only: a link must not show him less.
    if (mode === "read-only") return ANYBODY;
    const link = await foundBy(cookieOf(request, viewCookie(instance)));
    if (link === null || !("owner" in link)) return ANYBODY;
    await touch(link, request);
    return { kind: "view", id: link.id, name: link.name, owner: link.owner, expiresAt: link.expiresAt };
  }

  async function foundBy(secret: string | null) {
    return secret === null || secret === "" ? null : access.find(secret);
  }

  async function touch(key: NonNullable<Awaited<ReturnType<Access["find"]>>>, { client }: HttpRequest): Promise<void> {
    (await access.keys()).touch(key, client);
  }

  /** What somebody is told who may not. */
  async function refusal(request: HttpRequest, who: Who, rule: Rule): Promise<HttpResponse> {
    if (who.kind !== "anybody") {
      const why =
        who.kind === "view"
          ? "This link only shows what it was made for."
          : `This token may not ${rule.need === "write" ? "change anything" : "decide who may come in"}.`;
      const hint =
        who.kind === "view" ? "Sign in to see and change everything." : "Sign in, or make a token of another scope.";
      return problemResponse(new HttpProblem("not-allowed", why, hint), homeOf(request));
    }
    const challenge = { "www-authenticate": challengeFor(request, rule) };
    if (deps.isPage(request) && rule.need !== "write" && rule.need !== "manage") {
      return signInPage({ ...deps, request, status: 401, headers: challenge, problem: null });
    }
    const problem =
      mode === "proxy"
        ? new HttpProblem(
            "sign-in-needed",
            "Nobody is signed in.",
            `Come by the proxy that signs people in (AUTH=proxy, ${authHeader}), or send a token: Authorization: Bearer ${TOKEN_PREFIX}…`,
          )
        : new HttpProblem(
            "sign-in-needed",
            mode === "read-only" ? "Changes need the password." : "This needs the password.",
            `Sign in, or send a token: Authorization: Bearer ${TOKEN_PREFIX}…`,
          );
    const response = await problemResponse(problem, null);
    return { ...response, headers: { ...response.headers, ...challenge } };
  }

  const homeOf = (request: HttpRequest) => (deps.isPage(request) ? `${mountOf(request, deps.base)}/` : null);

  return {
    /**
     * A handler that answers who may ask.
     * @param rule undefined: nobody may
     * @param key what stands in the path for `:key`
     */
    guard(rule: Rule | undefined, handle: Handler, key = ""): Handler {
      return async (request) => {
        if (rule === undefined) {
          throw new HttpProblem(
            "not-allowed",
            "Nobody may ask for this.",
            "It has no rule in WhiteStat: please report it.",
          );
        }
        const who = await whoIs(request, rule);
        if (!may(who, rule.need, mode)) return refusal(request, who, rule);
        const response = await handle({ ...(rule.feed ? withoutToken(request) : request), who });
        const did = response.did ?? rule.did?.replace(":key", () => cleanName(key, KEY_LENGTH));
        if (did !== undefined && response.status < 400) await access.audit.add(authorOf(who, request), did);
        return streaming(response) ? ending(response, who) : response;
      };
    },
    /** What somebody is told of what isn't there: a stranger not even that. */
    async elsewhere(request: HttpRequest, otherwise: Handler): Promise<HttpResponse> {
      const rule = { need: "shell" as Need };
      const who = await whoIs(request, rule);
      return may(who, "shell", mode) ? otherwise(request) : refusal(request, who, rule);
    },
  };

  /** A stream that ends with what its listener may see. */
  function ending(response: HttpResponse, who: Who): HttpResponse {
    if (who.kind === "anybody" || who.kind === "proxy") return response;
    const inner = (response.body as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();
    const until = "expiresAt" in who ? (who.expiresAt ?? Number.POSITIVE_INFINITY) : Number.POSITIVE_INFINITY;
    const forget = access.watch(who.id, () => void inner.return?.());
    const body: AsyncIterableIterator<Uint8Array> = {
      [Symbol.asyncIterator]: () => body,
      async next() {
        const result = await inner.next();
        // A person's session lasts on while he listens: only a link's end is fixed.
        if (result.done !== true && (who.kind !== "view" || now() < until)) return result;
        forget();
        await inner.return?.();
        return { done: true, value: undefined };
      },
      async return() {
        forget();
        await inner.return?.();
        return { done: true, value: undefined };
      },
    };
    return { ...response, body };
  }
}

/** Begins the names of all our cookies. */
const COOKIE = "whitestat-";
export const sessionCookie = (instance: string) => `${COOKIE}${instance}`;
export const viewCookie = (instance: string) => `${COOKIE}${instance}-view`;
export const knownCookie = (instance: string) => `${COOKIE}${instance}-known`;

function streaming({ headers, body }: HttpResponse): boolean {
  return headers["content-type"] === "text/event-stream" && body !== null;
}

/** The token that comes with a request; null without one. */
function tokenIn({ header, query }: HttpRequest, { feed }: Rule): string | null {
  const [, scheme = "", sent = ""] = /^(bearer|basic)\s+(\S+)\s*$/i.exec(header("authorization") ?? "") ?? [];
  const secret =
    scheme.toLowerCase() === "basic"
      ? Buffer.from(sent, "base64")
          .toString()
          .replace(/^[^:]*:/, "")
      : sent;
  // A proxy may pass on what it was sent itself, which is none of ours.
  if (secret.startsWith(TOKEN_PREFIX)) return secret;
  return feed ? (query().get("token") ?? null) : null;
}

/** What is read from here on has no token in it: no answer, no redirect and no log repeats it. */
function withoutToken(request: HttpRequest): HttpRequest {
  if (!request.search.includes("token")) return request;
  const query = new URLSearchParams(request.query());
  query.delete("token");
  const search = query.size === 0 ? "" : `?${query}`;
  return { ...request, search, query: () => query };
}

/** The user that a proxy names; null for none, or for several: one of them may be the client's own word. */
function userIn(text: string | undefined): string | null {
  if (text === undefined || text.includes(",")) return null;
  const user = cleanName(text, USER_LENGTH);
  return user === "" ? null : user;
}

/** Only programs are asked for a name and a password: a browser would open a window of its own for them. */
function challengeFor({ header }: HttpRequest, { feed }: Rule): string {
  const isBrowser = (header("user-agent") ?? "").startsWith("Mozilla/5.0");
  return feed && !isBrowser ? 'Basic realm="WhiteStat", charset="UTF-8"' : 'Bearer realm="WhiteStat"';
}

function badToken(): HttpProblem {
  return new HttpProblem(
    "bad-token",
    "There is no such token, or it was revoked.",
    "Make one in the settings, and send that.",
  );
}

function authorOf(who: Who, { client }: HttpRequest): Author {
  switch (who.kind) {
    case "person":
    case "proxy":
    case "token":
      return { kind: who.kind, name: who.name };
    default:
      return { kind: "anybody", name: client };
  }
}
