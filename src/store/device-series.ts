import { DAY_OF, DEVICE_OF, IN_DAYS } from "./day-key.ts";
import { dayNumber } from "./days.ts";
import { type DatabaseSync, prepareColumns } from "./engine.ts";
import { RECONSTRUCTED } from "./flags.ts";
import { openByDevice } from "./open-hour.ts";
import type { SourceState } from "./state.ts";
import { type Day, type DeviceSeries, HOURS_PER_DAY } from "./store.ts";

interface Series extends DeviceSeries {
  readonly in: number[];
  readonly out: number[];
  readonly reconstructed: number[];
}

/**
 * The question for each device's days or hours as rows of figures: no object is made for a day or an hour, of which
 * there may be 180,000.
 */
export function createDeviceSeries(db: DatabaseSync, states: () => ReadonlyMap<string, SourceState>) {
  const isReconstructed = `coalesce(flags, 0) & ${RECONSTRUCTED}`;
  const select = {
    day: prepareColumns(
      db,
      [DEVICE_OF, `${DAY_OF} - ?1`, "bytes_in", "bytes_out", isReconstructed],
      `usage_day LEFT JOIN usage_flag USING (id) WHERE ${IN_DAYS}`,
    ),
    hour: prepareColumns(
      db,
      ["device", `(day - ?1) * ${HOURS_PER_DAY} + hour`, "bytes_in", "bytes_out", isReconstructed],
      "usage_hour WHERE day BETWEEN ?1 AND ?2",
    ),
  };

  function addRows(by: "day" | "hour", first: number, last: number, seriesOf: (device: number) => Series): void {
    const [devices = [], indexes = [], downs = [], ups = [], reconstructed = []] = select[by](first, last);
    for (const [row, device] of devices.entries()) {
      const series = seriesOf(device);
      const index = indexes[row] as number;
      series.in[index] = downs[row] as number;
      series.out[index] = ups[row] as number;
      if (reconstructed[row] !== 0) series.reconstructed.push(index);
    }
  }

  return function deviceSeries(from: Day, to: Day, by: "day" | "hour"): DeviceSeries[] {
    const [first, last] = [dayNumber(from), dayNumber(to)];
    const length = Math.max(0, last - first + 1) * (by === "hour" ? HOURS_PER_DAY : 1);
    const byDevice = new Map<number, Series>();
    const seriesOf = (device: number): Series => {
      let series = byDevice.get(device);
      if (!series) {
        series = { device, in: new Array(length).fill(0), out: new Array(length).fill(0), reconstructed: [] };
        byDevice.set(device, series);
      }
      return series;
    };
    addRows(by, first, last, seriesOf);

    for (const state of states().values()) {
      if (state.slotDay < first || state.slotDay > last) continue;
      const index = by === "day" ? state.slotDay - first : (state.slotDay - first) * HOURS_PER_DAY + state.slotHour;
      for (const [device, open] of openByDevice(state)) {
        if (open.in === 0 && open.out === 0) continue;
        const series = seriesOf(device);
        series.in[index] = (series.in[index] ?? 0) + open.in;
        series.out[index] = (series.out[index] ?? 0) + open.out;
      }
    }
    return [...byDevice.values()];
  };
}
