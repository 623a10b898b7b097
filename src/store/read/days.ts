import type { Day } from "../../accounting/types.ts";
import { dayNumber, dayText } from "../day-text.ts";
import { listOf, type Value } from "../engine/engine.ts";
import type { OpenUsage } from "../open-hour.ts";
import type { DeviceDay, DeviceHour } from "../store.ts";
import { type Context, laterOf, msOf } from "./context.ts";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type DayCells = [
  day: Day,
  endpoint: number,
  device: number,
  reported: number,
  ip: string,
  bytesIn: number,
  bytesOut: number,
  counterIn: number,
  counterOut: number,
  lastSeen: number | null,
  estimated: number,
  implausible: number,
];

const SELECT_DAYS = `
  SELECT u.day, u.endpoint, e.device, e.reported, a.ip, u.bytes_in, u.bytes_out, u.counter_in, u.counter_out, u.last_seen,
         u.estimated, u.implausible
  FROM usage_day u JOIN endpoint e ON e.id = u.endpoint JOIN address a ON a.id = e.address`;

/** See `Store.deviceDays`. */
export async function deviceDays({ engine, open }: Context, from: Day, to: Day): Promise<DeviceDay[]> {
  const rows = await engine.tuples<DayCells>(
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
      ? await engine.tuples<DayCells>(
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
function gather(rows: readonly DayCells[], open: readonly OpenUsage[]): DeviceDay[] {
  const days = new Map<Day, Map<number, Draft>>();
  let day: Day | null = null;
  let devices = new Map<number, Draft>();
  const startOf = (next: Day) => {
    if (next !== day) {
      day = next;
      devices = days.get(next) ?? new Map();
      days.set(next, devices);
    }
    return devices;
  };
  // A device's counters of the open day are those of its endpoints, whichever hour they were charged in last.
  const now = new Map(open.map((usage) => [usage.endpoint, usage]));
  for (const cells of rows) {
    const [rowDay, endpoint] = cells;
    const usage = now.get(endpoint);
    if (usage === undefined || usage.day !== rowDay) {
      addCells(startOf(rowDay), cells);
      continue;
    }
    now.delete(endpoint);
    addCells(startOf(rowDay), [
      ...(cells.slice(0, 5) as [Day, number, number, number, string]),
      cells[5] + usage.in,
      cells[6] + usage.out,
      usage.counterIn,
      usage.counterOut,
      laterOf(cells[9], usage.lastSeen),
      cells[10],
      cells[11],
    ]);
  }
  for (const usage of now.values()) {
    if (usage.device === null) continue;
    const { endpoint, device, ip, counterIn, counterOut, lastSeen } = usage;
    const reported = usage.reported ? 1 : 0;
    const bytes = [usage.in, usage.out, counterIn, counterOut] as const;
    addCells(startOf(usage.day), [usage.day, endpoint, device, reported, ip, ...bytes, lastSeen, 0, 0]);
  }
  return [...days.values()].flatMap((one) => [...one.values()].map(({ row }) => row));
}

/** A device's day in the making, with what speaks for the address that it shows. */
interface Draft {
  readonly row: Mutable<DeviceDay>;
  shownSeen: number;
  shownBytes: number;
}

function addCells(devices: Map<number, Draft>, cells: DayCells): void {
  const [day, , device, reported, ip, down, up, counterIn, counterOut, lastSeen, estimated, implausible] = cells;
  let draft = devices.get(device);
  if (!draft) {
    draft = { row: emptyDay(device, day), shownSeen: -1, shownBytes: -1 };
    devices.set(device, draft);
  }
  const { row } = draft;
  if (reported === 1) {
    row.in += down;
    row.out += up;
    row.counterIn += counterIn;
    row.counterOut += counterOut;
    const seen = lastSeen ?? 0;
    if (seen > draft.shownSeen || (seen === draft.shownSeen && down + up > draft.shownBytes)) {
      row.ip = ip;
      draft.shownSeen = seen;
      draft.shownBytes = down + up;
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
