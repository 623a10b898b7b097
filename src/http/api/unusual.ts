import { addDays, type Calendar, clockHourOf } from "../../accounting/calendar.ts";
import type { Day } from "../../accounting/types.ts";
import type { ApiDevice, UnusualReport } from "../../shared/api.ts";
import type { DeviceHour, Store } from "../../store/store.ts";
import { coincidencesOf, type RemoteHour } from "../../unusual/remotes.ts";
import { unusualSentence } from "../../unusual/sentence.ts";
import { HISTORY_DAYS, type HoursOfDay, NOTABLE_BYTES, type Unusual, unusualOf } from "../../unusual/unusual.ts";
import { createDirectory, type Naming } from "./directory.ts";

export interface UnusualDeps extends Naming {
  readonly store: Pick<Store, "deviceDays" | "devices" | "hoursOf" | "measuredDays" | "remoteSums">;
  readonly calendar: Calendar;
  readonly now: () => number;
  /** Internet hosts by the hours of a day, as far as they were seen: the largest of each hour. */
  readonly remoteHours: (day: Day) => readonly RemoteHour[];
}

type Direction = "download" | "upload";
const DIRECTIONS = ["download", "upload"] as const;
/** What is over changes seldom (an import, a merge): it is read again after this long. */
const PAST_KEPT_MS = 3_600_000;
/** What internet hosts usually exchange is their mean of so many days, of so many hosts. */
const USUAL_DAYS = 14;
const MOST_HOSTS = 200;
const NOTHING_KNOWN = { usualOf: () => 0, hostnameOf: () => null };

/** A question that is asked often: what is unusual today. The past of the devices it looks at is kept for a while. */
export function createUnusual(deps: UnusualDeps): () => Promise<UnusualReport> {
  const { store, calendar } = deps;
  let past: { day: Day; until: number; readonly hours: Map<number, readonly DeviceHour[]>; measured: Day[] | null } = {
    day: "",
    until: 0,
    hours: new Map(),
    measured: null,
  };

  async function measuredDays(today: Day): Promise<Day[]> {
    past.measured ??= await store.measuredDays(addDays(today, -HISTORY_DAYS), addDays(today, -1));
    return past.measured;
  }

  async function pastOf(device: number, today: Day): Promise<readonly DeviceHour[]> {
    const known =
      past.hours.get(device) ?? (await store.hoursOf(device, addDays(today, -HISTORY_DAYS), addDays(today, -1)));
    past.hours.set(device, known);
    return known;
  }

  return async () => {
    const now = deps.now();
    const { day: today, hour, from, to } = calendar.slotOf(now);
    if (past.day !== today || now > past.until || now < past.until - PAST_KEPT_MS) {
      past = { day: today, until: now + PAST_KEPT_MS, hours: new Map(), measured: null };
    }
    const large = (await store.deviceDays(today, today)).filter((day) => Math.max(day.in, day.out) >= NOTABLE_BYTES);
    const directory = large.length === 0 ? null : createDirectory(await store.devices(), deps);
    const found: UnusualReport["unusual"] = [];
    for (const { device } of large) {
      const key = directory?.keyOf(device) ?? null;
      if (directory === null || key === null) continue;
      const described = directory.describe(key);
      const since = addDays(described.firstDay, 1);
      // On the first day of a device nobody knows since when.
      const days = (await measuredDays(today)).filter((day) => day >= since);
      const hoursToday = await store.hoursOf(device, today, today);
      for (const direction of DIRECTIONS) {
        const one = unusualOf({
          today: hoursOfDays(hoursToday, [today], direction)[0] as HoursOfDay,
          hour,
          share: Math.min(1, (now - from) / (to - from)),
          history: hoursOfDays(await pastOf(device, today), days, direction),
        });
        if (one !== null) found.push(await tell(described, direction, one, today, hour));
      }
    }
    found.sort((one, other) => other.bytes - other.usual - (one.bytes - one.usual));
    return { today, zone: calendar.zone, now, unusual: found };
  };

  async function tell(
    device: ApiDevice,
    direction: Direction,
    { from, to, bytes, usual }: Unusual,
    today: Day,
    hour: number,
  ): Promise<UnusualReport["unusual"][number]> {
    const slots = calendar.slotsOf(today);
    const [first, last] = [slots[from], slots[to - 1]];
    const since = first?.from ?? deps.now();
    const until = to > hour ? null : (last?.to ?? null);
    const remotes = deps.remoteHours(today);
    const known = remotes.length === 0 ? NOTHING_KNOWN : await knownRemotes(direction, today);
    const hosts = coincidencesOf({ from, to, bytes, direction }, remotes, known);
    const name = device.name ?? device.hostname ?? device.vendor ?? device.key;
    const told = {
      name,
      direction,
      bytes,
      usual,
      since: clock(since),
      until: until === null ? null : clock(until),
      hosts,
    };
    return { device, direction, bytes, usual, from: since, to: until, hosts, sentence: unusualSentence(told) };
  }

  async function knownRemotes(direction: Direction, today: Day): Promise<Parameters<typeof coincidencesOf>[2]> {
    const before = await store.remoteSums(addDays(today, -USUAL_DAYS), addDays(today, -1), MOST_HOSTS);
    const now = await store.remoteSums(today, today, MOST_HOSTS);
    const usual = new Map(before.hosts.map((host) => [host.ip, direction === "download" ? host.out : host.in]));
    const names = new Map(now.hosts.map(({ ip, hostname }) => [ip, hostname]));
    return { usualOf: (ip) => (usual.get(ip) ?? 0) / USUAL_DAYS, hostnameOf: (ip) => names.get(ip) ?? null };
  }

  function clock(at: number): string {
    return `${String(clockHourOf(calendar, at)).padStart(2, "0")}:00`;
  }
}

/** Rows of single hours as days of hours, with zeros for what has no row. */
function hoursOfDays(rows: readonly DeviceHour[], days: readonly Day[], direction: Direction): HoursOfDay[] {
  const byDay = new Map(days.map((day) => [day, new Array<number>(24).fill(0)]));
  for (const row of rows) {
    const hours = byDay.get(row.day);
    if (hours) hours[row.hour] = (hours[row.hour] ?? 0) + (direction === "download" ? row.in : row.out);
  }
  return [...byDay].map(([day, hours]) => ({ day, hours }));
}
