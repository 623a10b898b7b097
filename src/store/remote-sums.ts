import { dayNumber, instantOf } from "./days.ts";
import { type DatabaseSync, prepareArrays, rowsOf } from "./engine.ts";
import { HIDDEN } from "./flags.ts";
import { byMonths, type MonthCaches } from "./month-cache.ts";
import { laterOf } from "./open-hour.ts";
import type { SourceState } from "./state.ts";
import type { Day, RemoteSum, RemoteSums } from "./store.ts";

/** address, in, out, seen (s since 1970) */
type Cells = [number, number, number, number | null];
/** address, in, out, seen (s into the day), flags */
type DayCells = [number, number, number, number | null, number];
type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** The question for the biggest hosts beyond the router: added up by SQLite, named only where they are listed. */
export function createRemoteSums(
  db: DatabaseSync,
  states: () => ReadonlyMap<string, SourceState>,
  caches: MonthCaches,
) {
  const months = caches.create<readonly Cells[]>();
  const select = prepareArrays(
    db,
    `SELECT address, sum(bytes_in), sum(bytes_out), max(day * 86400 + seen) FROM remote_day
     WHERE day BETWEEN ? AND ? AND flags & ${HIDDEN} = 0 GROUP BY address`,
  );
  const selectDay = prepareArrays(
    db,
    "SELECT address, bytes_in, bytes_out, seen, flags FROM remote_day WHERE day = ? AND address = ?",
  );
  const selectHosts = prepareArrays(
    db,
    "SELECT id, ip, hostname FROM address WHERE id IN (SELECT value FROM json_each(?))",
  );
  const read = (first: number, last: number) => rowsOf<Cells>(select, first, last);

  function addOpen(sums: Map<number, Cells>, state: SourceState): void {
    for (const address of state.addresses.values()) {
      if (!address.based || address.holder !== null || (address.pendingIn === 0 && address.pendingOut === 0)) continue;
      const [stored] = rowsOf<DayCells>(selectDay, state.slotDay, address.id);
      const wasHidden = stored !== undefined && (stored[4] & HIDDEN) !== 0;
      // The open hour decides whether the whole day is shown, as it will when it is folded.
      if (stored && wasHidden !== address.hidden) add(sums, address.id, stored, state.slotDay, address.hidden ? -1 : 1);
      if (address.hidden) continue;
      add(sums, address.id, [address.id, address.pendingIn, address.pendingOut, address.seen, 0], state.slotDay, 1);
    }
  }

  return function remoteSums(from: Day, to: Day, limit: number): RemoteSums {
    const [first, last] = [dayNumber(from), dayNumber(to)];
    const sums = new Map<number, Cells>();
    for (const { value } of byMonths(months, first, last, read)) {
      for (const [address, bytesIn, bytesOut, seen] of value) {
        const sum = sums.get(address);
        if (sum) {
          sum[1] += bytesIn;
          sum[2] += bytesOut;
          sum[3] = laterOf(sum[3], seen);
        } else sums.set(address, [address, bytesIn, bytesOut, seen]);
      }
    }
    for (const state of states().values()) {
      if (first <= state.slotDay && state.slotDay <= last) addOpen(sums, state);
    }
    const cells = [...sums.values()].filter(([, bytesIn, bytesOut]) => bytesIn + bytesOut > 0);
    const sources = states().size;
    cells.sort((a, b) => b[1] + b[2] - (a[1] + a[2]));
    // With several sources one host has several addresses here, so that the biggest can only be told by name.
    const kept = sources > 1 ? cells : cells.slice(0, limit);
    const names = new Map(
      rowsOf<[number, string, string | null]>(selectHosts, JSON.stringify(kept.map(([address]) => address))).map(
        (host) => [host[0], host],
      ),
    );
    const named = kept.map(([address, bytesIn, bytesOut, seen]) => {
      const [, ip = "", hostname = null] = names.get(address) ?? [];
      return { ip, hostname, in: bytesIn, out: bytesOut, seenAt: seen === null ? null : seen * 1000 };
    });
    const hosts = sources > 1 ? byName(named) : named;
    return {
      in: cells.reduce((sum, row) => sum + row[1], 0),
      out: cells.reduce((sum, row) => sum + row[2], 0),
      count: sources > 1 ? hosts.length : cells.length,
      hosts: hosts.slice(0, limit),
    };
  };
}

function add(sums: Map<number, Cells>, address: number, row: DayCells, day: number, sign: 1 | -1): void {
  const sum = sums.get(address) ?? [address, 0, 0, null];
  sum[1] += sign * row[1];
  sum[2] += sign * row[2];
  if (sign > 0) {
    const seenAt = instantOf(day, row[3]);
    sum[3] = laterOf(sum[3], seenAt === null ? null : seenAt / 1000);
  }
  sums.set(address, sum);
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
