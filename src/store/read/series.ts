import type { Day } from "../../accounting/types.ts";
import { dayNumber } from "../day-text.ts";
import { type DeviceSeries, HOURS_PER_DAY } from "../store.ts";
import type { Context } from "./context.ts";
import { OF_DEVICES } from "./endpoints.ts";
import type { Finished } from "./finished.ts";

interface Series extends DeviceSeries {
  readonly in: number[];
  readonly out: number[];
  readonly reconstructed: number[];
}

type Cells = [day: Day, hour: number, endpoint: number, bytesIn: number, bytesOut: number, estimated: number];

const SELECT = {
  day: "SELECT day, 0, endpoint, bytes_in, bytes_out, estimated FROM usage_day",
  hour: "SELECT day, hour, endpoint, bytes_in, bytes_out, estimated FROM usage_hour",
};
/** Days or hours of a device that take as much memory as one row of other answers. */
const CELLS_OF_A_ROW = 4;
const REPORTED = `${OF_DEVICES.sql} AND reported = 1`;

/** See `Store.deviceSeries`. */
export async function deviceSeries(
  context: Context,
  finished: Finished,
  from: Day,
  to: Day,
  by: "day" | "hour",
  others: ReadonlySet<number> = new Set(),
): Promise<readonly DeviceSeries[]> {
  const ask = () => seriesOf(context, from, to, by, others);
  // Where devices are taken together there are very many of them.
  if (others.size > 0) return ask();
  const cells = (all: readonly DeviceSeries[]) =>
    all.reduce((sum, { in: { length } }) => sum + length, 0) / CELLS_OF_A_ROW;
  return finished.of(context.open, `series ${by} ${context.ofEndpoints} ${from} ${to}`, to, ask, cells);
}

/** No object is made for a day or an hour, of which there may be 180,000. */
async function seriesOf(
  { engine, open, ofEndpoints }: Context,
  from: Day,
  to: Day,
  by: "day" | "hour",
  others: ReadonlySet<number>,
): Promise<DeviceSeries[]> {
  const first = dayNumber(from);
  const perDay = by === "hour" ? HOURS_PER_DAY : 1;
  const length = Math.max(0, dayNumber(to) - first + 1) * perDay;
  const all = new Map<number | null, Series>();
  let day: Day = "";
  let start = 0;
  const rowOf = (device: number) => (others.has(device) ? null : device);
  const add = (device: number | null, of: Day, hour: number, down: number, out: number, estimated: number) => {
    if (of !== day) {
      day = of;
      start = (dayNumber(of) - first) * perDay;
    }
    let series = all.get(device);
    if (!series) {
      series = { device, in: new Array(length).fill(0), out: new Array(length).fill(0), reconstructed: [] };
      all.set(device, series);
    }
    const index = start + (by === "hour" ? hour : 0);
    series.in[index] = (series.in[index] ?? 0) + down;
    series.out[index] = (series.out[index] ?? 0) + out;
    if (estimated > 0 && series.reconstructed.at(-1) !== index) series.reconstructed.push(index);
  };
  const endpoints = new Map<number, number | null>();
  const reported = await engine.tuples<[id: number, device: number]>(
    `SELECT id, device FROM endpoint WHERE ${REPORTED} AND ${ofEndpoints} AND first_day <= ? AND last_day >= ?`,
    to,
    from,
  );
  for (const [id, device] of reported) endpoints.set(id, rowOf(device));
  const rows = await engine.tuples<Cells>(
    `${SELECT[by]} WHERE day BETWEEN ? AND ? AND endpoint IN (SELECT id FROM endpoint WHERE ${REPORTED} AND ${ofEndpoints})
     ORDER BY 1, 2`,
    from,
    to,
  );
  for (const [of, hour, endpoint, down, out, estimated] of rows) {
    const device = endpoints.get(endpoint);
    if (device !== undefined) add(device, of, hour, down, out, estimated);
  }
  for (const usage of open.usage(from, to)) {
    if (usage.device === null || !usage.reported) continue;
    add(rowOf(usage.device), usage.day, usage.hour, usage.in, usage.out, 0);
  }
  return [...all.values()];
}
