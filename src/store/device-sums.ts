import { dayNumber, dayText, instantOf } from "./days.ts";
import { type DatabaseSync, prepareArrays, rowsOf } from "./engine.ts";
import { IMPLAUSIBLE, RECONSTRUCTED } from "./fold.ts";
import { laterOf, type OpenDevice, openByDevice } from "./open-hour.ts";
import type { SourceState } from "./state.ts";
import type { DaySpan, DeviceSum } from "./store.ts";

/** A device's days added up: device, in, out, hidden in, hidden out, seen (s since 1970), last reported day, the two flags. */
type Cells = [number, number, number, number, number, number | null, number | null, number, number];
type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * The question for sums over long ranges. Ten years of fifty devices are 180,000 rows, 70 ms of SQLite's time; so whole
 * months are added up once and remembered until one of their rows changes, which a trigger of this connection tells.
 * The open hour, which is in no row, is added at each question.
 */
export function createDeviceSums(db: DatabaseSync, states: () => ReadonlyMap<string, SourceState>) {
  const months = new Map<number, readonly Cells[]>();
  db.function("whitestat_day_changed", (day) => {
    months.delete(monthOf(Number(day)));
    return null;
  });
  for (const [event, row] of [
    ["INSERT", "NEW"],
    ["UPDATE", "NEW"],
    ["DELETE", "OLD"],
  ]) {
    db.exec(
      `CREATE TEMP TRIGGER day_${event} AFTER ${event} ON main.usage_day BEGIN SELECT whitestat_day_changed(${row}.day); END`,
    );
  }
  const select = prepareArrays(
    db,
    `SELECT device, sum(bytes_in), sum(bytes_out), sum(hidden_in), sum(hidden_out), max(day * 86400 + seen),
            max(CASE WHEN address IS NULL THEN NULL ELSE day END),
            max(flags & ${RECONSTRUCTED}), max(flags & ${IMPLAUSIBLE})
     FROM usage_day WHERE day BETWEEN ? AND ? GROUP BY device`,
  );

  function monthSums(first: number, last: number): readonly Cells[] {
    const known = months.get(first);
    if (known) return known;
    const cells = rowsOf<Cells>(select, first, last);
    months.set(first, cells);
    return cells;
  }

  /** The span cut into whole months, which are remembered, and what is left at its ends. */
  function piecesOf(first: number, last: number): (readonly Cells[])[] {
    const pieces: (readonly Cells[])[] = [];
    for (let at = first; at <= last; ) {
      const month = monthOf(at);
      const end = endOfMonth(month);
      const to = Math.min(end, last);
      pieces.push(at === month && to === end ? monthSums(at, to) : rowsOf<Cells>(select, at, to));
      at = to + 1;
    }
    return pieces;
  }

  function sumSpan(span: number, { from, to }: DaySpan, open: readonly OpenSource[]): DeviceSum[] {
    const [first, last] = [dayNumber(from), dayNumber(to)];
    const sums = new Map<number, Mutable<DeviceSum>>();
    for (const piece of piecesOf(first, last)) {
      for (const cells of piece) {
        const sum = sums.get(cells[0]);
        if (sum) addCells(sum, cells);
        else sums.set(cells[0], sumOf(span, cells));
      }
    }
    for (const { day, devices } of open) {
      if (day < first || day > last) continue;
      for (const [device, figures] of devices) {
        const sum = sums.get(device);
        if (sum) addOpen(sum, day, figures);
      }
    }
    return [...sums.values()];
  }

  return {
    deviceSums(spans: readonly DaySpan[]): DeviceSum[] {
      const open = [...states().values()].map((state) => ({ day: state.slotDay, devices: openByDevice(state) }));
      return spans.flatMap((span, index) => sumSpan(index, span, open));
    },
    /** What is remembered may have been taken back: a rollback pulls no trigger. */
    forget: () => months.clear(),
  };
}

interface OpenSource {
  readonly day: number;
  readonly devices: ReadonlyMap<number, OpenDevice>;
}

function sumOf(span: number, cells: Cells): Mutable<DeviceSum> {
  const [device, bytesIn, bytesOut, hiddenIn, hiddenOut, seen, lastDay, reconstructed, implausible] = cells;
  return {
    span,
    device,
    in: bytesIn,
    out: bytesOut,
    hiddenIn,
    hiddenOut,
    reported: lastDay !== null,
    lastDay: lastDay === null ? null : dayText(lastDay),
    seenAt: seen === null ? null : seen * 1000,
    reconstructed: reconstructed !== 0,
    implausible: implausible !== 0,
  };
}

/** Adds a later piece of the same span. */
function addCells(sum: Mutable<DeviceSum>, cells: Cells): void {
  const later = sumOf(sum.span, cells);
  sum.in += later.in;
  sum.out += later.out;
  sum.hiddenIn += later.hiddenIn;
  sum.hiddenOut += later.hiddenOut;
  sum.reported ||= later.reported;
  sum.lastDay = later.lastDay ?? sum.lastDay;
  sum.seenAt = laterOf(sum.seenAt, later.seenAt);
  sum.reconstructed ||= later.reconstructed;
  sum.implausible ||= later.implausible;
}

function addOpen(sum: Mutable<DeviceSum>, day: number, open: OpenDevice): void {
  sum.in += open.in;
  sum.out += open.out;
  sum.hiddenIn += open.hiddenIn;
  sum.hiddenOut += open.hiddenOut;
  sum.seenAt = laterOf(sum.seenAt, instantOf(day, open.seen));
}

/** The day number of the first day of a day's month. */
function monthOf(day: number): number {
  return dayNumber(`${dayText(day).slice(0, 7)}-01`);
}

function endOfMonth(month: number): number {
  return monthOf(month + 31) - 1;
}
