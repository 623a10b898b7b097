import type { Day } from "../../accounting/types.ts";
import type { Role } from "../../accounting/view.ts";
import type { DayBalance } from "../store.ts";
import { type Context, hasCounts } from "./context.ts";
import { removedBetween } from "./removals.ts";
import { addCounted, addOpenCounts, addTo, type BalanceDraft, emptyBalance, sideOf } from "./sums.ts";

/** See `Store.measuredDays`. */
export async function measuredDays({ engine, open, ofSources }: Context, from: Day, to: Day): Promise<Day[]> {
  const rows = await engine.all<{ day: Day }>(
    `SELECT DISTINCT day FROM balance_day WHERE day BETWEEN ? AND ? AND ${ofSources} ORDER BY day`,
    from,
    to,
  );
  const days = new Set(rows.map(({ day }) => day));
  for (const { day } of open.counts(from, to)) days.add(day);
  return [...days].sort();
}

/** See `Store.balances`. */
export async function balances(context: Context, from: Day, to: Day): Promise<DayBalance[]> {
  const { engine, open } = context;
  const drafts = new Map<string, { source: number; draft: BalanceDraft }>();
  const draftOf = (day: Day, source: number) => {
    const key = `${day} ${source}`;
    const known = drafts.get(key) ?? { source, draft: emptyBalance(day) };
    drafts.set(key, known);
    return known.draft;
  };
  const counts = await engine.all<Record<string, number> & { day: Day }>(
    "SELECT * FROM balance_day WHERE day BETWEEN ? AND ? ORDER BY day, source",
    from,
    to,
  );
  for (const row of counts) addCounted(draftOf(row.day, row.source as number), row as Record<string, number>);
  for (const row of open.counts(from, to)) if (hasCounts(row)) addOpenCounts(draftOf(row.day, row.source), row);

  const rows = await engine.tuples<[day: Day, source: number, role: Role, reported: number, down: number, out: number]>(
    `SELECT u.day, e.source, e.role, e.reported, sum(u.bytes_in), sum(u.bytes_out)
     FROM usage_day u JOIN endpoint e ON e.id = u.endpoint JOIN source s ON s.id = e.source
     WHERE u.day BETWEEN ? AND ? AND s.kind <> 'import' GROUP BY u.day, e.source, e.role, e.reported`,
    from,
    to,
  );
  for (const [day, source, role, reported, down, out] of rows) {
    addTo(draftOf(day, source)[sideOf(role, reported === 1)], down, out);
  }
  for (const [day, source, down, out] of await removedBetween(context, from, to)) {
    addTo(draftOf(day, source).removed, down, out);
  }
  for (const { day, source, role, reported, in: down, out } of open.usage(from, to)) {
    addTo(draftOf(day, source)[sideOf(role, reported)], down, out);
  }
  const names = new Map(open.sources().map(({ id, name }) => [id, name]));
  return [...drafts.values()]
    .sort((a, b) => (a.draft.from < b.draft.from ? -1 : a.draft.from > b.draft.from ? 1 : a.source - b.source))
    .map(({ source, draft: { from: day, ...balance } }) => ({ source: names.get(source) ?? "", day, ...balance }));
}
