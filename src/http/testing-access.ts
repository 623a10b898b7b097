import type { Access } from "../access/access.ts";
import { API_PATH } from "./api/api.ts";
import type { AppDeps } from "./app.ts";
import { NOON, testAccess, testApp, testDeps } from "./testing.ts";

export const PASSWORD = "correct horse battery staple";

interface HouseOptions {
  readonly deps?: AppDeps;
  /** ms UTC, and the clock that nobody sets. */
  readonly now?: () => number;
  readonly address?: string;
}

/** An app with a password, and what a browser does with it. */
export async function house(mode: Access["mode"] = "password", options: HouseOptions = {}) {
  const { now = () => NOON } = options;
  const deps = options.deps ?? (await testDeps([], { now }));
  const lines: string[] = [];
  const say = (line: string) => lines.push(line);
  const memory = deps.store as unknown as Parameters<typeof testAccess>[0];
  const access = testAccess(memory, now, { mode, log: { info: say, warn: say } });
  await access.setPassword({ next: PASSWORD, password: "", address: "", name: "test", known: null }, null);
  const base = deps.basePath;
  const app = testApp({ ...deps, access });
  const from = (address: string) => ({ socket: { remoteAddress: address, destroyed: false } }) as object;

  /** Sends JSON below api/v1. */
  const send = (
    path: string,
    body: unknown,
    cookie = "",
    headers: Record<string, string> = {},
    address = "127.0.0.1",
  ) =>
    app.request(
      `${base}${API_PATH}${path}`,
      {
        method: /password|name$|plan$|ipv6/.test(path) ? "PUT" : "POST",
        headers: { "content-type": "application/json", cookie, ...headers },
        body: JSON.stringify(body),
      },
      from(address),
    );
  const get = (path: string, cookie = "", headers: Record<string, string> = {}, address = "127.0.0.1") =>
    app.request(base + path, { headers: { cookie, ...headers } }, from(address));
  const signIn = async (headers: Record<string, string> = {}, address = "127.0.0.1") =>
    cookiesOf(await send("/access/sign-in", { password: PASSWORD }, "", headers, address));
  /** A token's or a view link's secret. */
  const token = async (cookie: string, scope: "read" | "write") =>
    ((await (await send("/access/tokens", { name: `Program ${scope}`, scope }, cookie)).json()) as { token: string })
      .token;
  const link = async (cookie: string, owner: number | null, expiresAt: number | null = null) =>
    ((await (await send("/access/links", { name: "Tablet", owner, expiresAt }, cookie)).json()) as { path: string })
      .path;
  /** The cookie of who opens a view link. */
  const open = async (path: string) => cookiesOf(await get(`/${path}`));
  return { deps, access, app, send, get, signIn, token, link, open, lines };
}

/** What a browser would send back. */
export function cookiesOf(response: Response): string {
  return response.headers
    .getSetCookie()
    .map((cookie) => cookie.split(";")[0])
    .join("; ");
}

/** The code of an error. */
export async function codeOf(response: Response): Promise<string> {
  return ((await response.json()) as { error: { code: string } }).error.code;
}
