import { basename, dirname } from "node:path";
import { addDays } from "../accounting/calendar.ts";
import type { Day } from "../accounting/types.ts";
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

/**
 * Once a day: what is too old goes, and a backup of a file is made. A failure stops nothing else: it is said once, and tried
 * again at the next call.
 * @param deps.kept asked each day, since an upgrade may change it
 */
export function createHousekeeping(deps: {
  store: Pick<Store, "prune" | "checkpoint" | "backup" | "recall" | "remember" | "range" | "deviceSums" | "devices">;
  /** Null for a database of a server, whose backups are the server's. */
  dbFile: string | null;
  kept: () => Kept;
  stateLog: StateLog;
}): (day: Day) => Promise<void> {
  const { store, dbFile, kept, stateLog } = deps;
  const [undone, done] =
    dbFile === null
      ? ["Old data not deleted yet today", "Old data was deleted in the end."]
      : ["No backup yet today", "Today's backup was made in the end."];
  let doneOn: Day | null = null;
  let failed = false;
  return async (day) => {
    if (day === doneOn) return;
    const since = (days: number | null) => (days === null ? null : addDays(day, -days));
    const { hours, remote, devices } = kept();
    try {
      const devicesFrom = since(devices);
      if (devicesFrom !== null) await rememberForgotten(store, devicesFrom);
      await store.prune({ hoursFrom: since(hours), remoteFrom: since(remote), devicesFrom });
      await store.checkpoint();
      if (dbFile !== null) await backUpDaily({ store, dir: dirname(dbFile), file: basename(dbFile) }, day);
      doneOn = day;
      if (failed) stateLog.change("housekeeping", "ok", done);
      failed = false;
    } catch (error) {
      // A damaged file is for the caller: it must open the store anew and read the books again.
      if (!(error instanceof StoreError) || error.code === "corrupt") throw error;
      failed = true;
      stateLog.change("housekeeping", error.code, `${undone}: ${error.message}. ${error.remedy}`, "warn");
    }
  };
}
