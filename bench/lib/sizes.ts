import { DatabaseSync } from "node:sqlite";

/**
 * Returns a function that tells what some tables and indexes of a database take in its file together, in bytes. It throws
 * for a name that is none.
 */
export function sizesIn(path: string): (...names: string[]) => number {
  const db = new DatabaseSync(path, { readOnly: true });
  const rows = db.prepare("SELECT name, sum(pgsize) AS size FROM dbstat GROUP BY name").all();
  db.close();
  const sizes = new Map(rows.map((row) => [String(row.name), Number(row.size)]));
  return (...names) => names.reduce((sum, name) => sum + sizeOf(name), 0);

  function sizeOf(name: string): number {
    const size = sizes.get(name);
    if (size === undefined)
      throw new Error(`The database has no table or index ${name}: ${[...sizes.keys()].join(", ")}`);
    return size;
  }
}
