import { HttpProblem } from "../errors.ts";
import type { Live } from "./live.ts";

/** Pages that listen at a time. */
const MAX_CLIENTS = 64;
/** Messages that may wait for a client to take them. */
const MAX_WAITING = 8;
/** Proxies and our own server close connections on which nothing moves. */
const PING_MS = 25_000;
const RETRY_MS = 3_000;

export interface EventsDeps {
  readonly live: Live;
  /** The data of the event for a reading, as JSON. Asked once per reading, however many listen. */
  readonly dataAt: (at: number) => Promise<string>;
  readonly pingMs?: number;
}

/**
 * Opens streams of server-sent events, one for each page that asks. A client that does not take its messages is let
 * go: it comes back by itself, and then sees the present.
 */
export function createEvents({ live, dataAt, pingMs = PING_MS }: EventsDeps): () => ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let open = 0;
  let latest: { at: number; data: Promise<string> } | null = null;

  function dataOf(at: number): Promise<string> {
    if (latest?.at !== at) latest = { at, data: dataAt(at) };
    return latest.data;
  }

  return () => {
    if (open >= MAX_CLIENTS) {
      throw new HttpProblem(
        "too-many-listeners",
        `${MAX_CLIENTS} pages are listening already.`,
        "Close some, or read api/v1/status every half minute instead.",
      );
    }
    let leave = () => {};
    return new ReadableStream<Uint8Array>(
      {
        start(controller) {
          let left = false;
          const end = () => {
            if (left) return;
            leave();
            controller.close();
          };
          const send = (text: string) => {
            if (left) return;
            if ((controller.desiredSize ?? 0) <= 0) end();
            else controller.enqueue(encoder.encode(text));
          };
          open += 1;
          const timer = setInterval(() => send(": ping\n\n"), pingMs);
          timer.unref();
          let stopListening = () => {};
          leave = () => {
            if (left) return;
            left = true;
            open -= 1;
            clearInterval(timer);
            stopListening();
          };
          send(`retry: ${RETRY_MS}\n\n`);
          stopListening = live.listen({
            reading: (at) => {
              dataOf(at).then(
                (data) => send(`event: reading\ndata: ${data}\n\n`),
                () => {
                  // The figures can't be read now. The next reading is told again, and `status` says what is wrong.
                },
              );
            },
            end,
          });
        },
        cancel: () => leave(),
      },
      { highWaterMark: MAX_WAITING },
    );
  };
}
