import { html } from "hono/html";
import type { AuthMode } from "../shared/access-words.ts";
import { documentOf, formPageResponse } from "./document.ts";
import type { HttpProblem } from "./errors.ts";
import { type HttpRequest, type HttpResponse, mountOf } from "./exchange.ts";

export interface SignInPage {
  readonly access: { readonly mode: AuthMode; hasPassword(): Promise<boolean> };
  readonly base: string;
  readonly request: Pick<HttpRequest, "method" | "path" | "search" | "ingressPath">;
  readonly status: number;
  readonly headers?: HttpResponse["headers"];
  /** What was wrong with the last try; null: there was none. */
  readonly problem: Pick<HttpProblem, "message" | "hint"> | null;
  /** Where to go afterwards, below the base; what was asked for unless it is said. */
  readonly next?: string;
}

/** The page that a stranger gets instead of every other: it works without script, and tells nothing of the household. */
export async function signInPage(page: SignInPage): Promise<HttpResponse> {
  const { access, base, status, headers = {}, problem } = page;
  const next = page.next ?? nextOf(page);
  const mount = mountOf(page.request, base);
  // Nothing can be said of a password that can't be read: the try will tell.
  const isSet = access.mode === "proxy" || (await access.hasPassword().catch(() => true));
  const body = html`<main>
${
  access.mode === "proxy"
    ? html`<h1>WhiteStat</h1>
<p>Nobody is signed in. Open WhiteStat at the address of the proxy that signs people in.</p>`
    : isSet
      ? html`<form class="sign-in" method="post" action="${mount}/signin">
<h1>WhiteStat</h1>
<p class="quiet">Enter the household's password.</p>
${problem === null ? "" : html`<p class="alarm" role="alert" id="wrong">${problem.message} ${problem.hint ?? ""}</p>`}
<input type="hidden" name="next" value="${next}">
<input type="text" name="username" autocomplete="username" value="whitestat" readonly hidden>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" maxlength="1000" required autofocus${problem === null ? "" : html` aria-invalid="true" aria-describedby="wrong"`}>
<button type="submit">Sign in</button>
</form>`
      : html`<h1>No password is set yet</h1>
<p>Nobody can sign in before one is. On the machine that WhiteStat runs on, run</p>
<pre>whitestat password</pre>
<p>(in a container: <code>docker exec -it whitestat whitestat password</code>), then <a href="${mount}/signin">sign in</a>.</p>`
}
</main>`;
  return formPageResponse(documentOf("Sign in · WhiteStat", body), status, headers);
}

/** What was asked for, where that is a page that can be asked for again. */
function nextOf({ base, request: { method, path, search } }: SignInPage): string {
  if (method !== "GET" || (path !== base && !path.startsWith(`${base}/`))) return "/";
  // Paths have no slash at their end: the root of a mount is the base itself.
  const place = (path.slice(base.length) || "/") + search;
  return isOwnPath(place) ? place : "/";
}

/** Whether a text is a path of ours, and nothing that a browser takes for another host. */
export function isOwnPath(text: string): boolean {
  return text.length <= 2_000 && /^\/(?![/\\])[\x21-\x7e]*$/.test(text) && !text.startsWith("/signin");
}
