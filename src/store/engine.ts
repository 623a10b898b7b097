import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";

export type { DatabaseSync, StatementSync };

/**
 * Node's own SQLite, loaded when a store is opened and not before. Node 22 announces it as experimental on the console;
 * that one warning is kept back here, every other one passes.
 */
export function sqlite(): typeof import("node:sqlite") {
  const emit = process.emitWarning;
  process.emitWarning = ((warning: string | Error, ...rest: unknown[]) => {
    if (rest[0] === "ExperimentalWarning" && String(warning).startsWith("SQLite")) return;
    Reflect.apply(emit, process, [warning, ...rest]);
  }) as typeof process.emitWarning;
  try {
    return process.getBuiltinModule("node:sqlite");
  } finally {
    process.emitWarning = emit;
  }
}

/** Begins the transaction that the next checkpoint commits, unless there is one. */
export function begin(db: DatabaseSync): void {
  if (!db.isTransaction) db.exec("BEGIN IMMEDIATE");
}

/** The rows of a query in the shape that its columns and the schema's STRICT tables promise. */
export function rowsOf<Row>(statement: StatementSync, ...parameters: SQLInputValue[]): Row[] {
  return statement.all(...parameters) as unknown as Row[];
}

/** A statement whose rows are arrays of columns: for queries of many rows, half the price of objects. */
export function prepareArrays(db: DatabaseSync, sql: string): StatementSync {
  const statement = db.prepare(sql);
  statement.setReturnArrays(true);
  return statement;
}

/**
 * A query of whole numbers alone: its answer is an array for each column, not one for each row. The numbers come as
 * JSON, which takes half the time of the quickest other way, and a sixth while V8 has not compiled anything yet.
 * @param columns SQL expressions
 * @param from what follows `FROM`
 */
export function prepareColumns(
  db: DatabaseSync,
  columns: readonly string[],
  from: string,
): (...parameters: SQLInputValue[]) => number[][] {
  const select = prepareArrays(
    db,
    `SELECT ${columns.map((column) => `json_group_array(${column})`).join(", ")} FROM ${from}`,
  );
  return (...parameters) =>
    rowsOf<string[]>(select, ...parameters).flatMap((row) => row.map((text) => JSON.parse(text)));
}
