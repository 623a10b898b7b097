import type { IncomingMessage, ServerResponse } from "../builtin.ts";
import type { Answer } from "./exchange.ts";

/** How long the rest of a body that nobody reads may go on coming behind its answer, before the connection is closed. */
const DRAIN_MS = 500;

/** Sends an answer. Resolves when it was handed over whole, or when the client went away. @throws what its pieces throw */
export async function send(incoming: IncomingMessage, outgoing: ServerResponse, answer: Answer): Promise<void> {
  const { status, headers, body } = answer;
  if (!incoming.complete) outgoing.once("finish", () => drain(incoming));
  if (body === null) {
    outgoing.writeHead(status, headers).end();
  } else if (typeof body === "string" || body instanceof Uint8Array) {
    outgoing.writeHead(status, { ...headers, "content-length": Buffer.byteLength(body) }).end(body);
  } else {
    outgoing.writeHead(status, headers);
    await sendPieces(outgoing, body[Symbol.asyncIterator]());
  }
}

async function sendPieces(outgoing: ServerResponse, pieces: AsyncIterator<Uint8Array>): Promise<void> {
  // Also while a piece is waited for: an event may be long in coming.
  const onClose = () => void pieces.return?.();
  outgoing.once("close", onClose);
  if (outgoing.destroyed) onClose();
  for (let next = await pieces.next(); !next.done; next = await pieces.next()) {
    if (!outgoing.destroyed && !outgoing.write(next.value)) await drained(outgoing);
  }
  outgoing.end();
}

/** Resolves when the client took what was written, or went away. */
function drained(outgoing: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      outgoing.off("drain", done).off("close", done);
      resolve();
    };
    outgoing.on("drain", done).on("close", done);
  });
}

function drain(incoming: IncomingMessage): void {
  if (incoming.complete) return;
  const timer = setTimeout(() => incoming.socket.destroySoon(), DRAIN_MS);
  timer.unref();
  incoming.once("close", () => clearTimeout(timer));
  incoming.resume();
}
