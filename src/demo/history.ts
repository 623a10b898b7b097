import type { Policy } from "../accounting/policy.ts";
import { settle } from "../accounting/settle.ts";
import type { Books, Settlement } from "../accounting/types.ts";
import type { DarkstatModel } from "../meters/darkstat/simulated/index.ts";
import { cleanHostname } from "../meters/darkstat/text.ts";
import type { Store } from "../store/store.ts";
import type { Household } from "./household.ts";

export interface HistoryOptions {
  readonly model: DarkstatModel;
  readonly household: Household;
  readonly store: Pick<Store, "record" | "checkpoint">;
  readonly policy: Policy;
  readonly source: string;
  /** The address at which the simulated darkstat will be read. */
  readonly meter: string;
  /** The clock that the simulated darkstat goes by; it is moved from `from` to `to`. */
  readonly clock: { at: number };
  readonly from: number;
  readonly to: number;
  /** Told of each reading. */
  readonly onSettled?: (settlement: Settlement) => void;
  /** Told after each day how many milliseconds of the past are lived through. */
  readonly onDay: (done: number) => void;
}

/** A device last sent so long before an hour was over: at midnight it would seem to belong to the next day. */
const QUIET_SECONDS = 40;

/**
 * Lets the household live through its past, read and settled hour by hour as the product would have done. The last
 * reading is at `to`, and the simulated darkstat goes on from there.
 */
export async function liveThroughThePast(options: HistoryOptions): Promise<void> {
  const { model, household, store, policy, source, meter, clock, from, to, onSettled, onDay } = options;
  let books: Books | null = null;
  let day = policy.calendar.dayOf(from);
  clock.at = from;
  while (clock.at < to) {
    const began = clock.at;
    clock.at = Math.min(to, policy.calendar.slotOf(began).to);
    household.live(began, clock.at);
    const totals = model.totals();
    const settlement = settle(
      books,
      {
        source,
        meter,
        at: clock.at,
        elapsedMs: books === null ? null : clock.at - books.at,
        epoch: model.epoch(),
        before: totals,
        after: totals,
        hosts: [...model.hosts.values()].map((host) => ({
          ip: host.ip,
          mac: host.mac,
          hostname: cleanHostname(host.hostname),
          in: host.in,
          out: host.out,
          lastSeenSeconds: host.sentAt === null ? null : Math.round((clock.at - host.sentAt) / 1000) + QUIET_SECONDS,
        })),
        series: [],
      },
      policy,
    );
    books = settlement.books;
    await store.record(settlement);
    onSettled?.(settlement);
    if (policy.calendar.dayOf(clock.at) !== day) {
      day = policy.calendar.dayOf(clock.at);
      await store.checkpoint();
      onDay(clock.at - from);
    }
  }
  await store.checkpoint();
}
