import { html } from "hono/html";
import { documentOf, pageResponse } from "./document.ts";
import { type HttpResponse, jsonResponse } from "./exchange.ts";

/** Every error that a client can be told, with its status. Codes are stable: scripts may rely on them. */
export const ERROR_STATUS = {
  "bad-request": 400,
  "bad-date": 400,
  "bad-range": 400,
  "bad-host": 400,
  "bad-json": 400,
  "bad-device": 400,
  "bad-name": 400,
  "bad-plan": 400,
  "bad-change": 400,
  "bad-name-source": 400,
  "bad-mqtt": 400,
  "bad-alerts": 400,
  "bad-channel": 400,
  "bad-access": 400,
  "sign-in-needed": 401,
  "wrong-password": 401,
  "bad-token": 401,
  "foreign-origin": 403,
  "not-allowed": 403,
  "not-found": 404,
  "unknown-device": 404,
  "unknown-owner": 404,
  "unknown-change": 404,
  "unknown-channel": 404,
  "unknown-access": 404,
  "no-plan": 404,
  "wrong-method": 405,
  timeout: 408,
  "own-filter": 409,
  overtaken: 409,
  "not-confirmed": 409,
  "own-mqtt": 409,
  "no-password": 409,
  "sign-in-off": 409,
  "too-many-access": 409,
  "too-large": 413,
  "wrong-type": 415,
  "foreign-host": 421,
  "slow-down": 429,
  "headers-too-large": 431,
  internal: 500,
  "not-saved": 503,
  store: 503,
  busy: 503,
  "readings-stale": 503,
  "too-many-listeners": 503,
} as const satisfies Record<string, number>;

export type ErrorCode = keyof typeof ERROR_STATUS;

/** Of a request for another host, which a link would ask for again. */
const WRONG_HOST: ReadonlySet<ErrorCode> = new Set(["bad-host", "foreign-host"]);

/** After how many seconds it is worth asking again. */
const RETRY_SECONDS: Partial<Record<ErrorCode, number>> = { busy: 5, "too-many-listeners": 300 };

/** What goes over the wire, for every error of every JSON route. */
export interface ErrorEnvelope {
  readonly error: { readonly code: ErrorCode; readonly message: string; readonly hint?: string };
}

/** Thrown by a guard or a handler: the request can't be answered, and this is what to tell whoever asked. */
export class HttpProblem extends Error {
  override readonly name = "HttpProblem";
  readonly code: ErrorCode;
  /** One sentence: what to do about it. */
  readonly hint: string | undefined;
  /** After how many seconds it is worth asking again, where that is known. */
  readonly retrySeconds: number | undefined;
  constructor(code: ErrorCode, message: string, hint?: string, options?: ErrorOptions & { retrySeconds?: number }) {
    super(message, options);
    this.code = code;
    this.hint = hint;
    this.retrySeconds = options?.retrySeconds ?? RETRY_SECONDS[code];
  }
}

/** The envelope of a problem. */
export function envelopeOf(problem: HttpProblem): ErrorEnvelope {
  const { code, message, hint } = problem;
  return { error: hint === undefined ? { code, message } : { code, message, hint } };
}

/**
 * A problem as an answer: a readable page where a person looks, the envelope where a program does.
 * @param home where the page leads to the dashboard, a path; null: a program asks
 */
export function problemResponse(problem: HttpProblem, home: string | null): HttpResponse | Promise<HttpResponse> {
  const status = ERROR_STATUS[problem.code];
  const { retrySeconds: retry } = problem;
  const headers = retry === undefined ? {} : { "retry-after": `${retry}` };
  if (home === null) return jsonResponse(envelopeOf(problem), { "cache-control": "no-store", ...headers }, status);
  const body = html`${
    problem.code === "not-found"
      ? html`<h1>Page not found</h1>`
      : html`<h1>Something went wrong</h1>
<p>${problem.message}</p>`
  }
${problem.hint === undefined ? "" : html`<p>${problem.hint}</p>`}
${WRONG_HOST.has(problem.code) ? "" : html`<p><a href="${home}">Open the dashboard</a></p>`}
<p class="quiet">${status} · ${problem.code}</p>`;
  return pageResponse(documentOf(`${status} · WhiteStat`, body), status, headers);
}
