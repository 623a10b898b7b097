import { dayNumber } from "./days.ts";
import { type DatabaseSync, prepareArrays } from "./engine.ts";
import { RECONSTRUCTED } from "./fold.ts";
import { openByDevice } from "./open-hour.ts";
import type { SourceState } from "./state.ts";
import type { Day, DeviceSeries } from "./store.ts";

interface Series extends DeviceSeries {
  readonly in: number[];
  readonly out: number[];
  readonly reconstructed: number[];
}

/** The question for each device's days as rows of figures: no object is made for a day, of which there may be 180,000. */
export function createDeviceSeries(db: DatabaseSync, states: () => ReadonlyMap<string, SourceState>) {
  const select = prepareArrays(
    db,
    "SELECT day, device, bytes_in, bytes_out, flags FROM usage_day WHERE day BETWEEN ? AND ? ORDER BY day",
  );

  return function deviceSeries(from: Day, to: Day): DeviceSeries[] {
    const [first, last] = [dayNumber(from), dayNumber(to)];
    const length = Math.max(0, last - first + 1);
    const byDevice = new Map<number, Series>();
    for (const row of select.iterate(first, last)) {
      const [day, device, bytesIn, bytesOut, flags] = row as unknown as [number, number, number, number, number];
      let series = byDevice.get(device);
      if (!series) {
        series = { device, in: new Array(length).fill(0), out: new Array(length).fill(0), reconstructed: [] };
        byDevice.set(device, series);
      }
      series.in[day - first] = bytesIn;
      series.out[day - first] = bytesOut;
      if ((flags & RECONSTRUCTED) !== 0) series.reconstructed.push(day - first);
    }
    for (const state of states().values()) {
      const index = state.slotDay - first;
      if (index < 0 || index >= length) continue;
      for (const [device, open] of openByDevice(state)) {
        const series = byDevice.get(device);
        if (!series) continue;
        series.in[index] = (series.in[index] ?? 0) + open.in;
        series.out[index] = (series.out[index] ?? 0) + open.out;
      }
    }
    return [...byDevice.values()];
  };
}
