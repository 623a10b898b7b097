import { HttpProblem } from "../errors.ts";
import type { LiveUpdates } from "./live-updates.ts";

/** Pages that listen at a time, in total and at one address (behind a reverse proxy all have its address). */
export const MAX_STREAMS = 64;
export const MAX_STREAMS_PER_CLIENT = 16;
/** Messages that may wait for a client to take them. */
const MAX_WAITING = 8;
/** Proxies and our own server close connections on which nothing moves. */
const PING_MS = 25_000;
const RETRY_MS = 3_000;

export interface EventsDeps {
  readonly live: LiveUpdates;
  /**
   * The data of the event for a reading, as JSON. Asked once per reading, however many listen.
   * @param owner of who sees one owner's figures alone; null for everybody else
   */
  readonly dataAt: (at: number, owner: number | null) => Promise<string>;
  /** The data of the event for a problem that began or ended, as JSON. */
  readonly statusData: (owner: number | null) => Promise<string>;
  readonly pingMs?: number;
}

/**
 * Opens streams of server-sent events, one for each page that asks. A client that does not take its messages is let
 * go: it comes back by itself, and then sees the present. A stream listens from its opening to its end, or its `return`.
 */
export function createEvents(
  deps: EventsDeps,
): (client: string, owner?: number | null) => AsyncIterableIterator<Uint8Array> {
  const { live, dataAt, statusData, pingMs = PING_MS } = deps;
  const encoder = new TextEncoder();
  /** Streams by client. */
  const open = new Map<string, number>();
  let total = 0;
  let latest: { at: number; byOwner: Map<number | null, Promise<string>> } | null = null;

  function dataOf(at: number, owner: number | null): Promise<string> {
    if (latest?.at !== at) latest = { at, byOwner: new Map() };
    const data = latest.byOwner.get(owner) ?? dataAt(at, owner);
    latest.byOwner.set(owner, data);
    return data;
  }

  const count = (client: string, change: 1 | -1) => {
    const now = (open.get(client) ?? 0) + change;
    if (now === 0) open.delete(client);
    else open.set(client, now);
    total += change;
  };

  return (client, owner = null) => {
    if (total >= MAX_STREAMS || (open.get(client) ?? 0) >= MAX_STREAMS_PER_CLIENT) {
      throw new HttpProblem(
        "too-many-listeners",
        `Too many pages are listening: ${MAX_STREAMS} may in total, ${MAX_STREAMS_PER_CLIENT} from one address.`,
        "Close some, or read api/v1/status every half minute instead.",
      );
    }
    count(client, 1);
    let stopListening = () => {};
    const waiting = createQueue<Uint8Array>(() => {
      count(client, -1);
      clearInterval(timer);
      stopListening();
    });
    const send = (text: string) => {
      if (waiting.length() < MAX_WAITING) waiting.put(encoder.encode(text));
      else waiting.end();
    };
    const timer = setInterval(() => send(": ping\n\n"), pingMs);
    timer.unref();
    send(`retry: ${RETRY_MS}\n\n`);
    const tell = (event: string, making: Promise<string>) => {
      making.then(
        (data) => send(`event: ${event}\ndata: ${data}\n\n`),
        () => {
          // The figures can't be read now. The next reading is told again, and `status` says what is wrong.
        },
      );
    };
    stopListening = live.listen({
      reading: (at) => tell("reading", dataOf(at, owner)),
      problems: () => tell("status", statusData(owner)),
      end: waiting.end,
    });
    return waiting.iterator;
  };
}

/**
 * A queue that is emptied by iterating over it. An end lets what waits be taken still, `return` does not; both also reach
 * whoever waits for the next item, which a generator would not do.
 * @param onEnd called once, at the first of them
 */
function createQueue<Item>(onEnd: () => void) {
  const items: Item[] = [];
  const takers: ((result: IteratorResult<Item, undefined>) => void)[] = [];
  let ended = false;
  const over = { done: true, value: undefined } as const;
  const end = () => {
    if (ended) return;
    ended = true;
    for (const take of takers.splice(0)) take(over);
    onEnd();
  };
  const iterator: AsyncIterableIterator<Item, undefined> = {
    [Symbol.asyncIterator]: () => iterator,
    next() {
      const [item] = items.splice(0, 1);
      if (item !== undefined) return Promise.resolve({ done: false, value: item });
      return ended ? Promise.resolve(over) : new Promise((resolve) => takers.push(resolve));
    },
    return() {
      items.length = 0;
      end();
      return Promise.resolve(over);
    },
  };
  return {
    iterator,
    end,
    length: () => items.length,
    put(item: Item) {
      if (ended) return;
      const take = takers.shift();
      if (take) take({ done: false, value: item });
      else items.push(item);
    },
  };
}
