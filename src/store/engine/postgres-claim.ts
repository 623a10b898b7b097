import { StoreError } from "../store.ts";
import type { Connection } from "./postgres-connection.ts";
import type { Place } from "./postgres-errors.ts";

/**
 * Who writes a database: one at a time, for what the ledger holds in memory is ahead of the rows.
 *
 * The table `writer` has one row, with the token of whoever claimed it. Every transaction begins by locking that row and
 * counting its writes up, and ends there and then when the token is another one or the count is not what was left: another
 * instance wrote meanwhile, or the database is an earlier one (a failover to a standby that lagged behind, a restored
 * dump). What is in memory is then worth nothing, so the engine refuses everything that follows, and the store is opened
 * anew. Nobody's clock decides who may write.
 *
 * A claim is renewed by every transaction and every some seconds; by the server's clock. It is up for another one when it
 * was given back, was not renewed in time, or was made over a connection that is gone: a program that was killed can so
 * start again at once. Behind a pgbouncer connections outlive programs, and the time has to pass.
 */
export const CREATE_CLAIM = `
CREATE TABLE writer (
  id BIGINT PRIMARY KEY CHECK (id = 1),
  token UUID,
  holder TEXT,
  since TIMESTAMPTZ,
  until TIMESTAMPTZ,
  -- The server process that renewed it last.
  backend INTEGER,
  writes BIGINT NOT NULL
);
INSERT INTO writer (id, writes) VALUES (1, 0);
COMMENT ON TABLE writer IS 'The WhiteStat that writes this database: one at a time.';
`;

/** For how long a claim holds that nobody renews, and how often it is renewed. */
const CLAIM_SECONDS = 30;
export const RENEW_AFTER_MS = 10_000;

const UNTIL = `clock_timestamp() + interval '${CLAIM_SECONDS} seconds'`;

export interface Claim {
  readonly token: string;
  /** Transactions that were committed under all claims; one more may have been when the answer to a COMMIT was lost. */
  writes: number;
  isUnsure: boolean;
}

/** What was read before holds no longer: another one wrote the database, or it is an earlier state of it. */
export class ClaimLostError extends StoreError {}

/** @throws StoreError `busy`, naming the holder, while another one has it */
export async function claim(connection: Connection, holder: string, place: Place): Promise<Claim> {
  const { rows } = await connection.query(
    `UPDATE writer SET token = gen_random_uuid(), holder = $1, since = clock_timestamp(), until = ${UNTIL},
                       backend = pg_backend_pid()
     WHERE id IN (SELECT w.id FROM writer w
                  WHERE w.token IS NULL OR w.until < clock_timestamp()
                     OR NOT EXISTS (SELECT FROM pg_stat_activity a WHERE a.pid = w.backend)
                  FOR UPDATE SKIP LOCKED)
     RETURNING token, writes`,
    [holder],
  );
  const [row] = rows;
  if (row === undefined) throw await heldBy(connection, place);
  return { token: String(row.token), writes: Number(row.writes), isUnsure: false };
}

/** The statement by which a transaction begins. */
export function countWrite({ token }: Claim): string {
  return renewal(token, "writes = writes + 1,");
}

/** Keeps the claim, between transactions. */
export function renew({ token }: Claim): string {
  return renewal(token, "");
}

/** Says whether it is still ours, where it can't be renewed. */
export function look({ token }: Claim): string {
  return `SELECT writes FROM writer WHERE token = '${token}'`;
}

function renewal(token: string, more: string): string {
  return `UPDATE writer SET ${more} until = ${UNTIL}, backend = pg_backend_pid() WHERE token = '${token}' RETURNING writes`;
}

/** Gives it back, so that the next one need not wait. */
export async function release(connection: Connection, { token }: Claim): Promise<void> {
  await connection.query(
    "UPDATE writer SET token = NULL, holder = NULL, until = NULL, backend = NULL WHERE token = $1",
    [token],
  );
}

/**
 * Whether the count of writes is what this claim left.
 * @param more by how much it was counted up since
 */
export function isContinued(own: Claim, writes: number, more: 0 | 1): boolean {
  const expected = own.writes + more;
  return writes === expected || (own.isUnsure && writes === expected + 1);
}

/** Says who has the claim. */
async function heldBy(connection: Connection, place: Place): Promise<StoreError> {
  const { rows } = await connection.query("SELECT holder, since FROM writer WHERE token IS NOT NULL");
  const [row] = rows;
  const who = row === undefined ? "" : `: ${String(row.holder)}, since ${(row.since as Date).toISOString()}`;
  return new StoreError(
    "busy",
    `${place.server}: the database "${place.database}" is in use by another WhiteStat${who}`,
    `Stop that one first, or give this one a database of its own. If it crashed, this one goes on within ${CLAIM_SECONDS} seconds.`,
  );
}

/** Says that another one has the claim that was ours; who, it says when it is asked for again. */
export function taken(place: Place): ClaimLostError {
  return new ClaimLostError(
    "busy",
    `${place.server}: another WhiteStat has begun to write the database "${place.database}"`,
    "Run one of them only, or give each a database of its own.",
  );
}

/** Says that the database is not the one that was read. */
export function wentBack(place: Place): ClaimLostError {
  return new ClaimLostError(
    "other",
    `${place.server}: the database "${place.database}" is in another state than it was left in (a restored dump, a standby that took over)`,
    "WhiteStat reads it again and goes on from there; the meter's counters give again what is missing.",
  );
}
