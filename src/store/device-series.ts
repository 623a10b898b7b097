import { dayOfKey, deviceOfKey, keysOf } from "./day-key.ts";
import { dayNumber } from "./days.ts";
import { type DatabaseSync, prepareArrays, rowsOf } from "./engine.ts";
import { createFlags, RECONSTRUCTED } from "./flags.ts";
import { byMonths, type MonthCaches } from "./month-cache.ts";
import { openByDevice } from "./open-hour.ts";
import type { SourceState } from "./state.ts";
import { type Day, type DeviceSeries, HOURS_PER_DAY } from "./store.ts";

/** key, in, out */
type DayCells = [number, number, number];
/** device, day, hour, in, out, flags */
type HourCells = [number, number, number, number, number, number];

interface Series extends DeviceSeries {
  readonly in: number[];
  readonly out: number[];
  readonly reconstructed: number[];
}

/** The figures of some days of one device. Doubles hold every amount exactly that a row may have. */
interface Strip {
  readonly in: Float64Array;
  readonly out: Float64Array;
  readonly reconstructed: number[];
}

/**
 * The question for each device's days or hours as rows of figures: no object is made for a day or an hour, of which
 * there may be 180,000.
 */
export function createDeviceSeries(
  db: DatabaseSync,
  states: () => ReadonlyMap<string, SourceState>,
  caches: MonthCaches,
) {
  const months = caches.create<ReadonlyMap<number, Strip>>();
  const selectDays = prepareArrays(db, "SELECT id, bytes_in, bytes_out FROM usage_day WHERE id BETWEEN ? AND ?");
  const flagsOf = createFlags(db);
  const selectHours = prepareArrays(
    db,
    "SELECT device, day, hour, bytes_in, bytes_out, flags FROM usage_hour WHERE day BETWEEN ? AND ?",
  );

  function stripsOf(first: number, last: number): Map<number, Strip> {
    const strips = new Map<number, Strip>();
    const length = last - first + 1;
    const flags = flagsOf(first, last);
    for (const [key, bytesIn, bytesOut] of rowsOf<DayCells>(selectDays, ...keysOf(first, last))) {
      const device = deviceOfKey(key);
      const day = dayOfKey(key);
      let strip = strips.get(device);
      if (!strip) {
        strip = { in: new Float64Array(length), out: new Float64Array(length), reconstructed: [] };
        strips.set(device, strip);
      }
      strip.in[day - first] = bytesIn;
      strip.out[day - first] = bytesOut;
      if (((flags.get(key) ?? 0) & RECONSTRUCTED) !== 0) strip.reconstructed.push(day - first);
    }
    return strips;
  }

  function byDay(first: number, last: number, seriesOf: (device: number) => Series): void {
    for (const piece of byMonths(months, first, last, stripsOf)) {
      const offset = piece.first - first;
      for (const [device, strip] of piece.value) {
        const series = seriesOf(device);
        for (let index = 0; index < strip.in.length; index += 1) {
          series.in[offset + index] = strip.in[index] as number;
          series.out[offset + index] = strip.out[index] as number;
        }
        for (const index of strip.reconstructed) series.reconstructed.push(offset + index);
      }
    }
  }

  function byHour(first: number, last: number, seriesOf: (device: number) => Series): void {
    for (const [device, day, hour, bytesIn, bytesOut, flags] of rowsOf<HourCells>(selectHours, first, last)) {
      const series = seriesOf(device);
      const index = (day - first) * HOURS_PER_DAY + hour;
      series.in[index] = bytesIn;
      series.out[index] = bytesOut;
      if ((flags & RECONSTRUCTED) !== 0) series.reconstructed.push(index);
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
    if (by === "day") byDay(first, last, seriesOf);
    else byHour(first, last, seriesOf);

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
