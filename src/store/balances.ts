import { openBalance } from "./balance.ts";
import { DEVICES, keysOf } from "./day-key.ts";
import { dayNumber, dayText } from "./days.ts";
import type { DatabaseSync } from "./engine.ts";
import { openByDevice } from "./open-hour.ts";
import type { SourceState } from "./state.ts";
import type { Bytes, Day, DayBalance } from "./store.ts";

type MutableBytes = { in: number; out: number };
type Sides = "devices" | "hidden" | "routers" | "remote" | "group" | "unattributed";
type Counts = "counted" | "captured" | "dropped";
type Draft = Pick<DayBalance, "source" | "day"> & Record<Sides, MutableBytes> & Record<Counts, number>;
type Rest = Pick<DayBalance, "remote" | "group" | "unattributed" | Counts>;

/** The question for each day's books: devices and routers from their days, the rest as it was counted. */
export function createBalances(db: DatabaseSync, states: () => ReadonlyMap<string, SourceState>) {
  const selectBalances = db.prepare(
    `SELECT b.*, s.name FROM balance_day b JOIN source s ON s.id = b.source
     WHERE b.day BETWEEN ? AND ? ORDER BY b.day, b.source`,
  );
  const selectDevices = db.prepare(
    `SELECT u.id >> 20 AS day, d.source, d.router,
            sum(u.bytes_in - coalesce(x.bytes_in, 0)) AS bytes_in, sum(u.bytes_out - coalesce(x.bytes_out, 0)) AS bytes_out,
            sum(u.hidden_in) AS hidden_in, sum(u.hidden_out) AS hidden_out
     FROM usage_day u JOIN device d ON d.id = u.id & ${DEVICES - 1}
     LEFT JOIN unbooked_day x ON x.day = u.id >> 20 AND x.device = d.id
     WHERE u.id BETWEEN ? AND ? GROUP BY u.id >> 20, d.source, d.router`,
  );

  return function balances(from: Day, to: Day): DayBalance[] {
    const [first, last] = [dayNumber(from), dayNumber(to)];
    const drafts = new Map<string, Draft>();
    const numbers = new Map<Draft, readonly [day: number, source: number]>();
    const draftOf = (day: number, source: number, name: string) => {
      const key = `${day} ${source}`;
      const draft = drafts.get(key) ?? emptyBalance(name, dayText(day));
      drafts.set(key, draft);
      numbers.set(draft, [day, source]);
      return draft;
    };
    for (const raw of selectBalances.all(first, last)) {
      const row = raw as Record<string, number> & { name: string };
      addRest(draftOf(row.day as number, row.source as number, row.name), {
        remote: bytes(row.remote_in, row.remote_out),
        group: bytes(row.group_in, row.group_out),
        unattributed: bytes(row.unattributed_in, row.unattributed_out),
        counted: row.counted as number,
        captured: row.captured as number,
        dropped: row.dropped as number,
      });
    }
    for (const state of states().values()) {
      const open = openBalance(state);
      if (open === null || state.slotDay < first || state.slotDay > last) continue;
      addRest(draftOf(state.slotDay, state.id, state.name), open);
    }
    for (const raw of selectDevices.all(...keysOf(first, last))) {
      const row = raw as Record<string, number>;
      const draft = drafts.get(`${row.day} ${row.source}`);
      // Days that came from elsewhere have figures and no books.
      if (!draft) continue;
      const figures = {
        in: row.bytes_in as number,
        out: row.bytes_out as number,
        hiddenIn: row.hidden_in as number,
        hiddenOut: row.hidden_out as number,
      };
      add(draft, row.router === 1, figures);
    }
    for (const state of states().values()) {
      if (state.slotDay < first || state.slotDay > last) continue;
      const draft = drafts.get(`${state.slotDay} ${state.id}`);
      if (!draft) continue;
      for (const [device, open] of openByDevice(state)) {
        add(draft, state.devicesById.get(device)?.router ?? false, open);
      }
    }
    const placeOf = (draft: Draft) => numbers.get(draft) ?? [0, 0];
    return [...drafts.values()].sort((a, b) => {
      const [[day, source], [otherDay, otherSource]] = [placeOf(a), placeOf(b)];
      return day - otherDay || source - otherSource;
    });
  };
}

function bytes(bytesIn: number | undefined, bytesOut: number | undefined): Bytes {
  return { in: bytesIn ?? 0, out: bytesOut ?? 0 };
}

function addRest(draft: Draft, rest: Rest): void {
  for (const side of ["remote", "group", "unattributed"] as const) {
    draft[side].in += rest[side].in;
    draft[side].out += rest[side].out;
  }
  for (const count of ["counted", "captured", "dropped"] as const) draft[count] += rest[count];
}

function emptyBalance(source: string, day: Day): Draft {
  return {
    source,
    day,
    devices: { in: 0, out: 0 },
    hidden: { in: 0, out: 0 },
    routers: { in: 0, out: 0 },
    remote: { in: 0, out: 0 },
    group: { in: 0, out: 0 },
    unattributed: { in: 0, out: 0 },
    counted: 0,
    captured: 0,
    dropped: 0,
  };
}

/** A router's bytes stand under `routers`, whether its address is reported or not. */
function add(
  draft: Draft,
  router: boolean,
  figures: { in: number; out: number; hiddenIn: number; hiddenOut: number },
): void {
  const shown = router ? draft.routers : draft.devices;
  const hidden = router ? draft.routers : draft.hidden;
  shown.in += figures.in;
  shown.out += figures.out;
  hidden.in += figures.hiddenIn;
  hidden.out += figures.hiddenOut;
}
