import type { Access } from "../../access/access.ts";
import { SESSION_MS, type Session } from "../../access/keys.ts";
import type { HouseholdBook } from "../../household/book.ts";
import type {
  AccessState,
  AuditList,
  NewToken,
  NewViewLink,
  Sessions,
  Tokens,
  ViewLinks,
} from "../../shared/access-api.ts";
import { browserName } from "../browser-name.ts";
import { cookieOf, cookieText } from "../cookies.ts";
import { type ErrorCode, HttpProblem } from "../errors.ts";
import { type HttpRequest, type HttpResponse, jsonResponse } from "../exchange.ts";
import { knownCookie, sessionCookie, viewCookie } from "../gate.ts";
import { asking, signIn, signInOff } from "../sign-in.ts";
import { may } from "../who.ts";
import type { Endpoint } from "./openapi.ts";

export interface AccessDeps {
  readonly access: Access;
  readonly household: Pick<HouseholdBook, "document">;
  readonly now: () => number;
}

const MAX_BODY = 16 * 1024;
const FRESH = { "cache-control": "no-store" };
const OF_BODY: readonly ErrorCode[] = ["bad-json", "bad-access", "foreign-origin", "wrong-type", "too-large"];
const OF_PASSWORD: readonly ErrorCode[] = ["wrong-password", "slow-down", "no-password", "busy"];

