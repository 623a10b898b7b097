import { StoreError } from "../store.ts";
import type { Engine, TransactionOptions, Value } from "./engine.ts";
import {
  type Claim,
  claim,
  countWrite,
  isContinued,
  look,
  RENEW_AFTER_MS,
  release,
  renew,
  taken,
  wentBack,
} from "./postgres-claim.ts";
import { type Connection, connect } from "./postgres-connection.ts";
import { createConnector, type PostgresClock } from "./postgres-connector.ts";
import { isConflict, isMadeAlready, isReadOnly, type Place, placeOf, toStoreError } from "./postgres-errors.ts";
import { checkDatabase, upgrade } from "./postgres-schema.ts";
import { multiRowInsert, numbered } from "./postgres-sql.ts";

export interface PostgresOptions {
  /** `postgres://user:password@host:port/database`, checked by the settings. */
  readonly url: string;
  readonly clock: PostgresClock;
  /** Who opens it, for a person to read: `process 12 on nas`. */
  readonly holder: string;
}

/** How often a statement, or a whole transaction, is tried before its error is told. */
const MOST_TRIES = 5;
const PAUSE_AFTER_CONFLICT_MS = 50;

/** Runs statements on a connection, and says in a StoreError why that failed. */
type RunOnConnection = <T>(statement: (connection: Connection) => Promise<T>) => Promise<T>;

/**
 * The engine on one connection to a PostgreSQL, for this process alone (see postgres-claim.ts). When the connection is
 * lost it makes another: queries and transactions are then run again, but for one whose COMMIT was not answered. That may
 * have been kept, so it is an error, and the store reads what there is.
 * @throws StoreError when the server can't be reached or used, `busy` while another instance writes, `foreign`, `newer`
 */
export async function openPostgresEngine({ url, clock, holder }: PostgresOptions): Promise<Engine> {
  const place = placeOf(url);
  const ending = new AbortController();
  const connector = createConnector({ url, place, clock, signal: ending.signal });
  const own = await open();
  let lost: StoreError | null = null;
  let transactionOn: Connection | null = null;
  let running = 0;
  let renewing: Promise<void> = Promise.resolve();
  void keepClaim();

  async function open(): Promise<Claim> {
    try {
      const connection = await connector.connection();
      for (let tries = 1; (await checkDatabase(connection, place)) !== "current"; tries += 1) {
        await upgrade(connection).catch((error: unknown) => {
          if (tries === MOST_TRIES || !isMadeAlready(error)) throw error;
        });
      }
      return await claim(connection, holder, place);
    } catch (error) {
      await connector.end();
      throw toStoreError(error, place);
    }
  }

  /** A connection that works, on a database that is still ours. */
  async function ready(): Promise<Connection> {
    if (ending.signal.aborted) throw closed(place);
    await renewing;
    if (lost !== null) throw lost;
    const known = connector.current();
    if (known !== null) return known;
    const connection = await connector.connection();
    confirm(await connection.script(renew(own)).catch(orLook), 0);
    return connection;

    /** A server that became read-only still answers questions. */
    function orLook(error: unknown) {
      if (!isReadOnly(error)) throw error;
      return connection.script(look(own));
    }
  }

  /** @throws StoreError now, and from then on, when the claim is another one's or the database another state of it */
  function confirm(results: Awaited<ReturnType<Connection["script"]>>, more: 0 | 1): void {
    const writes = results.at(-1)?.rows[0]?.writes;
    if (typeof writes === "number" && isContinued(own, writes, more)) {
      own.writes = writes - more;
      own.isUnsure = false;
      return;
    }
    lost = writes === undefined ? taken(place) : wentBack(place);
    throw lost;
  }

  /** Renews the claim while nothing else is running: every transaction does so, too. */
  async function keepClaim(): Promise<void> {
    for (;;) {
      await clock.sleep(RENEW_AFTER_MS, ending.signal);
      if (ending.signal.aborted || lost !== null) return;
      const connection = connector.current();
      if (connection === null || running > 0 || transactionOn !== null) continue;
      renewing = connection.script(renew(own)).then(
        (results) => confirm(results, 0),
        () => {
          // The connection is lost: the next call makes another.
        },
      );
      renewing = renewing.catch(() => {
        // The claim is: the next call says so.
      });
      await renewing;
    }
  }

  /** Within a transaction, or by itself: then it can be run again over another connection. */
  const onConnection: RunOnConnection = async (statement) => {
    running += 1;
    try {
      if (transactionOn !== null) return await statement(transactionOn);
      for (let tries = 1; ; tries += 1) {
        const connection = await ready();
        try {
          return await statement(connection);
        } catch (error) {
          if (tries === MOST_TRIES || !(connection.isLost || isConflict(error))) throw error;
        }
      }
    } catch (error) {
      throw toStoreError(error, place);
    } finally {
      running -= 1;
    }
  };

  async function transaction<T>(work: () => Promise<T>, { once = false }: TransactionOptions = {}): Promise<T> {
    for (let tries = 1; ; tries += 1) {
      const connection = await ready().catch((error: unknown) => {
        throw toStoreError(error, place);
      });
      let stage: "begin" | "work" | "commit" = "begin";
      try {
        transactionOn = connection;
        const startedAt = clock.mono();
        confirm(await onConnection(() => connection.script(`BEGIN; ${countWrite(own)}`)), 1);
        stage = "work";
        const result = await work();
        if (clock.mono() - startedAt > RENEW_AFTER_MS) await onConnection(() => connection.script(renew(own)));
        stage = "commit";
        await onConnection(() => commit(connection, place));
        own.writes += 1;
        return result;
      } catch (error) {
        if (stage === "commit" && connection.isLost) {
          own.isUnsure = true;
          throw unclear(place, error);
        }
        await rollBack(connection);
        const failedHere = error instanceof StoreError && error.cause !== undefined;
        const mayHelp = failedHere && (connection.isLost || isConflict(error)) && !(once && stage !== "begin");
        if (!mayHelp || tries === MOST_TRIES) throw error;
        await clock.sleep(PAUSE_AFTER_CONFLICT_MS * tries, ending.signal);
      } finally {
        transactionOn = null;
      }
    }
  }

  const { insert, run, ...statements } = statementsBy(onConnection);
  /** By itself a statement that writes is a transaction like any other. */
  const writing = <T>(work: () => Promise<T>) => (transactionOn === null ? transaction(work) : work());

  return {
    ...statements,
    run: (sql, ...parameters) => writing(() => run(sql, ...parameters)),
    insert: (sql, rows) => writing(() => insert(sql, rows)),
    transaction,
    backup: async () => {
      throw noBackup(place);
    },
    async close() {
      if (ending.signal.aborted) return;
      ending.abort();
      await renewing;
      const connection = connector.current();
      if (connection !== null && lost === null) {
        await release(connection, own).catch(() => {
          // It passes by itself.
        });
      }
      await connector.end();
    },
  };
}

