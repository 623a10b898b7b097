import { DAY_OF, DEVICE_OF, deviceOfKey, keysOf } from "./day-key.ts";
import { dayNumber, dayText } from "./days.ts";
import { type DatabaseSync, prepareArrays, rowsOf } from "./engine.ts";
import { createFlags, IMPLAUSIBLE, RECONSTRUCTED } from "./flags.ts";
import { byMonths, type MonthCaches } from "./month-cache.ts";
import { laterOf, type OpenDevice, openByDevice, remember } from "./open-hour.ts";
import type { SourceState } from "./state.ts";
import type { Day, DaySpan, DeviceSum } from "./store.ts";

/** A device's days added up: device, in, out, hidden in, hidden out, seen (s since 1970), last reported day, the two flags. */
type Cells = [number, number, number, number, number, number | null, number | null, number, number];
const SECONDS_PER_DAY = 86_400;

/** The question for sums over long ranges. The open hour, which is in no row, is added at each question. */
export function createDeviceSums(
  db: DatabaseSync,
  states: () => ReadonlyMap<string, SourceState>,
  caches: MonthCaches,
) {
  const months = caches.create<readonly Cells[]>();
  const select = prepareArrays(
    db,
    `SELECT ${DEVICE_OF}, sum(bytes_in), sum(bytes_out), sum(hidden_in), sum(hidden_out), max(${DAY_OF} * 86400 + seen),
            max(CASE WHEN address IS NULL THEN NULL ELSE ${DAY_OF} END), 0, 0
     FROM usage_day WHERE id BETWEEN ? AND ? GROUP BY 1`,
  );
  const flagsOf = createFlags(db);

  function read(first: number, last: number): Cells[] {
    const sums = rowsOf<Cells>(select, ...keysOf(first, last));
    const flags = flagsOf(first, last);
    if (flags.size === 0) return sums;
    const byDevice = new Map(sums.map((cells) => [cells[0], cells]));
    for (const [key, flag] of flags) {
      const cells = byDevice.get(deviceOfKey(key));
      if (!cells) continue;
      cells[7] |= flag & RECONSTRUCTED;
      cells[8] |= flag & IMPLAUSIBLE;
    }
    return sums;
  }

  function sumSpan({ from, to }: DaySpan, open: readonly OpenSource[]): Cells[] {
    const [first, last] = [dayNumber(from), dayNumber(to)];
    const sums = new Map<number, Cells>();
    for (const { value } of byMonths(months, first, last, read)) {
      for (const cells of value) {
        const sum = sums.get(cells[0]);
        if (sum) addLater(sum, cells);
        else sums.set(cells[0], [...cells]);
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

  return function deviceSums(spans: readonly DaySpan[]): DeviceSum[] {
    const open = [...states().values()].map((state) => ({ day: state.slotDay, devices: openByDevice(state) }));
    const dayTextOf = remember(dayText);
    return spans.flatMap((span, index) => sumSpan(span, open).map((cells) => sumOf(index, cells, dayTextOf)));
  };
}

interface OpenSource {
  readonly day: number;
  readonly devices: ReadonlyMap<number, OpenDevice>;
}

function sumOf(span: number, cells: Cells, dayTextOf: (day: number) => Day): DeviceSum {
  const [device, bytesIn, bytesOut, hiddenIn, hiddenOut, seen, lastDay, reconstructed, implausible] = cells;
  return {
    span,
    device,
    in: bytesIn,
    out: bytesOut,
    hiddenIn,
    hiddenOut,
    reported: lastDay !== null,
    lastDay: lastDay === null ? null : dayTextOf(lastDay),
    seenAt: seen === null ? null : seen * 1000,
    reconstructed: reconstructed !== 0,
    implausible: implausible !== 0,
  };
}

/** Adds a later piece of the same span. */
function addLater(sum: Cells, later: Cells): void {
  sum[1] += later[1];
  sum[2] += later[2];
  sum[3] += later[3];
  sum[4] += later[4];
  sum[5] = laterOf(sum[5], later[5]);
  sum[6] = later[6] ?? sum[6];
  sum[7] |= later[7];
  sum[8] |= later[8];
}

function addOpen(sum: Cells, day: number, open: OpenDevice): void {
  sum[1] += open.in;
  sum[2] += open.out;
  sum[3] += open.hiddenIn;
  sum[4] += open.hiddenOut;
  sum[5] = laterOf(sum[5], open.seen === null ? null : day * SECONDS_PER_DAY + open.seen);
}
