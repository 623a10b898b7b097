import { monthOf } from "../day-text.ts";
import type { Engine } from "../engine/engine.ts";
import type { Store } from "../store.ts";
import { REBUILD_MONTH } from "./postings.ts";

const MS_PER_DAY = 86_400_000;
/** Whose days go: those of internet hosts and groups, or those of devices. */
const NOBODYS = "(SELECT id FROM endpoint WHERE device IS NULL)";
const DEVICES = "(SELECT id FROM endpoint WHERE device IS NOT NULL)";

/**
 * Forgets what is older than the days given, and then the endpoints and addresses that nothing speaks of any more. Bytes of
 * internet hosts go into their day's balance. Notes go with the hosts: a note has an instant and no day, so it stays until
 * its day has passed in every zone. Within a transaction of the caller's, all open hours being folded.
 * @returns how many rows of figures and notes went
 */
export async function pruneRows(engine: Engine, keep: Parameters<Store["prune"]>[0]): Promise<number> {
  const { hoursFrom, remoteFrom, devicesFrom } = keep;
  let count = 0;
  if (hoursFrom !== null) {
    count += await engine.run("DELETE FROM usage_hour WHERE day < ?", hoursFrom);
    count += await engine.run("DELETE FROM removed_hour WHERE day < ?", hoursFrom);
  }
  if (remoteFrom !== null) {
    await keepSums(engine, remoteFrom);
    count += await pruneDays(engine, remoteFrom, NOBODYS);
    const oldest = Date.parse(`${remoteFrom}T00:00:00Z`) - MS_PER_DAY;
    count += await engine.run("DELETE FROM note WHERE at_ms < ?", oldest);
  }
  if (devicesFrom !== null) {
    count += await pruneDays(engine, devicesFrom, DEVICES);
    count += await engine.run("DELETE FROM balance_day WHERE day < ?", devicesFrom);
    // What was removed goes with the balance that it is a part of.
    count += await engine.run("DELETE FROM removed_hour WHERE day < ?", devicesFrom);
    count += await engine.run("DELETE FROM removed_day WHERE day < ?", devicesFrom);
    await engine.run("DELETE FROM removal WHERE id NOT IN (SELECT removal FROM removed_day)");
  }
  if (count > 0) await forgetNames(engine);
  return count;
}

async function keepSums(engine: Engine, before: string): Promise<void> {
  await engine.run(
    `INSERT INTO balance_day
       (day, source, counted, captured, dropped, unattributed_in, unattributed_out, unlisted_in, unlisted_out,
        carried, compared, pruned_in, pruned_out)
     SELECT u.day, e.source, 0, 0, 0, 0, 0, 0, 0, 0, 0, sum(u.bytes_in), sum(u.bytes_out)
     FROM usage_day u JOIN endpoint e ON e.id = u.endpoint JOIN source s ON s.id = e.source
     WHERE u.day < ? AND e.role IN ('internet', 'group') AND s.kind <> 'import' GROUP BY u.day, e.source
     ON CONFLICT (day, source) DO UPDATE SET
       pruned_in = balance_day.pruned_in + excluded.pruned_in, pruned_out = balance_day.pruned_out + excluded.pruned_out`,
    before,
  );
}

/** Deletes days of some endpoints, with their hours, and makes the months anew that lost some but not all of theirs. */
async function pruneDays(engine: Engine, before: string, which: string): Promise<number> {
  // Of an internet host there are hours from when it passed for a device.
  const hours = await engine.run(`DELETE FROM usage_hour WHERE day < ? AND endpoint IN ${which}`, before);
  const days = await engine.run(`DELETE FROM usage_day WHERE day < ? AND endpoint IN ${which}`, before);
  if (days === 0) return hours;
  const month = monthOf(before);
  await engine.run(`DELETE FROM usage_month WHERE month < ? AND endpoint IN ${which}`, month);
  await engine.run("DELETE FROM usage_month WHERE month = ?", month);
  await engine.run(REBUILD_MONTH, `${month}-01`, `${month}-31`);
  await engine.run(
    `UPDATE endpoint SET first_day = NULL, last_day = NULL WHERE last_day < ? AND id IN ${which}`,
    before,
  );
  return hours + days;
}

/** What no figure and no baseline speaks of. Interfaces stay while an endpoint, a device or a finding names them. */
async function forgetNames(engine: Engine): Promise<void> {
  await engine.run(
    `DELETE FROM endpoint WHERE last_day IS NULL AND id NOT IN (SELECT endpoint FROM baseline)
       AND id NOT IN (SELECT endpoint FROM removed_day)`,
  );
  await engine.run("DELETE FROM address WHERE id NOT IN (SELECT address FROM endpoint)");
  // Once more where an interface stayed only for one that was merged into it.
  while ((await deleteInterfaces(engine)) > 0);
  await engine.run("DELETE FROM device WHERE id NOT IN (SELECT id FROM interface)");
}

function deleteInterfaces(engine: Engine): Promise<number> {
  return engine.run(
    `DELETE FROM interface WHERE router_since IS NULL AND id NOT IN (SELECT interface FROM endpoint)
       AND id NOT IN (SELECT device FROM endpoint WHERE device IS NOT NULL)
       AND id NOT IN (SELECT held_by FROM endpoint)
       AND id NOT IN (SELECT device FROM interface WHERE device <> id)`,
  );
}
