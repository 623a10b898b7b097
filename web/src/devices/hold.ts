import type { Row } from "./row.ts";

/**
 * The next rows in the order of those shown, so that nothing moves under a person's hands: figures change in place, new
 * rows come at the end, rows without data any more go, but those that are `kept` (being edited) stay as they were.
 */
export function holdOrder(shown: readonly Row[], next: readonly Row[], kept: (id: string) => boolean): Row[] {
  const waiting = new Map(next.map((row) => [row.id, row]));
  const held: Row[] = [];
  for (const old of shown) {
    const row = waiting.get(old.id);
    if (row) {
      held.push(row);
      waiting.delete(old.id);
    } else if (kept(old.id)) held.push(old);
  }
  return [...held, ...waiting.values()];
}
