import type { Socket } from "node:net";
import type { IncomingMessage, ServerResponse } from "../builtin.ts";
import { onClosed } from "./connections.ts";
import { nextTurn } from "./event-loop.ts";
import type { HttpResponse } from "./exchange.ts";

/** How long the rest of a body that nobody reads may go on arriving after its response, before the connection is closed. */
const DRAIN_MS = 500;
/** A long body is handed over in parts of so many bytes: what a client takes of it within `stallMs` shows that it reads. */
const PART_BYTES = 65_536;

export interface SendOptions {
  /** A connection that takes none of what is sent to it for so long is closed. */
  readonly stallMs: number;
}

/**
 * Sends a response. Resolves when the system has all of it, or when the connection was closed: then nothing of it is held
 * any more.
 * @throws what its chunks throw
 */
export async function send(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  response: HttpResponse,
  { stallMs }: SendOptions,
): Promise<void> {
  const { status, body, cookies = [] } = response;
  const headers = cookies.length === 0 ? response.headers : { ...response.headers, "set-cookie": [...cookies] };
  const { socket } = incoming;
  if (!incoming.complete) outgoing.once("finish", () => drain(incoming));
  if (body === null || typeof body === "string" || (body instanceof Uint8Array && body.length <= PART_BYTES)) {
    const length = body === null ? {} : { "content-length": Buffer.byteLength(body) };
    await taken(socket, outgoing, stallMs, (done) =>
      outgoing.writeHead(status, { ...headers, ...length }).end(body, done),
    );
  } else {
    const length = body instanceof Uint8Array ? { "content-length": body.length } : {};
    outgoing.writeHead(status, { ...headers, ...length });
    const chunks = body instanceof Uint8Array ? partsOf(body) : body[Symbol.asyncIterator]();
    await sendChunks(socket, outgoing, chunks, stallMs);
  }
}

async function* partsOf(body: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < body.length; at += PART_BYTES) yield body.subarray(at, at + PART_BYTES);
}

async function sendChunks(
  socket: Socket,
  outgoing: ServerResponse,
  chunks: AsyncIterator<Uint8Array>,
  stallMs: number,
): Promise<void> {
  const onGone = () => {
    // Also while a chunk is waited for: an event may be long in coming.
    void chunks.return?.();
  };
  // The connection is watched, not the response: not every Node tells one that waits for another before it.
  const leaveAlone = onClosed(socket, onGone);
  if (socket.destroyed) onGone();
  try {
    for (let next = await chunks.next(); !next.done && !socket.destroyed; next = await chunks.next()) {
      const { value } = next;
      // Until the system has it: its memory is free then.
      await taken(socket, outgoing, stallMs, (done) => outgoing.write(value, done));
      // A quick client must not keep the others waiting until it has all.
      await nextTurn();
    }
    await taken(socket, outgoing, stallMs, (done) => outgoing.end(done));
  } finally {
    leaveAlone();
    // It is destroyed a moment before it says so.
    if (socket.destroyed) onGone();
  }
}

/** When each connection last took something. */
const tookAt = new WeakMap<Socket, number>();

/** Resolves when the system has what `write` wrote, or when the connection is closed, which it is when nothing is taken. */
function taken(
  socket: Socket,
  outgoing: ServerResponse,
  stallMs: number,
  write: (done: () => void) => void,
): Promise<void> {
  return new Promise((resolve) => {
    const began = performance.now();
    const isStalled = () => {
      // One that waits for another before it has not even been offered.
      if (outgoing.socket === null) return false;
      return performance.now() - Math.max(began, tookAt.get(socket) ?? began) >= stallMs;
    };
    const timer = setInterval(() => {
      if (isStalled()) socket.destroy();
    }, stallMs / 4);
    timer.unref();
    const settle = () => {
      clearInterval(timer);
      leaveAlone();
      tookAt.set(socket, performance.now());
      resolve();
    };
    const leaveAlone = onClosed(socket, settle);
    if (socket.destroyed) settle();
    else write(settle);
  });
}

function drain(incoming: IncomingMessage): void {
  if (incoming.complete) return;
  const timer = setTimeout(() => incoming.socket.destroySoon(), DRAIN_MS);
  timer.unref();
  incoming.once("close", () => clearTimeout(timer));
  incoming.resume();
}
