import { dayNumber } from "./days.ts";
import { type DatabaseSync, prepareArrays, rowsOf } from "./engine.ts";
import { HIDDEN } from "./flags.ts";
import { laterOf } from "./open-hour.ts";
import type { Rollup, RollupShape } from "./rollup.ts";
import type { SourceState } from "./state.ts";
import type { Day, RemoteSum, RemoteSums } from "./store.ts";
import { createTally, type Tally } from "./tally.ts";

/** What is added up of remote hosts' days. Of the instant (s since 1970) one more, so that 0 says "none". */
export const REMOTE_SUMS: RollupShape = {
  days: "remote_day",
  rows: `remote_day WHERE day BETWEEN ?1 AND ?2 AND flags & ${HIDDEN} = 0`,
  id: "address",
  span: "(SELECT min(day) FROM remote_day), (SELECT max(day) FROM remote_day)",
  // The first readings after a midnight may charge the day before.
  lateDays: 1,
  months: [3, 12],
  figures: [
    ["bytes_in", "sum"],
    ["bytes_out", "sum"],
    ["coalesce(day * 86400 + seen + 1, 0)", "max"],
  ],
};
const SECONDS_PER_DAY = 86_400;

/** in, out, seen (s into the day), flags */
type DayCells = [number, number, number | null, number];
type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** The question for the biggest hosts beyond the router: they are named only where they are listed. */
export function createRemoteSums(db: DatabaseSync, states: () => ReadonlyMap<string, SourceState>, rollup: Rollup) {
  const selectDay = prepareArrays(
    db,
    "SELECT bytes_in, bytes_out, seen, flags FROM remote_day WHERE day = ? AND address = ?",
  );
  const selectHosts = prepareArrays(
    db,
    "SELECT id, ip, hostname FROM address WHERE id IN (SELECT value FROM json_each(?))",
  );

  function addOpen(tally: Tally, { addresses, slotDay }: SourceState): void {
    const add = (id: number, bytesIn: number, bytesOut: number, seen: number | null) =>
      tally.add([[id], [bytesIn], [bytesOut], [seen === null ? 0 : slotDay * SECONDS_PER_DAY + seen + 1]]);
    for (const address of addresses.values()) {
      const { id, hidden, pendingIn, pendingOut } = address;
      if (!address.based || address.holder !== null || (pendingIn === 0 && pendingOut === 0)) continue;
      const [stored] = rowsOf<DayCells>(selectDay, slotDay, id);
      // The open hour decides whether the whole day is shown, as it will when it is folded.
      if (stored && ((stored[3] & HIDDEN) !== 0) !== hidden) {
        const [bytesIn, bytesOut, seen] = stored;
        if (hidden) add(id, -bytesIn, -bytesOut, null);
        else add(id, bytesIn, bytesOut, seen);
      }
      if (!hidden) add(id, pendingIn, pendingOut, address.seen);
    }
  }

  /** Some rows of a tally as they are listed. */
  function nameRows(
    { ids, figures: [downs = [], ups = [], instants = []] }: Tally,
    rows: readonly number[],
  ): RemoteSum[] {
    const listed = JSON.stringify(rows.map((row) => ids[row]));
    const names = new Map(
      rowsOf<[number, string, string | null]>(selectHosts, listed).map(([id, ...host]) => [id, host]),
    );
    return rows.map((row) => {
      const [ip = "", hostname = null] = names.get(ids[row] ?? 0) ?? [];
      const seen = instants[row] ?? 0;
      return { ip, hostname, in: downs[row] ?? 0, out: ups[row] ?? 0, seenAt: seen === 0 ? null : (seen - 1) * 1000 };
    });
  }

  return function remoteSums(from: Day, to: Day, limit: number): RemoteSums {
    const [first, last] = [dayNumber(from), dayNumber(to)];
    const tally = createTally(REMOTE_SUMS.figures.map(([, how]) => how));
    tally.add(rollup.sums(first, last));
    for (const state of states().values()) {
      if (first <= state.slotDay && state.slotDay <= last) addOpen(tally, state);
    }
    const [downs = [], ups = []] = tally.figures;
    const totals = downs.map((down, row) => down + (ups[row] ?? 0));
    const used = [...totals.keys()].filter((row) => (totals[row] ?? 0) > 0);
    // With several sources one host has several addresses here, so that the biggest can only be told by name.
    const severalSources = states().size > 1;
    const named = nameRows(tally, severalSources ? used : biggest(used, totals, limit));
    const hosts = severalSources ? byName(named) : named;
    return {
      in: downs.reduce((sum, bytes) => sum + bytes, 0),
      out: ups.reduce((sum, bytes) => sum + bytes, 0),
      count: severalSources ? hosts.length : used.length,
      hosts: hosts.slice(0, limit),
    };
  };
}

/** The rows with the greatest totals, sorted. Only those that may be among them are: to sort all takes longer than the rest. */
function biggest(rows: readonly number[], totals: readonly number[], limit: number): number[] {
  const sorted = Float64Array.from(rows, (row) => totals[row] ?? 0).sort();
  const least = sorted[Math.max(0, sorted.length - limit)] ?? 0;
  return rows
    .filter((row) => (totals[row] ?? 0) >= least)
    .sort((a, b) => (totals[b] ?? 0) - (totals[a] ?? 0))
    .slice(0, limit);
}

function byName(rows: readonly RemoteSum[]): RemoteSum[] {
  const hosts = new Map<string, Mutable<RemoteSum>>();
  for (const row of rows) {
    const host = hosts.get(row.ip);
    if (!host) {
      hosts.set(row.ip, { ...row });
      continue;
    }
    host.in += row.in;
    host.out += row.out;
    host.hostname ??= row.hostname;
    host.seenAt = laterOf(host.seenAt, row.seenAt);
  }
  return [...hosts.values()].sort((a, b) => b.in + b.out - (a.in + a.out));
}
