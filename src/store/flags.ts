import { keysOf } from "./day-key.ts";
import { type DatabaseSync, prepareArrays, rowsOf } from "./engine.ts";

/** Bits of `flags`. HIDDEN is used for remote hosts only: devices have columns for what is outside IPFilter. */
export const HIDDEN = 1;
export const RECONSTRUCTED = 2;
export const IMPLAUSIBLE = 4;

/** The question for the flags of devices' days, by key: few days have any. */
export function createFlags(db: DatabaseSync): (first: number, last: number) => ReadonlyMap<number, number> {
  const select = prepareArrays(db, "SELECT id, flags FROM usage_flag WHERE id BETWEEN ? AND ?");
  return (first, last) => new Map(rowsOf<[number, number]>(select, ...keysOf(first, last)));
}
