import type { AddressInfo, Socket } from "node:net";
import { type IncomingMessage, nodeHttp, type Server, type ServerResponse } from "../builtin.ts";
import type { App } from "./app.ts";
import { type Connections, createConnections } from "./connections.ts";
import { noteArrival } from "./event-loop.ts";
import { type ClientError, createRefusal } from "./refusal.ts";
import { send } from "./send.ts";

/** What one client may cost. A home server has few; whoever opens more is not one of them. */
export const SERVE_LIMITS = {
  maxHeaderSize: 16 * 1024,
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  keepAliveTimeout: 5_000,
  connectionsCheckingInterval: 5_000,
  /** Open at a time; see `createConnections` for who loses one when there are more. */
  maxConnections: 256,
  /** A connection on which nothing moves for this long is closed. */
  idleMs: 120_000,
  /** So is one that takes nothing of its response for this long. */
  stallMs: 10_000,
} as const;
/** How long responses under way may take once we are told to stop. */
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
  readonly limits?: Partial<Record<keyof typeof SERVE_LIMITS, number>>;
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
  const { maxConnections, idleMs, stallMs, ...limits } = { ...SERVE_LIMITS, ...options.limits };
  const connections = createConnections(maxConnections);
  const server = nodeHttp().createServer({ ...limits, requireHostHeader: false }, onRequest);

  function onRequest(incoming: IncomingMessage, outgoing: ServerResponse): void {
    connections.begin(incoming, outgoing);
    outgoing.once("close", () => {
      // Once closing began, a connection must not wait for its client's next request.
      if (!server.listening) setImmediate(connections.closeIdle);
    });
    app
      .handle(incoming)
      .then((response) => send(incoming, outgoing, response, { stallMs }).finally(response.release))
      .catch((error: unknown) => {
        // Cut, so that nobody takes what he got for whole.
        outgoing.destroy();
        onError(error);
      });
  }

  server.on("connection", (socket) => {
    noteArrival();
    connections.add(socket);
  });
  // Node would refuse an expectation that it does not know without the headers that every response carries.
  server.on("checkExpectation", onRequest);
  server.setTimeout(idleMs);
  const refuse = createRefusal({ connections, maxHeaderSize: limits.maxHeaderSize });
  server.on("clientError", (error: ClientError, socket: Socket) => void refuse(error, socket));

  let refusedPort: number | null = null;
  try {
    await listen(server, port, hostname);
  } catch (error) {
    if (!(error instanceof ListenError) || error.code !== "refused" || fallbackPort === undefined) throw error;
    await listen(server, fallbackPort, hostname);
    refusedPort = port;
  }
  server.on("error", onError);
  return { port: (server.address() as AddressInfo).port, refusedPort, close: () => close(server, connections) };
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

async function close(server: Server, connections: Pick<Connections, "closeIdle">): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  connections.closeIdle();
  const timer = setTimeout(() => server.closeAllConnections(), CLOSE_GRACE_MS);
  await closed;
  clearTimeout(timer);
}
