import { keyOf } from "./day-key.ts";
import { dayNumber } from "./days.ts";
import type { DatabaseSync } from "./engine.ts";
import { foldSource } from "./fold.ts";
import { writeSource } from "./settlement.ts";
import type { SourceState } from "./state.ts";
import type { Writes } from "./statements.ts";
import type { Store } from "./store.ts";

const MS_PER_DAY = 86_400_000;
const OLD_HOURS = "DELETE FROM usage_hour WHERE day < ?";

/**
 * Forgets, in the open transaction, what is older than the days given, and then the devices and addresses that nothing
 * speaks of any more. Notes go with the remote hosts: a note has an instant and no day, so it stays until its day has
 * passed in every zone. Returns how many rows of figures and notes went. The states must be loaded anew afterwards.
 */
export function pruneRows(
  db: DatabaseSync,
  writes: Writes,
  states: ReadonlyMap<string, SourceState>,
  keep: Parameters<Store["prune"]>[0],
): number {
  for (const state of states.values()) {
    foldSource(writes, state);
    writeSource(writes, state);
  }
  const gone = (sql: string, bound: number) => Number(db.prepare(sql).run(bound).changes);
  let count = 0;
  /** Days that may have been the last to speak of an address or a device. */
  let days = 0;
  if (keep.hoursFrom !== null) count += gone(OLD_HOURS, dayNumber(keep.hoursFrom));
  if (keep.remoteFrom !== null) {
    const from = dayNumber(keep.remoteFrom);
    days += gone("DELETE FROM remote_day WHERE day < ?", from);
    count += gone("DELETE FROM note WHERE at < ?", (from - 1) * MS_PER_DAY);
  }
  if (keep.devicesFrom !== null) {
    const from = dayNumber(keep.devicesFrom);
    count += gone(OLD_HOURS, from);
    writes.counters.cut(from);
    days += gone("DELETE FROM usage_day WHERE id < ?", keyOf(from, 0));
    gone("DELETE FROM usage_flag WHERE id < ?", keyOf(from, 0));
    gone("DELETE FROM usage_step WHERE id < ?", keyOf(from, 0));
    count += gone("DELETE FROM balance_day WHERE day < ?", from);
    gone("DELETE FROM unbooked_day WHERE day < ?", from);
    gone("DELETE FROM device_address WHERE last_day < ?", from);
    gone("UPDATE device SET hostname = NULL, first_day = NULL, last_day = NULL WHERE last_day < ?", from);
  }
  // What nothing speaks of is found by reading everything that speaks: not at each start, in which nothing is too old.
  if (days === 0) return count;
  db.exec(`
    DELETE FROM address WHERE id NOT IN (
      SELECT address FROM remote_day UNION SELECT address FROM baseline UNION SELECT address FROM device_address);
    DELETE FROM device WHERE first_day IS NULL AND router = 0 AND id NOT IN (
      SELECT holder FROM baseline WHERE holder IS NOT NULL UNION SELECT mac FROM address WHERE mac IS NOT NULL);
  `);
  return count + days;
}
