import type { Day } from "../../accounting/types.ts";
import type { StoredRemoval } from "../store.ts";
import type { Context } from "./context.ts";

/** See `Store.removals`. */
export async function removals({ engine }: Context): Promise<StoredRemoval[]> {
  const rows = await engine.tuples<
    [id: number, at: number, device: string, from: Day, to: Day, days: number, bytesIn: number, bytesOut: number]
  >(
    `SELECT r.id, r.at_ms, r.device, r.from_day, r.to_day, count(DISTINCT d.day), sum(d.bytes_in), sum(d.bytes_out)
     FROM removal r JOIN removed_day d ON d.removal = r.id GROUP BY r.id, r.at_ms, r.device, r.from_day, r.to_day
     ORDER BY r.at_ms DESC, r.id DESC`,
  );
  return rows.map(([id, at, device, from, to, days, down, out]) => ({ id, at, device, from, to, days, in: down, out }));
}

/** What was removed of each day and source of a range: a part of the balance. */
export function removedBetween(
  { engine, ofSources }: Context,
  from: Day,
  to: Day,
): Promise<[day: Day, source: number, bytesIn: number, bytesOut: number][]> {
  return engine.tuples(
    `SELECT u.day, e.source, sum(u.bytes_in), sum(u.bytes_out)
     FROM removed_day u JOIN endpoint e ON e.id = u.endpoint JOIN source s ON s.id = e.source
     WHERE u.day BETWEEN ? AND ? AND s.kind <> 'import' AND ${ofSources} GROUP BY u.day, e.source`,
    from,
    to,
  );
}
