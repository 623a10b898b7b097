import { addDays } from "../../accounting/calendar.ts";
import type { ApiDevice, Days, DaysRow } from "../../shared/api.ts";
import type { DeviceDay, Store } from "../../store/store.ts";
import { consistently } from "../consistent.ts";
import { later } from "../ranges.ts";
import { createDirectory, type Naming } from "./directory.ts";
import type { DaysQuery } from "./query-parameters.ts";
import { createGrouping, knownOwner } from "./usage-groups.ts";

export interface DaysDeps extends Naming {
  readonly store: Pick<Store, "deviceDays" | "devices" | "revision">;
}

const RECONSTRUCTED = 1;
const IMPLAUSIBLE = 2;

/** The bits that go over the wire for a day. */
export function flagsOf({ reconstructed, implausible }: Pick<DeviceDay, "reconstructed" | "implausible">): number {
  return (reconstructed ? RECONSTRUCTED : 0) | (implausible ? IMPLAUSIBLE : 0);
}

/** Of each day the largest are listed; see src/accounting/crowd.ts for how there may be more. */
export const MOST_OF_A_DAY = 1_000;
/** Days that are read at a time. */
const DAYS_AT_A_TIME = 31;

/** Each device's days of a range: the response to `api/v1/days`. */
export function deviceDaysOf(deps: DaysDeps, query: DaysQuery): Promise<Days> {
  return consistently(deps.store, (pause) => daysInParts(deps, query, pause));
}

/** The latest days first. @param pause awaited between parts */
async function daysInParts(deps: DaysDeps, { range, owner }: DaysQuery, pause: () => Promise<void>): Promise<Days> {
  const directory = createDirectory(await deps.store.devices(), deps);
  const grouping = createGrouping(knownOwner(deps.household.document(), owner), { by: "device", owner });
  const devices: ApiDevice[] = [];
  const indexes = new Map<string, number>();
  const sorted: DaysRow[] = [];
  let unlisted = 0;
  for (let to = range.to; to >= range.from; to = addDays(to, -DAYS_AT_A_TIME)) {
    const first = later(range.from, addDays(to, 1 - DAYS_AT_A_TIME));
    const rows = new Map<string, { key: string; row: DaysRow }>();
    for (const day of await deps.store.deviceDays(first, to)) {
      const key = directory.keyOf(day.device);
      if (key === null || day.ip === null || !grouping.isChosen(key, day.day)) continue;
      const known = rows.get(`${day.day} ${key}`);
      if (known) addSameDay(known.row, day);
      else {
        const row: DaysRow = [day.day, 0, day.ip, day.in, day.out, day.seenAt, flagsOf(day)];
        rows.set(`${day.day} ${key}`, { key, row });
      }
    }
    let [latest, count] = ["", 0];
    for (const { key, row } of [...rows.values()].sort(byDayAndBytes)) {
      if (row[0] !== latest) [latest, count] = [row[0], 0];
      count += 1;
      if (count > MOST_OF_A_DAY) {
        unlisted += 1;
        continue;
      }
      row[1] = indexes.get(key) ?? devices.push(directory.describe(key)) - 1;
      indexes.set(key, row[1]);
      sorted.push(row);
    }
    await pause();
  }
  return { ...range, devices, rows: sorted, unlisted };
}

/** The latest day first, and the largest first within it. */
function byDayAndBytes(one: { key: string; row: DaysRow }, other: { key: string; row: DaysRow }): number {
  const [a, b] = [one.row, other.row];
  if (a[0] !== b[0]) return a[0] < b[0] ? 1 : -1;
  return b[3] + b[4] - (a[3] + a[4]) || (one.key < other.key ? -1 : 1);
}

/** The same device, seen by another meter. */
function addSameDay(row: DaysRow, day: DeviceDay): void {
  row[3] += day.in;
  row[4] += day.out;
  row[5] = row[5] === null || day.seenAt === null ? (row[5] ?? day.seenAt) : Math.max(row[5], day.seenAt);
  row[6] |= flagsOf(day);
}