/**
 * An engine that only reads, and sees the database as it was when it was opened, whoever writes meanwhile. When its
 * connection is lost, so is that state.
 * @throws StoreError when the server can't be reached or used, `foreign` where there is no history of ours, `newer`
 */
export async function openPostgresReader(url: string): Promise<Engine> {
  const place = placeOf(url);
  let connection: Connection | null = null;
  try {
    connection = await connect(url);
    await connection.script("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    const found = await checkDatabase(connection, place);
    if (found !== "current") throw notReady(place, found);
  } catch (error) {
    await connection?.end();
    throw toStoreError(error, place);
  }
  const opened = connection;
  let isClosed = false;
  const onConnection: RunOnConnection = async (statement) => {
    if (isClosed) throw closed(place);
    try {
      return await statement(opened);
    } catch (error) {
      throw toStoreError(error, place);
    }
  };
  const refuse = async (): Promise<never> => {
    throw new StoreError(
      "read-only",
      `${place.server}: the database "${place.database}" is open for reading alone`,
      "Please report this.",
    );
  };
  return {
    ...statementsBy(onConnection),
    run: refuse,
    insert: refuse,
    transaction: refuse,
    backup: async () => {
      throw noBackup(place);
    },
    async close() {
      isClosed = true;
      await opened.end();
    },
  };
}

/** The statements of an engine, in PostgreSQL's words. */
function statementsBy(
  onConnection: RunOnConnection,
): Pick<Engine, "name" | "all" | "tuples" | "run" | "insert" | "list"> {
  const texts = new Map<string, string>();

  function text(sql: string): string {
    let known = texts.get(sql);
    if (known === undefined) {
      known = numbered(sql);
      texts.set(sql, known);
    }
    return known;
  }

  const run = (sql: string, ...parameters: readonly Value[]) =>
    onConnection(async (connection) => (await connection.query(text(sql), parameters)).rowCount ?? 0);

  return {
    name: "postgres",
    all: <Row>(sql: string, ...parameters: readonly Value[]) =>
      onConnection(async (connection) => (await connection.query(text(sql), parameters)).rows as Row[]),
    tuples: <Row extends readonly Value[]>(sql: string, ...parameters: readonly Value[]) =>
      onConnection(async (connection) => (await connection.tuples(text(sql), parameters)) as unknown[] as Row[]),
    run,
    async insert(sql, rows) {
      const many = multiRowInsert(sql);
      if (many === null) {
        for (const row of rows) await run(sql, ...row);
        return;
      }
      for (let from = 0; from < rows.length; from += many.perStatement) {
        const some = rows.slice(from, from + many.perStatement);
        await onConnection((connection) => connection.query(many.textFor(some.length), some.flat()));
      }
    },
    list: {
      texts: "(SELECT json_array_elements_text(?))",
      numbers: "(SELECT json_array_elements_text(?)::bigint)",
    },
  };
}

/** A transaction in which a statement had failed answers COMMIT by rolling back. */
async function commit(connection: Connection, { server }: Place): Promise<void> {
  const [result] = await connection.script("COMMIT");
  if (result?.command === "COMMIT") return;
  throw new StoreError("other", `${server} undid a transaction that had failed`, "Please report this.");
}

async function rollBack(connection: Connection): Promise<void> {
  if (connection.isLost) return;
  await connection.script("ROLLBACK").catch(() => {
    // A connection that is lost rolls back by itself.
  });
}

function closed({ server }: Place): StoreError {
  return new StoreError("other", `${server}: the store is closed`, "Open it again before using it.");
}

function unclear({ server }: Place, cause: unknown): StoreError {
  return new StoreError(
    "other",
    `${server} was lost while it saved: whether it did is not known yet`,
    "WhiteStat reads what is stored once the server answers, and goes on from there.",
    { cause },
  );
}

function noBackup({ server, database }: Place): StoreError {
  return new StoreError(
    "other",
    `${server}: WhiteStat makes no backups of a PostgreSQL database`,
    `Use pg_dump --format=custom "${database}" (docs/postgresql.md).`,
  );
}

function notReady({ server, database }: Place, found: "empty" | "older"): StoreError {
  const what = found === "empty" ? "has no history yet" : "was written by an older WhiteStat";
  return new StoreError("foreign", `${server}: the database "${database}" ${what}`, "Start WhiteStat once.");
}
