import type { Day } from "../../accounting/types.ts";
import { dayNumber, dayText } from "../day-text.ts";
import { listOf, type Value } from "../engine/engine.ts";
import type { OpenUsage } from "../open-hour.ts";
import type { DeviceDay, DeviceHour } from "../store.ts";
import { type Context, laterOf, msOf } from "./context.ts";
import { addOpenHour, type EndpointDay, endpointDayOf, isShownBefore } from "./endpoint-days.ts";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
const SELECT_DAYS = `
  SELECT u.day, u.endpoint, e.device, a.ip, e.reported, u.bytes_in, u.bytes_out, u.counter_in, u.counter_out, u.last_seen,
         u.estimated, u.implausible
  FROM usage_day u JOIN endpoint e ON e.id = u.endpoint JOIN address a ON a.id = e.address`;

/** See `Store.deviceDays`. */
export async function deviceDays({ engine, open }: Context, from: Day, to: Day): Promise<DeviceDay[]> {
  const rows = await engine.tuples<EndpointDay>(
    `${SELECT_DAYS} WHERE u.day BETWEEN ? AND ? AND e.device IS NOT NULL ORDER BY u.day`,
    from,
    to,
  );
  return gather(rows, open.usage(from, to));
}

/** See `Store.historyOf`: the days are looked up one by one, for a device is on few of the rows of each. */
export async function historyOf({ engine, open }: Context, device: number): Promise<DeviceDay[]> {
  const [span] = await engine.all<{ first: Day | null; last: Day | null }>(
    "SELECT min(first_day) AS first, max(last_day) AS last FROM endpoint WHERE device = ?",
    device,
  );
  const rows =
    span?.first && span.last
      ? await engine.tuples<EndpointDay>(
          `${SELECT_DAYS} WHERE u.day IN ${engine.list.texts}
             AND u.endpoint IN (SELECT id FROM endpoint WHERE device = ?) ORDER BY u.day`,
          daysBetween(span.first, span.last),
          device,
        )
      : [];
  const now = open.usage("", "9999-12-31").filter((usage) => usage.device === device);
  return gather(rows, now).sort((a, b) => (a.day < b.day ? -1 : 1));
}

function daysBetween(first: Day, last: Day): string {
  const days: Day[] = [];
  for (let day = dayNumber(first); day <= dayNumber(last); day += 1) days.push(dayText(day));
  return listOf(days);
}

/** Rows of endpoints as days of devices, in the order of their days. */
function gather(rows: EndpointDay[], open: readonly OpenUsage[]): DeviceDay[] {
  const days = new Map<Day, Map<number, Draft>>();
  let day: Day | null = null;
  let devices = new Map<number, Draft>();
  const rowOf = (usage: OpenUsage) => (usage.device === null ? null : endpointDayOf(usage, usage.device));
  for (const cells of addOpenHour(rows, open, rowOf)) {
    if (cells[0] !== day) {
      day = cells[0];
      devices = days.get(day) ?? new Map();
      days.set(day, devices);
    }
    addCells(devices, cells);
  }
  return [...days.values()].flatMap((one) => [...one.values()].map(({ row }) => row));
}

/** A device's day in the making, with what speaks for the address that it shows. */
interface Draft {
  readonly row: Mutable<DeviceDay>;
  shown: EndpointDay | null;
}

function addCells(devices: Map<number, Draft>, cells: EndpointDay): void {
  const [day, , device, ip, reported, down, up, counterIn, counterOut, lastSeen, estimated, implausible] = cells;
  let draft = devices.get(device);
  if (!draft) {
    draft = { row: emptyDay(device, day), shown: null };
    devices.set(device, draft);
  }
  const { row } = draft;
  if (reported === 1) {
    row.in += down;
    row.out += up;
    row.counterIn += counterIn;
    row.counterOut += counterOut;
    if (isShownBefore(cells, draft.shown)) {
      row.ip = ip;
      draft.shown = cells;
    }
  } else {
    row.hiddenIn += down;
    row.hiddenOut += up;
  }
  row.seenAt = laterOf(row.seenAt, msOf(lastSeen));
  row.reconstructed ||= estimated > 0;
  row.implausible ||= implausible > 0;
}

function emptyDay(device: number, day: Day): Mutable<DeviceDay> {
  return {
    device,
    day,
    ip: null,
    in: 0,
    out: 0,
    hiddenIn: 0,
    hiddenOut: 0,
    seenAt: null,
    counterIn: 0,
    counterOut: 0,
    reconstructed: false,
    implausible: false,
  };
}

type HourCells = [day: Day, hour: number, device: number, bytesIn: number, bytesOut: number, estimated: number];

/** See `Store.deviceHours`. */
export async function deviceHours(context: Context, from: Day, to: Day): Promise<DeviceHour[]> {
  return hours(context, from, to, "e.device IS NOT NULL", [], () => true);
}

/** See `Store.hoursOf`. */
export async function hoursOf(context: Context, device: number, from: Day, to: Day): Promise<DeviceHour[]> {
  return hours(context, from, to, "e.device = ?", [device], (usage) => usage.device === device);
}

async function hours(
  { engine, open }: Context,
  from: Day,
  to: Day,
  which: string,
  parameters: readonly Value[],
  isMeant: (usage: OpenUsage) => boolean,
): Promise<DeviceHour[]> {
  const rows = await engine.tuples<HourCells>(
    `SELECT u.day, u.hour, e.device, sum(u.bytes_in), sum(u.bytes_out), sum(u.estimated)
     FROM usage_hour u JOIN endpoint e ON e.id = u.endpoint
     WHERE u.day BETWEEN ? AND ? AND ${which} AND e.reported = 1 GROUP BY u.day, u.hour, e.device`,
    from,
    to,
    ...parameters,
  );
  const result = new Map<string, Mutable<DeviceHour>>();
  const add = (...[day, hour, device, down, out, estimated]: HourCells) => {
    const id = `${day} ${hour} ${device}`;
    const row = result.get(id) ?? { device, day, hour, in: 0, out: 0, reconstructed: false };
    row.in += down;
    row.out += out;
    row.reconstructed ||= estimated > 0;
    result.set(id, row);
  };
  for (const row of rows) add(...row);
  for (const usage of open.usage(from, to)) {
    const { device, reported, day, hour, in: down, out } = usage;
    if (device !== null && reported && isMeant(usage)) add(day, hour, device, down, out, 0);
  }
  return [...result.values()];
}
