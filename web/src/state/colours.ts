/** How many devices have a colour of their own; the rest are "others". */
export const COLOURS = 7;

/**
 * Which colour (1 to 7, `--series-N`) the top devices have. A device that had one keeps it while it stays among them,
 * so that a live update or another range never repaints what is known.
 * @param top keys, the biggest first
 */
export function assignColours(
  before: ReadonlyMap<string, number>,
  top: readonly string[],
): ReadonlyMap<string, number> {
  const wanted = top.slice(0, COLOURS);
  const next = new Map<string, number>();
  for (const key of wanted) {
    const kept = before.get(key);
    if (kept !== undefined) next.set(key, kept);
  }
  const taken = new Set(next.values());
  let free = 1;
  for (const key of wanted) {
    if (next.has(key)) continue;
    while (taken.has(free)) free += 1;
    taken.add(free);
    next.set(key, free);
  }
  return next;
}
