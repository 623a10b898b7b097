import type { ApiDevice, Days, DaysRow } from "../../shared/api.ts";
import type { DaySpan, DeviceDay, Store } from "../../store/store.ts";
import { createDirectory, type Naming } from "./directory.ts";

export interface DaysDeps extends Naming {
  readonly store: Pick<Store, "deviceDays" | "devices">;
}

const RECONSTRUCTED = 1;
const IMPLAUSIBLE = 2;

/** The bits that go over the wire for a day. */
export function flagsOf({ reconstructed, implausible }: Pick<DeviceDay, "reconstructed" | "implausible">): number {
  return (reconstructed ? RECONSTRUCTED : 0) | (implausible ? IMPLAUSIBLE : 0);
}

/** Each device's days of a range: the answer to `api/v1/days`. */
export async function deviceDaysOf(deps: DaysDeps, range: DaySpan): Promise<Days> {
  const days = await deps.store.deviceDays(range.from, range.to);
  // Asked for last, so that a device which came between the two questions is known.
  const directory = createDirectory(await deps.store.devices(), deps);
  const devices: ApiDevice[] = [];
  const indexes = new Map<string, number>();
  const rows = new Map<string, DaysRow>();
  for (const day of days) {
    const key = directory.keyOf(day.device);
    if (key === null || day.ip === null) continue;
    const index = indexes.get(key) ?? devices.push(directory.describe(key)) - 1;
    indexes.set(key, index);
    const row = rows.get(`${day.day} ${index}`);
    if (row) addSameDay(row, day);
    else rows.set(`${day.day} ${index}`, [day.day, index, day.ip, day.in, day.out, day.seenAt, flagsOf(day)]);
  }
  const sorted = [...rows.values()].sort((a, b) =>
    a[0] === b[0] ? b[3] + b[4] - (a[3] + a[4]) || a[1] - b[1] : a[0] < b[0] ? 1 : -1,
  );
  return { ...range, devices, rows: sorted };
}

/** The same device, seen by another darkstat. */
function addSameDay(row: DaysRow, day: DeviceDay): void {
  row[3] += day.in;
  row[4] += day.out;
  row[5] = row[5] === null || day.seenAt === null ? (row[5] ?? day.seenAt) : Math.max(row[5], day.seenAt);
  row[6] |= flagsOf(day);
}
