/** Talks to the server below the address of this page, wherever that is mounted. */
import { failureText } from "./texts/failures.ts";

/** A response that is not what was asked for, in words for a person. */
export class ApiFailure extends Error {
  readonly code: string;
  readonly hint: string | null;
  constructor(code: string, message: string, hint: string | null) {
    super(message);
    this.code = code;
    this.hint = hint;
  }
}

/** What is done when an answer says that nobody is signed in, which may be from one moment to the next. */
let signInIsNeeded = (): void => {};

export function whenSignInIsNeeded(act: () => void): void {
  signInIsNeeded = act;
}

/** The full address of a path below the page, e.g. `urlOf("api/v1/usage", { from })`; null values are left out. */
export function urlOf(path: string, query: Readonly<Record<string, string | null>> = {}): string {
  const url = new URL(path, new URL(document.baseURI.replace(/history\/?(?:[?#].*)?$/, "")));
  url.search = "";
  for (const [name, value] of Object.entries(query)) if (value !== null) url.searchParams.set(name, value);
  return url.href;
}

/** @throws ApiFailure; an AbortError when aborted */
export async function getJson<T>(
  path: string,
  query: Readonly<Record<string, string | null>> = {},
  signal?: AbortSignal,
): Promise<T> {
  return send<T>(urlOf(path, query), { headers: { Accept: "application/json" }, ...(signal ? { signal } : {}) });
}

/** @throws ApiFailure */
export async function postJson<T>(path: string, body: unknown): Promise<T> {
  return send<T>(urlOf(path), {
    method: "POST",
    headers: { Accept: "application/json", "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
}

/** @throws ApiFailure */
export async function putJson<T>(
  path: string,
  body: unknown,
  query: Readonly<Record<string, string | null>> = {},
): Promise<T> {
  return send<T>(urlOf(path, query), {
    method: "PUT",
    headers: { Accept: "application/json", "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
}

async function send<T>(url: string, init: RequestInit): Promise<T> {
  let response: Response;
  try {
    response = await fetch(url, { ...init, redirect: "manual" });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    const { message, hint } = failureText.unreachable;
    throw new ApiFailure("unreachable", message, hint);
  }
  const answer: unknown = await response.json().catch(() => null);
  if (response.ok && answer !== null) return answer as T;
  // WhiteStat sends no page elsewhere: a proxy does, to where it signs people in.
  const failure =
    response.type === "opaqueredirect" ? signedOutFailure() : signedOutOr(failureOf(answer, response.status));
  if (failure.code === SIGN_IN_NEEDED) signInIsNeeded();
  throw failure;
}

export const SIGN_IN_NEEDED = "sign-in-needed";

function signedOutFailure(): ApiFailure {
  const { message, hint } = failureText.signedOut;
  return new ApiFailure(SIGN_IN_NEEDED, message, hint);
}

/** What the server says then is for programs. */
function signedOutOr(failure: ApiFailure): ApiFailure {
  return failure.code === SIGN_IN_NEEDED ? signedOutFailure() : failure;
}

function failureOf(answer: unknown, status: number): ApiFailure {
  const error = (answer as { error?: { code?: unknown; message?: unknown; hint?: unknown } } | null)?.error;
  if (typeof error?.message === "string") {
    return new ApiFailure(String(error.code), error.message, typeof error.hint === "string" ? error.hint : null);
  }
  const { message, hint } = failureText.unreadable(status);
  return new ApiFailure("unreadable", message, hint);
}
