import { createBalanceSum } from "./balance-sum.ts";
import { createBalances } from "./balances.ts";
import { createCounters } from "./counters.ts";
import { createDeviceSeries } from "./device-series.ts";
import { createDeviceSums, DEVICE_SUMS } from "./device-sums.ts";
import { begin, type DatabaseSync, sqlite } from "./engine.ts";
import { damaged, toStoreError } from "./errors.ts";
import { openDatabase } from "./open.ts";
import { pruneRows } from "./prune.ts";
import { createQueries } from "./queries.ts";
import { createRemoteDays } from "./remote-queries.ts";
import { createRemoteSums, REMOTE_SUMS } from "./remote-sums.ts";
import { createRollup } from "./rollup.ts";
import { applySettlement, hasNews, noteQuietReading, writeSource } from "./settlement.ts";
import { booksOf, loadStates, type SourceState } from "./state.ts";
import { prepareWrites } from "./statements.ts";
import { type Store, StoreError } from "./store.ts";

export interface SqliteOptions {
  /** The database file; made when it is missing or empty. Its folder must exist. */
  readonly path: string;
}

/**
 * A store in one SQLite file, on one connection of Node's own SQLite.
 *
 * What happens between two checkpoints is kept in the state of each source and, where it is over and done with, in one
 * open transaction: queries, being on the same connection, see what was recorded at once, nothing of it reaches the disk
 * before `checkpoint` writes the state and commits, and charges and baselines can't be saved apart. Whatever fails goes
 * back to the last checkpoint; darkstat's cumulative counters give it again.
 *
 * The file has no lock of its own against a second WhiteStat: `openOrRecover` holds one.
 * @throws StoreError when the file is not ours (`foreign`), too new (`newer`), damaged, or can't be written.
 */
export function openSqliteStore({ path }: SqliteOptions): Store {
  const db = openDatabase(path);
  try {
    return storeOn(db, path);
  } catch (error) {
    db.close();
    throw toStoreError(error, path);
  }
}

