import type { Calendar } from "../accounting/calendar.ts";
import type { Day } from "../accounting/types.ts";
import type { Clock } from "../collector/clock.ts";
import type { Problems } from "../collector/problems.ts";
import type { Store } from "../store/store.ts";
import { type MeterDay, sameTrafficProblem } from "./measuring-problems.ts";

const LOOKS_MS = 900_000;
const FIRST_LOOK_MS = 300_000;

/** Looks now and then whether meters that are added up count the same packets. To be called after checkpoints. @throws StoreError */
export function createSameTrafficWatch(deps: {
  readonly problems: Pick<Problems, "raise" | "clear">;
  readonly store: Pick<Store, "of">;
  readonly calendar: Pick<Calendar, "dayOf">;
  readonly clock: Pick<Clock, "now" | "mono">;
  /** Names of the meters, without views. */
  readonly meters: readonly string[];
}): () => Promise<void> {
  const { problems, store, calendar, clock, meters } = deps;
  let lookAt = clock.mono() + FIRST_LOOK_MS;
  return async () => {
    if (meters.length < 2 || clock.mono() < lookAt) return;
    lookAt = clock.mono() + LOOKS_MS;
    const found = sameTrafficProblem(await meterDays(store, meters, calendar.dayOf(clock.now())));
    if (found === null) problems.clear("same-traffic", "No two meters count the same packets.");
    else problems.raise(found.code, found.message, found.hint);
  };
}

/** What each meter has of a day. */
export async function meterDays(store: Pick<Store, "of">, meters: readonly string[], day: Day): Promise<MeterDay[]> {
  const days: MeterDay[] = [];
  for (const name of meters) {
    const sums = await store.of(name).deviceSums([{ from: day, to: day }]);
    days.push({
      name,
      bytes: new Map(sums.map((sum) => [sum.device, sum.in + sum.out + sum.hiddenIn + sum.hiddenOut])),
    });
  }
  return days;
}