/** Who may come in, and who changed what: `api/v1/access`. */
export function accessEndpoints({ access, household, now }: AccessDeps, base: string): Endpoint[] {
  const deps = { access, base, now };
  const state = (request: HttpRequest) => stateOf({ access, household, now }, request);

  const sessions = async (request: HttpRequest): Promise<Sessions> => ({
    sessions: [...(await access.keys()).sessions()]
      .sort((a, b) => b.usedAt - a.usedAt)
      .map((session) => ({
        id: session.id,
        name: session.name,
        address: session.address,
        createdAt: session.createdAt,
        usedAt: session.usedAt,
        expiresAt: session.usedAt + SESSION_MS,
        current: isOf(request, session),
      })),
  });
  const tokens = async (): Promise<Tokens> => ({
    tokens: (await access.keys())
      .tokens()
      .map(({ id, name, scope, createdAt, usedAt }) => ({ id, name, scope, createdAt, usedAt })),
  });
  const links = async (): Promise<ViewLinks> => ({
    links: (await access.keys())
      .links()
      .map(({ id, name, owner, createdAt, usedAt, expiresAt }) => ({ id, name, owner, createdAt, usedAt, expiresAt })),
  });
  const cookies = async (request: HttpRequest, values: { session?: string; view?: "" }): Promise<string[]> => {
    const { instance } = await access.keys();
    const one = (name: string, value: string) =>
      cookieText(name, value, value === "" ? 0 : SESSION_MS / 1000, { ...request, base });
    return [
      ...(values.session === undefined ? [] : [one(sessionCookie(instance), values.session)]),
      ...(values.view === undefined ? [] : [one(viewCookie(instance), values.view)]),
    ];
  };

  return [
    {
      method: "GET",
      path: "/access",
      summary: "Who asks, and what he may: for everybody, signed in or not",
      response: "Access",
      light: true,
      errors: ["store"],
      handle: async (request) => jsonResponse(await state(request), FRESH),
    },
    {
      method: "POST",
      path: "/access/sign-in",
      summary: "Signs in by the password; the answer sets a cookie",
      description: "Programs send a token instead: Authorization: Bearer wst_…",
      body: "SignInInput",
      response: "SignedIn",
      light: true,
      errors: [...OF_BODY, ...OF_PASSWORD, "sign-in-off", "store"],
      async handle(request) {
        const { password, name = null } = await bodyOf(request, "signIn", '{"password": "…"}');
        const set = await signIn(deps, request, password, name);
        return { ...jsonResponse({ signedIn: true }, FRESH), cookies: set };
      },
    },
    {
      method: "POST",
      path: "/access/sign-out",
      summary: "Ends the session, or leaves a view link",
      body: "EmptyInput",
      response: "SignedIn",
      light: true,
      errors: ["foreign-origin", "wrong-type", "store"],
      async handle(request) {
        const out = { ...jsonResponse({ signedIn: false }, FRESH) };
        if (access.mode === "open") return out;
        await access.endSessions((session) => isOf(request, session));
        return { ...out, cookies: await cookies(request, { session: "", view: "" }) };
      },
    },
    {
      method: "PUT",
      path: "/access/password",
      summary: "Sets the password; every session but this one ends",
      description:
        "Where one is set, it is asked for. Forgotten: whitestat password, on the machine, sets another one.",
      body: "PasswordInput",
      response: "Access",
      light: true,
      errors: [...OF_BODY, ...OF_PASSWORD, "sign-in-off", "not-saved", "store"],
      async handle(request) {
        if (access.mode === "proxy") throw signInOff(access.mode);
        const { password: next, current = "" } = await bodyOf(request, "password", '{"password": "…", "current": "…"}');
        const { instance } = await access.keys();
        const own = (await access.keys()).sessions().find((session) => isOf(request, session)) ?? null;
        const secret = await saving(() =>
          access.setPassword(
            {
              next,
              password: current,
              address: request.client,
              name: browserName(request.header("user-agent")),
              known: cookieOf(request, knownCookie(instance)),
            },
            own,
          ),
        );
        const response = jsonResponse(await state(request), FRESH);
        return secret === null ? response : { ...response, cookies: await cookies(request, { session: secret }) };
      },
    },
    {
      method: "GET",
      path: "/access/sessions",
      summary: "The browsers that are signed in, the latest first",
      response: "Sessions",
      light: true,
      errors: ["store"],
      handle: async (request) => jsonResponse(await sessions(request), FRESH),
    },
    {
      method: "POST",
      path: "/access/sessions/end-others",
      summary: "Ends every session but the one that asks; the answer lists what is left",
      body: "EmptyInput",
      response: "Sessions",
      light: true,
      errors: ["foreign-origin", "wrong-type", "store"],
      async handle(request) {
        await access.endSessions((session) => !isOf(request, session));
        return jsonResponse(await sessions(request), FRESH);
      },
    },
    {
      method: "POST",
      path: "/access/sessions/{id}/end",
      summary: "Ends a session, wherever it is; the answer lists what is left",
      body: "EmptyInput",
      response: "Sessions",
      light: true,
      errors: ["unknown-access", "foreign-origin", "wrong-type", "store"],
      async handle(request, id) {
        const name = nameIn((await access.keys()).sessions(), id);
        await access.endSessions((session) => session.id === id);
        return did(jsonResponse(await sessions(request), FRESH), `Ended the session ${name}`);
      },
    },
    {
      method: "GET",
      path: "/access/tokens",
      summary: "The tokens that programs send",
      response: "Tokens",
      light: true,
      errors: ["store"],
      handle: async () => jsonResponse(await tokens(), FRESH),
    },
    {
      method: "POST",
      path: "/access/tokens",
      summary: "Makes a token, which is shown this once",
      body: "TokenInput",
      response: "NewToken",
      light: true,
      errors: [...OF_BODY, "sign-in-off", "too-many-access", "store"],
      async handle(request) {
        if (access.mode === "open") throw signInOff(access.mode);
        const { name, scope } = await bodyOf(request, "token", '{"name": "Excel", "scope": "read"}');
        const token = await asking(() => access.addToken(name, scope));
        const response: NewToken = { token, ...(await tokens()) };
        return did(jsonResponse(response, FRESH), `Made the token ${response.tokens.at(-1)?.name} (${scope})`);
      },
    },
    {
      method: "POST",
      path: "/access/tokens/{id}/revoke",
      summary: "Revokes a token; the answer lists what is left",
      body: "EmptyInput",
      response: "Tokens",
      light: true,
      errors: ["unknown-access", "foreign-origin", "wrong-type", "store"],
      async handle(_, id) {
        const name = nameIn((await access.keys()).tokens(), id);
        await asking(() => access.revokeToken(id));
        return did(jsonResponse(await tokens(), FRESH), `Revoked the token ${name}`);
      },
    },
    {
      method: "GET",
      path: "/access/links",
      summary: "The view links: addresses that show the dashboard, and let nothing be changed",
      response: "ViewLinks",
      light: true,
      errors: ["store"],
      handle: async () => jsonResponse(await links(), FRESH),
    },
    {
      method: "POST",
      path: "/access/links",
      summary: "Makes a view link, whose address is shown this once",
      body: "ViewLinkInput",
      response: "NewViewLink",
      light: true,
      errors: [...OF_BODY, "unknown-owner", "sign-in-off", "too-many-access", "store"],
      async handle(request) {
        if (access.mode === "open" || access.mode === "read-only") {
          throw new HttpProblem(
            "sign-in-off",
            `Everybody sees everything (AUTH=${access.mode}), so nobody needs a link.`,
            "Set AUTH to password or proxy, and start WhiteStat again.",
          );
        }
        const input = await bodyOf(request, "link", '{"name": "Tablet", "owner": null, "expiresAt": null}');
        if (input.owner !== null && !Object.hasOwn(household.document().owners, input.owner)) {
          throw new HttpProblem("unknown-owner", `There is no owner ${input.owner}.`, "GET household lists them.");
        }
        const secret = await asking(() => access.addLink(input));
        const response: NewViewLink = { path: `view/${secret}`, ...(await links()) };
        return did(jsonResponse(response, FRESH), `Made the view link ${response.links.at(-1)?.name}`);
      },
    },
    {
      method: "POST",
      path: "/access/links/{id}/revoke",
      summary: "Revokes a view link; the answer lists what is left",
      body: "EmptyInput",
      response: "ViewLinks",
      light: true,
      errors: ["unknown-access", "foreign-origin", "wrong-type", "store"],
      async handle(_, id) {
        const name = nameIn((await access.keys()).links(), id);
        await asking(() => access.revokeLink(id));
        return did(jsonResponse(await links(), FRESH), `Revoked the view link ${name}`);
      },
    },
    {
      method: "GET",
      path: "/access/audit",
      summary: "Who changed what",
      response: "Audit",
      light: true,
      errors: ["store"],
      async handle() {
        const entries = await access.audit.list();
        const response: AuditList = { entries: entries.map(({ at, by, what }) => ({ at, by: { ...by }, what })) };
        return jsonResponse(response, FRESH);
      },
    },
  ];
}

