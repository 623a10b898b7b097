import { Socket } from "node:net";
import type { ClientConfig, QueryResult } from "pg";
import type { Value } from "./engine.ts";
import { exactNumber, storable } from "./postgres-sql.ts";

/** One connection to PostgreSQL, until it is lost. Calls must not overlap. */
export interface Connection {
  /** Rows as objects by column. Errors are the driver's own. */
  query(sql: string, parameters?: readonly Value[]): Promise<QueryResult<Record<string, unknown>>>;
  /** Rows as arrays. */
  tuples(sql: string, parameters: readonly Value[]): Promise<unknown[][]>;
  /** Statements without parameters, separated by semicolons, in one message. */
  script(sql: string): Promise<QueryResult<Record<string, unknown>>[]>;
  /** Whether nothing can be asked any more: the server went away, or did not answer in time. */
  readonly isLost: boolean;
  /** Says goodbye, or just hangs up where nobody listens. */
  end(): Promise<void>;
}

const CONNECT_TIMEOUT_MS = 10_000;
/** How long a statement may take before the server counts as gone: a network that swallows packets never says so. */
const ANSWER_TIMEOUT_MS = 300_000;
const OID = { int8: 20, numeric: 1700 };

/**
 * Connects. Statements are neither named nor is anything of the session set: behind a pgbouncer in transaction mode each
 * transaction may come to another server process.
 * @param url checked by the settings; its TLS modes mean what they mean to psql
 * @throws the driver's errors
 */
export async function connect(url: string): Promise<Connection> {
  const { default: pg } = await import("pg");
  const types: ClientConfig["types"] = {
    // biome-ignore lint/suspicious/noExplicitAny: the driver's own type
    getTypeParser: (oid: number, format?: any) =>
      oid === OID.int8 || oid === OID.numeric ? exactNumber : pg.types.getTypeParser(oid, format),
  };
  const compatible = new URL(url);
  compatible.searchParams.set("uselibpqcompat", "true");
  const socket = new Socket();
  const client = new pg.Client({
    stream: () => socket,
    connectionString: compatible.href,
    fallback_application_name: "whitestat",
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: ANSWER_TIMEOUT_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: 30_000,
    types,
  });
  let isLost = false;
  client.on("error", () => {
    isLost = true;
  });
  client.on("end", () => {
    isLost = true;
  });
  try {
    await client.connect();
  } catch (error) {
    socket.destroy();
    throw error;
  }

  async function guarded<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (saysConnectionIsGone(error)) {
        isLost = true;
        socket.destroy();
      }
      throw error;
    }
  }

  return {
    query: (sql, parameters = []) => guarded(() => client.query(sql, storable(parameters))),
    tuples: (sql, parameters) =>
      guarded(async () => {
        const { rows } = await client.query({ text: sql, values: storable(parameters), rowMode: "array" });
        return rows;
      }),
    script: (sql) =>
      guarded(async () => {
        // The driver gives an array for more than one statement, which its types don't say.
        const results = (await client.query(sql)) as unknown as QueryResult | QueryResult[];
        return Array.isArray(results) ? results : [results];
      }),
    get isLost() {
      return isLost;
    },
    async end() {
      if (isLost) socket.destroy();
      else await client.end().catch(() => socket.destroy());
    },
  };
}

/** What the server says, or the driver, when a connection is of no use any more. */
function saysConnectionIsGone(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const severity = "severity" in error ? error.severity : "";
  const code = "code" in error ? String(error.code) : "";
  return (
    severity === "FATAL" ||
    severity === "PANIC" ||
    /^(?:08...|ECONN.*|EPIPE|ETIMEDOUT|EHOST.*|ENET.*)$/.test(code) ||
    /^(?:Connection terminated|Query read timeout|Client was closed|Client has encountered a connection error)/.test(
      error.message,
    )
  );
}
