import { html, raw } from "hono/html";
import type { HtmlEscapedString } from "hono/utils/html";
import { nodeCrypto } from "../builtin.ts";
import type { HttpResponse } from "./exchange.ts";

type Html = HtmlEscapedString | Promise<HtmlEscapedString>;

const STYLE = `
:root { color-scheme: light dark; --line: #d5d9de; --quiet: #59636e; --alarm: #a40e26; --paper: #fff; --ink: #1c2128; --link: #0a4fa8 }
@media (prefers-color-scheme: dark) { :root { --line: #3a424c; --quiet: #a3adb8; --alarm: #ff9a94; --paper: #14181d; --ink: #e8ebef; --link: #8cbcff } }
* { box-sizing: border-box }
body { margin: 0 auto; padding: 1rem; max-width: 72rem; font: 1rem/1.5 system-ui, sans-serif; background: var(--paper); color: var(--ink) }
a { color: var(--link) }
h1 { font-size: 1.4rem; margin: 0 0 .25rem }
h2 { font-size: 1.1rem; margin: 2rem 0 .5rem }
nav a { display: inline-block; padding: .35rem .6rem .35rem 0 }
.quiet { color: var(--quiet) }
.alarm { color: var(--alarm); font-weight: 600 }
.banner { border: 2px solid currentColor; padding: .5rem .75rem }
.scroll { overflow-x: auto }
table { border-collapse: collapse; width: 100% }
th, td { padding: .4rem .6rem; text-align: start; border-bottom: 1px solid var(--line); vertical-align: top }
.number { text-align: end; white-space: nowrap; font-variant-numeric: tabular-nums }
td.name { overflow-wrap: anywhere; min-width: 9rem }
@media (max-width: 44rem) {
  table, thead, tbody, tfoot { display: block }
  thead tr { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden }
  tbody tr, tfoot tr { display: grid; grid-template-columns: repeat(3, 1fr); border-bottom: 1px solid var(--line); padding: .5rem 0 }
  th, td { border: 0; padding: .1rem 0 }
  td.name, td.wide, tfoot th { grid-column: 1 / -1 }
  td.name { font-weight: 600 }
  .number { text-align: start }
  [data-label]::before { content: attr(data-label); display: block; color: var(--quiet); font-size: .85rem; font-weight: 400 }
}
form.sign-in { max-width: 22rem; margin: 12vh auto 0 }
label { display: block; margin: 1rem 0 .25rem }
input, button { font: inherit; width: 100%; padding: .6rem .7rem; border-radius: .4rem; border: 1px solid var(--line) }
input { background: var(--paper); color: var(--ink); border-color: var(--quiet) }
button { margin-top: 1rem; background: var(--link); border-color: var(--link); color: var(--paper); font-weight: 600; cursor: pointer }
input:focus-visible, button:focus-visible, a:focus-visible { outline: 3px solid var(--link); outline-offset: 2px }
tfoot td, tfoot th { font-weight: 600; border-bottom: 0 }
`;

const SHARED_RULES = "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const FORM_RULES = "base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/** For answers that are data: a browser that renders one all the same runs and loads nothing. */
export const DATA_POLICY = `default-src 'none'; ${SHARED_RULES}`;

/** For pages rendered here: nothing but their own style sheet, named by its hash. */
function pagePolicy(rules: string): string {
  const hash = nodeCrypto().createHash("sha256").update(STYLE).digest("base64");
  return `default-src 'none'; style-src 'sha256-${hash}'; ${rules}`;
}

/** For the built dashboard: its own files and its own endpoints; `data:` pictures for icons within style sheets. */
export const DASHBOARD_POLICY = `default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; ${SHARED_RULES}`;

/** A page as a response, made for this one reader. */
export async function pageResponse(
  page: Html,
  status: number,
  more: HttpResponse["headers"] = {},
): Promise<HttpResponse> {
  const headers = {
    ...more,
    "content-security-policy": pagePolicy(SHARED_RULES),
    "cache-control": "no-store",
    "content-type": "text/html; charset=UTF-8",
  };
  return { status, headers, body: String(await page) };
}

/** The same with a form, which is sent to us. */
export async function formPageResponse(
  page: Html,
  status: number,
  more: HttpResponse["headers"] = {},
): Promise<HttpResponse> {
  const response = await pageResponse(page, status, more);
  // With no-referrer a browser would say "null" for where the form is from, as for that of a foreign page.
  const headers = { "content-security-policy": pagePolicy(FORM_RULES), "referrer-policy": "same-origin" };
  return { ...response, headers: { ...response.headers, ...headers } };
}

/** A whole page around a body. */
export function documentOf(title: string, body: Html): Html {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${raw(STYLE)}</style>
</head>
<body>
${body}
</body>
</html>
`;
}
