import type { Counter, Counters } from "./counters.ts";
import { DEVICE_OF, dayOfKey, deviceOfKey, keysOf } from "./day-key.ts";
import { dayNumber, dayText, instantOf } from "./days.ts";
import { type DatabaseSync, prepareArrays, rowsOf } from "./engine.ts";
import { createFlags, IMPLAUSIBLE, RECONSTRUCTED } from "./flags.ts";
import { laterOf, type OpenDevice, openByDevice, remember } from "./open-hour.ts";
import type { SourceState } from "./state.ts";
import type { Day, Device, DeviceAddress, DeviceDay, DeviceHour, StoredNote, StoredSource } from "./store.ts";

const REMEMBERED_ADDRESSES = 10_000;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
/** key, address, in, out, hidden in, hidden out, seen */
type DayCells = [number, number | null, number, number, number, number, number | null];
/** day, hour, device, in, out, flags */
type HourCells = [number, number, number, number, number, number];

/**
 * The questions about devices and notes. Rows of closed hours come from the tables, the open hour of each
 * source from its state. `states` is asked at every call: a rollback replaces it.
 */
export function createQueries(db: DatabaseSync, states: () => ReadonlyMap<string, SourceState>, counters: Counters) {
  const dayColumns = "id, address, bytes_in, bytes_out, hidden_in, hidden_out, seen";
  const selectDays = prepareArrays(db, `SELECT ${dayColumns} FROM usage_day WHERE id BETWEEN ? AND ? ORDER BY id`);
  const selectHistory = prepareArrays(db, `SELECT ${dayColumns} FROM usage_day WHERE ${DEVICE_OF} = ? ORDER BY id`);
  const flagsOf = createFlags(db);
  const hourColumns = "day, hour, device, bytes_in, bytes_out, flags";
  const selectHours = prepareArrays(db, `SELECT ${hourColumns} FROM usage_hour WHERE day BETWEEN ? AND ?`);
  const selectHoursOf = prepareArrays(
    db,
    `SELECT ${hourColumns} FROM usage_hour WHERE day BETWEEN ? AND ? AND device = ?`,
  );
  const selectAddressesBetween = db.prepare(
    `SELECT x.device, a.ip FROM device_address x JOIN address a ON a.id = x.address
     WHERE x.last_day >= ? AND x.first_day <= ? ORDER BY x.last_day DESC, x.first_day DESC, a.ip`,
  );
  const selectIp = db.prepare("SELECT ip FROM address WHERE id = ?");
  let ips = new Map<number, string>();
  let ipsOf: ReadonlyMap<string, SourceState> | null = null;
  /** Reads addresses, which never change: a long history is read by days, and names the same fifty on each of them. */
  function ipReader(): (address: number) => string {
    // Pruning, after which the states are loaded anew, may free the number of an address for another one.
    if (ipsOf !== states() || ips.size > REMEMBERED_ADDRESSES) {
      ips = new Map();
      ipsOf = states();
    }
    return (address) => {
      let ip = ips.get(address);
      if (ip === undefined) {
        ip = selectIp.get(address)?.ip as string;
        ips.set(address, ip);
      }
      return ip;
    };
  }
  const selectDevices = db.prepare(
    `SELECT d.id, s.name AS source, d.key, d.router, d.hostname, d.first_day, d.last_day
     FROM device d JOIN source s ON s.id = d.source WHERE d.first_day IS NOT NULL ORDER BY d.id`,
  );
  const selectAddresses = db.prepare(
    `SELECT a.ip, a.hostname, x.first_day, x.last_day FROM device_address x JOIN address a ON a.id = x.address
     WHERE x.device = ? ORDER BY x.last_day DESC, x.first_day DESC, a.ip`,
  );
  const selectNotes = db.prepare(
    `SELECT s.name AS source, n.at, n.code, n.detail FROM note n JOIN source s ON s.id = n.source
     ORDER BY n.at DESC, n.id DESC LIMIT ?`,
  );
  const selectRange = db.prepare(
    `SELECT min(first) AS first, max(last) AS last FROM (
       SELECT (SELECT min(id) FROM usage_day) >> 20 AS first, (SELECT max(id) FROM usage_day) >> 20 AS last
       UNION ALL SELECT (SELECT min(day) FROM balance_day), (SELECT max(day) FROM balance_day)
       UNION ALL SELECT (SELECT min(day) FROM remote_day), (SELECT max(day) FROM remote_day))`,
  );

  const deviceDays = (from: Day, to: Day): DeviceDay[] => {
    const [first, last] = [dayNumber(from), dayNumber(to)];
    const rows = rowsOf<DayCells>(selectDays, ...keysOf(first, last));
    return daysFrom(rows, counters.ofRange(first, last, rows), first, last);
  };

  function daysFrom(
    rows: readonly DayCells[],
    counterOf: readonly Counter[],
    first: number,
    last: number,
  ): DeviceDay[] {
    const open = openDevices(states(), first, last);
    const dayTextOf = remember(dayText);
    const ipOf = ipReader();
    const flags = flagsOf(first, last);
    return rows.map((cells, index) => {
      const [key, address, bytesIn, bytesOut, hiddenIn, hiddenOut, seen] = cells;
      const day = dayOfKey(key);
      const device = deviceOfKey(key);
      const { in: counterIn = 0, out: counterOut = 0 } = counterOf[index] ?? {};
      const flag = flags.get(key) ?? 0;
      const row = {
        device,
        day: dayTextOf(day),
        ip: address === null ? null : ipOf(address),
        in: bytesIn,
        out: bytesOut,
        hiddenIn,
        hiddenOut,
        seenAt: instantOf(day, seen),
        counterIn,
        counterOut,
        reconstructed: (flag & RECONSTRUCTED) !== 0,
        implausible: (flag & IMPLAUSIBLE) !== 0,
      };
      const present = open.get(device);
      if (present?.day === day) addOpen(row, day, present.figures);
      return row;
    });
  }

  function deviceHours(from: Day, to: Day): DeviceHour[] {
    const [first, last] = [dayNumber(from), dayNumber(to)];
    return hoursFrom(rowsOf<HourCells>(selectHours, first, last), first, last, () => true);
  }

  function hoursOf(device: number, from: Day, to: Day): DeviceHour[] {
    const [first, last] = [dayNumber(from), dayNumber(to)];
    return hoursFrom(rowsOf<HourCells>(selectHoursOf, first, last, device), first, last, (other) => other === device);
  }

  /** Hours from their rows, and the open hour of the devices that are wanted. */
  function hoursFrom(
    cells: readonly HourCells[],
    first: number,
    last: number,
    wanted: (device: number) => boolean,
  ): DeviceHour[] {
    const dayTextOf = remember(dayText);
    const rows = new Map<string, Mutable<DeviceHour>>();
    const openSlots = new Set([...states().values()].map((state) => `${state.slotDay} ${state.slotHour}`));
    const result = cells.map(([day, hour, device, bytesIn, bytesOut, flags]) => {
      const row = {
        device,
        day: dayTextOf(day),
        hour,
        in: bytesIn,
        out: bytesOut,
        reconstructed: (flags & RECONSTRUCTED) !== 0,
      };
      if (openSlots.has(`${day} ${hour}`)) rows.set(`${day} ${hour} ${device}`, row);
      return row;
    });
    for (const state of states().values()) {
      if (state.slotDay < first || state.slotDay > last) continue;
      for (const [device, figures] of openByDevice(state)) {
        if (!wanted(device) || (figures.in === 0 && figures.out === 0)) continue;
        const row = rows.get(`${state.slotDay} ${state.slotHour} ${device}`);
        if (row) {
          row.in += figures.in;
          row.out += figures.out;
        } else {
          const { in: bytesIn, out: bytesOut } = figures;
          const day = dayTextOf(state.slotDay);
          result.push({ device, day, hour: state.slotHour, in: bytesIn, out: bytesOut, reconstructed: false });
        }
      }
    }
    return result;
  }

  return {
    deviceDays,
    deviceHours,
    hoursOf,
    historyOf(device: number): DeviceDay[] {
      const rows = rowsOf<DayCells>(selectHistory, device);
      return daysFrom(rows, counters.ofDevice(rows), Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY);
    },
    addressesBetween: (from: Day, to: Day): { device: number; ip: string }[] =>
      selectAddressesBetween
        .all(dayNumber(from), dayNumber(to))
        .map((row) => ({ device: row.device as number, ip: row.ip as string })),
    devices: (): Device[] =>
      selectDevices.all().map((row) => ({
        id: row.id as number,
        source: row.source as string,
        key: row.key as string,
        router: row.router === 1,
        hostname: row.hostname as string | null,
        firstDay: dayText(row.first_day as number),
        lastDay: dayText(row.last_day as number),
      })),
    addressesOf: (device: number): DeviceAddress[] =>
      selectAddresses.all(device).map((row) => ({
        ip: row.ip as string,
        hostname: row.hostname as string | null,
        firstDay: dayText(row.first_day as number),
        lastDay: dayText(row.last_day as number),
      })),
    notes: (limit: number): StoredNote[] =>
      selectNotes.all(limit).map((row) => ({
        source: row.source as string,
        at: row.at as number,
        code: row.code as StoredNote["code"],
        detail: JSON.parse(row.detail as string) as StoredNote["detail"],
      })),
    range(): { first: Day; last: Day } | null {
      const row = selectRange.get();
      const days = [row?.first, row?.last].filter((day) => typeof day === "number");
      for (const { balance, slotDay } of states().values()) if (balance) days.push(slotDay);
      if (days.length === 0) return null;
      return { first: dayText(Math.min(...days)), last: dayText(Math.max(...days)) };
    },
    sources: (): StoredSource[] =>
      [...states().values()].map(({ name, firstAt, books }) => ({ source: name, firstAt, at: books.at })),
  };
}

/** Every device that has a row on the open day of its source, with its share of the open hour if it has one. */
function openDevices(states: ReadonlyMap<string, SourceState>, first: number, last: number) {
  const open = new Map<number, { day: number; figures: OpenDevice | undefined }>();
  for (const state of states.values()) {
    if (state.slotDay < first || state.slotDay > last) continue;
    const figures = openByDevice(state);
    for (const device of state.devices.values()) {
      if (device.today) open.set(device.id, { day: state.slotDay, figures: figures.get(device.id) });
    }
  }
  return open;
}

/** On the open day a device's counters are those of now: the addresses it holds. */
function addOpen(row: Mutable<DeviceDay>, day: number, open: OpenDevice | undefined): void {
  row.in += open?.in ?? 0;
  row.out += open?.out ?? 0;
  row.hiddenIn += open?.hiddenIn ?? 0;
  row.hiddenOut += open?.hiddenOut ?? 0;
  row.counterIn = open?.counterIn ?? 0;
  row.counterOut = open?.counterOut ?? 0;
  row.seenAt = laterOf(row.seenAt, instantOf(day, open?.seen ?? null));
}
