import type { Socket } from "node:net";

/**
 * What can go wrong with an answer.
 * `cut`: the connection ends in the middle of the page. `cut-quietly`: likewise, but the announced length agrees.
 * `garbled`: figures are no figures. `empty`: status 200 and no page. `hang`: no answer. `drip`: a byte now and then.
 * `huge`: a page without end. `refuse`: the connection is reset at once. `status500`: an error of the server.
 * `error-line`: status 200 and darkstat's `Error: …`. `reset-mid-read`: the connection is reset in the middle of the
 * page. `lost-response`: the request was served, but the answer got lost.
 */
export type FaultKind =
  | "cut"
  | "cut-quietly"
  | "garbled"
  | "empty"
  | "hang"
  | "drip"
  | "huge"
  | "refuse"
  | "status500"
  | "error-line"
  | "reset-mid-read"
  | "lost-response";

export interface FaultOptions {
  /** How many answers; until cleared without it. */
  readonly times?: number;
  /** Only pages whose path holds this text, e.g. `hosts`. Not for `refuse`, which comes before any path. */
  readonly path?: string;
}

export interface Faults {
  fault(kind: FaultKind, options?: FaultOptions): void;
  clearFaults(): void;
  /** Whether the connection that has just come is to be reset. */
  refuses(): boolean;
  /** The fault of the answer to this target; null for a good one. */
  take(target: string): FaultKind | null;
}

/** No fault at first; they come in the order in which they were planted. */
export function createFaults(): Faults {
  let planted: { kind: FaultKind; left: number; path: string }[] = [];
  const next = (fits: (fault: { kind: FaultKind; path: string }) => boolean): FaultKind | null => {
    const found = planted.find(fits);
    if (!found) return null;
    found.left -= 1;
    planted = planted.filter((fault) => fault.left > 0);
    return found.kind;
  };
  return {
    fault(kind, { times = Number.POSITIVE_INFINITY, path = "" } = {}) {
      planted.push({ kind, left: times, path });
    },
    clearFaults() {
      planted = [];
    },
    refuses: () => next(({ kind }) => kind === "refuse") !== null,
    take: (target) => next(({ kind, path }) => kind !== "refuse" && target.includes(path)),
  };
}

const DRIP_MS = 100;

/** Sends an answer the wrong way. Resolves when darkstat would turn to the next request. */
export async function sendFaulty(socket: Socket, kind: FaultKind, response: Buffer): Promise<void> {
  const split = response.indexOf("\r\n\r\n") + 4;
  const head = response.subarray(0, split).toString("latin1");
  const body = response.subarray(split);
  const half = body.subarray(0, Math.floor(body.length * 0.6));
  const closed = new Promise<void>((resolve) => {
    if (socket.destroyed) resolve();
    else socket.once("close", () => resolve());
  });
  const page = (text: string | Buffer, status?: string) => {
    const bytes = Buffer.from(text as string);
    const headers = head.replace(/Content-Length: \d+/, `Content-Length: ${bytes.length}`);
    return Buffer.concat([Buffer.from(status ? headers.replace(/^HTTP\/1.1 [^\r]*/, status) : headers), bytes]);
  };
  switch (kind) {
    case "cut":
      socket.end(Buffer.concat([Buffer.from(head), half]));
      break;
    case "cut-quietly":
      socket.end(page(half));
      break;
    case "garbled":
      socket.end(page(body.toString("utf8").replace(/\d/g, "?")));
      break;
    case "empty":
      socket.end(page(""));
      break;
    case "status500":
      socket.end(page("<h1>Internal Server Error</h1>\n", "HTTP/1.1 500 Internal Server Error"));
      break;
    case "error-line":
      socket.end(page('Error: invalid value for "sort".\n'));
      break;
    case "refuse":
    case "lost-response":
      socket.destroy();
      break;
    case "reset-mid-read":
      socket.write(Buffer.concat([Buffer.from(head), half]), () => setTimeout(() => socket.resetAndDestroy(), 20));
      break;
    case "hang":
      break;
    case "drip":
      drip(socket, response);
      break;
    case "huge":
      flood(socket, head.replace(/Content-Length: \d+\r\n/, ""));
      break;
  }
  // Whoever waits for nothing must not be served by us for ever either: a real darkstat would time out after a while.
  await closed;
}

function drip(socket: Socket, response: Buffer): void {
  let sent = 0;
  const timer = setInterval(() => {
    socket.write(response.subarray(sent, sent + 1));
    sent += 1;
    if (sent < response.length) return;
    clearInterval(timer);
    socket.end();
  }, DRIP_MS);
  socket.once("close", () => clearInterval(timer));
}

function flood(socket: Socket, head: string): void {
  const chunk = Buffer.alloc(64 * 1024, "<tr> ");
  const pour = () => {
    while (!socket.destroyed && socket.write(chunk));
  };
  socket.on("drain", pour);
  socket.write(head);
  pour();
}
