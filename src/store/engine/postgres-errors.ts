import { StoreError } from "../store.ts";

/** A database on a server, as messages name it: never with its password. */
export interface Place {
  /** `PostgreSQL at db.example.com:5432` */
  readonly server: string;
  readonly database: string;
  readonly user: string;
}

/** @param url checked by the settings */
export function placeOf(url: string): Place {
  const { hostname, port, pathname, username, searchParams } = new URL(url);
  const socket = searchParams.get("host");
  const at = socket ?? `${hostname}:${port || "5432"}`;
  return {
    server: `PostgreSQL at ${at}`,
    database: decodeURIComponent(pathname.slice(1)),
    user: decodeURIComponent(username),
  };
}

/** What went wrong by the driver's or the server's account: an SQLSTATE, or a code of the system. */
export function codeOf(error: unknown): string {
  const root = error instanceof StoreError ? error.cause : error;
  return root instanceof Error && "code" in root ? String(root.code) : "";
}

/** Whether another client got in the way, so that the same transaction may succeed when it is run again. */
export function isConflict(error: unknown): boolean {
  return ["40001", "40P01"].includes(codeOf(error));
}

/** Whether another client made a table at the same moment: `IF NOT EXISTS` does not see it coming. */
export function isMadeAlready(error: unknown): boolean {
  return ["23505", "42P07"].includes(codeOf(error));
}

export function isReadOnly(error: unknown): boolean {
  return codeOf(error) === "25006";
}

/** Whether waiting may help, while nobody changes anything: a server that starts, a network that comes back. */
export function isPassing(error: unknown): boolean {
  const root = error instanceof StoreError ? error.cause : error;
  const code = codeOf(error);
  if (code === "") return root instanceof Error && /timeout expired|Connection terminated/.test(root.message);
  return /^(?:E[A-Z]+|57P0[1-3]|53[234]00|08...)$/.test(code) && !code.startsWith("ERR_");
}

/**
 * Says what went wrong with PostgreSQL, and what a person can do. A {@link StoreError} passes unchanged. The driver's error
 * goes along as the cause: it knows no password.
 */
export function toStoreError(error: unknown, place: Place): StoreError {
  if (error instanceof StoreError) return error;
  const because = error instanceof Error ? reasonOf(error) : String(error);
  const { server, database, user } = place;
  const fail = (code: StoreError["code"], what: string, hint: string) =>
    new StoreError(code, `${server}${what} (${because})`, hint, { cause: error });
  const code = codeOf(error);

  if (code === "28P01" || (code === "" && /^SASL|client password must be/.test(because))) {
    return new StoreError(
      "other",
      code === ""
        ? `${server} asks for a password, and DATABASE_URL has none that it takes`
        : `${server} refuses the password of user "${user}"`,
      "Correct the password in DATABASE_URL; in it, special characters are percent-encoded (@ is %40, a space %20).",
      { cause: error },
    );
  }
  if (code === "28000") {
    return fail(
      "other",
      ` refuses the connection of user "${user}"`,
      "Correct the user in DATABASE_URL, or allow it in pg_hba.conf; where TLS is asked for, add ?sslmode=require.",
    );
  }
  if (code === "3D000") {
    return fail(
      "other",
      ` has no database "${database}"`,
      `Create it (createdb --owner "${user}" "${database}"), or correct DATABASE_URL.`,
    );
  }
  if (code === "42501") {
    return fail(
      "other",
      `: user "${user}" lacks a permission in database "${database}"`,
      `Make that user the owner: ALTER DATABASE "${database}" OWNER TO "${user}"; a schema that it owns does as well.`,
    );
  }
  if (isReadOnly(error)) {
    return fail(
      "read-only",
      `: the database "${database}" can't be written`,
      "Connect to the primary server rather than to a standby, and set default_transaction_read_only to off.",
    );
  }
  if (code === "53100") {
    return fail("full", ": its disk is full", "Free some space on its server; writing goes on by itself.");
  }
  if (code === "53300") {
    return fail("other", " has no connection left", "Raise max_connections, or put a pgbouncer in front of it.");
  }
  if (code === "57014" || code === "55P03") {
    return fail(
      "other",
      " stopped a statement that took too long",
      `Find what holds it up in pg_stat_activity, or give the user more time: ALTER ROLE "${user}" SET statement_timeout = '5min'.`,
    );
  }
  if (["42P01", "42703", "3F000"].includes(code)) {
    return fail(
      "other",
      `: the database "${database}" lacks something of WhiteStat's`,
      "Restore it from a backup, or name an empty database in DATABASE_URL.",
    );
  }
  if (error instanceof Error && "syscall" in error && error.syscall === "open") {
    return fail("other", "'s certificates can't be read", "Correct sslrootcert, sslcert and sslkey in DATABASE_URL.");
  }
  if (/^(?:ERR_TLS|CERT_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO)/.test(code)) {
    return fail(
      "other",
      "'s certificate can't be trusted",
      "Name the certificate of its authority in DATABASE_URL (?sslmode=verify-full&sslrootcert=FILE), or use sslmode=require.",
    );
  }
  if (/SSL connections?$/.test(because)) {
    return fail("other", " speaks no TLS", "Switch TLS on there, or take sslmode out of DATABASE_URL.");
  }
  if (isPassing(error) || /^(?:Query read timeout|Client )/.test(because)) {
    return fail(
      "other",
      " can't be reached",
      "Start it, or correct DATABASE_URL. WhiteStat goes on by itself once it answers; nothing is lost meanwhile.",
    );
  }
  return fail(
    "other",
    ": a statement failed",
    "Please report this with the log; nothing since the last checkpoint was kept.",
  );
}

/** An error of a connection has no message of its own where a name leads to several addresses. */
function reasonOf(error: Error): string {
  const causes = error instanceof AggregateError ? (error.errors as Error[]).map(({ message }) => message) : [];
  const text = error.message || causes.join(", ") || error.name;
  const code = codeOf(error);
  const known: Readonly<Record<string, string>> = {
    ECONNREFUSED: "connection refused",
    ENOTFOUND: "no such host",
    EAI_AGAIN: "its name can't be resolved",
    ETIMEDOUT: "no answer",
    EHOSTUNREACH: "no route to it",
    ENETUNREACH: "no network",
    ECONNRESET: "it closed the connection",
    ENOENT: "no socket there",
  };
  return known[code] ?? text.replace("timeout expired", "no answer").replace(/^Query read timeout$/, "no answer");
}
