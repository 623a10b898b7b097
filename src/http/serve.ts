import type { AddressInfo, Socket } from "node:net";
import { nodeHttp, type Server } from "../builtin.ts";
import type { App } from "./app.ts";
import { ERROR_STATUS, envelopeOf, HttpProblem } from "./errors.ts";
import { send } from "./send.ts";

/** What one client may cost. A home server has few; whoever opens more is not one of them. */
const LIMITS = {
  maxHeaderSize: 16 * 1024,
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  keepAliveTimeout: 5_000,
  connectionsCheckingInterval: 5_000,
} as const;
const MAX_CONNECTIONS = 256;
/** A connection on which nothing moves for this long is closed, also one that doesn't take its answer. */
const IDLE_MS = 120_000;
/** How long answers under way may take once we are told to stop. */
const CLOSE_GRACE_MS = 2_000;

export interface ServeOptions {
  readonly app: Pick<App, "handle">;
  /** 0 takes any free port. */
  readonly port: number;
  /** The address to listen on; all of them when absent. */
  readonly hostname?: string;
  /** Taken where the system refuses `port` to us (ports below 1024 need a privilege). Only for a port nobody chose. */
  readonly fallbackPort?: number;
  /** Told of failures outside the app and of answers that broke off, for the log. */
  readonly onError?: (error: unknown) => void;
  /** Times and sizes other than the default ones, for tests. */
  readonly limits?: Partial<Record<keyof typeof LIMITS, number>>;
}

export interface Serving {
  /** The port that is listened on. */
  readonly port: number;
  /** The refused port, when `fallbackPort` was taken instead. */
  readonly refusedPort: number | null;
  /** Takes no more requests, lets those under way end within two seconds, then cuts them. */
  close(): Promise<void>;
}

/** Why no port could be opened. `hint` is one sentence for a person. */
export class ListenError extends Error {
  override readonly name = "ListenError";
  readonly code: "refused" | "in-use" | "no-address" | "other";
  readonly hint: string;
  constructor(code: ListenError["code"], message: string, hint: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.hint = hint;
  }
}

/**
 * Serves an app on a port, within limits.
 * @throws ListenError
 */
export async function serve(options: ServeOptions): Promise<Serving> {
  const { app, port, hostname, fallbackPort } = options;
  const onError = options.onError ?? (() => {});
  const server = nodeHttp().createServer(
    { ...LIMITS, ...options.limits, requireHostHeader: false },
    (incoming, outgoing) => {
      silent.delete(incoming.socket);
      outgoing.once("close", () => {
        // Once closing began, a connection must not wait for its client's next request.
        if (!server.listening) setImmediate(() => server.closeIdleConnections());
      });
      app
        .handle(incoming)
        .then((response) => send(incoming, outgoing, response))
        .catch((error: unknown) => {
          // Cut, so that nobody takes what he got for whole.
          outgoing.destroy();
          onError(error);
        });
    },
  );
  // Browsers open connections ahead of need. Node doesn't count those as idle before their first request.
  const silent = new Set<Socket>();
  server.on("connection", (socket) => {
    silent.add(socket);
    socket.once("close", () => silent.delete(socket));
  });
  server.maxConnections = MAX_CONNECTIONS;
  server.setTimeout(IDLE_MS);
  server.on("clientError", (error: ClientError, socket: Socket) => respondToClientError(error, socket));

  let refusedPort: number | null = null;
  try {
    await listen(server, port, hostname);
  } catch (error) {
    if (!(error instanceof ListenError) || error.code !== "refused" || fallbackPort === undefined) throw error;
    await listen(server, fallbackPort, hostname);
    refusedPort = port;
  }
  server.on("error", onError);
  return { port: (server.address() as AddressInfo).port, refusedPort, close: () => close(server, silent) };
}

function listen(server: Server, port: number, hostname: string | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException) => reject(listenError(error, port, hostname));
    server.once("error", fail);
    server.listen({ port, ...(hostname === undefined ? {} : { host: hostname }) }, () => {
      server.off("error", fail);
      resolve();
    });
  });
}

function listenError(cause: NodeJS.ErrnoException, port: number, hostname: string | undefined): ListenError {
  switch (cause.code) {
    case "EACCES":
    case "EPERM":
      return new ListenError(
        "refused",
        `The system does not let this user listen on port ${port}.`,
        "Set SERVER_PORT to a port above 1023, or start with the privilege CAP_NET_BIND_SERVICE.",
        { cause },
      );
    case "EADDRINUSE":
      return new ListenError(
        "in-use",
        `Another program already listens on port ${port}.`,
        `Stop it (\`ss -ltnp 'sport = :${port}'\` names it; it may be an older WhiteStat or darkstat itself), or set SERVER_PORT to another port.`,
        { cause },
      );
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
    case "EINVAL":
      return new ListenError(
        "no-address",
        `This machine has no address ${hostname}.`,
        "Name an address of this machine, or none to listen on all of them.",
        { cause },
      );
    default:
      return new ListenError(
        "other",
        `Port ${port} can't be opened: ${cause.message}`,
        "Set SERVER_PORT to another port.",
        {
          cause,
        },
      );
  }
}

async function close(server: Server, silent: ReadonlySet<Socket>): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  for (const socket of silent) socket.destroy();
  const timer = setTimeout(() => server.closeAllConnections(), CLOSE_GRACE_MS);
  await closed;
  clearTimeout(timer);
}

interface ClientError extends NodeJS.ErrnoException {
  readonly rawPacket?: Buffer;
}

/** Answers what never became a request. Node would say the same without a word of why. */
function respondToClientError(error: ClientError, socket: Socket): void {
  if (error.code === "ECONNRESET" || !socket.writable) {
    socket.destroy();
    return;
  }
  const target = targetWithSpaces(error.rawPacket);
  if (target !== null) {
    socket.end(
      `HTTP/1.1 308 Permanent Redirect\r\nLocation: ${target}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`,
    );
    return;
  }
  const problem = problemOfClient(error.code);
  const body = JSON.stringify(envelopeOf(problem));
  socket.end(
    `HTTP/1.1 ${ERROR_STATUS[problem.code]} ${problem.code}\r\nContent-Type: application/json\r\nX-Content-Type-Options: nosniff\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}

function problemOfClient(code: string | undefined): HttpProblem {
  switch (code) {
    case "HPE_HEADER_OVERFLOW":
      return new HttpProblem("headers-too-large", `The headers are larger than ${LIMITS.maxHeaderSize} bytes.`);
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
