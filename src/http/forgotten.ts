import { addDays } from "../accounting/calendar.ts";
import type { Bytes, Day } from "../accounting/types.ts";
import type { Store } from "../store/store.ts";

/** Name under which the store remembers it. */
const NAME = "forgotten-bytes";

/**
 * What devices used on days that were deleted because of their age. Counters that must never fall, as those of `/metrics`,
 * are the sum of this and of what is kept.
 */
export interface Forgotten {
  /** The last day that is in it; null while nothing is. */
  readonly through: Day | null;
  /** By device key. */
  readonly byDevice: Readonly<Record<string, Bytes>>;
}

/** What is remembered of days that were deleted. */
export async function readForgotten(store: Pick<Store, "recall">): Promise<Forgotten> {
  return (await store.recall<Forgotten>(NAME)) ?? { through: null, byDevice: {} };
}

/**
 * Adds the days before `from` to what is remembered, just before they are deleted. A day is added once, however often this
 * is called: the deletion may have failed in between. @throws StoreError
 */
export async function rememberForgotten(
  store: Pick<Store, "recall" | "remember" | "range" | "deviceSums" | "devices">,
  from: Day,
): Promise<void> {
  const known = await readForgotten(store);
  const range = await store.range();
  const last = addDays(from, -1);
  if (range === null) return;
  const first = known.through === null ? range.first : addDays(known.through, 1);
  if (first > last || range.first > last) return;
  const byDevice: Record<string, Bytes> = { ...known.byDevice };
  const sums = await store.deviceSums([{ from: first, to: last }]);
  const keys = new Map((await store.devices()).map(({ id, key }) => [id, key]));
  for (const sum of sums) {
    const key = keys.get(sum.device);
    if (key === undefined) continue;
    const before = byDevice[key] ?? { in: 0, out: 0 };
    byDevice[key] = { in: before.in + sum.in, out: before.out + sum.out };
  }
  await store.remember(NAME, { through: last, byDevice });
}
