import { addDays, type Calendar, clockHourOf } from "../../accounting/calendar.ts";
import type { Day } from "../../accounting/types.ts";
import type { DeviceDetail } from "../../shared/api.ts";
import { daysFromTo, weekdayOf } from "../../shared/calendar-days.ts";
import type { DeviceDay, DeviceHour, Store, TrafficKind } from "../../store/store.ts";
import { unknownDevice } from "../naming.ts";
import { flagsOf } from "./device-days.ts";
import { createDirectory, type Naming } from "./directory.ts";
import { aboutOf, type HouseholdDeps } from "./household.ts";
import type { PartQuery } from "./query-parameters.ts";
import { measuredFacts, unmeasuredDays } from "./unmeasured.ts";

export interface DetailDeps extends Naming, Pick<HouseholdDeps, "fileMerges"> {
  readonly store: Pick<
    Store,
    "of" | "historyOf" | "hoursOf" | "addressesOf" | "devices" | "notes" | "measuredDays" | "range" | "sources"
  >;
  readonly calendar: Calendar;
  readonly now: () => number;
}

/** Whole weeks, so that each day of the week counts alike. */
const WEEK_WINDOW_DAYS = 56;
/** The calendar shows a year. */
const YEAR_DAYS = 366;

/** Everything about one device: the answer to `api/v1/devices/{key}`. @throws HttpProblem `unknown-device` */
export async function detailOf(deps: DetailDeps, key: string, { source }: PartQuery = WHOLE): Promise<DeviceDetail> {
  const { store, calendar } = deps;
  const devices = await store.devices();
  const directory = createDirectory(devices, deps);
  const id = directory.idOf(key);
  if (id === null) throw unknownDevice(key);
  const device = directory.describe(key);
  const stored = devices.find((one) => one.id === id);
  if (stored === undefined) throw unknownDevice(key);
  const today = calendar.dayOf(deps.now());
  const from = addDays(today, -WEEK_WINDOW_DAYS);
  const yearAgo = addDays(today, 1 - YEAR_DAYS);
  const year = { from: [device.firstDay, yearAgo].sort()[1] ?? yearAgo, to: today };
  const [history, hours, addresses, measured] = await Promise.all([
    store.historyOf(id),
    store.hoursOf(id, from, today),
    store.addressesOf(id),
    measuredFacts(store, year),
  ]);
  const seen = history.map(({ seenAt }) => seenAt).filter((at) => at !== null);
  return {
    device,
    about: aboutOf(deps, stored),
    today,
    zone: calendar.zone,
    days: daysOf(history),
    unmeasured: unmeasuredDays(year, deps.now(), calendar, measured),
    week: weekOf(history, hours, from, today, calendar),
    addresses: [...addresses],
    traffic: await trafficOf(store, source, id),
    firstDay: device.firstDay,
    lastSeen: seen.length === 0 ? null : seen.reduce((one, other) => Math.max(one, other)),
  };
}

const WHOLE: PartQuery = { source: null, traffic: "all" };

/** All that a device used, by with whom. */
async function trafficOf(
  store: Pick<Store, "of">,
  source: string | null,
  device: number,
): Promise<DeviceDetail["traffic"]> {
  const of = async (kind: TrafficKind) => {
    const days = (await store.of(source, [kind]).historyOf(device)).filter(({ ip }) => ip !== null);
    return {
      download: days.reduce((sum, day) => sum + day.in, 0),
      upload: days.reduce((sum, day) => sum + day.out, 0),
    };
  };
  return { internet: await of("internet"), lan: await of("lan"), unknown: await of("unknown") };
}

function daysOf(history: readonly DeviceDay[]): DeviceDetail["days"] {
  return history.flatMap((day): DeviceDetail["days"] =>
    day.ip === null ? [] : [[day.day, day.in, day.out, flagsOf(day)]],
  );
}

/**
 * Mean bytes of each hour of the week. A day on which the device was away counts with nothing, one before it came or of
 * which no hours are kept does not count. Today is left out unless it is all there is: its evening hasn't been yet.
 */
function weekOf(
  history: readonly DeviceDay[],
  hours: readonly DeviceHour[],
  from: Day,
  today: Day,
  calendar: Calendar,
): DeviceDetail["week"] {
  const days = history.filter(({ ip }) => ip !== null).map(({ day }) => day);
  const yesterday = addDays(today, -1);
  const to = days.some((day) => from <= day && day < today) ? yesterday : today;
  const first = firstCountedDay(days, hours, from, to);
  // On days when the clock is set, its hours are not the count of hours since midnight.
  const hourShown = (day: Day, hour: number): number => {
    const slot = calendar.slotsOf(day)[hour];
    return slot === undefined ? Math.min(hour, 23) : clockHourOf(calendar, slot.from);
  };
  const sums = Array.from({ length: 7 }, () => new Array<number>(24).fill(0));
  for (const { day, hour, in: down, out: up } of hours) {
    if (day < first || day > to) continue;
    const row = sums[weekdayOf(day) - 1] ?? [];
    const clock = hourShown(day, hour);
    row[clock] = (row[clock] ?? 0) + down + up;
  }
  const counts = new Array<number>(7).fill(0);
  for (const day of daysFromTo(first, to)) {
    const weekday = weekdayOf(day) - 1;
    counts[weekday] = (counts[weekday] ?? 0) + 1;
  }
  const means = sums.map((row, weekday) => row.map((bytes) => Math.round(bytes / Math.max(1, counts[weekday] ?? 1))));
  return { from: first, to, hours: means };
}

function firstCountedDay(days: readonly Day[], hours: readonly DeviceHour[], from: Day, to: Day): Day {
  const earliest = (some: readonly Day[]) => [...some, to].sort()[0] ?? to;
  const came = earliest(days);
  const first = came > from ? came : from;
  const firstHour = earliest(hours.map(({ day }) => day));
  const someLackHours = days.some((day) => first <= day && day < firstHour);
  return someLackHours ? firstHour : first;
}
