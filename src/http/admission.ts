import { HttpProblem } from "./errors.ts";

/** How much work may be in progress at a time. */
export interface AdmissionLimits {
  /** Responses that are being made: of one client one at a time. */
  readonly making: number;
  /** Responses of one client that are being made or sent. */
  readonly perClient: number;
  /** Requests of one client that wait for their turn. */
  readonly waitingPerClient: number;
  /** How long a request waits at most. */
  readonly waitMs: number;
  /** No other response is made while one client's, or all of them, hold so many bytes until they are sent. */
  readonly bytesPerClient: number;
  readonly bytes: number;
}

export const ADMISSION_LIMITS: AdmissionLimits = {
  making: 2,
  perClient: 4,
  waitingPerClient: 16,
  waitMs: 15_000,
  bytesPerClient: 4_000_000,
  bytes: 16_000_000,
};

/** The turn of one request. */
export interface Turn {
  /** Its response is made, and holds so many bytes until it is sent: the next one can be made. */
  made(bytes: number): void;
  /** Its response was sent, or given up. */
  leave(): void;
}

/** Who asks, and whether they are still there. */
export interface Visitor {
  readonly client: string;
  readonly isGone: () => boolean;
}

export interface Admission {
  /** Waits for a request's turn: the clients take turns. @throws HttpProblem `busy` */
  enter(visitor: Visitor): Promise<Turn>;
}

interface Waiting {
  readonly start: (turn: Turn) => void;
  readonly refuse: () => void;
  readonly isGone: () => boolean;
}

interface Client {
  /** The number of its last turn: whose turn is longest ago comes next. */
  turn: number;
  isMaking: boolean;
  inProgress: number;
  bytes: number;
  readonly waiting: Set<Waiting>;
}

/**
 * Shares out what a request costs: few responses are made at a time, and no client holds more than its part of the memory,
 * however slowly it reads. Without this a handful of clients that don't read would exhaust the memory.
 */
export function createAdmission(limits: AdmissionLimits = ADMISSION_LIMITS): Admission {
  const clients = new Map<string, Client>();
  let turns = 0;
  let making = 0;
  let bytes = 0;

  const mayStart = (client: Client): boolean =>
    client.waiting.size > 0 &&
    !client.isMaking &&
    client.inProgress < limits.perClient &&
    client.bytes < limits.bytesPerClient;

  function startNext(): void {
    while (making < limits.making && bytes < limits.bytes) {
      const next = [...clients]
        .filter(([, client]) => mayStart(client))
        .reduce<[string, Client] | null>((one, other) => (one && one[1].turn <= other[1].turn ? one : other), null);
      const [first] = next?.[1].waiting ?? [];
      if (!next || !first) return;
      const [key, client] = next;
      client.waiting.delete(first);
      if (!first.isGone()) {
        turns += 1;
        client.turn = turns;
        first.start(turnOf(key, client));
      } else {
        forgetIfIdle(key, client);
        first.refuse();
      }
    }
  }

  function forgetIfIdle(key: string, client: Client): void {
    if (client.inProgress === 0 && client.waiting.size === 0) clients.delete(key);
  }

  function turnOf(key: string, client: Client): Turn {
    let isMaking = true;
    let isOver = false;
    let held = 0;
    making += 1;
    client.isMaking = true;
    client.inProgress += 1;
    const endMaking = () => {
      if (!isMaking) return;
      isMaking = false;
      client.isMaking = false;
      making -= 1;
    };
    return {
      made(some) {
        if (isOver) return;
        endMaking();
        held += some;
        client.bytes += some;
        bytes += some;
        startNext();
      },
      leave() {
        if (isOver) return;
        isOver = true;
        endMaking();
        client.inProgress -= 1;
        client.bytes -= held;
        bytes -= held;
        forgetIfIdle(key, client);
        startNext();
      },
    };
  }

  return {
    enter({ client: key, isGone }) {
      const client = clients.get(key) ?? newClient();
      if (client.waiting.size >= limits.waitingPerClient) return Promise.reject(busy());
      clients.set(key, client);
      return new Promise((resolve, reject) => {
        const waiting: Waiting = {
          isGone,
          start(turn) {
            clearTimeout(timer);
            resolve(turn);
          },
          refuse() {
            clearTimeout(timer);
            reject(busy());
          },
        };
        const timer = setTimeout(() => {
          client.waiting.delete(waiting);
          forgetIfIdle(key, client);
          waiting.refuse();
        }, limits.waitMs);
        timer.unref();
        client.waiting.add(waiting);
        startNext();
      });
    },
  };
}

function newClient(): Client {
  return { turn: 0, isMaking: false, inProgress: 0, bytes: 0, waiting: new Set() };
}

function busy(): HttpProblem {
  return new HttpProblem(
    "busy",
    "Too many requests from this address are waiting or being sent.",
    "Try again in a few seconds, with fewer requests at a time.",
  );
}
