import type { Day } from "../../accounting/types.ts";
import { dayNumber, dayText } from "../day-text.ts";
import { listOf, type Value } from "../engine/engine.ts";
import type { DeviceDay, DeviceHour } from "../store.ts";
import { type Context, laterOf, msOf } from "./context.ts";
import { endpointsWhere, isShownBefore, OF_DEVICES, type UsedDay, usedDays, usedDaysWhere } from "./endpoints.ts";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** See `Store.deviceDays`. */
export async function deviceDays(context: Context, from: Day, to: Day): Promise<DeviceDay[]> {
  return gather(await usedDays(context, from, to, OF_DEVICES));
}

/** See `Store.historyOf`: the days are looked up one by one, for a device is on few of the rows of each. */
export async function historyOf(context: Context, device: number): Promise<DeviceDay[]> {
  const { engine, open } = context;
  const endpoints = await endpointsWhere(context, "device = ?", device);
  const [span] = await engine.all<{ first: Day | null; last: Day | null }>(
    "SELECT min(first_day) AS first, max(last_day) AS last FROM endpoint WHERE device = ?",
    device,
  );
  const days = await usedDaysWhere(
    context,
    endpoints,
    open.usage("", "9999-12-31").filter((usage) => usage.device === device),
    `day IN ${engine.list.texts} AND endpoint IN ${engine.list.numbers}`,
    listOf(daysBetween(span?.first ?? null, span?.last ?? null)),
    listOf([...endpoints.keys()]),
  );
  return gather(days).sort((a, b) => (a.day < b.day ? -1 : 1));
}

function daysBetween(first: Day | null, last: Day | null): Day[] {
  const days: Day[] = [];
  if (first === null || last === null) return days;
  for (let day = dayNumber(first); day <= dayNumber(last); day += 1) days.push(dayText(day));
  return days;
}

/** A device's day in the making, with what speaks for the address that it shows. */
interface Draft {
  readonly row: Mutable<DeviceDay>;
  shown: UsedDay | null;
}

/** Days of endpoints as days of devices. */
function gather(used: readonly UsedDay[]): DeviceDay[] {
  const days = new Map<Day, Map<number, Draft>>();
  let devices = new Map<number, Draft>();
  let last: Day | null = null;
  for (const one of used) {
    const { day, endpoint } = one;
    if (endpoint.device === null) continue;
    if (day !== last) {
      last = day;
      devices = days.get(day) ?? new Map();
      days.set(day, devices);
    }
    const draft = devices.get(endpoint.device) ?? { row: emptyDay(endpoint.device, day), shown: null };
    devices.set(endpoint.device, draft);
    addTo(draft, one);
  }
  return [...days.values()].flatMap((some) => [...some.values()].map(({ row }) => row));
}

function addTo(draft: Draft, one: UsedDay): void {
  const { row } = draft;
  if (one.endpoint.reported) {
    row.in += one.in;
    row.out += one.out;
    row.counterIn += one.counterIn;
    row.counterOut += one.counterOut;
    if (isShownBefore(one, draft.shown)) {
      row.ip = one.endpoint.ip;
      draft.shown = one;
    }
  } else {
    row.hiddenIn += one.in;
    row.hiddenOut += one.out;
  }
  row.seenAt = laterOf(row.seenAt, msOf(one.lastSeen));
  row.reconstructed ||= one.estimated > 0;
  row.implausible ||= one.implausible;
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

type HourCells = [day: Day, hour: number, endpoint: number, bytesIn: number, bytesOut: number, estimated: number];

/** See `Store.deviceHours`. */
export async function deviceHours(context: Context, from: Day, to: Day): Promise<DeviceHour[]> {
  return hours(context, from, to, OF_DEVICES.sql, [], () => true);
}

/** See `Store.hoursOf`. */
export async function hoursOf(context: Context, device: number, from: Day, to: Day): Promise<DeviceHour[]> {
  return hours(context, from, to, "device = ?", [device], (one) => one === device);
}

async function hours(
  { engine, open, ofEndpoints }: Context,
  from: Day,
  to: Day,
  which: string,
  parameters: readonly Value[],
  isMeant: (device: number) => boolean,
): Promise<DeviceHour[]> {
  const endpoints = new Map(
    await engine.tuples<[id: number, device: number]>(
      `SELECT id, device FROM endpoint WHERE ${which} AND reported = 1 AND ${ofEndpoints}`,
      ...parameters,
    ),
  );
  const rows = await engine.tuples<HourCells>(
    `SELECT day, hour, endpoint, bytes_in, bytes_out, estimated FROM usage_hour
     WHERE day BETWEEN ? AND ? AND endpoint IN (SELECT id FROM endpoint WHERE ${which} AND reported = 1 AND ${ofEndpoints})
     ORDER BY day, hour`,
    from,
    to,
    ...parameters,
  );
  const result = new Map<string, Mutable<DeviceHour>>();
  const add = (device: number, day: Day, hour: number, down: number, out: number, estimated: number) => {
    const id = `${day} ${hour} ${device}`;
    const row = result.get(id) ?? { device, day, hour, in: 0, out: 0, reconstructed: false };
    row.in += down;
    row.out += out;
    row.reconstructed ||= estimated > 0;
    result.set(id, row);
  };
  for (const [day, hour, endpoint, down, out, estimated] of rows) {
    const device = endpoints.get(endpoint);
    if (device !== undefined) add(device, day, hour, down, out, estimated);
  }
  for (const { device, reported, day, hour, in: down, out } of open.usage(from, to)) {
    if (device !== null && reported && isMeant(device)) add(device, day, hour, down, out, 0);
  }
  return [...result.values()];
}
