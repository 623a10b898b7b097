import { type Connection, connect } from "./postgres-connection.ts";
import { isPassing, type Place, toStoreError } from "./postgres-errors.ts";

export interface PostgresClock {
  /** Monotonic, ms. */
  mono(): number;
  /** Resolves after a time, or when the signal is aborted. */
  sleep(ms: number, signal: AbortSignal): Promise<unknown>;
}

export interface Connector {
  /** The connection in use; null when there is none, or it is lost. */
  current(): Connection | null;
  /**
   * The connection in use, else a new one. A server that restarts is waited for a little. While it stays away, calls fail
   * at once but for one in a while: whoever asks has an answer, and the server is not besieged when it comes back.
   * @throws StoreError
   */
  connection(): Promise<Connection>;
  end(): Promise<void>;
}

const WAITS_MS = [50, 100, 200, 400, 800, 1_600];
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;

export function createConnector({
  url,
  place,
  clock,
  signal,
}: {
  readonly url: string;
  readonly place: Place;
  readonly clock: PostgresClock;
  readonly signal: AbortSignal;
}): Connector {
  let connection: Connection | null = null;
  let outage: { readonly error: Error; readonly until: number; readonly pauseMs: number } | null = null;

  const current = () => (connection?.isLost === false ? connection : null);

  async function reconnect(): Promise<Connection> {
    if (outage !== null && clock.mono() < outage.until) throw outage.error;
    const waits = outage === null ? WAITS_MS : [];
    for (let tries = 0; ; tries += 1) {
      try {
        connection = await connect(url);
        outage = null;
        return connection;
      } catch (error) {
        const wait = waits[tries];
        if (wait === undefined || !isPassing(error) || signal.aborted) throw pausing(error);
        await clock.sleep(wait, signal);
      }
    }
  }

  function pausing(error: unknown): Error {
    const pauseMs = Math.min(LONGEST_PAUSE_MS, outage === null ? FIRST_PAUSE_MS : 2 * outage.pauseMs);
    outage = { error: toStoreError(error, place), until: clock.mono() + pauseMs, pauseMs };
    return outage.error;
  }

  return {
    current,
    connection: async () => current() ?? (await reconnect()),
    async end() {
      await connection?.end();
      connection = null;
    },
  };
}
