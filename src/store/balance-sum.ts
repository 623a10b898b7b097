import { openBalance } from "./balance.ts";
import { dayNumber, dayText } from "./days.ts";
import type { DatabaseSync } from "./engine.ts";
import type { SourceState } from "./state.ts";
import type { BalanceSum, Day } from "./store.ts";

/** The question for the books of a range without the devices' part. Small: one row per source and day. */
export function createBalanceSum(db: DatabaseSync, states: () => ReadonlyMap<string, SourceState>) {
  const selectFirst = db.prepare("SELECT min(day) AS first FROM balance_day WHERE day BETWEEN ? AND ? AND counted > 0");
  const select = db.prepare(
    `SELECT sum(remote_in) AS remote_in, sum(remote_out) AS remote_out,
            sum(group_in) AS group_in, sum(group_out) AS group_out,
            sum(unattributed_in) AS unattributed_in, sum(unattributed_out) AS unattributed_out,
            sum(counted) AS counted, sum(captured) AS captured, sum(dropped) AS dropped
     FROM balance_day WHERE day BETWEEN ? AND ?`,
  );

  const selectUnbooked = db.prepare(
    `SELECT device, sum(bytes_in) AS bytes_in, sum(bytes_out) AS bytes_out FROM unbooked_day
     WHERE day BETWEEN ? AND ? GROUP BY device`,
  );

  return function balanceSum(from: Day, to: Day): BalanceSum | null {
    const last = dayNumber(to);
    const opens: { day: number; balance: NonNullable<ReturnType<typeof openBalance>> }[] = [];
    for (const state of states().values()) {
      const balance = openBalance(state);
      if (balance) opens.push({ day: state.slotDay, balance });
    }
    const stored = selectFirst.get(dayNumber(from), last)?.first as number | null;
    const firsts = opens
      .filter(({ day, balance }) => dayNumber(from) <= day && day <= last && balance.counted > 0)
      .map(({ day }) => day);
    if (stored !== null) firsts.push(stored);
    if (firsts.length === 0) return null;
    const first = Math.min(...firsts);

    const row = select.get(first, last) as Record<string, number | null>;
    const of = (name: string): number => row[name] ?? 0;
    const sum = {
      remote: { in: of("remote_in"), out: of("remote_out") },
      group: { in: of("group_in"), out: of("group_out") },
      unattributed: { in: of("unattributed_in"), out: of("unattributed_out") },
      counted: of("counted"),
      captured: of("captured"),
      dropped: of("dropped"),
    };
    for (const { day, balance } of opens) {
      if (day < first || day > last) continue;
      for (const side of ["remote", "group", "unattributed"] as const) {
        sum[side].in += balance[side].in;
        sum[side].out += balance[side].out;
      }
      for (const count of ["counted", "captured", "dropped"] as const) sum[count] += balance[count];
    }
    const unbooked = selectUnbooked.all(first, last).map(({ device, bytes_in, bytes_out }) => ({
      device: Number(device),
      in: Number(bytes_in),
      out: Number(bytes_out),
    }));
    return { ...(unbooked.length > 0 ? { unbooked } : {}), from: dayText(first), ...sum };
  };
}
