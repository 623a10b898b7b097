import { dayNumber, dayText, instantOf } from "./days.ts";
import { type DatabaseSync, prepareArrays, rowsOf } from "./engine.ts";
import { HIDDEN, RECONSTRUCTED } from "./flags.ts";
import { laterOf, remember } from "./open-hour.ts";
import type { AddressState, SourceState } from "./state.ts";
import type { Day, RemoteDay } from "./store.ts";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
/** day, address, in, out, seen, counter before the day in, out, flags */
type RemoteCells = [number, number, number, number, number | null, number, number, number];
type RemoteHost = Pick<RemoteDay, "source" | "ip" | "mac" | "hostname">;

/** The question about hosts beyond the router: closed hours from the table, the open hour from the sources' state. */
export function createRemoteDays(db: DatabaseSync, states: () => ReadonlyMap<string, SourceState>) {
  const selectRemote = prepareArrays(
    db,
    `SELECT day, address, bytes_in, bytes_out, seen, before_in, before_out, flags
     FROM remote_day WHERE day BETWEEN ? AND ?`,
  );
  const selectAddress = db.prepare(
    `SELECT a.ip, a.hostname, s.name AS source, m.key AS mac FROM address a JOIN source s ON s.id = a.source
     LEFT JOIN device m ON m.id = a.mac WHERE a.id = ?`,
  );

  return function remoteDays(from: Day, to: Day): RemoteDay[] {
    const [first, last] = [dayNumber(from), dayNumber(to)];
    const dayTextOf = remember(dayText);
    const hostOf = remember((address) => ({ ...selectAddress.get(address) }) as unknown as RemoteHost);
    const open = openRemotes(states(), first, last);
    const result = rowsOf<RemoteCells>(selectRemote, first, last).map((cells): Mutable<RemoteDay> => {
      const [day, address, bytesIn, bytesOut, seen, beforeIn, beforeOut, flags] = cells;
      const row = {
        ...hostOf(address),
        day: dayTextOf(day),
        in: bytesIn,
        out: bytesOut,
        reported: (flags & HIDDEN) === 0,
        reconstructed: (flags & RECONSTRUCTED) !== 0,
        seenAt: instantOf(day, seen),
        counterIn: beforeIn + bytesIn,
        counterOut: beforeOut + bytesOut,
      };
      const present = open.get(row.source);
      if (present?.day === day) {
        addOpenRemote(row, day, present.byId.get(address));
        present.byId.delete(address);
      }
      return row;
    });
    for (const { day, byId } of open.values()) {
      for (const address of byId.values()) {
        if (address.holder !== null || (address.pendingIn === 0 && address.pendingOut === 0)) continue;
        const empty = {
          in: 0,
          out: 0,
          reported: true,
          reconstructed: false,
          seenAt: null,
          counterIn: 0,
          counterOut: 0,
        };
        const row = { ...hostOf(address.id), day: dayTextOf(day), ...empty };
        addOpenRemote(row, day, address);
        result.push(row);
      }
    }
    return result;
  };
}

/** Every baselined address of each source, for its open day. */
function openRemotes(states: ReadonlyMap<string, SourceState>, first: number, last: number) {
  const open = new Map<string, { day: number; byId: Map<number, AddressState> }>();
  for (const state of states.values()) {
    if (state.slotDay < first || state.slotDay > last) continue;
    const byId = new Map<number, AddressState>();
    for (const address of state.addresses.values()) if (address.based) byId.set(address.id, address);
    open.set(state.name, { day: state.slotDay, byId });
  }
  return open;
}

function addOpenRemote(row: Mutable<RemoteDay>, day: number, address: AddressState | undefined): void {
  row.counterIn = address?.counterIn ?? 0;
  row.counterOut = address?.counterOut ?? 0;
  if (!address || address.holder !== null || (address.pendingIn === 0 && address.pendingOut === 0)) return;
  row.in += address.pendingIn;
  row.out += address.pendingOut;
  row.reported = !address.hidden;
  row.seenAt = laterOf(row.seenAt, instantOf(day, address.seen));
}
