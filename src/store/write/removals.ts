import type { Day } from "../../accounting/types.ts";
import { dayNumber, dayText, monthOf } from "../day-text.ts";
import { type Engine, listOf } from "../engine/engine.ts";
import type { RemovalRequest, RemovedFigures } from "../store.ts";

/**
 * Removed figures are moved, not changed: their rows stand in `removed_day` and `removed_hour` until they are restored, and
 * no question sees them but the balance. Within a transaction of the caller's, all open hours being folded.
 */

const DAY = "day, endpoint, bytes_in, bytes_out, counter_in, counter_out, last_seen, estimated, implausible";
const HOUR = "day, hour, endpoint, bytes_in, bytes_out, estimated";

/** See `Store.removeFigures`. */
export async function removeFigures(
  engine: Engine,
  { id, at, device, from, to }: RemovalRequest,
): Promise<RemovedFigures> {
  const endpoints = await engine.tuples<[id: number, first: Day | null, last: Day | null]>(
    "SELECT id, first_day, last_day FROM endpoint WHERE device = ?",
    device,
  );
  const ids = endpoints.map(([endpoint]) => endpoint);
  const firsts = endpoints.flatMap(([, first]) => (first === null ? [] : [first])).sort();
  const lasts = endpoints.flatMap(([, , last]) => (last === null ? [] : [last])).sort();
  const days = daysBetween(laterOf(from, firsts[0] ?? to), earlierOf(to, lasts.at(-1) ?? from));
  // Looked up one by one: a device is on few of the rows of each day.
  const which = `day IN ${engine.list.texts} AND endpoint IN ${engine.list.numbers}`;
  const parameters = [listOf(days), listOf(ids)];
  const [sum] = await engine.all<{ days: number; bytes_in: number | null; bytes_out: number | null }>(
    `SELECT count(DISTINCT day) AS days, sum(bytes_in) AS bytes_in, sum(bytes_out) AS bytes_out
     FROM usage_day WHERE ${which}`,
    ...parameters,
  );
  const removed = { days: sum?.days ?? 0, in: sum?.bytes_in ?? 0, out: sum?.bytes_out ?? 0 };
  if (removed.days === 0) return removed;
  await engine.run(
    `INSERT INTO removal (id, site, at_ms, device, from_day, to_day)
     SELECT CAST(? AS BIGINT), site, CAST(? AS BIGINT), mac, CAST(? AS TEXT), CAST(? AS TEXT) FROM interface WHERE id = ?`,
    id,
    at,
    from,
    to,
    device,
  );
  for (const [table, columns] of [
    ["hour", HOUR],
    ["day", DAY],
  ] as const) {
    await engine.run(
      `INSERT INTO removed_${table} (removal, ${columns})
       SELECT CAST(? AS BIGINT), ${columns} FROM usage_${table} WHERE ${which}`,
      id,
      ...parameters,
    );
    await engine.run(`DELETE FROM usage_${table} WHERE ${which}`, ...parameters);
  }
  await rebuildMonths(engine, ids, days);
  return removed;
}

/** See `Store.restoreFigures`. What was counted on these days since is added to. */
export async function restoreFigures(engine: Engine, id: number): Promise<boolean> {
  const rows = await engine.tuples<[endpoint: number, first: Day, last: Day]>(
    "SELECT endpoint, min(day), max(day) FROM removed_day WHERE removal = ? GROUP BY endpoint",
    id,
  );
  await engine.run(
    `INSERT INTO usage_hour (${HOUR}) SELECT ${HOUR} FROM removed_hour WHERE removal = ?
     ON CONFLICT (day, hour, endpoint) DO UPDATE SET bytes_in = usage_hour.bytes_in + excluded.bytes_in,
       bytes_out = usage_hour.bytes_out + excluded.bytes_out, estimated = usage_hour.estimated + excluded.estimated`,
    id,
  );
  await engine.run(
    `INSERT INTO usage_day (${DAY}) SELECT ${DAY} FROM removed_day WHERE removal = ?
     ON CONFLICT (day, endpoint) DO UPDATE SET bytes_in = usage_day.bytes_in + excluded.bytes_in,
       bytes_out = usage_day.bytes_out + excluded.bytes_out, estimated = usage_day.estimated + excluded.estimated,
       last_seen = CASE WHEN usage_day.last_seen IS NULL OR excluded.last_seen > usage_day.last_seen
                        THEN coalesce(excluded.last_seen, usage_day.last_seen) ELSE usage_day.last_seen END,
       implausible = CASE WHEN excluded.implausible = 1 THEN 1 ELSE usage_day.implausible END`,
    id,
  );
  for (const [endpoint, first, last] of rows) {
    // Of what was pruned meanwhile, but for the removed days, the span is gone.
    await engine.run(
      `UPDATE endpoint SET first_day = CASE WHEN first_day < ? THEN first_day ELSE ? END,
              last_day = CASE WHEN last_day > ? THEN last_day ELSE ? END WHERE id = ?`,
      first,
      first,
      last,
      last,
      endpoint,
    );
  }
  const days = await engine.tuples<[day: Day]>("SELECT DISTINCT day FROM removed_day WHERE removal = ?", id);
  const endpoints = rows.map(([endpoint]) => endpoint);
  await rebuildMonths(
    engine,
    endpoints,
    days.map(([day]) => day),
  );
  await engine.run("DELETE FROM removed_hour WHERE removal = ?", id);
  await engine.run("DELETE FROM removed_day WHERE removal = ?", id);
  return (await engine.run("DELETE FROM removal WHERE id = ?", id)) > 0;
}

/** Makes the months of some endpoints anew that hold any of these days. */
async function rebuildMonths(engine: Engine, endpoints: readonly number[], days: readonly Day[]): Promise<void> {
  const months = [...new Set(days.map(monthOf))];
  const all = months.flatMap((month) => daysBetween(`${month}-01`, lastOf(month)));
  await engine.run(
    `DELETE FROM usage_month WHERE endpoint IN ${engine.list.numbers} AND month IN ${engine.list.texts}`,
    listOf(endpoints),
    listOf(months),
  );
  await engine.run(
    `INSERT INTO usage_month (month, endpoint, bytes_in, bytes_out, last_seen, last_day, estimated, implausible)
     SELECT substr(day, 1, 7), endpoint, sum(bytes_in), sum(bytes_out), max(last_seen), max(day), sum(estimated),
            max(implausible)
     FROM usage_day WHERE day IN ${engine.list.texts} AND endpoint IN ${engine.list.numbers}
     GROUP BY substr(day, 1, 7), endpoint`,
    listOf(all),
    listOf(endpoints),
  );
}

function lastOf(month: string): Day {
  const next = monthOf(dayText(dayNumber(`${month}-01`) + 31));
  return dayText(dayNumber(`${next}-01`) - 1);
}

function daysBetween(first: Day, last: Day): Day[] {
  const days: Day[] = [];
  for (let day = dayNumber(first); day <= dayNumber(last); day += 1) days.push(dayText(day));
  return days;
}

function laterOf(one: Day, other: Day): Day {
  return one > other ? one : other;
}

function earlierOf(one: Day, other: Day): Day {
  return one < other ? one : other;
}
