/**
 * What a database must do to keep a store. The SQL is written once, in what SQLite and PostgreSQL share: `?` for
 * parameters, `ON CONFLICT … DO UPDATE`, no functions beyond the common ones. An engine is one connection; the store
 * sees to it that its calls never overlap.
 */
export interface Engine {
  readonly name: "sqlite" | "postgres";
  /** The rows of a query, as objects by column. @throws StoreError */
  all<Row>(sql: string, ...parameters: readonly Value[]): Promise<Row[]>;
  /** The same as arrays of columns: half the price where there are many rows. @throws StoreError */
  tuples<Row extends readonly Value[]>(sql: string, ...parameters: readonly Value[]): Promise<Row[]>;
  /** Runs a statement and says how many rows it changed. @throws StoreError */
  run(sql: string, ...parameters: readonly Value[]): Promise<number>;
  /**
   * Runs `INSERT INTO … VALUES (?, …) …` for each of many rows. No two rows may have the same key.
   * @throws StoreError
   */
  insert(sql: string, rows: readonly (readonly Value[])[]): Promise<void>;
  /**
   * Everything that `work` does is kept, or nothing is. Work must not begin a transaction of its own, and may be run
   * again when another client got in the way, or the connection was lost: what it changes beside rows it must be able to
   * change twice.
   * @throws StoreError, and whatever `work` throws
   */
  transaction<T>(work: () => Promise<T>, options?: TransactionOptions): Promise<T>;
  /** SQL for a list as the right side of `IN`, to be given with one parameter: {@link listOf}. */
  readonly list: { readonly texts: string; readonly numbers: string };
  /** A consistent copy in a file, while the store is in use. @throws StoreError */
  backup(path: string): Promise<void>;
  /** Ends the connection. Calling it again does nothing. */
  close(): Promise<void>;
}

export interface TransactionOptions {
  /** Work can't be run again: what would have been tried once more is an error. */
  readonly once?: boolean;
}

export type Value = string | number | null;

/** A list as the parameter of `engine.list`. */
export function listOf(values: readonly (string | number)[]): string {
  return JSON.stringify(values);
}