function storeOn(db: DatabaseSync, path: string): Store {
  let loaded: Map<string, SourceState> | null = null;
  const states = () => {
    loaded ??= loadSound(db, path);
    return loaded;
  };
  const counters = createCounters(db);
  const writes = prepareWrites(db, counters);
  const queries = createQueries(db, states, counters);
  const remoteDays = createRemoteDays(db, states);
  const balances = createBalances(db, states);
  const deviceRollup = createRollup(db, DEVICE_SUMS);
  const remoteRollup = createRollup(db, REMOTE_SUMS);
  const deviceSums = createDeviceSums(states, deviceRollup);
  const deviceSeries = createDeviceSeries(db, states);
  const remoteSums = createRemoteSums(db, states, remoteRollup);
  const balanceSum = createBalanceSum(db, states);
  const backups = new Set<Promise<unknown>>();
  let revision = 0;

  const isOpen = () => {
    if (!db.isOpen) throw new StoreError("other", `${path}: the store is closed`, "Open it again before using it.");
  };
  const rollBack = () => {
    revision += 1;
    loaded = null;
    counters.forget();
    if (db.isTransaction) db.exec("ROLLBACK");
  };
  /** Writes what is of `news` or, at the end, of any kind, and makes it durable with all that was written before. */
  const commit = (kinds: readonly SourceState["unwritten"][]) => {
    for (const state of loaded?.values() ?? []) if (kinds.includes(state.unwritten)) writeSource(writes, state);
    if (db.isTransaction) db.exec("COMMIT");
  };
  /**
   * Keeps sums of months that are over, a few at a time. In a transaction of its own: what fails here, which nobody
   * needs, must not take readings with it.
   */
  const keepSums = () => {
    const due = [deviceRollup, deviceRollup, deviceRollup, remoteRollup];
    if (due.every((rollup) => rollup.next() === null)) return;
    try {
      begin(db);
      for (const rollup of due) {
        const period = rollup.next();
        if (period !== null) rollup.keep(period);
      }
      db.exec("COMMIT");
    } catch {
      if (db.isTransaction) db.exec("ROLLBACK");
    }
  };
  /** Runs what writes: an error takes back everything since the last checkpoint. */
  const writing = <T>(work: () => T): T => {
    isOpen();
    try {
      return work();
    } catch (error) {
      try {
        rollBack();
      } catch {
        // The first error says what is wrong; SQLite has rolled back by itself, or will at the next open.
      }
      throw toStoreError(error, path);
    }
  };
  const reading = <T>(work: () => T): T => {
    isOpen();
    try {
      return work();
    } catch (error) {
      throw error instanceof RangeError ? error : toStoreError(error, path);
    }
  };

  return {
    async books(source) {
      return reading(() => {
        const state = states().get(source);
        return state ? booksOf(state) : null;
      });
    },
    async record(settlement) {
      writing(() => {
        const state = states().get(settlement.books.source);
        if (state && !hasNews(state, settlement)) {
          noteQuietReading(state, settlement);
          return;
        }
        revision += 1;
        applySettlement(writes, states(), settlement);
      });
    },
    async checkpoint() {
      const isNews = db.isTransaction || [...(loaded?.values() ?? [])].some(({ unwritten }) => unwritten === "news");
      writing(() => commit(["news"]));
      if (isNews) keepSums();
    },

    deviceDays: async (from, to) => reading(() => queries.deviceDays(from, to)),
    deviceHours: async (from, to) => reading(() => queries.deviceHours(from, to)),
    remoteDays: async (from, to) => reading(() => remoteDays(from, to)),
    balances: async (from, to) => reading(() => balances(from, to)),
    devices: async () => reading(queries.devices),
    addressesOf: async (device) => reading(() => queries.addressesOf(device)),
    deviceSums: async (spans) => reading(() => deviceSums(spans)),
    deviceSeries: async (from, to, by) => reading(() => deviceSeries(from, to, by)),
    historyOf: async (device) => reading(() => queries.historyOf(device)),
    hoursOf: async (device, from, to) => reading(() => queries.hoursOf(device, from, to)),
    addressesBetween: async (from, to) => reading(() => queries.addressesBetween(from, to)),
    remoteSums: async (from, to, limit) => reading(() => remoteSums(from, to, limit)),
    balanceSum: async (from, to) => reading(() => balanceSum(from, to)),
    notes: async (limit) => reading(() => queries.notes(limit)),
    range: async () => reading(queries.range),
    sources: async () => reading(queries.sources),
    revision: async () => reading(() => revision),

    async prune(keep) {
      return writing(() => {
        begin(db);
        revision += 1;
        const count = pruneRows(db, writes, states(), keep);
        loaded = null;
        return count;
      });
    },
    async backup(to) {
      isOpen();
      const running = copyDatabase(path, to);
      backups.add(running);
      try {
        await running;
      } catch (error) {
        throw toStoreError(error, to);
      } finally {
        backups.delete(running);
      }
    },
    async close() {
      if (!db.isOpen) return;
      await Promise.allSettled(backups);
      try {
        writing(() => commit(["news", "instant"]));
      } finally {
        db.close();
      }
    },
  };
}

function loadSound(db: DatabaseSync, path: string): Map<string, SourceState> {
  try {
    return loadStates(db);
  } catch (error) {
    throw error instanceof RangeError ? damaged(path, error) : error;
  }
}

/** Makes a copy one file that opens anywhere, a read-only disk included. */
function leaveWal(copy: DatabaseSync): void {
  try {
    copy.exec("PRAGMA journal_mode = DELETE");
  } finally {
    copy.close();
  }
}

/** All pages in one step, so that a checkpoint in between can't make it start over. */
const ALL_PAGES = 2 ** 31 - 1;

/** Copies by a connection of its own: it sees what is committed, not what is being recorded. */
async function copyDatabase(from: string, to: string): Promise<void> {
  const { DatabaseSync, backup } = sqlite();
  const reader = new DatabaseSync(from, { readOnly: true });
  try {
    await backup(reader, to, { rate: ALL_PAGES });
  } finally {
    reader.close();
  }
  leaveWal(new DatabaseSync(to));
}
