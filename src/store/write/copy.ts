import type { Engine, Value } from "../engine/engine.ts";
import { SCHEMA } from "../schema.ts";
import { StoreError } from "../store.ts";

interface Table {
  readonly name: string;
  readonly columns: readonly string[];
  /** Its primary key. */
  readonly key: readonly string[];
}

/** Tables of which a new store has a row. */
const BORN_WITH: readonly string[] = ["site", "memory"];
const ROWS_AT_A_TIME = 2_000;
/** What is added up to compare both sides. */
const AMOUNT = /^(?:bytes|pruned|unattributed|unlisted)_(?:in|out)$|^(?:counted|captured|dropped|carried|compared)$/;

/**
 * Copies every row of a store into an empty one, of any engine, in one transaction: whatever fails leaves it empty. Row
 * counts and sums of bytes of every table and month are compared before it is committed.
 * @param from must not change meanwhile
 * @returns how many rows were copied
 * @throws StoreError when `to` is not empty, or the sums differ
 */
export async function copyRows(
  from: Engine,
  to: Engine,
  onProgress: (step: string, done: number, total: number) => void,
): Promise<number> {
  const tables = tablesOf(SCHEMA);
  let total = 0;
  for (const table of tables) total += await countOf(from, table);
  await to.transaction(
    async () => {
      await refuseFilled(to, tables);
      // A new store has a site and a word on its addresses already: ours take their place.
      for (const name of BORN_WITH) await to.run(`DELETE FROM ${name}`);
      let done = 0;
      for (const table of tables) {
        const step = `Copying ${table.name}`;
        onProgress(step, done, total);
        for await (const rows of rowsOf(from, table)) {
          const marks = table.columns.map(() => "?").join(", ");
          await to.insert(`INSERT INTO ${table.name} (${table.columns.join(", ")}) VALUES (${marks})`, rows);
          done += rows.length;
          onProgress(step, done, total);
        }
      }
      for (const table of tables) await compare(from, to, table);
    },
    { once: true },
  );
  return total;
}

/** The tables of a schema, with their columns. */
export function tablesOf(schema: string): Table[] {
  const plain = schema.replace(/--.*$/gm, "");
  return [...plain.matchAll(/CREATE TABLE (\w+) \(([\s\S]*?)\n\)/g)].map(([, name = "", body = ""]) => {
    const lines = body.split("\n").map((line) => line.trim());
    const columns = lines.flatMap((line) => /^([a-z_]+) (?:INTEGER|TEXT)\b/.exec(line)?.[1] ?? []);
    const listed = /^PRIMARY KEY \(([^)]*)\)/m.exec(lines.join("\n"))?.[1]?.split(", ");
    const key = listed ?? lines.flatMap((line) => /^([a-z_]+) .*PRIMARY KEY/.exec(line)?.[1] ?? []);
    return { name, columns, key };
  });
}

async function countOf(engine: Engine, { name }: Table): Promise<number> {
  const [row] = await engine.all<{ count: number }>(`SELECT count(*) AS count FROM ${name}`);
  return row?.count ?? 0;
}

async function refuseFilled(to: Engine, tables: readonly Table[]): Promise<void> {
  for (const table of tables) {
    const count = await countOf(to, table);
    if (count <= (BORN_WITH.includes(table.name) ? 1 : 0)) continue;
    throw new StoreError(
      "other",
      `The target of a copy must be empty, and there are ${count} rows in its table ${table.name}`,
      "Name an empty database, or a file that does not exist.",
    );
  }
}

/** All rows in the order of their key, some at a time. */
async function* rowsOf(from: Engine, { name, columns, key }: Table): AsyncGenerator<Value[][]> {
  const order = key.join(", ");
  const place = key.map((column) => columns.indexOf(column));
  const marks = key.map(() => "?").join(", ");
  let last: Value[] | null = null;
  for (;;) {
    const rows: Value[][] = await from.tuples<Value[]>(
      `SELECT ${columns.join(", ")} FROM ${name} ${last === null ? "" : `WHERE (${order}) > (${marks})`}
       ORDER BY ${order} LIMIT ${ROWS_AT_A_TIME}`,
      ...(last ?? []),
    );
    const end = rows.at(-1);
    if (end === undefined) return;
    yield rows;
    last = place.map((column) => end[column] ?? null);
  }
}

async function compare(from: Engine, to: Engine, table: Table): Promise<void> {
  const [ours, theirs] = [await sumsOf(from, table), await sumsOf(to, table)];
  for (const month of new Set([...ours.keys(), ...theirs.keys()])) {
    const [expected, found] = [ours.get(month) ?? "nothing", theirs.get(month) ?? "nothing"];
    if (expected === found) continue;
    const when = month === "" ? "" : ` of ${month}`;
    throw new StoreError(
      "other",
      `The copy differs from its source in table ${table.name}${when} (rows and sums: ${expected} became ${found}); nothing of it was kept`,
      "Please report this.",
    );
  }
}

/** Rows and bytes by month; under "" where a table knows no months. */
async function sumsOf(engine: Engine, { name, columns }: Table): Promise<Map<string, string>> {
  const month = columns.includes("day") ? "substr(day, 1, 7)" : columns.includes("month") ? "month" : "''";
  const sums = columns.filter((column) => AMOUNT.test(column)).map((column) => `sum(${column})`);
  const rows = await engine.tuples<Value[]>(
    `SELECT ${[`${month} AS month`, "count(*)", ...sums].join(", ")} FROM ${name} GROUP BY 1`,
  );
  return new Map(rows.map(([of, ...amounts]) => [String(of), amounts.join(" ")]));
}