async function stateOf({ access, household }: AccessDeps, { who }: HttpRequest): Promise<AccessState> {
  const { mode } = access;
  const mayManage = may(who, "manage", mode);
  const owner = who.kind === "view" ? who.owner : null;
  const { owners } = household.document();
  const found = owner !== null && Object.hasOwn(owners, owner) ? owners[owner] : undefined;
  return {
    mode,
    signedIn: who.kind === "person" || who.kind === "proxy" || who.kind === "token",
    as:
      who.kind === "anybody"
        ? null
        : { kind: who.kind, name: who.name, expiresAt: "expiresAt" in who ? who.expiresAt : null },
    owner: owner === null ? null : { id: owner, name: found?.name ?? null, colour: found?.colour ?? null },
    mayRead: may(who, "view", mode),
    mayWrite: may(who, "write", mode),
    mayManage,
    hasPassword: mayManage && mode !== "proxy" ? await access.hasPassword() : null,
  };
}

function isOf({ who }: HttpRequest, session: Session): boolean {
  return who.kind === "person" && who.id === session.id;
}

/** @throws HttpProblem `unknown-access` */
function nameIn(list: readonly { readonly id: string; readonly name: string }[], id: string): string {
  const found = list.find((one) => one.id === id);
  if (found !== undefined) return found.name;
  throw new HttpProblem("unknown-access", "There is none of this id.", "Read the list again: it may be gone already.");
}

function did(response: HttpResponse, what: string): HttpResponse {
  return { ...response, did: what };
}

async function saving<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await asking(work);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (cause instanceof HttpProblem || typeof code !== "string" || !/^E[A-Z]+$/.test(code)) throw cause;
    throw new HttpProblem(
      "not-saved",
      "The password could not be saved.",
      "See that PASSWORD.json in the data folder can be written and the disk has room, then try again.",
      { cause },
    );
  }
}

async function inputSchemas() {
  const { passwordInputSchema, signInInputSchema, tokenInputSchema, viewLinkInputSchema } = await import(
    "../../shared/access-api.ts"
  );
  return {
    signIn: signInInputSchema,
    password: passwordInputSchema,
    token: tokenInputSchema,
    link: viewLinkInputSchema,
  };
}
type Inputs = Awaited<ReturnType<typeof inputSchemas>>;
type Input<Name extends keyof Inputs> = NonNullable<ReturnType<Inputs[Name]["safeParse"]>["data"]>;

/** The body of a request. No message repeats what it holds. @throws HttpProblem `bad-json`, `bad-access` */
async function bodyOf<Name extends keyof Inputs>(
  request: HttpRequest,
  name: Name,
  example: string,
): Promise<Input<Name>> {
  let value: unknown;
  try {
    value = JSON.parse(await request.text(MAX_BODY));
  } catch (cause) {
    if (cause instanceof HttpProblem) throw cause;
    throw new HttpProblem("bad-json", "The body is not JSON.", `Send for example ${example}`);
  }
  const { success, data, error } = (await inputSchemas())[name].safeParse(value);
  if (success) return data as Input<Name>;
  const place = (error.issues[0]?.path ?? []).join(".");
  throw new HttpProblem(
    "bad-access",
    place === "" ? "The body isn't what is wanted here." : `${place} isn't allowed.`,
    `Send for example ${example}`,
  );
}
