import type { Day } from "../../accounting/types.ts";
import { dayNumber, dayText } from "../day-text.ts";
import { listOf } from "../engine/engine.ts";
import type { DeviceLineDay, DeviceLineHour, LineDay, LineHour } from "../store.ts";
import type { Context } from "./context.ts";
import type { Finished } from "./finished.ts";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

const ofDevices = ({ ofEndpoints }: Context) =>
  `endpoint IN (SELECT id FROM endpoint WHERE role = 'device' AND ${ofEndpoints})`;

/** See `Store.lineDays`. Days that are over are remembered: ten years of them take 100 ms to be added up, and change seldom. */
export interface LineDays {
  between(context: Context, from: Day, to: Day): Promise<LineDay[]>;
  /** To be called when rows of a day or later ones may have changed. */
  forgetFrom(day: Day): void;
}

export function createLineDays(): LineDays {
  /** The days of a range without a gap, those without usage left out. */
  let known: { readonly from: Day; to: Day; readonly days: Map<Day, LineDay> } | null = null;

  return {
    async between(context, from, to) {
      const { open, engine } = context;
      const [firstOpen = "\uffff"] = open
        .counts("", "9999-12-31")
        .map(({ day }) => day)
        .sort();
      if (known === null || from < known.from || from > dayAfter(known.to))
        known = { from, to: dayBefore(from), days: new Map() };
      const missing = { from: dayAfter(known.to), to };
      const rows =
        missing.from > missing.to
          ? []
          : await engine.tuples<[day: Day, bytesIn: number, bytesOut: number]>(
              `SELECT day, sum(bytes_in), sum(bytes_out) FROM usage_day WHERE day BETWEEN ? AND ? AND ${ofDevices(context)}
               GROUP BY day ORDER BY day`,
              missing.from,
              missing.to,
            );
      const last = to < firstOpen ? to : dayBefore(firstOpen);
      const fresh = new Map<Day, Mutable<LineDay>>();
      for (const [day, down, out] of rows) fresh.set(day, { day, in: down, out });
      for (const [day, row] of fresh) if (day <= last) known.days.set(day, { ...row });
      if (last > known.to) known.to = last;
      for (const { day, role, in: down, out } of open.usage(from, to)) {
        if (role !== "device") continue;
        const row = fresh.get(day) ?? { day, in: 0, out: 0 };
        row.in += down;
        row.out += out;
        fresh.set(day, row);
      }
      const found = [...fresh.values()];
      for (const [day, row] of known.days) if (day >= from && day <= to && !fresh.has(day)) found.push(row);
      return found.filter(isUsed).sort((one, other) => (one.day < other.day ? -1 : 1));
    },
    forgetFrom(day) {
      if (known === null || day > known.to) return;
      if (day <= known.from) known = null;
      else {
        known.to = dayBefore(day);
        for (const one of [...known.days.keys()]) if (one >= day) known.days.delete(one);
      }
    },
  };
}

/** See `Store.lineHours`. */
export async function lineHours(context: Context, from: Day, to: Day): Promise<LineHour[]> {
  const { engine, open } = context;
  const rows = await engine.tuples<[day: Day, hour: number, bytesIn: number, bytesOut: number]>(
    `SELECT day, hour, sum(bytes_in), sum(bytes_out) FROM usage_hour WHERE day BETWEEN ? AND ? AND ${ofDevices(context)}
     GROUP BY day, hour ORDER BY day, hour`,
    from,
    to,
  );
  const sums = createSums<LineHour>(({ day, hour }) => `${day} ${hour}`);
  for (const [day, hour, down, out] of rows) sums.add({ day, hour, in: down, out });
  for (const { day, hour, role, in: down, out } of open.usage(from, to)) {
    if (role === "device") sums.add({ day, hour, in: down, out });
  }
  return sums.inOrder();
}

/** See `Store.deviceLineDays`. By calendar years, which are the same wherever a plan's cycles begin: those over are remembered. */
export async function deviceLineDays(
  context: Context,
  finished: Finished,
  devices: readonly number[],
  from: Day,
  to: Day,
): Promise<DeviceLineDay[]> {
  const { open, ofEndpoints } = context;
  const days: DeviceLineDay[] = [];
  for (const [first, last] of yearsBetween(from, to)) {
    const question = `line ${ofEndpoints} ${devices.join(" ")} ${first} ${last}`;
    for (const day of await finished.of(open, question, last, () => daysOf(context, devices, first, last))) {
      days.push(day);
    }
  }
  return days;
}

