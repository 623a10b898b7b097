import type { Value } from "./engine.ts";

/** PostgreSQL counts a statement's parameters in 16 bits. */
const MOST_PARAMETERS = 65_535;
/** Beyond this many rows a statement gains nothing, and takes memory on both sides. */
const MOST_ROWS = 2_000;

/** A statement of ours in PostgreSQL's way: `$1`, `$2`, … for each `?` outside of quotes. */
export function numbered(sql: string): string {
  let count = 0;
  return sql.replace(/'[^']*'|\?/g, (found) => {
    if (found !== "?") return found;
    count += 1;
    return `$${count}`;
  });
}

/**
 * `INSERT … VALUES (?, …) …` for many rows at a time; null for a statement whose values hold more than parameters and
 * constants (a sub-select must see the rows before it), or that has no VALUES.
 */
export function multiRowInsert(sql: string): { readonly perStatement: number; textFor(rows: number): string } | null {
  const found = /\bVALUES\s*(\([^()]*\))/.exec(sql);
  const group = found?.[1];
  if (found === null || group === undefined) return null;
  const parameters = group.split("?").length - 1;
  if (parameters === 0 || sql.split("?").length - 1 > parameters) return null;
  const [head, tail] = [sql.slice(0, found.index), sql.slice(found.index + found[0].length)];
  return {
    perStatement: Math.min(MOST_ROWS, Math.floor(MOST_PARAMETERS / parameters)),
    textFor: (rows) => numbered(`${head}VALUES ${new Array(rows).fill(group).join(", ")}${tail}`),
  };
}

/** PostgreSQL's texts can't hold U+0000, and the network may send it: it is shown as the sign for "unknown". */
export function storable(parameters: readonly Value[]): Value[] {
  return parameters.map((value) => (typeof value === "string" ? value.replaceAll("\0", "\uFFFD") : value));
}

/**
 * Whole numbers (BIGINT, and NUMERIC, which sums of them are) as numbers.
 * @throws RangeError beyond what a number holds exactly: nothing of ours is
 */
export function exactNumber(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value)) return value;
  throw new RangeError(`${text} is no whole number below 2^53`);
}
