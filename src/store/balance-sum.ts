import { dayNumber, dayText } from "./days.ts";
import type { DatabaseSync } from "./engine.ts";
import type { BalanceSum, Day } from "./store.ts";

/** The question for the books of a range without the devices' part. Small: one row per source and day. */
export function createBalanceSum(db: DatabaseSync) {
  const select = db.prepare(
    `SELECT min(day) AS first, sum(remote_in) AS remote_in, sum(remote_out) AS remote_out,
            sum(group_in) AS group_in, sum(group_out) AS group_out,
            sum(unattributed_in) AS unattributed_in, sum(unattributed_out) AS unattributed_out,
            sum(counted) AS counted, sum(captured) AS captured, sum(dropped) AS dropped
     FROM balance_day WHERE day BETWEEN ? AND ?`,
  );

  return function balanceSum(from: Day, to: Day): BalanceSum | null {
    const row = select.get(dayNumber(from), dayNumber(to)) as Record<string, number | null>;
    if (row.first === null) return null;
    const of = (name: string): number => row[name] ?? 0;
    return {
      from: dayText(of("first")),
      remote: { in: of("remote_in"), out: of("remote_out") },
      group: { in: of("group_in"), out: of("group_out") },
      unattributed: { in: of("unattributed_in"), out: of("unattributed_out") },
      counted: of("counted"),
      captured: of("captured"),
      dropped: of("dropped"),
    };
  };
}
