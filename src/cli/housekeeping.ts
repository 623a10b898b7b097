import { basename, dirname } from "node:path";
import { addDays, type Calendar } from "../accounting/calendar.ts";
import { type ClockGuard, startClockGuard, watchClock } from "../accounting/clock-guard.ts";
import type { Day } from "../accounting/types.ts";
import type { Clock } from "../collector/clock.ts";
import { rememberForgotten } from "../http/forgotten.ts";
import type { StateLog } from "../log/state-log.ts";
import { backUpDaily } from "../store/file/backups.ts";
import { type Store, StoreError } from "../store/store.ts";

/** For how many days usage is kept; null keeps it indefinitely. */
export interface Kept {
  readonly hours: number | null;
  readonly remote: number | null;
  readonly devices: number | null;
}

/** Name in the store's memory: a machine that is switched off each night proves its clock over several days. */
const GUARD = "clock-guard";
/** A start may cost so much of the proof; writing it more often would wear an SD card for nothing. */
const GUARD_KEPT_MS = 3_600_000;

/**
 * Once a day: what is too old goes, and a backup of a file is made. A failure stops nothing else: it is said once, and tried
 * again at the next call. What is too old goes by a date that the clock has stood beyond for a day (see `ClockGuard`): a
 * clock that is years ahead for a while deletes nothing, and all is kept a day or two longer than the settings say.
 * @param deps.kept asked each day, since an upgrade may change it
 * @returns to be called often, while the product runs
 */
export function createHousekeeping(deps: {
  store: Pick<Store, "prune" | "checkpoint" | "backup" | "recall" | "remember" | "range" | "deviceSums" | "devices">;
  /** Null for a database of a server, whose backups are the server's. */
  dbFile: string | null;
  kept: () => Kept;
  clock: Pick<Clock, "now" | "mono">;
  calendar: Calendar;
  stateLog: StateLog;
}): () => Promise<void> {
  const { store, dbFile, kept, clock, calendar, stateLog } = deps;
  const [undone, done] =
    dbFile === null
      ? ["Old data not deleted yet today", "Old data was deleted in the end."]
      : ["No backup yet today", "Today's backup was made in the end."];
  let guard: ClockGuard | null = null;
  let [lookedAt, rememberedAt] = [0, Number.NEGATIVE_INFINITY];
  let prunedOn: Day | null = null;
  let backedUpOn: Day | null = null;
  let failed = false;

  /** The day that is certain to have come; null while none is. */
  async function certainDay(): Promise<Day | null> {
    const [now, mono] = [clock.now(), clock.mono()];
    const before = guard ?? (await store.recall<ClockGuard>(GUARD)) ?? startClockGuard(now);
    const seen = watchClock(before, now, guard === null ? 0 : mono - lookedAt);
    [guard, lookedAt] = [seen, mono];
    if (seen.trustedAt !== before.trustedAt || mono - rememberedAt >= GUARD_KEPT_MS) {
      await store.remember(GUARD, seen);
      rememberedAt = mono;
    }
    return seen.trustedAt === null ? null : calendar.dayOf(seen.trustedAt);
  }

  async function prune(day: Day): Promise<void> {
    const since = (days: number | null) => (days === null ? null : addDays(day, -days));
    const { hours, remote, devices } = kept();
    const devicesFrom = since(devices);
    if (devicesFrom !== null) await rememberForgotten(store, devicesFrom);
    await store.prune({ hoursFrom: since(hours), remoteFrom: since(remote), devicesFrom });
    await store.checkpoint();
    prunedOn = day;
  }

  async function backUp(file: string, day: Day): Promise<void> {
    await backUpDaily({ store, dir: dirname(file), file: basename(file) }, day);
    backedUpOn = day;
  }

  return async () => {
    try {
      const certain = await certainDay();
      if (certain !== null && certain !== prunedOn) await prune(certain);
      const today = calendar.dayOf(clock.now());
      if (dbFile !== null && today !== backedUpOn) await backUp(dbFile, today);
      if (failed) stateLog.change("housekeeping", "ok", done);
      failed = false;
    } catch (error) {
      // A damaged file is for the caller: it must open the store anew and read the books again.
      if (!(error instanceof StoreError) || error.code === "corrupt") throw error;
      failed = true;
      stateLog.change("housekeeping", error.code, `${undone}: ${error.message}. ${error.hint}`, "warn");
    }
  };
}
