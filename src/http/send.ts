import type { Socket } from "node:net";
import type { IncomingMessage, ServerResponse } from "../builtin.ts";
import type { HttpResponse } from "./exchange.ts";

/** How long the rest of a body that nobody reads may go on coming behind its answer, before the connection is closed. */
const DRAIN_MS = 500;

/** Sends an answer. Resolves when it was handed over whole, or when the client went away. @throws what its chunks throw */
export async function send(incoming: IncomingMessage, outgoing: ServerResponse, response: HttpResponse): Promise<void> {
  const { status, headers, body } = response;
  if (!incoming.complete) outgoing.once("finish", () => drain(incoming));
  if (body === null) {
    outgoing.writeHead(status, headers).end();
  } else if (typeof body === "string" || body instanceof Uint8Array) {
    outgoing.writeHead(status, { ...headers, "content-length": Buffer.byteLength(body) }).end(body);
  } else {
    outgoing.writeHead(status, headers);
    await sendChunks(incoming.socket, outgoing, body[Symbol.asyncIterator]());
  }
}

async function sendChunks(socket: Socket, outgoing: ServerResponse, chunks: AsyncIterator<Uint8Array>): Promise<void> {
  let goOn = () => {};
  const onGone = () => {
    // Also while a chunk is waited for: an event may be long in coming.
    void chunks.return?.();
    goOn();
  };
  // The connection is watched, not the answer: not every Node tells one that waits for another before it.
  socket.once("close", onGone);
  if (socket.destroyed) onGone();
  try {
    for (let next = await chunks.next(); !next.done && !socket.destroyed; next = await chunks.next()) {
      const { value } = next;
      // Until the system has it: its memory is free then.
      await new Promise<void>((resolve) => {
        goOn = resolve;
        outgoing.write(value, () => resolve());
      });
    }
    outgoing.end();
  } finally {
    socket.off("close", onGone);
    // It is destroyed a moment before it says so.
    if (socket.destroyed) onGone();
  }
}

function drain(incoming: IncomingMessage): void {
  if (incoming.complete) return;
  const timer = setTimeout(() => incoming.socket.destroySoon(), DRAIN_MS);
  timer.unref();
  incoming.once("close", () => clearTimeout(timer));
  incoming.resume();
}
