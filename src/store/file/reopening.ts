import { type SourceQuestions, type Store, StoreError } from "../store.ts";
import type { Opened, Recovery } from "./recover.ts";

export interface ReopeningOptions {
  /** Opens the store; `suspect` after damage was seen, so that the whole file is looked through. */
  readonly open: (suspect: boolean) => Promise<Opened>;
  /** Whether an error means that this opening is of no use any more; damage does where nothing else is said. */
  readonly isLost?: (error: StoreError) => boolean;
  /** Told when a damaged file was set aside. */
  readonly onRecovery: (recovery: Recovery) => void;
}

/** More changes than the store of one opening will ever see. */
const REVISIONS_OF_ONE = 2 ** 40;

/**
 * A store that opens at its first use, and again after its file proved damaged. While it can't be opened (a read-only
 * or full disk), every call throws why and the next one tries again: whoever waits for the disk just goes on asking.
 */
export function createReopeningStore({
  open,
  isLost = ({ code }) => code === "corrupt",
  onRecovery,
}: ReopeningOptions): Store {
  let opening: Promise<Store> | null = null;
  let suspect = false;
  let closed = false;
  /** What is opened then has other books, older ones after damage: a settlement that builds on those of before would leave a hole. */
  let booksAreKnown = true;
  let openings = 0;

  function current(): Promise<Store> {
    if (closed) throw new StoreError("other", "the store is closed", "Start WhiteStat again.");
    opening ??= open(suspect).then(
      ({ store, recovery }) => {
        suspect = false;
        openings += 1;
        if (recovery !== null) onRecovery(recovery);
        return store;
      },
      (error: unknown) => {
        opening = null;
        throw error;
      },
    );
    return opening;
  }

  async function use<T>(work: (store: Store) => Promise<T>): Promise<T> {
    const store = await current();
    try {
      return await work(store);
    } catch (error) {
      if (error instanceof StoreError && isLost(error)) await letGo(store);
      throw error;
    }
  }

  async function letGo(store: Store): Promise<void> {
    opening = null;
    suspect = true;
    booksAreKnown = false;
    await store.close().catch(() => {
      // What closing it would have written can't be kept. The meter's counters give it again.
    });
  }

  function questionsOf(of: (store: Store) => SourceQuestions): SourceQuestions {
    return {
      deviceDays: (from, to) => use((store) => of(store).deviceDays(from, to)),
      deviceHours: (from, to) => use((store) => of(store).deviceHours(from, to)),
      remoteDays: (from, to) => use((store) => of(store).remoteDays(from, to)),
      measuredDays: (from, to) => use((store) => of(store).measuredDays(from, to)),
      devices: () => use((store) => of(store).devices()),
      addressesOf: (device) => use((store) => of(store).addressesOf(device)),
      deviceSums: (spans) => use((store) => of(store).deviceSums(spans)),
      deviceSeries: (from, to, by, others) => use((store) => of(store).deviceSeries(from, to, by, others)),
      historyOf: (device) => use((store) => of(store).historyOf(device)),
      hoursOf: (device, from, to) => use((store) => of(store).hoursOf(device, from, to)),
      endpointDays: (from, to) => use((store) => of(store).endpointDays(from, to)),
      endpointHours: (from, to) => use((store) => of(store).endpointHours(from, to)),
      dayTotals: (from, to) => use((store) => of(store).dayTotals(from, to)),
      addressesBetween: (from, to, devices) => use((store) => of(store).addressesBetween(from, to, devices)),
      remoteSums: (from, to, limit) => use((store) => of(store).remoteSums(from, to, limit)),
      balanceSum: (from, to) => use((store) => of(store).balanceSum(from, to)),
      lineDays: (from, to) => use((store) => of(store).lineDays(from, to)),
      lineHours: (from, to) => use((store) => of(store).lineHours(from, to)),
      deviceLineDays: (devices, from, to) => use((store) => of(store).deviceLineDays(devices, from, to)),
      deviceLineHours: (devices, from, to) => use((store) => of(store).deviceLineHours(devices, from, to)),
    };
  }

  return {
    ...questionsOf((store) => store),
    of: (source, traffic) => questionsOf((store) => store.of(source, traffic)),
    async books(source) {
      const books = await use((store) => store.books(source));
      booksAreKnown = true;
      return books;
    },
    async record(settlement) {
      if (!booksAreKnown) {
        throw new StoreError(
          "other",
          "the database was opened anew, and has other books than this reading builds on",
          "The next reading goes on from there.",
        );
      }
      return use((store) => store.record(settlement));
    },
    checkpoint: () => use((store) => store.checkpoint()),
    applyView: (view) => use((store) => store.applyView(view)),
    recall: <T>(name: string) => use((store) => store.recall<T>(name)),
    remember: (name, value) => use((store) => store.remember(name, value)),
    keepHousehold: (household) => use((store) => store.keepHousehold(household)),
    removeFigures: (removal) => use((store) => store.removeFigures(removal)),
    restoreFigures: (id) => use((store) => store.restoreFigures(id)),
    removals: () => use((store) => store.removals()),
    importHistory: (history) => use((store) => store.importHistory(history)),
    balances: (from, to) => use((store) => store.balances(from, to)),
    routers: () => use((store) => store.routers()),
    deviceNames: () => use((store) => store.deviceNames()),
    notes: (limit) => use((store) => store.notes(limit)),
    range: () => use((store) => store.range()),
    sources: () => use((store) => store.sources()),
    // Another file may have come to the revision that this one had.
    revision: () => use(async (store) => openings * REVISIONS_OF_ONE + (await store.revision())),
    prune: (keep) => use((store) => store.prune(keep)),
    backup: (path) => use((store) => store.backup(path)),
    async close() {
      const last = opening;
      closed = true;
      opening = null;
      await (await last?.catch(() => null))?.close();
    },
  };
}
