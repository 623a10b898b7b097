import type { DatabaseSync } from "node:sqlite";

export type { DatabaseSync };

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
