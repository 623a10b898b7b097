import { type ClientRequest, type IncomingMessage, nodeHttp, nodeHttps } from "../builtin.ts";
import type { DarkstatAddress } from "./address.ts";
import { DarkstatError } from "./error.ts";
import { createRoom, type Room } from "./room.ts";

export interface PageLimits {
  /** Time for a page from the first packet to the last byte, a second attempt included. */
  readonly timeoutMs: number;
  /** Size of a page. */
  readonly maxBytes: number;
}

/**
 * Fetches one page of darkstat, on a connection of its own: darkstat closes it without saying so. A connection that breaks
 * is tried once more. gzip is not asked for, since darkstat would compress where it should be capturing.
 * @param room takes its bytes; nobody else may use it meanwhile
 * @returns its bytes, good until the room is used again: what they say is for `decodePage`
 * @throws DarkstatError, or the reason of `signal`.
 */
export function fetchPage(
  address: DarkstatAddress,
  path: string,
  limits: PageLimits,
  signal?: AbortSignal,
  room: Room = createRoom(),
): Promise<Buffer> {
  const url = address.url + path;
  return new Promise((resolve, reject) => {
    let current: ClientRequest | undefined;
    let done = false;
    const finish = (settle: () => void) => {
      done = true;
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
      settle();
      current?.destroy();
    };
    const fail = (error: unknown) => finish(() => reject(error));
    const onAbort = () => fail(signal?.reason);
    const timer = setTimeout(() => {
      fail(new DarkstatError("timeout", `${url} did not answer in full within ${limits.timeoutMs / 1000} s`));
    }, limits.timeoutMs);
    if (signal?.aborted) return onAbort();
    signal?.addEventListener("abort", onAbort, { once: true });

    const attempt = (last: boolean) => {
      let received = false;
      let settled = false;
      const once = (act: () => void) => {
        if (settled || done) return;
        settled = true;
        act();
      };
      room.clear();
      current = open(url, address.authorization, limits.maxBytes, {
        onResponse: () => {
          received = true;
        },
        onChunk: (chunk) => {
          if (!settled && !done) room.add(chunk);
        },
        onEnd: () => once(() => finish(() => resolve(room.bytes()))),
        onRefusal: (error) => once(() => fail(error)),
        onBroken: (error) => once(() => (last ? fail(brokenError(url, error, received)) : attempt(true))),
      });
    };
    attempt(false);
  });
}

interface Outcome {
  onResponse(): void;
  onChunk(chunk: Buffer): void;
  onEnd(): void;
  /** darkstat, or what answers there, will not do better when asked again. */
  onRefusal(error: DarkstatError): void;
  onBroken(error: Error): void;
}

function open(url: string, authorization: string | null, maxBytes: number, on: Outcome): ClientRequest {
  const headers: Record<string, string> = { accept: "*/*", "accept-encoding": "identity" };
  if (authorization) headers.authorization = authorization;
  const { get } = url.startsWith("https:") ? nodeHttps() : nodeHttp();
  const request = get(url, { agent: false, headers }, (response) => {
    on.onResponse();
    response.on("error", on.onBroken);
    const refusal = refusalOf(url, response, maxBytes);
    if (refusal) return on.onRefusal(refusal);
    let size = 0;
    response.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size > maxBytes) on.onRefusal(tooLarge(url, maxBytes));
      else on.onChunk(chunk);
    });
    response.on("end", () => {
      if (response.complete) on.onEnd();
      else on.onBroken(new Error("the connection ended early"));
    });
  });
  request.on("error", on.onBroken);
  return request;
}

function refusalOf(url: string, response: IncomingMessage, maxBytes: number): DarkstatError | null {
  const status = response.statusCode ?? 0;
  if (status === 401 || status === 403) {
    const remedy = "Put the user and the password into DARKSTAT_URL: http://user:password@host:667/.";
    return new DarkstatError("http-status", `${url} answered with HTTP status ${status}`, remedy);
  }
  if (status !== 200) return new DarkstatError("http-status", `${url} answered with HTTP status ${status}, not 200`);
  return Number(response.headers["content-length"] ?? 0) > maxBytes ? tooLarge(url, maxBytes) : null;
}

function tooLarge(url: string, maxBytes: number): DarkstatError {
  return new DarkstatError("too-large", `${url} sent more than ${maxBytes} bytes`);
}

function brokenError(url: string, error: Error, received: boolean): DarkstatError {
  const code = (error as NodeJS.ErrnoException).code ?? "";
  if (code.startsWith("HPE_")) {
    return new DarkstatError("garbled", `${url} did not answer in HTTP (${code})`, undefined, { cause: error });
  }
  if (received) {
    return new DarkstatError("cut", `the answer of ${url} broke off: ${error.message}`, undefined, { cause: error });
  }
  const why = REASONS[code] ?? (error.message || code);
  return new DarkstatError("unreachable", `${url} could not be reached: ${why}`, undefined, { cause: error });
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing listens there (connection refused)",
  ECONNRESET: "the connection was closed without an answer",
  ENOTFOUND: "its name is not known (DNS)",
  EAI_AGAIN: "its name could not be looked up (DNS)",
  EHOSTUNREACH: "there is no way to that host",
  ENETUNREACH: "there is no way to that network",
  ETIMEDOUT: "no answer to the attempt to connect",
};
