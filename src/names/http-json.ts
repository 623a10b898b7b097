import { nodeHttp, nodeHttps } from "../builtin.ts";

export interface JsonRequest {
  readonly method: "GET" | "POST" | "DELETE";
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
}

export interface JsonResponse {
  readonly status: number;
  /** Null where the body is no JSON. */
  readonly body: unknown;
}

const TIMEOUT_MS = 10_000;
const MAX_BYTES = 8 * 1024 * 1024;

/**
 * Asks a program of the household for JSON. Redirects are not followed: they could lead a password anywhere.
 * @throws an error in words for a person when it can't be reached, takes longer than ten seconds or sends more than 8 MB;
 * its message has neither the address nor what was sent
 */
export function requestJson(
  url: string,
  { method, headers = {}, body }: JsonRequest,
  signal: AbortSignal,
): Promise<JsonResponse> {
  const payload = body === undefined ? null : Buffer.from(JSON.stringify(body));
  const { request } = url.startsWith("https:") ? nodeHttps() : nodeHttp();
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => {
      const { code = "", message } = error as NodeJS.ErrnoException;
      const own = error.name === "AbortError" || error.name === "TimeoutError";
      const late = own && !signal.aborted;
      reject(
        late ? new Error("it took longer than 10 seconds") : new Error(REASONS[code] ?? message, { cause: error }),
      );
    };
    const sent = request(
      url,
      {
        method,
        agent: false,
        signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
        headers: {
          accept: "application/json",
          ...(payload === null ? {} : { "content-type": "application/json", "content-length": String(payload.length) }),
          ...headers,
        },
      },
      (response) => {
        const chunks: Buffer[] = [];
        let size = 0;
        response.on("error", fail);
        response.on("data", (chunk: Buffer) => {
          size += chunk.length;
          if (size <= MAX_BYTES) chunks.push(chunk);
          else sent.destroy(new Error(`it sent more than ${MAX_BYTES / 1024 / 1024} MB`));
        });
        response.on("end", () => resolve({ status: response.statusCode ?? 0, body: parsed(Buffer.concat(chunks)) }));
      },
    );
    sent.on("error", fail);
    sent.end(payload);
  });
}

function parsed(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString());
  } catch {
    return null;
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing answers there (connection refused)",
  ECONNRESET: "the connection was closed without a response",
  ENOTFOUND: "its host name is unknown",
  EAI_AGAIN: "its host name could not be resolved",
  EHOSTUNREACH: "there is no route to it",
  ENETUNREACH: "there is no route to it",
  ETIMEDOUT: "it can't be reached (timed out)",
  DEPTH_ZERO_SELF_SIGNED_CERT: "its certificate is self-signed; within your own network, use its http:// address",
  SELF_SIGNED_CERT_IN_CHAIN:
    "its certificate isn't signed by a trusted authority; within your own network, use its http:// address",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    "its certificate isn't signed by a trusted authority; within your own network, use its http:// address",
  CERT_HAS_EXPIRED: "its certificate has expired",
  ERR_TLS_CERT_ALTNAME_INVALID: "its certificate is for another name",
};

/** Fields of untrusted JSON: what isn't of the kind that is asked for is as if it were not there. */
export function fieldOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

export function listOf(value: unknown, name: string): readonly unknown[] {
  const list = fieldOf(value, name);
  return Array.isArray(list) ? list.slice(0, MOST_ITEMS) : [];
}

export function textOf(value: unknown, name: string): string | null {
  const text = fieldOf(value, name);
  return typeof text === "string" ? text : null;
}

/** More are in no household. */
const MOST_ITEMS = 20_000;