/** Looked up day by day: a few devices are on few of the rows of each. */
async function daysOf(
  context: Context,
  devices: readonly number[],
  from: Day,
  to: Day,
): Promise<readonly DeviceLineDay[]> {
  const { engine, open } = context;
  const endpoints = await endpointsOf(context, devices);
  const rows = await engine.tuples<[day: Day, endpoint: number, bytesIn: number, bytesOut: number]>(
    `SELECT day, endpoint, bytes_in, bytes_out FROM usage_day
     WHERE day IN ${engine.list.texts} AND endpoint IN ${engine.list.numbers}`,
    listOf(daysBetween(from, to)),
    listOf([...endpoints.keys()]),
  );
  const sums = createSums<DeviceLineDay>(({ day, device }) => `${day} ${device}`);
  for (const [day, endpoint, down, out] of rows) {
    sums.add({ device: endpoints.get(endpoint) ?? 0, day, in: down, out });
  }
  for (const { day, role, device, in: down, out } of open.usage(from, to)) {
    if (role === "device" && device !== null && devices.includes(device)) sums.add({ device, day, in: down, out });
  }
  return sums.inOrder();
}

/** See `Store.deviceLineHours`. */
export async function deviceLineHours(
  context: Context,
  devices: readonly number[],
  from: Day,
  to: Day,
): Promise<DeviceLineHour[]> {
  const { engine, open } = context;
  const endpoints = await endpointsOf(context, devices);
  const rows = await engine.tuples<[day: Day, hour: number, endpoint: number, bytesIn: number, bytesOut: number]>(
    `SELECT day, hour, endpoint, bytes_in, bytes_out FROM usage_hour
     WHERE day BETWEEN ? AND ? AND endpoint IN ${engine.list.numbers}`,
    from,
    to,
    listOf([...endpoints.keys()]),
  );
  const sums = createSums<DeviceLineHour>(({ day, hour, device }) => `${day} ${hour} ${device}`);
  for (const [day, hour, endpoint, down, out] of rows) {
    sums.add({ device: endpoints.get(endpoint) ?? 0, day, hour, in: down, out });
  }
  for (const { day, hour, role, device, in: down, out } of open.usage(from, to)) {
    if (role === "device" && device !== null && devices.includes(device))
      sums.add({ device, day, hour, in: down, out });
  }
  return sums.inOrder();
}

/** The endpoints of devices, with the device of each. */
async function endpointsOf(
  { engine, ofEndpoints }: Context,
  devices: readonly number[],
): Promise<ReadonlyMap<number, number>> {
  const rows = await engine.tuples<[id: number, device: number]>(
    `SELECT id, device FROM endpoint WHERE device IN ${engine.list.numbers} AND role = 'device' AND ${ofEndpoints}`,
    listOf(devices),
  );
  return new Map(rows);
}

/** Rows of the same key added up, in the order of their times. */
function createSums<Row extends LineDay & { readonly hour?: number }>(keyOf: (row: Row) => string) {
  const sums = new Map<string, Mutable<Row>>();
  return {
    add(row: Row): void {
      const key = keyOf(row);
      const sum = sums.get(key);
      if (sum === undefined) {
        sums.set(key, { ...row });
        return;
      }
      sum.in += row.in;
      sum.out += row.out;
    },
    inOrder: (): Row[] =>
      [...sums.values()]
        .filter(isUsed)
        .sort((one, other) =>
          one.day === other.day ? (one.hour ?? 0) - (other.hour ?? 0) : one.day < other.day ? -1 : 1,
        ),
  };
}

function isUsed(amount: LineDay): boolean {
  return amount.in + amount.out > 0;
}

function dayAfter(day: Day): Day {
  return dayText(dayNumber(day) + 1);
}

function dayBefore(day: Day): Day {
  return dayText(dayNumber(day) - 1);
}

/** A range in parts, each in one year. */
function yearsBetween(from: Day, to: Day): [first: Day, last: Day][] {
  const years: [Day, Day][] = [];
  for (let first = from; first <= to; ) {
    const end = `${first.slice(0, 4)}-12-31`;
    const last = end < to ? end : to;
    years.push([first, last]);
    first = dayAfter(last);
  }
  return years;
}

function daysBetween(first: Day, last: Day): Day[] {
  const days: Day[] = [];
  for (let day = dayNumber(first); day <= dayNumber(last); day += 1) days.push(dayText(day));
  return days;
}
