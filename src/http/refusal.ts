import type { Socket } from "node:net";
import type { Connections } from "./connections.ts";
import { ERROR_STATUS, envelopeOf, HttpProblem } from "./errors.ts";
import { withSecurityHeaders } from "./request-guards.ts";

/** How long a client may take a refusal, and go on sending what nobody reads. Then its connection is closed. */
const LINGER_MS = 500;

export interface ClientError extends NodeJS.ErrnoException {
  readonly rawPacket?: Buffer;
}

export interface RefusalOptions {
  readonly connections: Pick<Connections, "answered">;
  readonly maxHeaderSize: number;
}

/**
 * Responds to what never became a request, after the responses to the requests before it, and closes the connection.
 * Node would say the same without a word of why, and at once.
 */
export function createRefusal({ connections, maxHeaderSize }: RefusalOptions) {
  const refused = new WeakSet<Socket>();
  return async (error: ClientError, socket: Socket): Promise<void> => {
    // What comes after the first mistake is no request either.
    if (refused.has(socket)) return;
    refused.add(socket);
    await connections.answered(socket);
    if (error.code === "ECONNRESET" || !socket.writable) {
      socket.destroy();
      return;
    }
    socket.end(refusalOf(error, maxHeaderSize));
    // Its place is free again, whether or not the client closes its own side.
    setTimeout(() => socket.destroy(), LINGER_MS).unref();
  };
}

function refusalOf(error: ClientError, maxHeaderSize: number): string {
  const target = targetWithSpaces(error.rawPacket);
  if (target !== null) return rawResponse(308, "Permanent Redirect", { location: target }, "");
  const problem = problemOfClient(error.code, maxHeaderSize);
  const headers = { "content-type": "application/json", "cache-control": "no-store" };
  return rawResponse(ERROR_STATUS[problem.code], problem.code, headers, JSON.stringify(envelopeOf(problem)));
}

function rawResponse(status: number, reason: string, more: Readonly<Record<string, string>>, body: string): string {
  const { headers } = withSecurityHeaders({ status, headers: more, body }, false);
  const lines = Object.entries({ ...headers, "content-length": Buffer.byteLength(body), connection: "close" });
  return `HTTP/1.1 ${status} ${reason}\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n${body}`;
}

function problemOfClient(code: string | undefined, maxHeaderSize: number): HttpProblem {
  switch (code) {
    case "HPE_HEADER_OVERFLOW":
      return new HttpProblem("headers-too-large", `The headers are larger than ${maxHeaderSize} bytes.`);
    case "ERR_HTTP_REQUEST_TIMEOUT":
      return new HttpProblem("timeout", "The request did not arrive in time.");
    default:
      return new HttpProblem("bad-request", "This is not HTTP.");
  }
}

/**
 * Old queries ask for `/json/history?start=2021-01-30 00:00:00` with a bare space, which the old server took and
 * HTTP forbids. Returns the address with its spaces encoded, for a redirect to it; null where that is not the problem.
 */
function targetWithSpaces(packet: Buffer | undefined): string | null {
  const line = packet?.subarray(0, 2048).toString("latin1").split("\r\n", 1)[0] ?? "";
  const target = /^(?:GET|HEAD) (\/(?!\/)[\x20-\x7e]*) HTTP\/1\.[01]$/.exec(line)?.[1];
  if (!target?.includes(" ") || target.includes("\\")) return null;
  return target.trim().replaceAll(" ", "%20");
}
