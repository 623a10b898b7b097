import type { Day } from "../../accounting/types.ts";
import { dayNumber, dayText } from "../day-text.ts";
import { listOf, type Value } from "../engine/engine.ts";
import type { OpenUsage } from "../open-hour.ts";
import type { DeviceDay, DeviceHour } from "../store.ts";
import { type Context, isShownBefore, laterOf, msOf } from "./context.ts";
import { type EndpointInfo, endpointsBetween, OF_DEVICES, ofEndpoints } from "./endpoints.ts";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type DayCells = [
  day: Day,
  endpoint: number,
  bytesIn: number,
  bytesOut: number,
  counterIn: number,
  counterOut: number,
  lastSeen: number | null,
  estimated: number,
  implausible: number,
];
/** An endpoint's day, whole. */
interface EndpointDay {
  readonly day: Day;
  readonly endpoint: number;
  readonly device: number;
  readonly reported: boolean;
  readonly ip: string;
  readonly in: number;
  readonly out: number;
  readonly counterIn: number;
  readonly counterOut: number;
  readonly lastSeen: number | null;
  readonly estimated: boolean;
  readonly implausible: boolean;
}

const SELECT_DAYS = `
  SELECT day, endpoint, bytes_in, bytes_out, counter_in, counter_out, last_seen, estimated, implausible FROM usage_day`;

/** See `Store.deviceDays`. */
export async function deviceDays({ engine, open }: Context, from: Day, to: Day): Promise<DeviceDay[]> {
  const rows = await engine.tuples<DayCells>(
    `${SELECT_DAYS} WHERE day BETWEEN ? AND ? AND ${ofEndpoints(OF_DEVICES)} ORDER BY day`,
    from,
    to,
  );
  return gather(rows, await endpointsBetween(engine, from, to, OF_DEVICES), open.usage(from, to));
}

/** See `Store.historyOf`: the days are looked up one by one, for a device is on few of the rows of each. */
export async function historyOf({ engine, open }: Context, device: number): Promise<DeviceDay[]> {
  const endpoints = await engine.tuples<
    [id: number, ip: string, reported: number, first: Day | null, last: Day | null]
  >(
    `SELECT e.id, a.ip, e.reported, e.first_day, e.last_day FROM endpoint e JOIN address a ON a.id = e.address
     WHERE e.device = ?`,
    device,
  );
  const known = new Map(endpoints.map(([id, ip, reported]) => [id, { device, ip, reported: reported === 1 }]));
  const spans = endpoints
    .flatMap(([, , , first, last]) => (first === null || last === null ? [] : [first, last]))
    .sort();
  const rows = await engine.tuples<DayCells>(
    `${SELECT_DAYS} WHERE day IN ${engine.list.texts} AND endpoint IN ${engine.list.numbers} ORDER BY day`,
    daysBetween(spans[0], spans.at(-1)),
    listOf([...known.keys()]),
  );
  const now = open.usage("", "9999-12-31").filter((usage) => usage.device === device);
  return gather(rows, known, now).sort((a, b) => (a.day < b.day ? -1 : 1));
}

function daysBetween(first: Day | undefined, last: Day | undefined): string {
  if (first === undefined || last === undefined) return listOf([]);
  const days: Day[] = [];
  for (let day = dayNumber(first); day <= dayNumber(last); day += 1) days.push(dayText(day));
  return listOf(days);
}

/** Rows of endpoints as days of devices, in the order of their days, with the open hour. */
function gather(
  rows: readonly DayCells[],
  endpoints: ReadonlyMap<number, Pick<EndpointInfo, "device" | "reported" | "ip">>,
  open: readonly OpenUsage[],
): DeviceDay[] {
  const days = createDraftDays();
  const now = new Map(open.map((usage) => [usage.endpoint, usage]));
  for (const [day, endpoint, down, out, counterIn, counterOut, lastSeen, estimated, implausible] of rows) {
    const known = endpoints.get(endpoint);
    if (!known || known.device === null) continue;
    const usage = now.get(endpoint);
    const isOpen = usage?.day === day;
    if (isOpen) now.delete(endpoint);
    days.add({
      day,
      endpoint,
      device: known.device,
      reported: known.reported,
      ip: known.ip,
      in: down + (isOpen ? usage.in : 0),
      out: out + (isOpen ? usage.out : 0),
      counterIn: isOpen ? usage.counterIn : counterIn,
      counterOut: isOpen ? usage.counterOut : counterOut,
      lastSeen: isOpen ? laterOf(lastSeen, usage.lastSeen) : lastSeen,
      estimated: estimated > 0,
      implausible: implausible > 0,
    });
  }
  for (const { device, ...usage } of now.values()) {
    if (device !== null) days.add({ ...usage, device, estimated: false, implausible: false });
  }
  return days.all();
}

function createDraftDays() {
  const days = new Map<Day, Map<number, Draft>>();
  let day: Day | null = null;
  let devices = new Map<number, Draft>();
  return {
    add(one: EndpointDay): void {
      if (one.day !== day) {
        day = one.day;
        devices = days.get(day) ?? new Map();
        days.set(day, devices);
      }
      const draft = devices.get(one.device) ?? { row: emptyDay(one.device, one.day), shown: null };
      devices.set(one.device, draft);
      addTo(draft, one);
    },
    all: () => [...days.values()].flatMap((some) => [...some.values()].map(({ row }) => row)),
  };
}

/** A device's day in the making, with what speaks for the address that it shows. */
interface Draft {
  readonly row: Mutable<DeviceDay>;
  shown: EndpointDay | null;
}

function addTo(draft: Draft, one: EndpointDay): void {
  const { row } = draft;
  if (one.reported) {
    row.in += one.in;
    row.out += one.out;
    row.counterIn += one.counterIn;
    row.counterOut += one.counterOut;
    if (isShownBefore(one, draft.shown)) {
      row.ip = one.ip;
      draft.shown = one;
    }
  } else {
    row.hiddenIn += one.in;
    row.hiddenOut += one.out;
  }
  row.seenAt = laterOf(row.seenAt, msOf(one.lastSeen));
  row.reconstructed ||= one.estimated;
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
  return hours(context, from, to, OF_DEVICES, [], () => true);
}

/** See `Store.hoursOf`. */
export async function hoursOf(context: Context, device: number, from: Day, to: Day): Promise<DeviceHour[]> {
  return hours(context, from, to, "device = ?", [device], (one) => one === device);
}

async function hours(
  { engine, open }: Context,
  from: Day,
  to: Day,
  which: string,
  parameters: readonly Value[],
  isMeant: (device: number) => boolean,
): Promise<DeviceHour[]> {
  const endpoints = new Map(
    await engine.tuples<[id: number, device: number]>(
      `SELECT id, device FROM endpoint WHERE ${which} AND reported = 1`,
      ...parameters,
    ),
  );
  const rows = await engine.tuples<HourCells>(
    `SELECT day, hour, endpoint, bytes_in, bytes_out, estimated FROM usage_hour
     WHERE day BETWEEN ? AND ? AND endpoint IN (SELECT id FROM endpoint WHERE ${which} AND reported = 1)
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
